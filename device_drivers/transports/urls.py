"""Which transport a URL names."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from device_drivers.setting_errors import expected
from device_drivers.transports.serial import Serial
from device_drivers.transports.tcp import Tcp

if TYPE_CHECKING:
    from device_drivers.transports.transport import Transport

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+")
EXPECTED: Final = "expected serial:///dev/ttyUSB0?baud=19200 or tcp://host:port"


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """What may stand behind the `?` of a serial URL."""

    baud: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)]
    parity: Literal["N", "E", "O"] = "N"
    stop: Literal[1, 2] = 1


def port_of(url: str) -> str:
    """The port that a URL names, without how it is set: two that name the same port are the same text."""
    parts = urlsplit(url)
    return parts.netloc.lower() if parts.scheme == "tcp" else posixpath.normpath(f"/{parts.path.lstrip('/')}")


def from_url(url: str, baud: int = 9600) -> Transport:
    """The transport, not yet open. `baud` holds where a serial URL does not say.

    Raises `ValueError` for a URL that names no port.
    """
    parts = urlsplit(url)
    if parts.scheme == "serial":
        return _serial(url, baud)
    if parts.scheme != "tcp" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"port {url!r}: {EXPECTED}")
    try:
        port = parts.port
        _check_host(parts.hostname)
    except ValueError as error:
        raise ValueError(f"port {url!r}: {error}; {EXPECTED}") from None
    if not port:
        raise ValueError(f"port {url!r}: no port number; {EXPECTED}")
    return Tcp(url, parts.hostname, port)


def _check_host(host: str) -> None:
    """Raises `ValueError` for what can be no host, however the network is."""
    if ":" in host:
        ipaddress.IPv6Address(host.partition("%")[0])
    elif host.rpartition(".")[2].isdigit():  # whatever ends in a number is an IPv4 address
        ipaddress.IPv4Address(host)
    elif not _HOST.fullmatch(
        host.encode("idna").decode()
    ):  # as the socket will: `a..b` is no name, and no `OSError` then
        raise ValueError(f"{host!r} is no name of a host")


def _serial(url: str, baud: int) -> Serial:
    parts = urlsplit(url)
    if parts.netloc or not parts.path.startswith("/"):
        raise ValueError(f"port {url!r}: a serial port has three slashes; {EXPECTED}")
    try:
        line = msgspec.convert({"baud": baud, **dict(parse_qsl(parts.query))}, _Line, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(
            f"port {url!r}: {expected(str(error))}; known are baud, parity (N, E, O), stop (1, 2)"
        ) from None
    return Serial(url, parts.path, line.baud, line.parity, line.stop)
