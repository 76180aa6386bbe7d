"""Which version of the catalogue is in force. Products are no facts: each version is a file of its own."""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.catalogue.facts import CatalogueActivated, CatalogueRolledBack
from edge.domain.catalogue.queries import before, in_force
from edge.journal import Tx


@asked_by("store")
def activate(tx: Tx, *, version: str, sha256: str, count: int, by: str) -> bool:
    """Put a version into force. False where it is."""
    now = in_force(tx)
    if now is not None and now.version == version:
        return False
    tx.emit(CatalogueActivated(version=version, sha256=sha256, count=count, by=by))
    return True


@asked_by("store")
def roll_back(tx: Tx, *, left: str, by: str) -> str:
    """Put the version that was in force before `left` into force again, and return its name.

    Sent twice it goes back once. Refuses: catalogue_no_older.
    """
    now = in_force(tx)
    if now is not None and now.version != left:
        return now.version
    older = before(tx)
    if older is None:
        raise tx.refuse("catalogue_no_older", version=left)
    tx.emit(CatalogueRolledBack(version=older.version, sha256=older.sha256, count=older.count, left=left, by=by))
    return older.version
