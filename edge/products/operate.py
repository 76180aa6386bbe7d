"""Puts versions into force from the command line: through the gateway that runs on this box, or, where none runs,
straight into the journal. One process writes a journal, so it is always one of the two.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from edge.domain.catalogue.queries import VersionInForce, history
from edge.domain.noun import Noun
from edge.domain.nouns import NOUNS
from edge.errors import JournalBroken, JournalError, Refusal, StorekeeperError
from edge.journal import Reader
from edge.journal.journal import Journal
from edge.journal.queries import has_tables
from edge.products.versions import Switch, folder_of
from edge.secrets.vault import Vault
from edge.settings.settings import Settings

PATIENCE_S: Final = 60.0
"""A large version is read whole before it comes into force."""


T = TypeVar("T")


class NotReached(StorekeeperError):
    """A gateway runs on this data and does not answer."""


class JournalTaken(StorekeeperError):
    """Another process, the gateway, writes the journal."""


def operator_token(vault: Vault) -> str:
    """What whoever can read this box's secrets shows to the gateway that runs on it."""
    return vault.derive("operator").hex()


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
            return asyncio.run(self._alone(lambda switch: switch.activate(version, self._by)))
        except JournalTaken:
            return bool(self._ask("activate", {"version": version, "by": self._by})["changed"])

    def roll_back(self) -> str:
        """Put the version before into force; its name. Raises as `activate`."""
        history = self.history()
        left = history[0].version if history else ""
        if not left:
            raise Refusal("catalogue_no_older")
        try:
            return asyncio.run(self._alone(lambda switch: switch.roll_back(left, self._by)))
        except JournalTaken:
            return str(self._ask("rollback", {"left": left, "by": self._by})["version"])

    async def _alone(self, act: Callable[[Switch], Awaitable[T]]) -> T:
        try:
            journal = Journal(self._journal, self._nouns)
        except JournalBroken:
            raise
        except JournalError:
            raise JournalTaken from None
        try:
            return await act(Switch(journal, self.folder))
        finally:
            journal.close()

    def _ask(self, what: str, body: dict[str, str]) -> dict[str, Any]:
        host, port = self._box.http.inside_address() or (self._box.http.host, self._box.http.port)
        host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
        token = operator_token(Vault.open(self._box.data / "secrets" / "store.key"))
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        line = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
        try:
            line.request("POST", f"/api/v1/catalogue/{what}", json.dumps(body), headers)
            answer = line.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            where = f"{host}:{port}"
            raise NotReached(f"a gateway works on {self._box.data} but does not answer at {where}: {error}") from None
        finally:
            line.close()
        if answer.status >= 400:
            raise NotReached(f"the gateway refused: {said.get('title', answer.status)}")
        return said
