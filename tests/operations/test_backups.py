"""Copies: whole while the store is open, sealed for the recovery key alone, opened where they lie, ended in time."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from edge.domain.box.decisions import record
from edge.domain.box.facts import BackupFailed, BackupMade
from edge.domain.nouns import NOUNS
from edge.journal.entry import GENESIS, Clock
from edge.journal.journal import Journal
from edge.secrets.private import write_private
from operations.backups import archive, keys, names, place, sheet, targets
from operations.backups.errors import BackupError, Damaged, TargetAway, WrongKey
from operations.backups.gather import Sources
from operations.backups.make import Backup, from_restic, make
from operations.backups.restore import RestoreSource, RestoreTarget, _copy_of, restore
from operations.diagnosis.findings import Health
from operations.diagnosis.standing import backup
from sync.wire import first_break
from tests.conftest import need
from tests.sync.journals import JournalFile, entries

KEY = keys.fresh()
pytestmark = pytest.mark.usefixtures("journal")


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """A store's folders, with what is the store's and what is only the box's."""
    data, config = tmp_path / "data", tmp_path / "config"
    for name, content in {
        "data/secrets/store.key": "k" * 32,
        "data/catalogue/7/products.db": "goods",
        "data/erased.txt": "member-1\n",
        "data/devices/cart-01/queue.db": "the box's own",
        "data/ca/ca.key": "authority",
        "config/store.toml": "# the store",
        "config/secrets/mqtt.key": "tls",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o600)
    keys.take(data, KEY)
    (tmp_path / "copies").mkdir()
    return Sources.of("s001", data, config)


@pytest.fixture
def journal(sources: Sources) -> Iterator[JournalFile]:
    made = JournalFile(sources.data / "storekeeper.db")
    made.append(500)
    yield made
    made.close()


def test_a_copy_is_one_moment_of_a_journal_that_goes_on(sources: Sources, tmp_path: Path) -> None:
    written, stop = threading.Event(), threading.Event()

    def go_on() -> None:
        other = JournalFile(sources.data / "storekeeper.db")
        while not stop.is_set():
            other.append(3)
            written.set()
        other.close()

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        assert written.wait(60)
        copies = [make(sources, str(tmp_path / "copies")) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    assert copies[0].manifest.upto > 500
    for number, made in enumerate(copies):
        into = tmp_path / f"opened-{number}"
        manifest = archive.extract(tmp_path / "copies" / made.name, KEY, into)
        found = entries(into / "data" / "storekeeper.db")
        assert (len(found), found[-1].hash.hex()) == (manifest.upto, manifest.hash)
        assert first_break(found, GENESIS) is None
        assert found == entries(sources.data / "storekeeper.db")[: len(found)]


def test_copies_that_are_made_at_once_leave_each_other_alone(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a timer and by hand: each clears away what a killed one left, and took the other for that."""
    made: list[Backup] = []
    second = threading.Thread(target=lambda: made.append(make(sources, str(tmp_path / "copies"))))
    seal = archive.seal

    def begin_another(*sealed: Any) -> None:
        if not second.ident:
            second.start()
            second.join(0.5)  # it has come as far as it may
        seal(*sealed)

    monkeypatch.setattr(archive, "seal", begin_another)
    made.append(make(sources, str(tmp_path / "copies")))
    second.join()
    assert len(made) == 2
    for each in made:
        assert archive.verify(tmp_path / "copies" / each.name, KEY).upto == each.manifest.upto


def test_everything_of_the_store_is_in_it_and_nothing_of_the_box(sources: Sources, tmp_path: Path) -> None:
    made = make(sources, str(tmp_path / "copies"))
    assert {member.name for member in made.manifest.members} == {
        "data/storekeeper.db", "data/secrets/store.key", "data/secrets/backup.recipient",
        "data/catalogue/7/products.db",
        "data/erased.txt", "data/ca/ca.key", "config/store.toml", "config/secrets/mqtt.key",
    }  # fmt: skip
    archive.extract(tmp_path / "copies" / made.name, KEY, tmp_path / "opened")
    assert (tmp_path / "opened/data/secrets/store.key").read_text() == "k" * 32
    assert not (tmp_path / "opened/data/secrets/store.key").stat().st_mode & 0o077
    raw = (tmp_path / "copies" / made.name).read_bytes()
    assert b"authority" not in raw
    assert b"kkkkkkkk" not in raw
    assert (tmp_path / "copies" / "erased.txt").read_text() == "member-1\n"
    assert [path.name for path in sources.data.glob(".backup-*")] == []


def test_only_the_recovery_key_opens_it(sources: Sources, tmp_path: Path) -> None:
    path = tmp_path / "copies" / make(sources, str(tmp_path / "copies")).name
    with pytest.raises(WrongKey, match="not the one that this copy was made for"):
        archive.verify(path, keys.fresh())
    spelled = str(KEY).lower()
    typed = "# from the sheet\n" + " ".join(spelled[at : at + 4] for at in range(0, len(spelled), 4)) + "\n"
    assert archive.verify(path, keys.parse(typed)).upto == 500
    for nothing in ("", "\n", "# only a remark"):
        with pytest.raises(WrongKey, match="sealed recovery sheet"):
            keys.parse(nothing)
    with pytest.raises(WrongKey, match="AGE-SECRET-KEY-1"):
        keys.parse("password123")


@pytest.mark.parametrize("where", [0.0005, 0.3, 0.6, 0.9999])
@pytest.mark.parametrize("how", ["changed", "cut"])
def test_a_damaged_copy_is_no_copy(sources: Sources, tmp_path: Path, where: float, how: str) -> None:
    path = tmp_path / "copies" / make(sources, str(tmp_path / "copies")).name
    raw = bytearray(path.read_bytes())
    at = int(len(raw) * where)
    if how == "cut":
        del raw[at:]
    else:
        raw[at] ^= 0x40
    path.write_bytes(raw)
    with pytest.raises((Damaged, WrongKey)):
        archive.verify(path, KEY)


def test_a_damaged_journal_is_not_copied(sources: Sources, journal: JournalFile, tmp_path: Path) -> None:
    journal.tamper(400, b"{}")
    with pytest.raises(Damaged, match="entry 400"):
        make(sources, str(tmp_path / "copies"))
    assert list((tmp_path / "copies").iterdir()) == []


def test_without_a_recovery_key_or_a_target_there_is_no_copy(sources: Sources, tmp_path: Path) -> None:
    with pytest.raises(TargetAway, match="expected a folder that is there"):
        make(sources, str(tmp_path / "nowhere"))
    with pytest.raises(TargetAway, match="no stick with this label"):
        make(sources, "usb:NOBODY-HAS-THIS")
    keys.path_of(sources.data).write_text("ssh-rsa nonsense")
    with pytest.raises(BackupError, match="age1"):
        make(sources, str(tmp_path / "copies"))
    keys.path_of(sources.data).unlink()
    with pytest.raises(BackupError, match="backup sheet"):
        make(sources, str(tmp_path / "copies"))


def test_copies_end_after_thirty_days_and_the_newest_never_does(tmp_path: Path) -> None:
    now = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)

    def copy(hours: int) -> Path:
        made = now - timedelta(hours=hours)
        path = tmp_path / names.name_of("s001", int(made.timestamp() * 1000))
        path.touch()
        return path

    for hours in range(60 * 24):
        copy(hours)
    other = tmp_path / names.name_of("s002", 0)
    other.touch()
    (tmp_path / "holiday.jpg").touch()
    gone = {each.path for each in names.ended(names.lying(tmp_path, "s001"), now)}
    left = [each for each in names.lying(tmp_path, "s001") if each.path not in gone]
    assert len(left) == 49 + 28
    assert max(now - each.made for each in left) <= timedelta(days=30)
    assert {(now - each.made).days for each in left} == set(range(30))
    alone = names.lying(tmp_path, "s002")
    assert names.ended(alone, now) == [], "older than anything, and all that there is"


@pytest.mark.parametrize("sure", [True, False])
def test_a_copy_from_a_clock_that_ran_ahead_ends_where_it_is_sure_what_time_it_is(tmp_path: Path, sure: bool) -> None:
    now = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)

    def copy(days: float) -> names.Copy:
        return names.Copy(now + timedelta(days=days), tmp_path / str(days), "s001")

    years, soon, newest, old = copy(1500), copy(0.9), copy(-40), copy(-41)
    assert names.ended([years, soon, newest, old], now, sure=sure) == ([years, old, newest] if sure else [])
    assert names.ended([years, newest, old], now, sure=sure) == ([years, old] if sure else [])
    assert names.ended([years], now, sure=sure) == [], "all that there is"


def test_a_clock_that_jumped_ahead_makes_no_copy_old(tmp_path: Path) -> None:
    """The first copy after it, by a year that staff had confirmed by mistake, ended all those before."""
    now = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    copies = [names.Copy(now - timedelta(days=days), tmp_path / str(days), "s001") for days in range(40)]
    kept = {copy.path for copy in copies} - {copy.path for copy in names.ended(copies, now)}
    jumped = now + timedelta(days=365)
    later = [*(copy for copy in copies if copy.path in kept), names.Copy(jumped, tmp_path / "later", "s001")]
    assert len(names.ended(later, jumped)) == 1, "a day has passed, as far as anybody knows"
    assert len(names.ended(later, jumped, sure=True)) == len(kept)


def test_a_clock_that_runs_ahead_ends_no_copy(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.backups.gather.is_trusted", lambda: False)
    first = make(sources, str(tmp_path / "copies"))
    other = tmp_path / "copies" / names.name_of("s001", first.manifest.made_ms - 3_600_000)
    other.touch()
    years = 5 * 365 * 86_400 * 1_000_000_000
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + years)
    ahead = make(sources, str(tmp_path / "copies"))
    assert ahead.ended == 0
    assert other.exists()
    assert abs(ahead.manifest.made_ms - first.manifest.made_ms) < 600_000


async def test_a_copy_that_is_dated_ahead_is_not_fresh(tmp_path: Path) -> None:
    class Turned(Clock):
        ahead_ms = 0

        def wall_ms(self) -> int:
            return super().wall_ms() + self.ahead_ms

    clock = Turned()
    with closing(Journal(tmp_path / "storekeeper.db", NOUNS, clock=clock)) as journal:

        async def after(hours: int, upto: int, then: int | None = None) -> list[tuple[str, Health]]:
            clock.ahead_ms = hours * 3_600_000
            await journal.write(record, BackupMade(about="folder", upto=upto, bytes=1))
            if then is not None:
                clock.ahead_ms = then * 3_600_000
                await journal.write(record, BackupFailed(about="usb:none", because=str(upto)))
            return [(each.code, each.health) for each in backup(journal.reads) if each.code != "backup_failed"]

        assert await after(0, 1) == [("backup_made", Health.WELL)]
        assert await after(2000, 2, then=0) == [("backup_ahead", Health.ILL)], "the clock was set right since"
        assert await after(2000, 3, then=2010) == [("backup_old", Health.NOTE)], "it is ours that is behind"


def test_a_killed_backup_leaves_no_half_copy(sources: Sources, tmp_path: Path) -> None:
    half = tmp_path / "copies" / (names.name_of("s001", 0) + ".new")
    half.write_bytes(b"age-encryption.org/v1\nhalf")
    left = sources.data / ".backup-killed"
    left.mkdir()
    (left / "storekeeper.db").write_bytes(b"half")
    make(sources, str(tmp_path / "copies"))
    assert not half.exists()
    assert not left.exists()


def test_a_full_target_is_a_sentence_and_leaves_nothing(sources: Sources, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(small)], check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        with pytest.raises(BackupError, match="No space left"):
            make(sources, str(small))
        assert [path.name for path in small.iterdir()] == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_restic_repository_is_read_back_too(sources: Sources, journal: JournalFile, tmp_path: Path) -> None:
    need("restic")
    target = f"restic:{tmp_path / 'repository'}"
    made = make(sources, target)
    journal.append(20)
    again = make(sources, target)
    assert (made.manifest.upto, again.manifest.upto) == (500, 520)
    password = sources.data / "secrets" / "restic.password"
    (tmp_path / "into").mkdir()
    found = from_restic(str(tmp_path / "repository"), password, "latest", tmp_path / "into")
    assert found.upto == 520
    assert len(entries(tmp_path / "into/data/storekeeper.db")) == 520
    password.write_text("another")
    with pytest.raises(TargetAway, match="password"):
        targets.restic(str(tmp_path / "repository"), password, "snapshots")


def test_what_the_store_changes_meanwhile_spoils_no_copy(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PIN that was changed, or a list of goods that was taken in while a copy was sealed, made it worth nothing."""
    key, goods = sources.data / "secrets/store.key", sources.data / "catalogue/7/products.db"
    for half in (key.with_name("staff.toml.new"), goods.with_name(".building-1.db")):
        half.write_text("half")
    seal = archive.seal

    def changed(*given: Any) -> None:
        write_private(key, b"another")
        goods.unlink()
        seal(*given)

    monkeypatch.setattr(archive, "seal", changed)
    made = make(sources, str(tmp_path / "copies"))
    monkeypatch.undo()
    archive.extract(tmp_path / "copies" / made.name, KEY, tmp_path / "opened")
    assert (tmp_path / "opened/data/secrets/store.key").read_text() == "k" * 32
    assert (tmp_path / "opened/data/catalogue/7/products.db").read_text() == "goods"
    assert (tmp_path / "opened/data/secrets/store.key").stat().st_mode & 0o777 == 0o600
    assert not [each.name for each in made.manifest.members if "new" in each.name or "building" in each.name]


def test_a_copy_of_a_moment_in_which_settings_change_holds_no_change_under_way(
    sources: Sources, tmp_path: Path
) -> None:
    """Restored, the gateway went back from it to the settings of that day, whatever the box had since."""
    settings = sources.data / "settings"
    (settings / "7").mkdir(parents=True)
    (settings / "7" / "store.toml").write_text("# the store")
    (settings / "trial.json").write_text("{}")
    made = make(sources, str(tmp_path / "copies"))
    found = [member.name for member in made.manifest.members if "settings" in member.name]
    assert found == ["data/settings/7/store.toml"]


def test_a_copy_of_another_store_is_refused_also_where_it_is_named(sources: Sources, tmp_path: Path) -> None:
    """Its facts were said again in the history of the store whose settings stand here."""
    name = make(sources, str(tmp_path / "copies")).name
    new = tmp_path / "new"
    home = RestoreTarget("s002", new, tmp_path / "config", tmp_path / "ca")
    source = RestoreSource(key=lambda: KEY, restic=str, name=str(tmp_path / "copies" / name))
    with pytest.raises(BackupError, match=r"copy of store s001, and the settings in .* are of store s002"):
        restore(source, home, None, lambda *_: False, replace=False)
    assert [path.name for path in new.iterdir()] == ["storekeeper.db.lock"]


def test_settings_that_a_restore_has_put_by_halves_are_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `store.toml` without the others, or half of it, was taken for this box's own; half an authority as well."""
    data, config, ca = (tmp_path / "new" / name for name in ("data", "config", "data-ca"))
    data.mkdir(parents=True)
    copy = shutil.copy

    def staged() -> Path:
        made = tmp_path / "staged"
        shutil.rmtree(made, ignore_errors=True)
        for name in ("data/storekeeper.db", "config/store.toml", "config/texts/terms.toml", "ca/ca.crt", "ca/ca.key"):
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_text(name)
        return made

    for full in ("terms.toml", "store.toml", "ca.key"):

        def short(source: Path, to: Path, full: str = full, **_: Any) -> Path:
            if Path(source).name == full:
                Path(to).write_text("half")
                raise OSError(errno.ENOSPC, "No space left on device", str(to))
            return Path(copy(source, to))

        monkeypatch.setattr(shutil, "copy", short)
        monkeypatch.setattr(shutil, "copy2", short)
        monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, short, False, False))
        with pytest.raises(OSError, match="No space left"):
            place.put(staged(), data, config, ca, whole=True)
        monkeypatch.undo()
        assert full == "ca.key" or not (config / "store.toml").exists()
    moved = place.put(staged(), data, config, ca, whole=True)
    assert (moved.config, moved.ca) == (False, True), "settings were whole before the authority was copied"
    for name in ("store.toml", "texts/terms.toml"):
        assert (config / name).read_text() == f"config/{name}"
    assert {path.name: path.read_text() for path in ca.iterdir()} == {"ca.crt": "ca/ca.crt", "ca.key": "ca/ca.key"}


@pytest.mark.parametrize(("typed", "said"), [("", 'found ""'), (" ", 'found " "'), ("~nobody-here/x", "nobody here")])
def test_a_target_that_nobody_meant_is_a_sentence(typed: str, said: str) -> None:
    """Empty, it was the folder that one stood in; of a user who is none, a traceback."""
    with pytest.raises(TargetAway, match=said):
        targets.folder_of(typed)
    with pytest.raises(TargetAway, match=said):
        _copy_of(typed, None)


@pytest.fixture
def silent_restic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A restic that says nothing, and notes what it was told."""
    program, told = tmp_path / "bin" / "restic", tmp_path / "told"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nshift; echo "$*" >>{told}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return told


def test_a_restic_that_says_nothing_has_made_no_copy(sources: Sources, silent_restic: Path) -> None:
    with pytest.raises(BackupError, match="does not say which snapshot"):
        make(sources, "restic:/nowhere")
    assert "backup" in silent_restic.read_text()


def test_of_a_repository_of_several_stores_the_newest_of_this_one_is_restored(
    tmp_path: Path, silent_restic: Path
) -> None:
    """The newest of all was another store's, as soon as that had made a copy since."""
    home = RestoreTarget("s001", tmp_path / "new", tmp_path / "config", tmp_path / "ca")
    source = RestoreSource(key=lambda: KEY, restic=lambda: "password", name="restic:/shared")
    with pytest.raises(Damaged):
        restore(source, home, None, lambda *_: True, replace=False)
    assert "restore latest --tag storekeeper --host s001" in silent_restic.read_text()


def test_the_sheet_holds_the_key_and_the_box_does_not(sources: Sources, tmp_path: Path) -> None:
    out = tmp_path / "recovery.pdf"
    sheet.write(sheet.RecoverySheet("s001", KEY, "for restic", ("/mnt/copies",), "https://cloud.example"), out)
    assert not out.stat().st_mode & 0o077
    text = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_range()
    start = text.index("AGE-")
    printed = text[start : text.index("Copies go to")]
    assert str(keys.parse(printed)) == str(KEY)
    assert "storekeeper restore" in text
    for path in sources.data.rglob("*"):
        assert not path.is_file() or b"AGE-SECRET" not in path.read_bytes()
    with pytest.raises(FileExistsError):
        sheet.write(sheet.RecoverySheet("s001", KEY, "", (), ""), out)


def test_all_of_the_sheet_stands_on_paper(tmp_path: Path) -> None:
    """A long target ran off the paper, and a Chinese one was a row of black squares."""
    targets = ("/mnt/" + "copies_of_the_store/" * 40, "/mnt/备份/收银台后面的硬盘" * 8, "restic:sftp:nas:/möbel")
    cloud = "https://cloud.example/" + "x" * 900
    sheet.write(sheet.RecoverySheet("s001", KEY, "for restic", targets, cloud), tmp_path / "recovery.pdf")
    printed = ""
    for page in pypdfium2.PdfDocument(tmp_path / "recovery.pdf"):
        text = page.get_textpage()
        printed += text.get_text_range()
        boxes = [text.get_charbox(each) for each in range(text.count_chars())]
        assert min(box[0] for box in boxes if box[2]) > 0
        assert max(box[2] for box in boxes) < page.get_width()
        assert min(box[1] for box in boxes if box[2]) > 0
    whole = "".join(printed.split())
    assert [each for each in (*targets, cloud, "30dayson.") if each not in whole] == []


def test_a_snapshot_is_a_database_of_its_own(sources: Sources, tmp_path: Path) -> None:
    made = make(sources, str(tmp_path / "copies"))
    archive.extract(tmp_path / "copies" / made.name, KEY, tmp_path / "opened")
    with closing(sqlite3.connect(tmp_path / "opened/data/storekeeper.db")) as found:
        assert found.execute("PRAGMA journal_mode").fetchone()[0] == "delete", "one file, nothing beside it"
        assert found.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_what_another_store_writes_into_the_same_folder_is_left_alone(sources: Sources, tmp_path: Path) -> None:
    """Two boxes that made their copies at the same time took each other's away."""
    others = [tmp_path / "copies" / (names.name_of(store, 0) + ".new") for store in ("s002", "s001-b", "s0")]
    for half in others:
        half.write_bytes(b"age-encryption.org/v1\nhalf")
    make(sources, str(tmp_path / "copies"))
    assert all(half.exists() for half in others)


def test_a_copy_from_a_clock_that_ran_ahead_is_not_the_newest(tmp_path: Path) -> None:
    """It was taken before every later copy, for as long as its year had not come."""
    now = datetime.now(UTC)

    def copy(made: datetime) -> Path:
        path = tmp_path / names.name_of("s001", int(made.timestamp() * 1000))
        path.touch()
        return path

    ahead = copy(now + timedelta(days=4000))
    assert _copy_of(str(tmp_path), "s001") == ahead, "it is all that there is"
    copy(now - timedelta(days=3))
    last = copy(now - timedelta(hours=3))
    assert _copy_of(str(tmp_path), "s001") == last


def test_what_a_power_cut_must_not_take_is_on_the_disk(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet of which nothing was left, while the box sealed for its key; a half list of those who were erased."""
    kept: set[int] = set()
    fsync = os.fsync

    def noted(handle: int) -> None:
        fsync(handle)
        kept.add(os.fstat(handle).st_ino)

    monkeypatch.setattr(os, "fsync", noted)
    sheet.write(sheet.RecoverySheet("s001", KEY, "password", (), ""), tmp_path / "sheet.pdf")
    made = make(sources, str(tmp_path / "copies"))
    for path in (tmp_path / "sheet.pdf", tmp_path / "copies" / made.name, tmp_path / "copies" / "erased.txt"):
        assert path.stat().st_ino in kept, path.name
