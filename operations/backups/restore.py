"""A store from a copy, on a box that may be another one: everything that came since is fetched, everybody who was
erased since is erased, and whatever the previous box still orders is below every fence of this one.

Nothing is touched where the store lies before all of it is ready beside it; a restore that is cut short is begun again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from edge.journal.entry import Clock
from edge.journal.facts import StreamOpened
from edge.journal.journal import lock
from edge.journal.offline import forget_tables, newest_moment
from edge.journal.schema import open_writer
from operations.backups import archive, lineage, names, place, targets
from operations.backups.erasing import erase, everybody_erased
from operations.backups.errors import BackupError
from operations.backups.gather import JOURNAL, prove, snapshot
from operations.backups.keys import Identity
from operations.backups.make import ERASED, from_restic
from sync.archive import Archive
from sync.client import CloudError

RESTORING: Final = ".restoring-"


class RestoreSource(msgspec.Struct, frozen=True):
    """What the store comes from."""

    key: Callable[[], Identity]
    """The recovery key, asked for where it is needed. Raises `WrongKey`."""
    restic: Callable[[], str]
    """The same for the password of a restic repository."""
    name: str | None
    """A copy, a folder of copies, usb:LABEL, restic:REPOSITORY; None for the journal that lies on this box."""


class RestoreTarget(msgspec.Struct, frozen=True):
    """Where the store is to lie."""

    store: str | None
    """Whose copies are looked for in a folder of several; None takes any."""
    data: Path
    config: Path
    ca: Path


class Restored(msgspec.Struct, kw_only=True):
    """What came of it."""

    copy: str
    made_ms: int | None
    """When the copy was made; none for this box's own journal."""
    opened: StreamOpened
    facts: int
    upto_ms: int
    """When the newest fact happened that this box knows of."""
    fetched: int
    """Facts that came from the cloud; none where it was not asked."""
    carried: int
    asked_cloud: bool
    stopped_at: int | None
    erased: int
    moved: place.Moved


Tables = Callable[[Path, Path, int], bool]
"""Applies to a journal, by the settings in a folder, the facts after a sequence. False where it cannot."""
Connect = Callable[[Path, Sequence[Path]], Archive | None]
"""The cloud of the settings in a folder, with a token from the first of others that has one; None without a cloud."""


def restore(
    source: RestoreSource, home: RestoreTarget, connect: Connect | None, tables: Tables, *, replace: bool
) -> Restored:
    """Bring the store back. `connect` None does without the cloud. Raises `BackupError`, `OSError`."""
    journal = home.data / JOURNAL
    if journal.exists() and source.name is not None and not replace:
        raise BackupError(
            f"{journal}: there is a store here already; --replace puts it aside and takes the copy's place"
        )
    home.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = lock(journal)  # a gateway that runs must be stopped first
    try:
        with _staging(home.data) as staged:
            found, beside = _take(source, home, staged)
            if found is not None and home.store not in (None, found.store):
                raise BackupError(
                    f"{source.name}: this is a copy of store {found.store}, and the settings in {home.config} are of"
                    f" store {home.store}: name a copy of that store, or another --config"
                )
            return _ready(found, beside, home, staged, connect, tables)
    finally:
        os.close(held)


def _ready(
    found: archive.Manifest | None,
    beside: Path | None,
    home: RestoreTarget,
    staged: Path,
    connect: Connect | None,
    tables: Tables,
) -> Restored:
    path = staged / "data" / JOURNAL
    with closing(open_writer(str(path))) as journal:
        adopted = _from_cloud(journal, connect, staged, home)
        gone = everybody_erased(journal, [staged / "data" / ERASED, home.data / ERASED, *([beside] if beside else [])])
        erase(journal, gone, staged / "data" / ERASED)
        begun = adopted or lineage.as_it_is(journal)
        opened = lineage.go_on(journal, begun, Clock())
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if not tables(path, _settings_of(staged, home), begun.since):
        with closing(open_writer(str(path))) as journal:
            forget_tables(journal)
    newest, _, _ = prove(path)
    if newest is None:
        raise BackupError(f"{path}: the journal is empty though a stream was opened in it")
    with closing(sqlite3.connect(path)) as journal:
        journal.execute("PRAGMA journal_mode=DELETE")
        upto_ms = newest_moment(journal)
    moved = place.put(staged, home.data, home.config, home.ca, whole=found is not None)
    return Restored(
        copy=moved.copy or "",
        made_ms=found.made_ms if found else None,
        opened=opened,
        facts=newest.sequence,
        upto_ms=upto_ms,
        fetched=adopted.fetched if adopted else 0,
        carried=len(adopted.carried) if adopted else 0,
        asked_cloud=adopted is not None,
        stopped_at=adopted.stopped_at if adopted else None,
        erased=len(gone),
        moved=moved,
    )


def _from_cloud(
    journal: sqlite3.Connection, connect: Connect | None, staged: Path, home: RestoreTarget
) -> lineage.Adopted | None:
    if connect is None:
        return None
    try:
        # Of secrets the copy's come first.
        cloud = connect(_settings_of(staged, home), [staged / "data", staged / "config", home.data, home.config])
        return lineage.adopt(journal, cloud) if cloud is not None else None
    except CloudError as error:
        raise BackupError(
            f"what came after the copy cannot be fetched: {error}. Try again when the cloud is there; --without-cloud"
            " goes on without it: what only the cloud has stays there then, and is missing here"
        ) from None


def _settings_of(staged: Path, home: RestoreTarget) -> Path:
    """This box's own settings come first, as they will be in force."""
    return home.config if (home.config / "store.toml").exists() else staged / "config"


def _take(source: RestoreSource, home: RestoreTarget, staged: Path) -> tuple[archive.Manifest | None, Path | None]:
    """The copy's files in `staged`; its manifest, and the list of the erased that lies beside copies."""
    if source.name is None:
        (staged / "data").mkdir(mode=0o700)
        if not (home.data / JOURNAL).exists():
            raise BackupError(f"{home.data / JOURNAL} is not there: name a copy to restore from")
        snapshot(home.data / JOURNAL, staged / "data" / JOURNAL)
        return None, None
    if targets.is_restic(source.name):
        password = staged / "restic.password"
        handle = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(source.restic())
        found = from_restic(source.name.removeprefix(targets.RESTIC), password, "latest", staged, home.store)
        password.unlink()
        return found, None
    path = _copy_of(source.name, home.store)
    return archive.extract(path, source.key(), staged), path.with_name(ERASED)


def _copy_of(name: str, store: str | None) -> Path:
    path = targets.path_of(name)
    if path.is_file():
        return path
    folder = targets.folder_of(name)
    found = names.lying(folder, store)
    if not found:
        whose = f"of store {store} " if store else ""
        raise BackupError(f"{folder}: there is no copy {whose}here (storekeeper-STORE-TIME.age)")
    if len({copy.store for copy in found}) > 1:
        stores = ", ".join(sorted({copy.store for copy in found}))
        raise BackupError(f"{folder}: copies of several stores lie here ({stores}): name one of the files")
    # A clock that ran ahead once made a copy that would be the newest for years.
    now = datetime.now(UTC) + names.AHEAD
    return max(found, key=lambda copy: (copy.made <= now, copy.made)).path


@contextmanager
def _staging(data: Path) -> Iterator[Path]:
    """A folder beside what is there, on the same disk."""
    with suppress(OSError):
        for old in data.glob(RESTORING + "*"):
            shutil.rmtree(old)
    with tempfile.TemporaryDirectory(prefix=RESTORING, dir=data) as folder:
        yield Path(folder)
