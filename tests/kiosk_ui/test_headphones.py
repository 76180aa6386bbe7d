from __future__ import annotations

import os
import queue
from pathlib import Path

import pytest

from kiosk_ui.headphones import EVENT, HEADPHONES, SWITCH, Headphones, sockets

PATIENCE_S = 60
KEY, LID = 1, 0


def machine(folder: Path, switches: dict[str, str]) -> tuple[Path, Path]:
    """A `/sys/class/input` and a `/dev/input` with these devices."""
    inputs, nodes = folder / "sys", folder / "dev"
    nodes.mkdir(parents=True)
    for name, bits in switches.items():
        capabilities = inputs / name / "device" / "capabilities"
        capabilities.mkdir(parents=True)
        (capabilities / "sw").write_text(bits + "\n")
        (nodes / name).touch()
    return inputs, nodes


def test_only_devices_with_a_headphone_socket_are_watched(tmp_path: Path) -> None:
    found = machine(tmp_path, {"event0": "0", "event1": "1", "event2": "4", "event3": "14", "event4": "nothing"})
    assert [path.name for path in sockets(*found)] == ["event2", "event3"]


def test_a_machine_without_any_has_none(tmp_path: Path) -> None:
    assert sockets(tmp_path / "none", tmp_path / "none") == []


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    path = tmp_path / "event7"
    os.mkfifo(path)
    return path


def test_a_plug_is_noticed_and_its_going_too(socket: Path) -> None:
    told: queue.Queue[bool] = queue.Queue()
    watching = Headphones([socket], told.put)
    watching.start()
    with socket.open("wb", buffering=0) as device:
        device.write(EVENT.pack(1, 0, KEY, HEADPHONES, 1) + EVENT.pack(1, 0, SWITCH, LID, 1))
        device.write(EVENT.pack(1, 0, SWITCH, HEADPHONES, 1) + EVENT.pack(1, 0, 0, 0, 0))
        assert told.get(timeout=PATIENCE_S) is True
        device.write(EVENT.pack(2, 0, SWITCH, HEADPHONES, 0))
        assert told.get(timeout=PATIENCE_S) is False
    watching.stop()
    assert told.empty()


def test_a_device_that_is_not_there_stops_nobody(socket: Path, tmp_path: Path) -> None:
    told: queue.Queue[bool] = queue.Queue()
    watching = Headphones([tmp_path / "gone", socket], told.put)
    watching.start()
    with socket.open("wb", buffering=0) as device:
        device.write(EVENT.pack(1, 0, SWITCH, HEADPHONES, 1))
        assert told.get(timeout=PATIENCE_S) is True
    watching.stop()
