"""What apply does where something is not as it should be. The store is made up; `test_applying` has a real one."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
import pytest
import typer

from edge.cli.apply import _report
from edge.cli.screen_media import take
from edge.domain.box.facts import SettingsApplied, SettingsRolledBack
from edge.settings import file_sets
from edge.settings.settings import Settings, load
from operations.releases.applying import CannotApply, TargetStore, apply, recover
from operations.releases.changes import Changes
from operations.releases.health import DeviceHere, HealthVerdict, Queue, View
from operations.releases.kept import KEPT, ApplyRuns, Releases, start_of
from operations.releases.services import NoServices, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.journal.entry import Fact
    from operations.releases.services import Act, Part

EXAMPLE = Path(__file__).parents[3] / "config"


class Recorded:
    """Services that do nothing, and remember what was asked."""

    can_act = True

    def __init__(self, *, up: bool = True) -> None:
        self.asked: list[str] = []
        self.fails: set[str] = set()
        self.up = up

    def act(self, act: Act, parts: Iterable[Part]) -> None:
        for part in parts:
            self.asked.append(f"{act} {part}")
            if part in self.fails:
                raise ServiceError(f"{part} will not {act}")

    def runs(self, part: Part) -> bool:
        return self.up and part == "gateway"


class Bench:
    """A store on paper: what is in force, what was told, how it looks."""

    def __init__(self, folder: Path) -> None:
        self.config = Path(shutil.copytree(EXAMPLE, folder / "config"))
        self.new = Path(shutil.copytree(EXAMPLE, folder / "new"))
        (self.new / "store.toml").write_bytes(b"# other\n" + (self.new / "store.toml").read_bytes())
        self.good = folder / "good"
        self.releases = Releases(folder / "settings")
        self.services = Recorded()
        self.told: list[Fact] = []
        self.said: list[str] = []
        self.starts = 0
        self.bad: set[str] = set()
        """Hashes of settings with which a cart does not come back."""
        self.view: View | None = View("i0", journal=True, broker=True, queue=Queue(5, 5, "ok"))

    def look(self, _: Settings) -> View | None:
        """Each look is at what the files in force bring about."""
        if self.view is None:
            return None
        sha256 = self.in_force()
        self.starts += 1
        carts = () if sha256 in self.bad else (DeviceHere("cart-01", online=True, boot="b", heard=True),)
        return msgspec.structs.replace(self.view, instance=f"of {sha256}", settings=sha256, devices=carts)

    def in_force(self) -> str:
        return file_sets.digest(file_sets.read(self.config))

    def store(self, **more: object) -> TargetStore:
        given: dict[str, object] = {
            "config": self.config,
            "last_good": self.good,
            "releases": self.releases,
            "services": self.services,
            "look": lambda settings: lambda: self.look(settings),
            "tell": lambda _, fact: self.told.append(fact),
            "say": self.said.append,
            "within_s": 0.0,
        }
        return TargetStore(**{**given, **more})  # type: ignore[arg-type]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr("operations.releases.health.STEADY_S", 0.0)
    monkeypatch.setattr("operations.releases.applying.WITHIN_S", 0.0)
    return Bench(tmp_path)


CHANGES = Changes(lines=("x",), restarts=("gateway", "devices"))


def test_a_release_that_a_power_cut_has_torn_keeps_nobody_from_the_next(bench: Bench) -> None:
    """Its number was given again, to a folder that was there, and no settings could be applied any more."""
    files = file_sets.read(bench.new)
    bench.releases.folder.mkdir()
    torn = bench.releases.keep(files, "chen")
    (bench.releases.path(torn.number) / "release.json").write_bytes(b"")
    assert bench.releases.keep(files, "chen").number == torn.number + 1
    assert [release.number for release in bench.releases.all()] == [torn.number + 1]


def test_devices_say_goodbye_before_the_gateway_starts_anew(bench: Bench) -> None:
    new = file_sets.digest(file_sets.read(bench.new))
    outcome = apply(bench.store(), bench.new, CHANGES, "chen")
    assert outcome.verdict is not None
    assert outcome.verdict.well
    assert bench.services.asked == ["stop devices", "restart gateway", "start devices"]
    assert bench.told == [SettingsApplied(number=2, sha256=new, by="chen")]
    assert [release.by for release in bench.releases.all()] == ["found", "chen"]
    assert bench.releases.trial() is None


def test_what_is_not_well_goes_back(bench: Bench) -> None:
    before = bench.in_force()
    bench.bad = {file_sets.digest(file_sets.read(bench.new))}
    outcome = apply(bench.store(), bench.new, CHANGES, "chen")
    assert outcome.verdict is not None
    assert (outcome.verdict.because, outcome.verdict.which) == ("devices_away", "cart-01")
    assert outcome.back is not None
    assert outcome.back.well
    assert bench.in_force() == before
    assert bench.told == [SettingsRolledBack(number=2, back_to=1, because="devices_away", which="cart-01", by="chen")]


def test_a_gateway_that_goes_on_with_its_last_good_settings_does_not_count(bench: Bench) -> None:
    old = bench.in_force()
    stale = lambda _: lambda: msgspec.structs.replace(bench.look(load(EXAMPLE)), instance="i9", settings=old)  # type: ignore[type-var]  # noqa: E731
    outcome = apply(bench.store(look=stale), bench.new, Changes(restarts=("gateway",)), "chen")
    assert outcome.verdict is not None
    assert outcome.verdict.because in ("not_in_force", "not_started")
    assert bench.in_force() == old


def test_a_service_that_cannot_be_started_takes_them_back(bench: Bench) -> None:
    before = bench.in_force()
    bench.services.fails = {"gateway"}
    outcome = apply(bench.store(), bench.new, CHANGES, "chen")
    assert outcome.verdict is not None
    assert outcome.verdict.because == "not_started"
    assert outcome.back is not None
    assert not outcome.back.well
    assert bench.in_force() == before


def test_a_closed_store_takes_them_for_when_it_opens(bench: Bench) -> None:
    bench.view, bench.services.up = None, False
    outcome = apply(bench.store(), bench.new, CHANGES, "chen")
    assert outcome.verdict is None
    assert bench.services.asked == []
    assert bench.in_force() == file_sets.digest(file_sets.read(bench.new))


def test_remarks_start_nothing_anew(bench: Bench) -> None:
    bench.services = Recorded()
    outcome = apply(bench.store(services=NoServices()), bench.new, Changes(), "chen")
    assert outcome.verdict is None
    assert bench.in_force() == file_sets.digest(file_sets.read(bench.new))


def test_an_open_store_whose_services_nobody_starts_is_left_alone(bench: Bench) -> None:
    before = bench.in_force()
    with pytest.raises(CannotApply, match="stop them first"):
        apply(bench.store(services=NoServices()), bench.new, CHANGES, "chen")
    assert bench.in_force() == before


def test_where_the_files_in_force_are_broken_the_last_good_ones_are_gone_back_to(bench: Bench) -> None:
    shutil.copytree(EXAMPLE, bench.good)
    (bench.config / "store.toml").write_text("[stroe]\n")
    bench.bad = {file_sets.digest(file_sets.read(bench.new))}
    apply(bench.store(look=lambda _: lambda: None), bench.new, CHANGES, "chen")
    assert bench.in_force() == file_sets.digest(file_sets.read(bench.good))


def test_without_anything_to_go_back_to_nothing_is_tried(bench: Bench) -> None:
    (bench.config / "store.toml").write_text("[stroe]\n")
    with pytest.raises(CannotApply, match="nothing to go back to"):
        apply(bench.store(), bench.new, CHANGES, "chen")
    assert (bench.config / "store.toml").read_text() == "[stroe]\n"


def test_one_at_a_time(bench: Bench) -> None:
    with bench.releases.changing(), pytest.raises(ApplyRuns):
        apply(bench.store(), bench.new, CHANGES, "chen")


def test_what_was_cut_short_goes_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.in_force()

    first = apply(bench.store(), bench.new, CHANGES, "chen")
    bench.releases.begin(first.release.number, 1, "chen")
    assert recover(bench.store()) is None, "this process still runs"
    monkeypatch.setattr("operations.releases.kept.start_of", lambda _: "another boot")
    bench.services.asked.clear()
    trial = recover(bench.store())
    assert trial is not None
    assert (trial.number, trial.back_to) == (2, 1)
    assert bench.in_force() == before
    assert bench.services.asked == ["restart gateway", "restart devices", "restart kiosk", "restart sync"]
    assert bench.told[-1] == SettingsRolledBack(number=2, back_to=1, because="stopped", by="chen")
    assert recover(bench.store()) is None


def torn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two files that are new the first takes its place, and nothing after it."""
    (bench.new / "devices.toml").write_bytes(b"# other\n" + (bench.new / "devices.toml").read_bytes())
    replace, moved = Path.replace, []

    def one(path: Path, target: Path) -> Path:
        if target.parent == bench.config:
            if moved:
                raise OSError(errno.EIO, "Input/output error", str(path))
            moved.append(path)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", one)


def test_settings_that_a_bad_disk_left_by_halves_are_not_taken_for_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They were said to be in force, and not to be, and staff were told of a way back that had not been gone."""
    before = bench.in_force()
    with monkeypatch.context() as broken:
        torn(bench, broken)
        outcome = apply(bench.store(), bench.new, CHANGES, "chen")
    assert bench.in_force() not in (before, file_sets.digest(file_sets.read(bench.new)))
    assert (outcome.back_to, bench.told) == (0, [])
    with pytest.raises(typer.Exit):
        _report(outcome)
    said = capsys.readouterr().err
    assert "Release 2 is NOT in force" in said
    assert "apply --recover" in said
    assert "is in force" not in said
    assert "Errno" not in said
    monkeypatch.setattr("operations.releases.kept.start_of", lambda _: "another boot")
    assert recover(bench.store()) is not None
    assert (bench.in_force(), bench.releases.trial()) == (before, None)


@pytest.mark.parametrize("closed", [False, True])
def test_a_full_disk_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch, *, closed: bool) -> None:
    """The first file still found space: half of the new settings were in force."""
    before, left = bench.in_force(), sorted(bench.config.rglob("*"))
    bench.services.up = not closed
    bench.view = None if closed else bench.view
    (bench.new / "devices.toml").write_bytes(b"# other\n" + (bench.new / "devices.toml").read_bytes())
    sync = file_sets.fsync_file

    def full(file: IO[bytes]) -> None:
        if Path(f"/proc/self/fd/{file.fileno()}").readlink() == bench.config / ".devices.toml.new":
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(file)

    monkeypatch.setattr(file_sets, "fsync_file", full)
    if closed:
        with pytest.raises(OSError, match="No space left"):
            apply(bench.store(), bench.new, CHANGES, "chen")
    else:
        assert apply(bench.store(), bench.new, CHANGES, "chen").back_to == 1
    assert (bench.in_force(), bench.releases.trial()) == (before, None)
    assert sorted(bench.config.rglob("*")) == left


def test_a_release_that_is_not_there_takes_no_settings_away(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without files was put into force: all settings of the store were removed."""
    before = bench.in_force()
    first = apply(bench.store(), bench.new, CHANGES, "chen")
    bench.releases.begin(first.release.number, 1, "chen")
    shutil.rmtree(bench.releases.path(1))
    monkeypatch.setattr("operations.releases.kept.start_of", lambda _: "another boot")
    with pytest.raises(CannotApply, match=r"release 1 .* is not what was kept"):
        recover(bench.store())
    assert bench.in_force() == first.release.sha256 != before


def test_whoever_was_killed_goes_on_no_more_though_nobody_has_heard_of_it() -> None:
    """A box starts its services anew in the moment in which a change was killed."""
    with subprocess.Popen(["sleep", "600"]) as one:
        assert start_of(one.pid)
        one.kill()
        os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays to be heard of
        assert start_of(one.pid) == ""


def test_releases_end_one_day(bench: Bench) -> None:
    with bench.releases.changing():
        for number in range(KEPT + 5):
            bench.releases.keep({"store.toml": f"a = {number}\n".encode()}, "chen")
    kept = bench.releases.all()
    assert len(kept) == KEPT
    assert kept[-1].number == KEPT + 5
    assert bench.releases.files(kept[0].number) == {"store.toml": b"a = 5\n"}


CONTENT = Changes(lines=("x",), content=True)


def other_content(bench: Bench) -> None:
    """`new` differs in what screens play, and in nothing else."""
    shutil.copy(EXAMPLE / "store.toml", bench.new)
    with (bench.new / "playlists.toml").open("ab") as file:
        file.write(b"# other\n")


def test_a_gateway_that_runs_takes_in_what_screens_play(bench: Bench) -> None:
    other_content(bench)
    asked: list[str] = []
    store = bench.store(take_in=lambda _, sha256: asked.append(sha256) or "")
    outcome = apply(store, bench.new, CONTENT, "chen")
    new = file_sets.digest(file_sets.read(bench.new))
    assert (outcome.verdict, bench.services.asked, asked, bench.in_force()) == (None, [], [new], new)
    assert bench.told == [SettingsApplied(number=2, sha256=new, by="chen")]


def test_what_a_gateway_does_not_take_in_is_not_in_force(bench: Bench) -> None:
    other_content(bench)
    before = bench.in_force()
    asked: list[str] = []

    def take_in(_: Settings, sha256: str) -> str:
        asked.append(sha256)
        return "no gateway answers" if sha256 != before else ""

    outcome = apply(bench.store(take_in=take_in), bench.new, CONTENT, "chen")
    assert outcome.verdict is not None
    assert outcome.verdict.sentence == "the gateway does not work by them: no gateway answers"
    assert (bench.in_force(), asked[-1], outcome.back) == (
        before,
        before,
        HealthVerdict(well=True, because="not_in_force"),
    )
    assert isinstance(bench.told[-1], SettingsRolledBack)
    assert bench.releases.trial() is None


def test_a_gateway_that_works_by_other_files_starts_anew(bench: Bench) -> None:
    other_content(bench)
    (bench.new / "store.toml").write_bytes(b"# a remark\n" + (bench.new / "store.toml").read_bytes())
    outcome = apply(bench.store(), bench.new, CONTENT, "chen")
    assert outcome.verdict is not None
    assert (outcome.verdict.well, bench.services.asked) == (True, ["restart gateway"])


def test_pictures_come_first_and_the_way_back_finds_the_old_ones(bench: Bench, tmp_path: Path) -> None:
    other_content(bench)
    old = (EXAMPLE / "media" / "breakfast-de.jpg").read_bytes()
    there, name = bench.config / "media", "breakfast-de.jpg"
    (tmp_path / name).write_bytes(old + b"\0")
    list(take([tmp_path / name], bench.new))
    (bench.new / "media" / name).write_bytes(old[:-1])
    with pytest.raises(CannotApply, match=r"not so: breakfast-de\.jpg"):
        apply(bench.store(), bench.new, CONTENT, "chen")
    assert bench.releases.trial() is None
    (bench.new / "media" / name).write_bytes(old + b"\0")
    store = bench.store(take_in=lambda *_: "")
    apply(store, bench.new, CONTENT, "chen")
    assert (there / name).read_bytes() == old, "the release before needs it"
    new = load(bench.new).playing
    (sha256,) = [each for each in new.media if new.names[each] == name]
    assert (there / sha256).read_bytes() == old + b"\0"
    apply(store, bench.releases.path(1), CONTENT, "chen")
    assert load(bench.config).playing.names.keys() == load(EXAMPLE).playing.names.keys()
    for number in range(KEPT):
        with (bench.new / "playlists.toml").open("w") as file:
            file.write(f"# {number}\n")
        (bench.new / "media.toml").unlink(missing_ok=True)
        apply(store, bench.new, CONTENT, "chen")
    assert sorted(path.name for path in there.iterdir()) == sorted(path.name for path in (EXAMPLE / "media").iterdir())
