"""What a code means in this store, and what a product is."""

from __future__ import annotations

from edge.domain.layout import Layout
from edge.domain.members.passes import Passes
from edge.domain.touchpoints.codes import Codes, Touchpoint
from edge.gateway.code_reading import code_reader
from edge.gateway.directions import Directions
from edge.gateway.guiding import Guide
from edge.gateway.offering import Offering
from edge.gateway.short_codes import ShortCodes
from edge.journal.journal import Journal
from edge.products import Products
from edge.products.versions import VersionSwitch, folder_of
from edge.secrets.vault import Vault
from edge.settings.settings import Settings


class Lookup:
    """The codes that the store writes, the reader of all codes, and the catalogue."""

    def __init__(self, settings: Settings, journal: Journal, vault: Vault, layout: Layout) -> None:
        key, store = vault.derive("codes"), settings.store.id
        self._layout = layout
        self._touchpoints: dict[str, Touchpoint] = {}
        self.codes = Codes(key, store, self._touchpoint, journal.generation)
        self.passes = Passes(key, store)
        self.products = Products(folder_of(settings.gateway.data))
        self.offering = Offering(journal.reads, self.products, layout)
        self.guide = Guide(layout, self.products)
        self.directions = Directions(self.guide, layout)
        self.switch = VersionSwitch(journal, self.products.folder)
        self.short_codes = ShortCodes(self.codes, layout, self.offering)
        self.code_reader = code_reader(
            settings, self.codes, self.passes, journal.reads, self.products, self.short_codes.find
        )

    def changed(self) -> None:
        """The store's touchpoints are others: they are asked for anew."""
        self._touchpoints.clear()

    def _touchpoint(self, name: str) -> Touchpoint | None:
        known = self._touchpoints.get(name)
        if known is None and (found := self._layout.touchpoint(name)) is not None:
            known = Touchpoint(found.id, found.purpose, found.zone, found.label, found.device)
            self._touchpoints[name] = known
        return known  # what is not there is not remembered: what people type must not fill the memory
