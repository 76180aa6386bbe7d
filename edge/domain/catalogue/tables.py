"""How each fact changes the table of versions."""

from __future__ import annotations

from typing import Final

from edge.domain.catalogue.facts import CatalogueActivated, CatalogueRolledBack
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE catalogue_versions (
        place INTEGER PRIMARY KEY, version TEXT, sha256 TEXT, count INTEGER, by TEXT, since_ms INTEGER) STRICT;
"""


def _activated(rows: Rows, entry: Entry, fact: CatalogueActivated) -> None:
    rows.run(
        "INSERT INTO catalogue_versions (version, sha256, count, by, since_ms) VALUES (?,?,?,?,?)",
        (fact.version, fact.sha256, fact.count, fact.by, entry.wall_ms),
    )


def _rolled_back(rows: Rows, entry: Entry, fact: CatalogueRolledBack) -> None:
    rows.run("DELETE FROM catalogue_versions WHERE place=(SELECT max(place) FROM catalogue_versions)", ())
    rows.run(
        "UPDATE catalogue_versions SET since_ms=?, by=? WHERE place=(SELECT max(place) FROM catalogue_versions)",
        (entry.wall_ms, fact.by),
    )


APPLIES: Final[Applies] = {
    CatalogueActivated: _activated,
    CatalogueRolledBack: _rolled_back,
}
