"""How the journal's own tables came to be: named migrations, each applied once. The nouns' tables are a cache and need
none. Only what a file lacks is worth importing this for: its library takes a fifth of the gateway's memory.
"""

from __future__ import annotations

import os
import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("journal")


@migrations()
def entries(db: Database) -> None:
    """The append-only log, the streams it belongs to, and the keys of persons."""
    # Plain statements, not executescript: that would commit the migration's own transaction.
    for statement in (
        """CREATE TABLE entries (
            sequence INTEGER PRIMARY KEY, stream BLOB NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,
            wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, boot BLOB NOT NULL, body BLOB NOT NULL,
            hash BLOB NOT NULL) STRICT""",
        """CREATE TRIGGER entries_stay_unchanged BEFORE UPDATE ON entries
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only: an entry is never updated'); END""",
        """CREATE TRIGGER entries_stay BEFORE DELETE ON entries
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only: an entry is never deleted'); END""",
        "CREATE TABLE streams (stream BLOB PRIMARY KEY, first_sequence INTEGER NOT NULL, reason TEXT NOT NULL) STRICT",
        # A person's key is no fact: it must be possible to destroy it, and with it what the journal says of the person.
        "CREATE TABLE person_keys (subject TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT",
        "CREATE TABLE cache (schema_digest TEXT NOT NULL) STRICT",
    ):
        db.execute(statement)
    db.execute("INSERT INTO streams VALUES (?, 1, 'created')", (os.urandom(16),))


@migrations()
def pulse(db: Database) -> None:
    """One row that is written while nothing happens, as proof that writes end."""
    db.execute("CREATE TABLE pulse (at_ms INTEGER NOT NULL, room TEXT NOT NULL) STRICT")
    db.execute("INSERT INTO pulse VALUES (0, '')")


@migrations()
def person_numbers(db: Database) -> None:
    """By what a person is found again: no fact, so that it can be destroyed. Earlier facts hold it themselves."""
    db.execute("CREATE TABLE person_numbers (subject TEXT PRIMARY KEY, number TEXT NOT NULL) STRICT")
    db.execute("CREATE INDEX persons_by_number ON person_numbers (number)")
    db.execute(
        "INSERT OR IGNORE INTO person_numbers SELECT json_extract(CAST(body AS TEXT), '$.member'),"
        " json_extract(CAST(body AS TEXT), '$.phone_index') FROM entries WHERE type='member.registered.v1'"
    )


@migrations()
def person_cards(db: Database) -> None:
    """The same for the cards of members who were taken over from a list."""
    db.execute("CREATE TABLE person_cards (subject TEXT PRIMARY KEY, card TEXT NOT NULL) STRICT")
    db.execute("CREATE INDEX persons_by_card ON person_cards (card)")


@migrations()
def made(db: Database) -> None:
    """By what the nouns' tables were made, and which are whose."""
    db.execute(
        "CREATE TABLE _made (noun TEXT PRIMARY KEY, schema TEXT NOT NULL, facts TEXT NOT NULL, rules INTEGER NOT NULL)"
        " STRICT"
    )
    db.execute("CREATE TABLE _tables (name TEXT PRIMARY KEY, noun TEXT NOT NULL) STRICT")


@migrations()
def generations(db: Database) -> None:
    """What a stream may do: the generation that stands above in each of its fences."""
    db.execute("ALTER TABLE streams ADD COLUMN generation INTEGER NOT NULL DEFAULT 0")


@migrations()
def losses(db: Database) -> None:
    """What was not recorded for want of space: counted here until a fact says it."""
    db.execute(
        "CREATE TABLE losses (type TEXT, why TEXT, count INTEGER NOT NULL, first_ms INTEGER NOT NULL,"
        " last_ms INTEGER NOT NULL, PRIMARY KEY (type, why)) STRICT"
    )


@migrations()
def pruning(db: Database) -> None:
    """From where on the journal is kept, what stands for the rest, and which builds have worked on it."""
    for statement in (
        """CREATE TABLE horizon (
            one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one=1), first INTEGER NOT NULL, hash BLOB NOT NULL,
            base INTEGER NOT NULL, digest BLOB NOT NULL, to_ms INTEGER NOT NULL) STRICT""",
        """CREATE TABLE snapshots (
            base INTEGER NOT NULL, part INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (base, part)) STRICT""",
        "CREATE TABLE stream_ends (sequence INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT",
        "CREATE TABLE builds (types TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT",
        "DROP TRIGGER entries_stay",
        """CREATE TRIGGER entries_stay BEFORE DELETE ON entries
            WHEN OLD.sequence > coalesce((SELECT base FROM horizon), 0)
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only: an entry is never deleted'); END""",
    ):
        db.execute(statement)


def own_tables() -> set[str]:
    """The names of the journal's own tables. All others in its file are a cache."""
    empty = Database(memory=True)
    migrations.apply(empty)
    return set(empty.table_names())


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing."""
    migrations.apply(Database(connection))
