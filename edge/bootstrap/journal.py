"""A store's journal beside its gateway: where it lies, its check, its tables made anew."""

from __future__ import annotations

import os
from pathlib import Path

from edge.bootstrap.nouns import nouns_of
from edge.journal import Projections
from edge.journal.journal import lock
from edge.journal.schema import open_writer
from edge.journal.tables import catch_up, rebuild
from edge.journal.verify import Verification, verify
from edge.settings.settings import Settings


def journal_path(settings: Settings) -> Path:
    """Where the store's journal lies."""
    return settings.gateway.data / "storekeeper.db"


def rebuild_tables(settings: Settings) -> int:
    """Make every table anew from the journal. Returns the number of facts. Raises `JournalError` beside a gateway."""
    held = lock(journal_path(settings))
    connection = open_writer(str(journal_path(settings)))
    try:
        return rebuild(connection, Projections(nouns_of(settings).all))
    finally:
        connection.close()
        os.close(held)


def bring_tables(path: Path, settings: Settings, since: int) -> int:
    """Apply what was added to a journal that no gateway has open. Returns how many facts were applied."""
    connection = open_writer(str(path))
    try:
        return catch_up(connection, Projections(nouns_of(settings).all), since)
    finally:
        connection.close()


def verify_journal(settings: Settings) -> Verification:
    """Check the chain and compare the tables with the facts; the gateway may run."""
    return verify(journal_path(settings), Projections(nouns_of(settings).all))
