"""What a disk that fills up still allows: each level, what is lost, and that every loss is counted with its span."""

from __future__ import annotations

import asyncio
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from edge.domain.box import queries
from edge.domain.box.facts import TelemetryLost
from edge.domain.carts import decisions as carts
from edge.domain.catalogue.facts import CatalogueActivated
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints import decisions as touchpoints
from edge.errors import Refusal
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.verify import verify
from operations.retention.space import DAY_MS, Level, Space, days_left, level, measure
from operations.retention.watch import DiskWatch
from tests.callers import by, member_of
from tests.domain.conftest import SetClock, come_online, furnish, join

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("used", "before", "found"),
    [
        (0.0, Level.AMPLE, Level.AMPLE),
        (0.6999, Level.AMPLE, Level.AMPLE),
        (0.70, Level.AMPLE, Level.FILLING),
        (0.85, Level.AMPLE, Level.TIGHT),
        (0.95, Level.AMPLE, Level.SCARCE),
        (1.0, Level.SCARCE, Level.SCARCE),
        (0.945, Level.SCARCE, Level.SCARCE),
        (0.939, Level.SCARCE, Level.TIGHT),
        (0.695, Level.FILLING, Level.FILLING),
        (0.695, Level.AMPLE, Level.AMPLE),
    ],
)
def test_each_mark_has_its_level(used: float, before: Level, found: Level) -> None:
    assert level(used, before) is found


class Disk:
    """A disk whose fullness a test sets."""

    used = 0.1

    def look(self, _: Path) -> Space:
        return Space(total=1000, free=round(1000 * (1 - self.used)), journal=10)


async def test_a_scarce_disk_takes_money_people_and_openings_and_counts_the_rest(tmp_path: Path) -> None:
    clock, disk = SetClock(), Disk()
    journal = Journal(tmp_path / "j.db", NOUNS, clock=clock)
    await journal.write(furnish)
    await journal.write(come_online)
    watch = DiskWatch(journal, disk.look)
    await watch.look()
    assert watch.needs(0) == []

    disk.used = 0.97
    await watch.look()
    assert [(need.kind, need.details["percent"]) for need in watch.needs(0)] == [("disk_scarce", 97)]
    await journal.write(join, 1)
    grant = await journal.write(
        carts.unlock, cart="cart-01", caller=by(member_of(1)), touchpoint="cart-01", request="r1"
    )
    await journal.write(carts.settle, grant.id, "done", None, "device")
    before = journal.sequence
    since = clock.now
    for number in range(5):
        clock.now += 1000
        await journal.write(touchpoints.scanned, touchpoint="cart-01", visitor=f"v{number}", shown_ms=clock.now)
    assert journal.sequence == before, "not recorded"
    with pytest.raises(Refusal, match="disk_full"):
        await journal.write(lambda tx: tx.emit(CatalogueActivated(version="2", sha256="aa", count=1, by="li")))
    journal.close()

    journal = Journal(tmp_path / "j.db", NOUNS, clock=clock)  # what was counted outlives the process
    watch = DiskWatch(journal, disk.look)
    disk.used = 0.5
    await watch.look()
    said = queries.last(journal.reads, TelemetryLost)
    assert said is not None
    assert said.fact == TelemetryLost(
        count=5, types={"touchpoint.scanned.v1": 5}, from_ms=since + 1000, to_ms=since + 5000
    )
    sequence = journal.sequence
    await watch.look()
    assert journal.sequence == sequence, "said once"
    await journal.write(touchpoints.scanned, touchpoint="cart-01", visitor="v9", shown_ms=clock.now)
    assert journal.sequence == sequence + 1, "and recorded again"
    journal.close()
    assert verify(tmp_path / "j.db", Projections(NOUNS)).faults == ()


async def test_losses_that_go_on_are_said_each_hour(tmp_path: Path) -> None:
    clock, disk = SetClock(), Disk()
    disk.used = 0.96
    journal = Journal(tmp_path / "j.db", NOUNS, clock=clock)
    await journal.write(furnish)
    watch = DiskWatch(journal, disk.look)
    await watch.look()
    await journal.write(touchpoints.scanned, touchpoint="cart-01", visitor="v", shown_ms=clock.now)
    await watch.look()
    assert queries.last(journal.reads, TelemetryLost) is None
    clock.now += 60 * 60 * 1000
    await watch.look()
    assert queries.last(journal.reads, TelemetryLost) is not None
    journal.close()


async def test_the_days_that_are_left_follow_the_last_week(tmp_path: Path) -> None:
    clock = SetClock()
    journal = Journal(tmp_path / "j.db", NOUNS, clock=clock)
    await journal.write(furnish)
    space = Space(total=10_000_000, free=1_000_000, journal=100_000)
    assert days_left(journal.reads, space, clock.now) is None, "nothing is known of a day yet"
    for day in range(20):
        clock.now += DAY_MS
        shown = [
            journal.write(touchpoints.scanned, touchpoint="cart-01", visitor=f"v{day}-{number}", shown_ms=clock.now)
            for number in range(50)
        ]
        await asyncio.gather(*shown)
    each = space.journal / journal.sequence
    found = days_left(journal.reads, space, clock.now)
    assert found is not None
    assert found == pytest.approx(space.free / (50 * each), rel=0.2)
    journal.close()


def test_the_log_does_not_count_as_what_facts_take(tmp_path: Path) -> None:
    (tmp_path / "j.db").write_bytes(bytes(4096))
    (tmp_path / "j.db-wal").write_bytes(bytes(33_000))
    assert measure(tmp_path / "j.db").journal == 4096


def test_a_real_disk_is_measured_as_df_counts(tmp_path: Path) -> None:
    path = tmp_path / "disk"
    path.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(path)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("a file system of its own needs root and the right to mount")
    try:
        empty = measure(path / "storekeeper.db")
        assert level(empty.used) is Level.AMPLE
        (path / "filled").write_bytes(bytes(7 * 1024 * 1024))
        filled = measure(path / "storekeeper.db")
        assert (filled.total, level(filled.used)) == (empty.total, Level.TIGHT)
        assert filled.free == pytest.approx(1024 * 1024, rel=0.1)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)
