"""What belongs into a copy: the journal as it is at one moment, and the files beside it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from device_drivers.trusted_time import is_trusted
from edge.journal import chain
from edge.journal.entry import Entry
from edge.journal.steady_clock import SteadyClock
from edge.journal.streams import streams
from edge.journal.transaction import open_readonly
from edge.secrets import sealed
from edge.secrets.private import write_private
from operations.backups.archive import FORM, ArchiveMember, Manifest, digest
from operations.backups.errors import BackupError, Damaged

JOURNAL: Final = "storekeeper.db"
BESIDE: Final = ("secrets", "settings", "catalogue", "texts", "ca", "erased.txt")
"""What else of the data folder is the store's. Queues to devices, logs and caches are the box's."""
_UNFINISHED: Final = re.compile(r"\.building-.*|.*\.new|trial\.json")
"""What takes another file's place once it is whole, and the note of a change of the settings that is under way: where
it came back with a copy, the gateway went back to settings of another day."""
_LARGE: Final = 1024 * 1024
_CHECKED: Final = 20_000
"""So many of the newest facts are followed link by link; the rest is proven by `storekeeper journal verify`."""


class Sources(msgspec.Struct, frozen=True):
    """Where a store lies."""

    store: str
    data: Path
    config: Path
    ca: Path | None = None

    @classmethod
    def of(cls, store: str, data: Path, config: Path) -> Sources:
        """With the certificate authority where this box keeps it."""
        found = authority_of(data)
        return cls(store, data, config, found if found.is_dir() else None)


def authority_of(data: Path) -> Path:
    """Where an installed box keeps the store's authority: beside the data, for root alone."""
    return data.absolute().with_name(f"{data.name}-ca")


def snapshot(source: Path, to: Path) -> None:
    """The journal as it is now, whole, while the store is open. Raises `BackupError`, `OSError`."""
    room, need = shutil.disk_usage(to.parent).free, source.stat().st_size
    if room < need * 11 // 10:
        raise BackupError(
            f"{to.parent}: a copy of the journal needs {need // 2**20} MB there, {room // 2**20} are free"
        )
    try:
        with closing(open_readonly(source)) as reader, closing(sqlite3.connect(to)) as copy:
            reader.backup(copy)  # in one step: one moment of the journal, and nobody who writes waits for it
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"{source}: the journal cannot be copied: {error}") from None


def prove(journal: Path) -> tuple[Entry | None, str, int]:
    """Its newest fact, its stream and generation, once the file is proven whole. Raises `Damaged`."""
    try:
        with closing(open_readonly(journal)) as reader:
            if faults := chain.spoilt_pages(reader):
                raise Damaged(f"{journal}: the journal's file is damaged: {'; '.join(faults)}")
            if cut := chain.find_break(reader, _CHECKED):
                raise Damaged(f"entry {cut.at} of the journal is not what was written: the chain is broken there")
            stream = streams(reader)[-1]
            return chain.newest(reader), stream.id.hex(), stream.generation
    except sqlite3.Error as error:
        raise Damaged(f"{journal}: the journal's file is damaged: {error}") from None


def moment(newest: Entry | None) -> int:
    """What time it is, Unix milliseconds, for the store whose journal ends there: a clock that ran ahead for an hour
    would end every other copy, and its own would seem to be the newest for years.
    """
    clock = SteadyClock(newest)
    return clock.box_ms() if is_trusted() else clock.wall_ms()


def gather(sources: Sources, journal: Path, opened: Path) -> tuple[Manifest, list[tuple[ArchiveMember, Path]]]:
    """The manifest of a copy and its files; `journal` is the snapshot, and beside it the other files are held as they
    are now, whatever the store does meanwhile. What is sealed to this box is put into `opened`, as another box could
    not open it. Raises `Damaged`, `OSError`.
    """
    newest, stream, generation = prove(journal)
    beside = _open(_other_files(sources), opened, journal.with_name("beside"))
    files = [(_member(name, path), path) for name, path in (("data/" + JOURNAL, journal), *beside)]
    manifest = Manifest(
        FORM,
        sources.store,
        version("storekeeper"),
        moment(newest),
        newest.sequence if newest else 0,
        newest.wall_ms if newest else 0,
        newest.hash.hex() if newest else "",
        stream,
        generation,
        [member for member, _ in files],
    )
    return manifest, files


def _member(name: str, path: Path) -> ArchiveMember:
    size, found = digest(path)
    return ArchiveMember(name, size, found, path.stat().st_mode & 0o777)


def _other_files(sources: Sources) -> Iterator[tuple[str, Path]]:
    for name in BESIDE:
        yield from _files_below(sources.data / name, f"data/{name}")
    yield from _files_below(sources.config.resolve(), "config")
    if sources.ca is not None:
        yield from _files_below(sources.ca, "ca")


def _open(found: Iterator[tuple[str, Path]], folder: Path, held: Path) -> Iterator[tuple[str, Path]]:
    for name, path in found:
        if path.suffix != sealed.SUFFIX:
            with suppress(FileNotFoundError):  # it has just gone
                hold(path, held / name)
                yield name, held / name
            continue
        copy = folder / name.removesuffix(sealed.SUFFIX)
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(copy, sealed.read(path.with_suffix("")))
        yield name.removesuffix(sealed.SUFFIX), copy


def hold(path: Path, place: Path) -> None:
    """Keep a file as it is now, whatever takes its place. Raises `OSError`."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_size > _LARGE:  # such are never written to once they are whole
        with suppress(OSError):  # another disk, or somebody else's file
            os.link(path, place)
            return
    shutil.copy(path, place)


def _files_below(path: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Files alone: a link or a socket is the box's own. What is not whole yet was no part of the store."""
    if path.is_file() and not path.is_symlink():
        yield name, path
    elif path.is_dir() and not path.is_symlink():
        for each in sorted(path.iterdir()):
            if not _UNFINISHED.fullmatch(each.name):
                yield from _files_below(each, f"{name}/{each.name}")
