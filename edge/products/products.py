"""The products of the version in force: found by code and by words, swapped whole when another comes into force."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import structlog

from edge.domain.catalogue import queries as catalogue_queries
from edge.domain.catalogue.facts import CatalogueActivated, CatalogueRolledBack
from edge.journal import Reads
from edge.products.build import file_sha256, path_of
from edge.products.price_history import PriceHistory
from edge.products.product import Product
from edge.products.search import SearchResult, search
from edge.products.version import BadVersion, Version
from words.languages import USUAL

log = structlog.get_logger(__name__)


class Products:
    """What the gateway asks. Every question is answered from one whole version.

    Whoever asks several questions for one page takes `current` once and asks that: it stays the same version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prices = PriceHistory(folder)
        self.current: Version | None = None
        """The version in force; none before the first, or where its file is gone."""

    @property
    def version(self) -> str | None:
        """Name of the version that answers."""
        return self.current.name if self.current else None

    @property
    def pictures(self) -> Path:
        """Where the catalogue's pictures lie."""
        return self.folder / "pictures"

    def open(self, reads: Reads) -> None:
        """Take up what the journal says is in force."""
        row = catalogue_queries.in_force(reads)
        if row is not None:
            self._take(row.version)

    def notice(self, fact: CatalogueActivated | CatalogueRolledBack) -> None:
        """Swap to the version that a fact puts into force. Called between two requests, so none sees half of it."""
        self._take(fact.version)

    async def prove(self, reads: Reads) -> None:
        """Read the file in force once, whole: where it is not what was put into force, nothing more is said from it."""
        row = catalogue_queries.in_force(reads)
        if row is None or self.version != row.version:
            return
        digest = await asyncio.to_thread(file_sha256, path_of(self.folder, row.version))
        if digest != row.sha256 and self.version == row.version:
            log.error("catalogue.damaged", version=row.version, expected=row.sha256, found=digest)
            self.current = None
        elif not self.prices.knows(row.version):  # it came into force while no gateway ran
            await self.remember_prices(reads.now)

    async def remember_prices(self, now_ms: int) -> None:
        """Take down what everything costs from now on, by a thread and a connection of its own."""
        if self.version is not None:
            await asyncio.to_thread(self._remember, self.version, now_ms)

    def _remember(self, version: str, now_ms: int) -> None:
        try:
            self.prices.note(version, Version(path_of(self.folder, version)).every(), now_ms)
        except (BadVersion, OSError, sqlite3.Error) as error:
            log.warning("catalogue.prices_not_kept", version=version, error=str(error))

    def find(self, gtin: str) -> Product | None:
        """The product of a GTIN-8, -12, -13 or -14; none where the catalogue has none."""
        return self.current.find(gtin) if self.current else None

    def seek(self, words: str, limit: int = 20, language: str = USUAL[0]) -> SearchResult:
        """Products that may be meant by these words, the surest first."""
        return search(self.current, words, limit, language) if self.current else SearchResult([])

    def _take(self, version: str) -> None:
        try:
            self.current = Version(path_of(self.folder, version))
        except (BadVersion, OSError, sqlite3.Error) as error:
            # No prices are better than old ones: whoever asks is told that there is no such product.
            self.current = None
            log.error("catalogue.not_there", version=version, error=str(error))  # noqa: TRY400 - the sentence says it
            return
        log.info("catalogue.in_force", version=version)
