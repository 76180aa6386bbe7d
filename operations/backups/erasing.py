"""Whoever was erased since the copy was made is erased from it before the store opens."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from edge.domain.members.facts import MemberErased
from edge.journal.entry import tag
from edge.journal.offline import bodies_of, destroy_persons
from edge.secrets.private import write_private

HEAD: Final = "# Persons who were erased, by random ids. Keep this file when a backup is restored: docs/privacy.md\n"


def everybody_erased(journal: sqlite3.Connection, lists: Iterable[Path]) -> list[str]:
    """By the lists that are there, and by the journal itself with all that came from the cloud."""
    found: dict[str, None] = {}
    for path in lists:
        if path.exists():
            lines = path.read_text("ascii", "replace").splitlines()
            found |= dict.fromkeys(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    for body in bodies_of(journal, tag(MemberErased)):
        try:
            found[msgspec.json.decode(body, type=MemberErased).member] = None
        except (ValueError, RecursionError):
            continue  # a later version's: its box wrote the list as well
    return list(found)


def erase(journal: sqlite3.Connection, gone: Iterable[str], listed: Path) -> None:
    """Destroy their keys and numbers, and have the list say so: the gateway ends what else is theirs when it opens."""
    names = list(gone)
    destroy_persons(journal, names)
    if names:
        listed.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(listed, (HEAD + "".join(f"{name}\n" for name in names)).encode())
