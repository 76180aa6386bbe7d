"""The receiver's tables in SQLite, as named migrations. PostgreSQL takes the same ones: BLOB becomes bytea."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from edge.journal.entry import GENESIS
from edge.secrets import private

migrations = Migrations("cloud")


@migrations()
def streams_and_entries(db: Database) -> None:
    """What was received: the only tables that cannot be made again from others."""
    for statement in (
        """CREATE TABLE streams (
            key INTEGER PRIMARY KEY, store TEXT NOT NULL, stream BLOB NOT NULL,
            cursor INTEGER NOT NULL, hash BLOB NOT NULL, last INTEGER NOT NULL, verdict TEXT NOT NULL,
            contact_ms INTEGER NOT NULL, shelved INTEGER NOT NULL DEFAULT 0, UNIQUE (store, stream)) STRICT""",
        # Clustered by its key: a stream's entries arrive in order, so each insert is an append.
        """CREATE TABLE entries (
            stream INTEGER NOT NULL REFERENCES streams, sequence INTEGER NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,
            wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, boot BLOB NOT NULL, body BLOB, hash BLOB NOT NULL,
            PRIMARY KEY (stream, sequence)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE parked (
            stream INTEGER NOT NULL, sequence INTEGER NOT NULL, sha256 BLOB NOT NULL, length INTEGER NOT NULL,
            PRIMARY KEY (stream, sequence)) STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@migrations()
def shelves(db: Database) -> None:
    """What is sorted after the acknowledgement: a cache of `entries` up to `streams.shelved`."""
    for statement in (
        """CREATE TABLE counts (
            store TEXT, type TEXT, number INTEGER NOT NULL, PRIMARY KEY (store, type)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE quarantine (
            stream INTEGER NOT NULL, sequence INTEGER NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY (stream, sequence)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE registrations (
            at_ms INTEGER NOT NULL, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, store TEXT NOT NULL,
            member TEXT NOT NULL, touchpoint TEXT NOT NULL, language TEXT NOT NULL, consents TEXT NOT NULL,
            PRIMARY KEY (at_ms, stream, sequence)) STRICT, WITHOUT ROWID""",
    ):
        db.execute(statement)


@migrations()
def generations(db: Database) -> None:
    """From where a stream goes on, and which is in charge. Entries of a stream past `sealed` are an earlier box's."""
    for column in (
        "first INTEGER NOT NULL DEFAULT 1",
        f"base BLOB NOT NULL DEFAULT x'{GENESIS.hex()}'",
        "parent BLOB",
        "generation INTEGER NOT NULL DEFAULT 0",
        "reason TEXT NOT NULL DEFAULT ''",
        "sealed INTEGER",
    ):
        db.execute(f"ALTER TABLE streams ADD COLUMN {column}")


@migrations()
def leases(db: Database) -> None:
    """What was granted of shared budgets, and what came back. It cannot be made again: it was promised."""
    db.execute(
        """CREATE TABLE leases (
            lease TEXT PRIMARY KEY, store TEXT NOT NULL, stream BLOB NOT NULL, campaign TEXT NOT NULL,
            number INTEGER NOT NULL, uses INTEGER, amount INTEGER, granted_ms INTEGER NOT NULL,
            ends_ms INTEGER NOT NULL, spent_uses INTEGER, spent_amount INTEGER,
            UNIQUE (store, stream, campaign, number)) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX leases_of_budget ON leases (campaign, spent_uses, uses, spent_amount, amount)")


@migrations()
def registrations_of(db: Database) -> None:
    """Whoever is erased is found at once, however many have registered."""
    db.execute("CREATE INDEX registrations_of ON registrations (store, member)")


def open_writer(path: Path, max_pages: int | None) -> sqlite3.Connection:
    """The one connection that writes and checkpoints; what it committed is on the disk when it returns.

    Raises `OSError`, and `sqlite3.Error` with the path as its note.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private.database(path)
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        migrations.apply(Database(connection))
    except sqlite3.Error as error:
        error.add_note(str(path))
        raise
    if max_pages is not None:
        connection.execute(f"PRAGMA max_page_count={max_pages:d}")
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout=5000")
    return connection
