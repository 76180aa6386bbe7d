"""Boards that were commissioned once answer for ever: each recording leads to what it led to then.

A new one comes from `storekeeper devices probe`; the one that is here was made on the emulator, with stray bytes.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from device_drivers.probe import Asker, Found, probe
from device_drivers.transports.recording import Replay

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl"))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_it_leads_to_the_same(path: Path) -> None:
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    then = msgspec.convert(lines[-1]["found"], Found)
    replay = Replay(path)
    asker = Asker(lambda _: None, lambda _: then.opened is not None)
    assert probe(then.url, asker, None, then.opened, lambda _url, _baud: replay, 0.01) == then
    assert replay.left == 0
