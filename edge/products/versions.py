"""The versions that lie on this box, and which of them stay.

Kept are the last `KEEP` that were in force, so that a roll back finds its file, and the last `KEEP` that were built and
never were. What is older goes when another version comes into force.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from edge.domain.catalogue import decisions as catalogue
from edge.domain.catalogue import queries as catalogue_queries
from edge.errors import Refusal
from edge.journal import Reads
from edge.journal.journal import Journal
from edge.products.build import file_sha256, path_of, sweep
from edge.products.version import BadVersion, Version

KEEP: Final = 5


class StoredVersion(msgspec.Struct, frozen=True):
    """A version's file."""

    version: str
    path: Path
    size: int
    """Bytes."""
    built: float
    """Unix time in seconds."""


def folder_of(data: Path) -> Path:
    """Where a gateway keeps its versions."""
    return data / "catalogue"


def lying(folder: Path) -> list[StoredVersion]:
    """Every version on this box, the newest first."""
    found = []
    for path in folder.glob("catalogue-*.db"):
        about = path.stat()
        found.append(StoredVersion(path.stem.partition("-")[2], path, about.st_size, about.st_mtime))
    return sorted(found, key=lambda each: -each.built)


def checked(folder: Path, version: str) -> tuple[str, int]:
    """SHA-256 and number of products of a version that can be put into force.

    Reads the whole file: call it in a thread. Raises `Refusal` catalogue_unknown or catalogue_damaged.
    """
    known = {each.version: each.path for each in lying(folder)}
    if version not in known:
        raise Refusal("catalogue_unknown", version=version)
    digest = file_sha256(known[version])
    if not digest.startswith(version):
        raise Refusal("catalogue_damaged", version=version)
    try:
        return digest, Version(known[version]).count()
    except (BadVersion, OSError):
        raise Refusal("catalogue_damaged", version=version) from None


def tidy(folder: Path, been: Iterable[str]) -> list[str]:
    """Remove what the rule does not keep, and say what went. `been`: versions that were in force, the latest first."""
    kept = list(dict.fromkeys(been))[:KEEP]
    others = [each.version for each in lying(folder) if each.version not in kept]
    gone = others[KEEP:]
    for version in gone:
        with suppress(FileNotFoundError):
            path_of(folder, version).unlink()
    sweep(folder)
    return gone


def been_in_force(reads: Reads) -> list[str]:
    """Versions that were in force, the latest first."""
    return [each.version for each in catalogue_queries.history(reads)]


class VersionSwitch:
    """Puts versions into force, one at a time: look at the file first, then state the fact, then tidy up."""

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal = journal
        self._folder = folder

    async def activate(self, version: str, by: str) -> bool:
        """Put a version into force. False where it is already. Raises `Refusal`."""
        digest, count = await asyncio.to_thread(checked, self._folder, version)
        changed = await self._journal.write(catalogue.activate, version=version, sha256=digest, count=count, by=by)
        await asyncio.to_thread(tidy, self._folder, been_in_force(self._journal.reads))
        return changed

    async def roll_back(self, left: str, by: str) -> str:
        """Go back from `left` to the version before it; its name. Raises `Refusal`."""
        older = catalogue_queries.before(self._journal.reads)
        if older is not None:
            await asyncio.to_thread(checked, self._folder, older.version)
        return await self._journal.write(catalogue.roll_back, left=left, by=by)
