"""What happens to the catalogue: every fact."""

from __future__ import annotations

from edge.journal.entry import Fact


class CatalogueActivated(Fact, frozen=True, tag="catalogue.activated.v1"):
    """From now on this version is in force."""

    version: str
    sha256: str
    """Of the version's file, hexadecimal."""
    count: int
    """Products in it."""
    by: str


class CatalogueRolledBack(Fact, frozen=True, tag="catalogue.rolled_back.v1"):
    """From now on the version before is in force again."""

    version: str
    sha256: str
    count: int
    left: str
    """The version that was in force until now."""
    by: str
