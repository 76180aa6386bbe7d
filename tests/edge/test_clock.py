"""The box's clock jumps (libfaketime, the monotonic clock left alone): nothing is charged, ended or reminded of."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.domain.nouns import NOUNS
from edge.domain.store.rules import ELAPSING
from edge.gateway import clock_watch
from edge.gateway.clock_watch import vouched
from edge.journal.steady_clock import SteadyClock
from sync.status import Status
from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
HOUR_MS = 3_600_000
CHOSEN = {
    "clock_ahead.until_ms",
    "clock_doubts.by_ms",
    "clock_doubts.since_ms",
    "campaign_versions.since_ms",
    "campaigns.changed_ms",
    "catalogue_versions.since_ms",
    "claims.claimed_ms",
    "consents.at_ms",
    "display_hours.dark_ms",
    "display_hours.hour_ms",
    "display_hours.lit_ms",
    "display_hours.shown_ms",
    "display_marks.last_ms",
    "display_samples.at_ms",
    "display_totals.shown_ms",
    "erasures_asked.at_ms",
    "game_plays.played_ms",
    "game_runs.opened_ms",
    "games.opened_ms",
    "leases.ends_ms",
    "leases.granted_ms",
    "leases.spent_ms",
    "ledger_entries.at_ms",
    "ledger_entries.ends_ms",
    "ledger_sales.at_ms",
    "levels.until_ms",
    "lots.ends_ms",
    "lots.notice_ms",
    "lots.told_ms",
    "commissions.at_ms",
    "commissions_refused.at_ms",
    "commissions.settles_ms",
    "numbers.proven_ms",
    "pickups.at_ms",
    "playlists.changed_ms",
    "sessions.proven_ms",
    "spent_lots.ends_ms",
    "staff_acts.at_ms",
    "used_links.until_ms",
    "staff_tries.delay_ms",
    "store_keys.at_ms",
    "wallet.changed_ms",
    "withdrawn_content.withdrawn_ms",
    "wallet.claimed_ms",
    "wallet.until_ms",
    "wallet.usable_from_ms",
}
"""Dates that people chose, records of when something was, and lengths of time: they stay what they are."""


class Box:
    """A store in a process of its own, whose wall clock the test turns."""

    def __init__(self, folder: Path) -> None:
        self._turn = folder / "turned"
        self._path = folder / "store.db"
        self.turn("+0")
        self.start()

    def start(self) -> None:
        environment = os.environ | {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._turn),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.edge.turned_clock", str(self._path)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def turn(self, by: str) -> None:
        """`-30h`, `+1h`, or a date: what the wall clock says from now on."""
        self._turn.write_text(f"{by}\n", "ascii")

    def do(self, *words: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def stop(self) -> Any:
        """The store closes; what `journal verify` says."""
        assert self._process.stdin is not None
        self._process.stdin.write("stop\n")
        self._process.stdin.flush()
        verdict = self._answer()
        self._process.communicate(timeout=60)
        return verdict

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    if LIBRARY is None:
        missing("libfaketime")
    made = Box(tmp_path)
    yield made
    assert made.stop() == {"faults": []}, "the tables are those of the facts"


JUMPS = ["@1970-01-01 00:00:10", "-30h", "+30h", "-1h", "+1h", "-1s", "+400d"]


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_by_itself_does_nothing(box: Box, jump: str) -> None:
    before = box.do("deposit")
    assert before["state"] == "kept"
    box.turn(jump)
    after = box.do("tick")
    assert after["clock"] == ["clock.jumped.v1"]
    assert after["needs"] == ["clock_jumped"]
    assert abs(after["apart"]) > 500
    assert 0 <= after["now"] - before["now"] < 60_000, "the store's time goes on"
    assert (after["state"], after["owed"], after["reminded"]) == (before["state"], before["owed"], 0)
    again = box.do("tick")
    assert again["clock"] == ["clock.jumped.v1"], "one jump is one fact"
    box.turn("+0")
    back = box.do("tick")
    assert back["clock"] == ["clock.jumped.v1", "clock.agreed.v1"]
    assert back["needs"] == []


@pytest.mark.parametrize("jump", ["-30h", "+30h", "-1s", "+400d", "@1970-01-02 00:00:00"])
@pytest.mark.parametrize("who", ["time_server", "staff"])
def test_a_clock_that_somebody_vouches_for_is_followed_and_what_runs_gets_no_older(
    box: Box, jump: str, who: str
) -> None:
    before = box.do("deposit")
    box.turn(jump)
    box.do("tick")
    box.do("confirm") if who == "staff" else box.do("trust", who)
    after = box.do("tick")
    assert after["clock"][-1] == "clock.set.v1"
    assert after["apart"] == 0
    assert after["needs"] == []
    assert 0 <= after["lay_ms"] - before["lay_ms"] < 60_000, "a parcel lay as long as it lay"
    assert abs((after["due_ms"] - after["now"]) - (before["due_ms"] - before["now"])) < 60_000
    assert (after["state"], after["owed"], after["reminded"]) == (before["state"], before["owed"], 0)


def test_a_jump_while_the_store_is_closed_is_noticed_too(box: Box) -> None:
    before = box.do("deposit")
    assert box.stop() == {"faults": []}
    box.turn("+30h")
    box.start()
    after = box.do("tick")
    assert after["clock"] == ["clock.jumped.v1"]
    assert 0 <= after["lay_ms"] - before["lay_ms"] < 120_000
    assert after["state"] == "kept"


def test_every_moment_of_the_tables_either_moves_with_the_clock_or_is_a_date() -> None:
    connection = sqlite3.connect(":memory:")
    for noun in NOUNS:
        connection.executescript(noun.schema)
    found = set()
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
        for _, column, *_ in connection.execute(f"PRAGMA table_info({table})"):
            if re.search(r"_ms$", column):
                found.add(f"{table}.{column}")
    moving = {f"{table}.{column}" for table, columns in ELAPSING.items() for column in columns}
    assert moving <= found, moving - found
    assert found - moving <= CHOSEN, sorted(found - moving - CHOSEN)


def test_nobody_vouches_where_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "sync.json").write_text('{"cloud_ms": 1, "cloud_mono_s": 1.0}', "ascii")
    assert vouched(tmp_path / "sync.json") in ("", "time_server")
    assert vouched(tmp_path / "none.json") in ("", "time_server")


def test_the_cloud_s_word_counts_in_the_boot_in_which_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a clock that goes on where it stopped agreed with the cloud's word of before."""
    monkeypatch.setattr(clock_watch, "synchronised", lambda: False)
    path = tmp_path / "sync.json"
    status = Status(path)
    status.tell(time_told=(time.time_ns() // 1_000_000, time.monotonic()))
    status.flush()
    assert vouched(path) == "cloud"
    status.tell(time_told=(time.time_ns() // 1_000_000 - 30 * 3_600_000, time.monotonic()))
    path.write_bytes(msgspec.json.encode(status.report))
    assert vouched(path) == ""
    status.tell(time_told=(time.time_ns() // 1_000_000, time.monotonic()))
    for boot in ("another", ""):
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(status.report, boot=boot)))
        assert vouched(path) == ""


class Turned(SteadyClock):
    """A clock that the test turns."""

    box, gone = 1_790_000_000_000, 5_000

    def box_ms(self) -> int:
        return self.box

    def mono_ms(self) -> int:
        return self.gone


@pytest.mark.parametrize("back_ms", [30 * HOUR_MS, 29 * HOUR_MS])
def test_what_was_vouched_for_is_one_jump_and_no_later_one(back_ms: int) -> None:
    """A clock that came back before it was followed had its next jump followed at once, whoever knew of that."""
    clock = Turned(None)
    clock.box += 30 * HOUR_MS
    began = clock.wall_ms()
    clock.accept("time_server")
    clock.box -= back_ms
    assert clock.step() is None
    clock.box += 400 * HOUR_MS
    assert (clock.step(), clock.wall_ms()) == (None, began)
    clock.accept("staff")
    step = clock.step()
    assert step is not None
    assert (step.why, step.by_ms) == ("staff", clock.apart_ms)
