from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from edge.domain.box.facts import UpdateWaits
from edge.settings.update import UpdateSettings
from operations.updates.desk import UpdateFolders, Updater
from operations.updates.disk import Disk
from operations.updates.record import Notebook, UpdateHistory
from operations.updates.trial import UpdateError, UpdateTrial
from operations.updates.versions import Versions
from operations.updates.waiting import Holding
from tests.operations.updates.faulty_disk import Died, FaultyDisk
from tests.operations.updates.tiny_store import AFTER, BROKEN, GOOD, NEXT, TinyStore, lay

if TYPE_CHECKING:
    from pathlib import Path

    from edge.journal import Fact

MAX_FAULTS = 120


class Box:
    """A folder of versions, the record, and the tiny store."""

    def __init__(self, folder: Path) -> None:
        self.root, self.folder = folder / "opt", folder / "state"
        lay(self.root, GOOD, NEXT, AFTER, BROKEN)
        self.store = TinyStore(self.root)

    def trial(self, disk: Disk) -> UpdateTrial:
        return UpdateTrial(Versions(self.root, disk), Notebook(self.folder, disk), self.store)

    @property
    def versions(self) -> Versions:
        return Versions(self.root, Disk())


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_a_version_that_is_well_is_kept_and_the_one_before_stays(box: Box) -> None:
    ended = box.trial(Disk()).of(NEXT)
    assert ended.installed
    assert (box.versions.current, box.versions.good, box.store.running) == (NEXT, NEXT, NEXT)
    assert box.versions.names() == [BROKEN, AFTER, NEXT, GOOD], "what is newer waits for its turn"
    assert box.trial(Disk()).of(AFTER).installed
    assert box.versions.names() == [BROKEN, AFTER, NEXT], "one version before the one that runs is kept"


def test_a_version_that_is_not_well_is_left_again_with_the_reason(box: Box) -> None:
    ended = box.trial(Disk()).of(BROKEN)
    assert not ended.installed
    assert "it does not start" in ended.why
    assert (box.versions.current, box.versions.good, box.store.running) == (GOOD, GOOD, GOOD)
    record = Notebook(box.folder, Disk()).read()
    assert record.step == "rest"
    assert record.refused == {BROKEN: ended.why}


def test_a_version_that_is_not_here_whole_is_not_switched_to(box: Box) -> None:
    (box.root / NEXT / "bin" / "storekeeper").unlink()
    with pytest.raises(UpdateError, match="no whole version"):
        box.trial(Disk()).of(NEXT)
    assert box.store.running == GOOD


def test_what_a_later_version_noted_keeps_no_update_from_being_settled(box: Box) -> None:
    told: list[Fact] = []
    folders = UpdateFolders(box.root, box.folder, box.folder)
    desk = Updater(
        folders,
        UpdateSettings(),
        ZoneInfo("UTC"),
        box.store,
        holding=Holding,
        tell=told.append,
        say=print,  # type: ignore[arg-type]
    )
    notes = [
        {"kind": "postponed", "fact": {"until": 7}},
        {"kind": "installed", "fact": {"version": NEXT, "before": GOOD, "closed_ms": "soon"}},
        {"kind": "waits", "fact": {"version": NEXT}},
    ]
    desk.notebook.write(UpdateHistory(untold=tuple(notes)))
    assert desk.settle() is None
    assert told == [UpdateWaits(version=NEXT)]
    assert desk.notebook.read().untold == ()


@pytest.mark.parametrize("new", [NEXT, BROKEN])
@pytest.mark.parametrize("fault", ["kill", "power"])
def test_wherever_it_is_interrupted_the_store_opens_with_one_of_both(tmp_path: Path, fault: str, new: str) -> None:
    for at in range(1, MAX_FAULTS):
        box = Box(tmp_path / f"{at}")
        disk = FaultyDisk(at, fault)
        box.store.disk = disk
        try:
            box.trial(disk).of(new)
        except Died:
            pass
        else:
            assert disk.count < at, "it went on beyond the fault"
            assert at > 10, "the machine does so little that this tries nothing"
            return
        box.store.disk = None
        if fault == "power":
            box.store.boot()
            assert box.store.running in (GOOD, new), f"fault {at}: it does not even start"
        box.trial(Disk()).settle()
        assert box.store.running == box.versions.current == box.versions.good, f"fault {at}"
        assert box.store.running in ((GOOD, NEXT) if new == NEXT else (GOOD,)), f"fault {at}"
        assert box.trial(Disk()).settle() is None, f"fault {at}: it is not at rest"
        if new == NEXT and box.store.running == GOOD:
            assert box.trial(Disk()).of(NEXT).installed, f"fault {at}: it cannot be tried again"
    pytest.fail(f"{MAX_FAULTS} faults are not enough: the machine has grown")


@pytest.mark.parametrize("new", [NEXT, BROKEN])
def test_a_disk_that_becomes_full_leaves_the_store_open(tmp_path: Path, new: str) -> None:
    for at in range(1, MAX_FAULTS):
        box = Box(tmp_path / f"{at}")
        disk = FaultyDisk(at, "full")
        try:
            box.trial(disk).of(new)
        except OSError:
            assert box.versions.current == GOOD, f"fault {at}: it gave up in the middle"
        assert box.store.running == box.versions.current, f"fault {at}"
        assert box.store.running in ((GOOD, NEXT) if new == NEXT else (GOOD,)), f"fault {at}"
        if disk.count < at:
            return
    pytest.fail(f"{MAX_FAULTS} faults are not enough: the machine has grown")


@pytest.mark.parametrize("fault", ["kill", "power"])
def test_interrupted_while_it_settles_it_settles_the_next_time(tmp_path: Path, fault: str) -> None:
    for first in range(1, 60, 4):
        for second in range(1, 30, 4):
            box = Box(tmp_path / f"{first}-{second}")
            for at in (first, second):
                disk = FaultyDisk(at, fault)
                box.store.disk = disk
                with contextlib.suppress(Died, UpdateError):
                    box.trial(disk).of(BROKEN) if at == first else box.trial(disk).settle()
                box.store.disk = None
                if fault == "power":
                    box.store.boot()
            box.trial(Disk()).settle()
            assert box.store.running == box.versions.current == box.versions.good == GOOD, f"{first}, then {second}"


def test_a_version_that_brings_the_box_down_is_tried_twice_and_then_left(box: Box) -> None:
    box.store._ill = ()
    for at in range(1, MAX_FAULTS):
        disk = FaultyDisk(at, "kill")
        try:
            box.trial(disk).of(BROKEN)
        except Died:
            if box.versions.current == BROKEN:
                break
    for _ in range(5):
        box.store.unwell = _dies  # type: ignore[method-assign]
        box.store.boot()
        try:
            box.trial(Disk()).settle()
        except Died:
            continue
    assert box.versions.current == box.versions.good == GOOD


def _dies() -> str:
    raise Died


def test_a_record_that_is_lost_costs_the_reason_alone(box: Box) -> None:
    disk = FaultyDisk(0)
    Versions(box.root, disk).adopt()
    Versions(box.root, disk).switch(NEXT)
    ended = box.trial(Disk()).settle()
    assert ended is not None
    assert not ended.installed
    assert (box.versions.current, box.store.running) == (GOOD, GOOD)
