"""Ports of the demo: the usual ones where they are free, the same ones after a restart, so that printed codes hold."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import msgspec

from edge.journal import small_files

TRIES = 200


class Ports(msgspec.Struct, frozen=True):
    """TCP ports: the store page, the broker, the cloud itself, and the internet in front of it."""

    http: int = 8080
    broker: int = 1883
    cloud: int = 8090
    internet: int = 8091


def choose(remembered: Path, http: int | None, host: str) -> Ports:
    """Free ports, those of the last time where possible; `http`, where given, goes before. Remembers them.

    Raises `PortTaken` when `http` was asked for and is not free.
    """
    wanted = _read(remembered)
    if http is not None and not is_free(http, host):
        raise PortTaken(http)
    taken: set[int] = set()
    page = http if http is not None else _next_free(wanted.http, host, taken)
    taken.add(page)
    found = [page]
    for port in (wanted.broker, wanted.cloud, wanted.internet):
        found.append(_next_free(port, "127.0.0.1", taken))
        taken.add(found[-1])
    ports = Ports(*found)
    remembered.write_text(json.dumps(msgspec.to_builtins(ports), indent=2) + "\n", encoding="utf-8")
    return ports


class PortTaken(OSError):
    """A port that somebody asked for by number belongs to another program."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is taken by another program: choose another, or leave --port out")


def is_free(port: int, host: str) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _next_free(port: int, host: str, taken: set[int]) -> int:
    for candidate in range(port, min(port + TRIES, 65536)):
        if candidate not in taken and is_free(candidate, host):
            return candidate
    raise OSError(f"no free port from {port} to {port + TRIES}")


def _read(remembered: Path) -> Ports:
    return small_files.read(remembered, Ports) or Ports()
