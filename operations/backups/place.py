"""What was made ready is put where the store lies: the journal last and in one step, what was there put aside."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from edge.secrets import private, sealed
from operations.backups.gather import BESIDE, JOURNAL

ASIDE: Final = "before-"


class Moved(msgspec.Struct):
    """What went where."""

    copy: str | None = None
    aside: Path | None = None
    """What lay here before."""
    config: bool = False
    """Whether the settings came from the copy; otherwise those of this box stay."""
    ca: bool = False


def put(staged: Path, data: Path, config: Path, ca: Path, *, whole: bool) -> Moved:
    """Put it in place; without `whole` the journal and the list of the erased alone. Raises `OSError`."""
    moved = Moved()
    aside = _fresh(data)
    for name in BESIDE:
        made = staged / "data" / name
        if made.exists() and (whole or name == "erased.txt"):
            _aside(data / name, aside / name)
            _give_to_owner(made, data)
            made.replace(data / name)
    if (staged / "config").is_dir() and not (config / "store.toml").exists():
        _fill(staged / "config", config)
        moved.config = True
    if (staged / "ca").is_dir() and not ca.exists():
        new = ca.with_name(f".{ca.name}.new")
        shutil.rmtree(new, ignore_errors=True)  # of one that was cut short: half an authority would stay for good
        shutil.copytree(staged / "ca", new)
        new.chmod(0o700)
        new.rename(ca)
        moved.ca = True
    _journal(staged / "data" / JOURNAL, data, aside)
    moved.aside = aside if aside.exists() else None
    return moved


def _fresh(data: Path) -> Path:
    """A name that nothing has yet, also for the second restore within a second."""
    stamp, number = f"{ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}", 1
    aside = data / stamp
    while aside.exists():
        number += 1
        aside = data / f"{stamp}-{number}"
    return aside


def _journal(made: Path, data: Path, aside: Path) -> None:
    """There is a whole journal at every moment: the old one, then the new one."""
    old = data / JOURNAL
    if old.exists():
        # What the old one has not yet taken from its log; a damaged one keeps its log beside it.
        with suppress(sqlite3.Error), closing(sqlite3.connect(old)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        aside.mkdir(mode=0o700, exist_ok=True)
        os.link(old, aside / JOURNAL)
        for suffix in ("-wal", "-shm"):
            beside = old.with_name(JOURNAL + suffix)
            if beside.exists():
                beside.replace(aside / beside.name)
    _give_to_owner(made, data)
    made.replace(old)
    private.fsync_path(data)


def _aside(path: Path, to: Path) -> None:
    if path.exists():
        to.parent.mkdir(mode=0o700, exist_ok=True)
        path.replace(to)


def _fill(made: Path, config: Path) -> None:
    """Settings of the copy into a folder that has none; what lies there otherwise stays. `store.toml` comes last: the
    folder has settings once all of them are there, so that what is cut short is begun again.
    """
    for path in sorted(made.rglob("*"), key=lambda path: (path == made / "store.toml", path)):
        place = config / path.relative_to(made)
        if path.is_dir():
            place.mkdir(mode=0o700 if path.name == "secrets" else 0o755, parents=True, exist_ok=True)
        elif not sealed.exists(place):
            place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            new = place.with_name(f".{place.name}.new")
            shutil.copy(path, new)
            if place.suffix == ".toml" and place.parent == config:
                new.chmod(private.mode_in(config))  # the copy may be of a box where everybody could read them
            private.fsync_path(new)
            new.replace(place)


def own(data: Path) -> None:
    """What was made in the data folder meanwhile, such as a lock, is its owner's as well."""
    for path in data.iterdir():
        _give_to_owner(path, data)


def _give_to_owner(path: Path, like: Path) -> None:
    """Whoever restores may be root; the store's files are its user's."""
    owner = like.stat()
    if os.geteuid() != 0:
        return
    for each in (path, *(path.rglob("*") if path.is_dir() else ())):
        os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)
