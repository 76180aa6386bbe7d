"""What was commissioned once answers for ever: each recording leads to what it led to then.

A new one comes from `storekeeper devices probe`; those that are here were made on emulators.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from device_drivers.printers.escpos_probe import FoundPrinter, probe_printer
from device_drivers.probe import Asker, ProbeResult, probe
from device_drivers.transports.recording import Replay

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl"))


def _recordings(what: str) -> list[Path]:
    return [path for path in RECORDINGS if f'"what": "{what}"' in path.read_text("utf-8").splitlines()[0]]


def _found(path: Path) -> Any:
    return json.loads(path.read_text("utf-8").splitlines()[-1])["found"]


@pytest.mark.parametrize("path", _recordings("probe of lock boards"), ids=lambda path: path.stem)
def test_boards_lead_to_the_same(path: Path) -> None:
    then, replay = msgspec.convert(_found(path), ProbeResult), Replay(path)
    asker = Asker(lambda _: None, lambda _: then.opened is not None)
    assert probe(then.url, asker, None, then.opened, lambda _url, _baud: replay, 0.01) == then
    assert replay.left == 0


@pytest.mark.parametrize("path", _recordings("probe of a printer"), ids=lambda path: path.stem)
def test_printers_lead_to_the_same(path: Path) -> None:
    then, replay = msgspec.convert(_found(path), FoundPrinter), Replay(path)
    answers = {"slip": then.printed is not None, "digits": then.width == 80, "Chinese": then.chinese}
    asker = Asker(lambda _: None, lambda asked: next(yes for word, yes in answers.items() if word in asked))
    assert probe_printer(then.url, asker, None, lambda _url: replay) == then
    assert replay.left == 0


def test_there_is_one_of_each() -> None:
    assert len(_recordings("probe of lock boards")) + len(_recordings("probe of a printer")) == len(RECORDINGS)
    assert _recordings("probe of lock boards")
    assert _recordings("probe of a printer")
