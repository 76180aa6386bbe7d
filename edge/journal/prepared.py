"""Tables made beforehand, for another build that opens the journal: it takes them over and applies what came since.

A build whose tables differ makes them anew from every fact, which takes minutes for some millions. An update lets the
build do that on a copy while the one before it still serves, and lays the tables beside the journal. Whatever does not
fit exactly (another build's, another journal's, a torn file) is passed by, and the tables are made anew as ever.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

from edge.journal import tables
from edge.journal.entry import Entry
from edge.journal.schema import ENTRIES
from edge.journal.transaction import Projections, open_readonly
from edge.secrets import private

log = structlog.get_logger(__name__)

_OWN = ("_made", "_tables", "cache")
"""By what the tables were made, which goes with them."""


def prepared_path(journal: Path) -> Path:
    """Where tables for this journal are laid."""
    return journal.with_name(f"{journal.name}.prepared")


def extract(source: Path, target: Path) -> None:
    """Write the tables of a journal that nobody writes, and up to which fact they say all. Raises `sqlite3.Error`."""
    target.unlink(missing_ok=True)
    private.database(target)
    with closing(open_readonly(source)) as connection:
        wanted = [*_OWN, *(row[0] for row in connection.execute("SELECT name FROM _tables"))]
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE type='table'").fetchall()
        row = connection.execute("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS source", (f"{source.resolve()}",))
        connection.execute("BEGIN")
        for name, sql in made:
            if name in wanted:
                connection.execute(sql)
                connection.execute(f'INSERT INTO main."{name}" SELECT * FROM source."{name}"')  # noqa: S608 - our own
        connection.execute("CREATE TABLE prepared (sequence INTEGER NOT NULL, hash BLOB NOT NULL)")
        connection.execute("INSERT INTO prepared VALUES (?,?)", (row[0], row[1]) if row else (0, b""))
        connection.execute("COMMIT")


def take_over(writer: sqlite3.Connection, journal: Path, nouns: Projections) -> bool:
    """Put prepared tables where the others are, with what came since applied. False where there are none that fit."""
    file = prepared_path(journal)
    if not file.exists():
        return False
    try:
        writer.execute("ATTACH ? AS laid", (str(file.resolve()),))
        try:
            return _adopt(writer, nouns)
        finally:
            if writer.in_transaction:
                writer.execute("ROLLBACK")
            writer.execute("DETACH laid")
    except sqlite3.Error as error:
        log.warning("tables.prepared_unfit", error=str(error))
        return False
    finally:
        file.unlink(missing_ok=True)


def _adopt(writer: sqlite3.Connection, nouns: Projections) -> bool:
    made = {
        name: tables.TableDigests(*rest)
        for name, *rest in writer.execute("SELECT noun, schema, facts, rules FROM laid._made")
    }
    since, mark = writer.execute("SELECT sequence, hash FROM laid.prepared").fetchone()
    row = writer.execute("SELECT hash FROM entries WHERE sequence=?", (since,)).fetchone()
    if made != tables.wanted_digests(nouns) or row is None or row[0] != mark:
        return False
    writer.execute("BEGIN IMMEDIATE")
    tables.clear(writer, nouns)
    tables.create(writer, nouns)
    for name in tables.names(nouns):
        writer.execute(f'INSERT INTO main."{name}" SELECT * FROM laid."{name}"')  # noqa: S608 - our own tables
    replay = tables.Replay(writer, nouns)
    for entry in writer.execute(ENTRIES + " WHERE sequence > ? ORDER BY sequence", (since,)):
        replay.take(Entry(*entry))
    tables.record(writer, nouns)
    writer.execute("COMMIT")
    log.info("tables.prepared", upto=since, facts=replay.count)
    return True
