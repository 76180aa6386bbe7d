"""The journal's file, as its one writer opens it: with all of the journal's own tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from edge.errors import JournalTooNew
from edge.journal.horizon import FORM as PRUNED
from edge.journal.packing import known_to
from edge.secrets import private

COLUMNS: Final = "sequence, stream, id, type, wall_ms, mono_ms, boot, body, hash"
"""Of `entries`, by name and in the order of `Entry`: a later build may have added others."""
BUSY_MS: Final = 1000
"""How long the event loop waits for another program that holds the file."""
LOG_PAGES: Final = 8000
"""As long as this the log becomes in a rush, before a commit has to carry it into the file and whoever waits for that
commit waits for it as well. What is written often is carried once, so that a long log costs less than two short ones.
"""
LOG_BYTES: Final = LOG_PAGES * 4120
"""What of the log stays on the disk when all of it is in the file, so that no commit of the next rush makes it longer:
that takes half as long again. A night's work leaves a longer one."""
STOP_MS: Final = 500
"""How long a stop waits for readers, before it leaves the log to the next start."""
ENTRIES: Final = f"SELECT {COLUMNS} FROM entries"  # noqa: S608 - our own columns


MIGRATIONS: Final = frozenset(
    {"entries", "pulse", "person_numbers", "person_cards", "made", "generations", "losses", "pruning"}
)
"""The names of `edge.journal.migrations`: a file that has them all is not migrated."""
PLAIN: Final = 1
"""The form of a journal from which nothing has left."""
FORM: Final = PRUNED
"""The form of the journal's own tables. A build that changes them so that earlier ones would misread them raises it,
and those refuse to open; whatever else a later build adds, an earlier one passes by."""


def open_writer(path: str) -> sqlite3.Connection:
    """The one connection that writes and checkpoints: WAL, and every commit is on the disk when it returns."""
    private.database(Path(path))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.row_factory = sqlite3.Row
    known_to(connection)
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit={LOG_BYTES}")
    connection.execute("PRAGMA cache_size=-16000")
    connection.execute("PRAGMA secure_delete=ON")  # what is erased is zeros on the disk, not a page that nobody reads
    form = connection.execute("PRAGMA user_version").fetchone()[0]
    if form > FORM:
        connection.close()
        raise JournalTooNew(
            f"{path} has form {form}, and this version of Storekeeper reads forms up to {FORM}: a later version wrote"
            " it; install that one, or a later"
        )
    if not _applied(connection) >= MIGRATIONS:
        from edge.journal.migrations import migrate  # noqa: PLC0415 - nearly every start does without its library

        migrate(connection)
    if form < PLAIN:  # said once: even this little asks for space, and a store opens on a full disk as well
        connection.execute(f"PRAGMA user_version={PLAIN}")
    return connection


def _applied(connection: sqlite3.Connection) -> set[str]:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name='_sqlite_migrations'").fetchone() is None:
        return set()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set='journal'")
    return {name for (name,) in rows}


def checkpoint(connection: sqlite3.Connection) -> bool:
    """Carry the log into the file and empty it, so that the file alone is the journal. False where readers keep it."""
    connection.execute(f"PRAGMA busy_timeout={STOP_MS}")
    return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
