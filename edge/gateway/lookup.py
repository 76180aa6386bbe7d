"""What a code means in this store, and what a product is."""

from __future__ import annotations

from edge.domain.members.passes import Passes
from edge.domain.touchpoints import touchpoints
from edge.domain.touchpoints.touchpoints import Codes, Touchpoint
from edge.gateway.meaning import meanings
from edge.journal import Journal, Reads
from edge.products import Products
from edge.products.versions import Switch, folder_of
from edge.secrets.vault import Vault
from edge.settings.settings import Settings


class Lookup:
    """The codes that the store writes, the reader of all codes, and the catalogue."""

    def __init__(self, settings: Settings, journal: Journal, vault: Vault) -> None:
        key, store = vault.derive("codes"), settings.store.id
        self.codes = Codes(key, store, _Touchpoints(journal.reads).find)
        self.passes = Passes(key, store)
        self.products = Products(folder_of(settings.gateway.data))
        self.switch = Switch(journal, self.products.folder)
        self.meanings = meanings(settings, self.codes, self.passes, journal.reads, self.products)


class _Touchpoints:
    """Remembers the touchpoints that were asked for."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._known: dict[str, Touchpoint] = {}

    def find(self, name: str) -> Touchpoint | None:
        found = self._known.get(name)
        if found is None:
            found = touchpoints.find(self._reads, name)
            if found is None:
                return None  # not remembered: what people type must not fill the memory
            self._known[name] = found
        return found
