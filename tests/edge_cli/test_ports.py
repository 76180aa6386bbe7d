from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli.demo.ports import Ports, PortTaken, choose, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_makes_way_for_the_next(tmp_path: Path, taken: int) -> None:
    (tmp_path / "demo.json").write_text(
        f'{{"http": {taken}, "broker": {taken}, "cloud": {taken}, "internet": {taken}}}'
    )
    ports = choose(tmp_path / "demo.json", None, "127.0.0.1")
    numbers = [ports.http, ports.broker, ports.cloud, ports.internet]
    assert taken not in numbers
    assert len(set(numbers)) == 4


def test_the_same_ports_after_a_restart(tmp_path: Path) -> None:
    first = choose(tmp_path / "demo.json", None, "127.0.0.1")
    assert choose(tmp_path / "demo.json", None, "127.0.0.1") == first


def test_a_port_that_was_asked_for_is_taken_or_refused(tmp_path: Path, taken: int) -> None:
    with pytest.raises(PortTaken, match=f"port {taken} is taken by another program"):
        choose(tmp_path / "demo.json", taken, "127.0.0.1")
    assert not (tmp_path / "demo.json").exists()


def test_a_damaged_memory_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{")
    assert isinstance(choose(tmp_path / "demo.json", None, "127.0.0.1"), Ports)


def test_a_port_that_just_closed_counts_as_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port, "127.0.0.1")
    assert is_free(port, "127.0.0.1")
