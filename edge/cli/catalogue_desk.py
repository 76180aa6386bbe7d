"""Puts versions of the catalogue into force from the command line (`edge.cli.box`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from edge.cli.box import JournalTaken, alone, ask
from edge.domain.catalogue.queries import VersionInForce, history
from edge.domain.noun import Noun
from edge.domain.nouns import NOUNS
from edge.errors import Refusal
from edge.journal import Reader
from edge.journal.queries import has_tables
from edge.products.versions import VersionSwitch, folder_of
from edge.secrets.vault import Vault
from edge.settings.settings import Settings

T = TypeVar("T")


class Operator:
    """One box's catalogue, as whoever runs the box sees it."""

    def __init__(self, settings: Settings, by: str, nouns: Sequence[Noun] = NOUNS) -> None:
        """`nouns` are those of the store, with the ones from other packages."""
        self._box = settings.gateway
        self._by = by
        self._nouns = nouns
        self._journal = settings.gateway.data / "storekeeper.db"
        self.folder = folder_of(settings.gateway.data)

    def history(self) -> list[VersionInForce]:
        """Returns the versions that were in force, the latest first."""
        if not self._journal.exists():
            return []
        reader = Reader(self._journal)
        try:
            return history(reader) if has_tables(reader, "catalogue_versions") else []
        finally:
            reader.close()

    def activate(self, version: str) -> bool:
        """Put a version into force; False where it is. Raises `Refusal`, `NotReached`, `JournalError`."""
        try:
            return self._switch_alone(lambda switch: switch.activate(version, self._by))
        except JournalTaken:
            return bool(self._ask("activate", {"version": version, "by": self._by})["changed"])

    def roll_back(self) -> str:
        """Put the version before into force; its name. Raises as `activate`."""
        history = self.history()
        left = history[0].version if history else ""
        if not left:
            raise Refusal("catalogue_no_older")
        try:
            return self._switch_alone(lambda switch: switch.roll_back(left, self._by))
        except JournalTaken:
            return str(self._ask("rollback", {"left": left, "by": self._by})["version"])

    def _switch_alone(self, act: Callable[[VersionSwitch], Awaitable[T]]) -> T:
        return alone(self._journal, self._nouns, lambda journal: act(VersionSwitch(journal, self.folder)))

    def _ask(self, what: str, body: dict[str, str]) -> dict[str, Any]:
        vault = Vault.open(self._box.data / "secrets" / "store.key")
        return ask(self._box, vault, f"/api/v1/catalogue/{what}", body)
