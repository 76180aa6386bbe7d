"""Acts on members from the command line: through the gateway that runs on this box, or, where none runs, straight into
the journal. One process writes a journal, so it is always one of the two.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from edge.domain.members import decisions as members
from edge.domain.members import erasure
from edge.domain.members import queries as member_queries
from edge.domain.members.rules import Erasing, Newcomer
from edge.errors import JournalBroken, JournalError, Refusal
from edge.extensions import nouns_of
from edge.gateway.erasures import ErasureList
from edge.journal import Reader, Tx
from edge.journal.journal import Journal
from edge.journal.queries import has_tables, persons_with_number
from edge.products.operate import NotReached, operator_token
from edge.secrets import store_key
from edge.secrets.vault import Vault
from edge.settings.settings import Settings

BATCH: Final = 100
"""Persons in one request."""
PATIENCE_S: Final = 60.0
DAY_MS: Final = 24 * 3600_000

T = TypeVar("T")


class Desk:
    """Whoever runs the box, and its members. Raises `edge.secrets.store_key.KeyLost`, `NotReached`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._box = settings.gateway
        self._path = self._box.data / "storekeeper.db"
        self.vault = Vault(store_key.of_store(store_key.path_of(self._box.data)))
        if not self._current():
            self._alone(Tx.beat)  # a journal of an earlier version gets its tables when it is opened
            if not self._current():
                raise NotReached(f"a gateway of an earlier version works on {self._box.data}: start the new one first")

    def _current(self) -> bool:
        reader = self.reader()
        try:
            return has_tables(reader, "person_numbers", "consents", "erased")
        finally:
            reader.close()

    def reader(self) -> Reader:
        """The tables."""
        return Reader(self._path)

    def persons_of(self, number: str) -> list[str]:
        """Everybody whose number this is, in E.164."""
        reader = self.reader()
        try:
            return persons_with_number(reader, self.vault.index(number))
        finally:
            reader.close()

    def erase(self, members: Sequence[str], *, patient: bool) -> Erasing:
        """Erase persons, each with the others that are the same one. Raises `Refusal`, `NotReached`, `JournalError`."""
        request = str(uuid.uuid4())

        def act(tx: Tx) -> Erasing:
            return erasure.ask_for(tx, members=members, patient=patient, request=request)

        done = self._alone(act)
        if done is None:
            body = {"members": list(members), "wait": patient, "request": request}
            done = msgspec.convert(self._ask("erase", body), Erasing)
        ErasureList(self._box.data).add(done.erased)
        return done

    def take_in(self, people: Sequence[Newcomer], source: str) -> int:
        """Import persons; how many were new. Raises as `erase`."""
        taken = 0
        for start in range(0, len(people), BATCH):
            batch = people[start : start + BATCH]
            found = self._alone(self._taking(batch, source))
            if found is None:
                body = {"source": source, "people": [_sent(each) for each in batch]}
                found = int(self._ask("import", body)["taken"])
            taken += found
        return taken

    def _taking(self, batch: Sequence[Newcomer], source: str) -> Callable[[Tx], int]:
        proof_ms = int(self._settings.members.proof_days * DAY_MS)
        return lambda tx: members.import_members(tx, people=batch, source=source, proof_ms=proof_ms)

    def _alone(self, decision: Callable[[Tx], T]) -> T | None:
        """What the decision gave; none where a gateway has the journal."""
        return asyncio.run(self._write(decision))

    async def _write(self, decision: Callable[[Tx], T]) -> T | None:
        try:
            journal = Journal(self._path, nouns_of(self._settings).all)
        except JournalBroken:
            raise
        except JournalError:
            return None
        try:
            return await journal.write(decision)
        finally:
            journal.close()

    def _ask(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        host, port = self._box.http.inside_address() or (self._box.http.host, self._box.http.port)
        host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {operator_token(self.vault)}"}
        line = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
        try:
            line.request("POST", f"/api/v1/members/{what}", json.dumps(body), headers)
            answer = line.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            where = f"{host}:{port}"
            raise NotReached(f"a gateway works on {self._box.data} but does not answer at {where}: {error}") from None
        finally:
            line.close()
        if said.get("code") in ("erase_waits", "customer_unknown"):
            raise Refusal(said["code"], **({"count": said["count"]} if "count" in said else {}))
        if answer.status >= 400:
            raise NotReached(f"the gateway refused: {said.get('title', answer.status)}")
        return said


def family_of(reader: Reader, member: str) -> list[str]:
    """Everybody who is this person."""
    return member_queries.family(reader, member)


def _sent(each: Newcomer) -> dict[str, Any]:
    phone = msgspec.to_builtins(each.phone)
    return {"phone": phone, "points": each.points, "card": each.card}
