"""Proof of display: every moment once, never more than was seen, whatever is killed."""

from __future__ import annotations

import os
import random
import signal
import struct
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from device_drivers.contract import MAX_BYTES, Displayed, Event, OnGlass, Stood, encode
from kiosk_ui.proof_of_display import LOOK_S, ProofOfDisplay

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND = (OnGlass("day", name, name * 8, "picture") for name in ("a", "b"))


class Desk:
    """A book, its clock, and what it told."""

    def __init__(self, folder: Path, boot: str = "one") -> None:
        self.now = 1000.0
        self.told: list[Stood] = []
        self.away = False
        self.proof = ProofOfDisplay(folder, boot, self._tell, lambda: self.now, self._wall)

    def _wall(self) -> datetime:
        return datetime(2026, 11, 26, 8, tzinfo=UTC) + timedelta(seconds=self.now - 1000)

    def _tell(self, event: Displayed) -> None:
        if self.away:
            raise OSError("no space")
        assert len(encode(Event("b" * 16, 1, "2026-11-26T08:00:00.000Z", event.type, event))) < MAX_BYTES - 64
        self.told += event.stood

    def stands(self, shown: OnGlass | None, seconds: float, **how: bool) -> None:
        for _ in range(round(seconds * 10)):
            self.proof.look(shown, **how)
            self.now += 0.1


def lengths(told: list[Stood]) -> list[tuple[str, int, int]]:
    return [(each.shown.item, each.n, each.ms) for each in told]


def test_each_item_is_one_interval(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.stands(FIRST, 10)
    desk.stands(SECOND, 5)
    desk.stands(None, 30)  # somebody uses the kiosk
    desk.stands(FIRST, 2)
    desk.proof.stop()
    assert lengths(desk.told) == [("a", 1, 10_000), ("b", 2, 5000), ("a", 3, 2000)]
    assert [each.at for each in desk.told] == [
        "2026-11-26T08:00:00.000Z", "2026-11-26T08:00:10.000Z", "2026-11-26T08:00:45.000Z",
    ]  # fmt: skip


def test_what_stands_long_is_told_in_parts(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.stands(FIRST, 1500)
    desk.proof.stop()
    assert [each.n for each in desk.told] == [1, 2, 3]
    assert sum(each.ms for each in desk.told) == pytest.approx(1_500_000, abs=10)


def test_an_end_is_in_the_book_though_it_is_written_anew_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    desk.stands(FIRST, 10)
    append = ProofOfDisplay._append

    def interrupted(proof: ProofOfDisplay, line: Stood) -> None:
        append(proof, line)
        if line.ms:  # one that is over
            telling = threading.Thread(target=proof._rewrite)
            telling.start()
            telling.join(0.2)  # it waits until all is done, or has written the book without this one

    monkeypatch.setattr(ProofOfDisplay, "_append", interrupted)
    desk.stands(SECOND, 1)
    monkeypatch.undo()
    # Killed here: what lies in the folder is all there is.
    left = Desk(tmp_path, boot="two")
    left.proof.stop()
    assert lengths(left.told)[0] == ("a", 1, 10_000)


def test_a_window_that_stood_still_claims_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.stands(FIRST, 10)
    desk.now += 3600
    desk.stands(FIRST, 10)
    desk.proof.stop()
    assert sum(each.ms for each in desk.told) <= 20_000


def test_what_could_not_be_told_is_told_later(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.away = True
    for _ in range(200):
        desk.stands(FIRST, 1)
        desk.stands(SECOND, 1)
    assert not desk.told
    desk.away = False
    desk.proof.stop()
    assert [each.n for each in desk.told] == list(range(1, 401))


def test_after_a_kill_the_next_start_tells_under_the_old_name(tmp_path: Path) -> None:
    killed = Desk(tmp_path)
    killed.stands(FIRST, 4)
    killed.stands(SECOND, 3)
    again = Desk(tmp_path, "two")
    again.stands(FIRST, 1)
    again.proof.stop()
    assert [(each.boot, each.n, each.ms) for each in again.told] == [
        ("one", 1, 4000), ("one", 2, 2900), ("two", 1, 1000),
    ]  # fmt: skip


@pytest.mark.parametrize("book", [b"", b"\xff\n{}", b'{"boot":"x"}\n', b"[" * 5000])
def test_a_book_that_was_torn_is_begun_anew(tmp_path: Path, book: bytes) -> None:
    (tmp_path / "stood.jsonl").write_bytes(book)
    (tmp_path / "stood.now").write_bytes(book[:7])
    desk = Desk(tmp_path)
    desk.stands(FIRST, 1)
    desk.proof.stop()
    assert lengths(desk.told) == [("a", 1, 1000)]


WORKER = """
import os, struct, sys, time, uuid
from pathlib import Path
import msgspec
from device_drivers.contract import OnGlass
from kiosk_ui.proof_of_display import LOOK_S, ProofOfDisplay
folder = Path(sys.argv[1])
def tell(event):
    with (folder / "told").open("ab") as told:
        told.write(b"".join(msgspec.json.encode(each) + b"\\n" for each in event.stood))
# Time goes by with the looks: how fast this machine is says nothing of what is lost.
now = BEGAN = 1000.0
book = ProofOfDisplay(folder, uuid.uuid4().hex[:16], tell, lambda: now)
looks = os.open(folder / "looks", os.O_CREAT | os.O_WRONLY)
number = 0
while True:
    book.look(OnGlass("day", str(number // 5), "c"))
    os.pwrite(looks, struct.pack("<d", now - BEGAN), 0)
    number += 1
    now += LOOK_S
    time.sleep(LOOK_S / 10)
"""


def test_kills_lose_next_to_nothing(tmp_path: Path) -> None:
    """Each life lasts some seconds here, where a store's lasts hours: until its last look nothing is missing."""
    rounds = min(100, int(os.environ.get("STOREKEEPER_ROUNDS", "2")))
    chance = random.Random(7)
    looked = 0.0
    for _ in range(rounds):
        (tmp_path / "looks").unlink(missing_ok=True)
        worker = subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)])
        ends = time.monotonic() + 60
        while last_look(tmp_path) < 3:
            assert time.monotonic() < ends
            time.sleep(0.005)
        time.sleep(chance.random() / 2)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        looked += last_look(tmp_path)
    last = Desk(tmp_path, "last")
    last.proof.stop()
    written = (tmp_path / "told").read_bytes().splitlines() if (tmp_path / "told").exists() else []
    told = {}
    for each in (*(msgspec.json.decode(line, type=Stood) for line in written), *last.told):
        # What was told before a kill may be told once more, under its name: it is counted once.
        assert told.setdefault((each.boot, each.n), each) == each
    recorded = sum(each.ms for each in told.values()) / 1000
    # A kill may come between a look and its note here.
    assert looked - 0.01 <= recorded <= looked + rounds * LOOK_S + 0.01


def last_look(folder: Path) -> float:
    """Seconds of its life at which a worker looked last; 0 where it did not."""
    looks = folder / "looks"
    found = looks.read_bytes() if looks.exists() else b""
    return float(struct.unpack("<d", found)[0]) if found else 0.0
