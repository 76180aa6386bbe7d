"""Acts on members from the command line (`edge.cli.box`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from edge.bootstrap.nouns import nouns_of
from edge.cli.box import JournalTaken, alone, ask
from edge.domain.members import decisions as members
from edge.domain.members import erasure
from edge.domain.members import queries as member_queries
from edge.domain.members.rules import ErasureBlocker, ErasureResult, Newcomer
from edge.gateway.erasures import ErasureList
from edge.journal import Reader, Tx
from edge.journal.queries import has_tables, persons_with_number
from edge.secrets import store_key
from edge.secrets.vault import Vault
from edge.settings.settings import Settings
from operations.inside import NotReached

BATCH: Final = 100
"""Persons in one request."""
DAY_MS: Final = 24 * 3600_000

T = TypeVar("T")


class MemberDesk:
    """Whoever runs the box, and its members. Raises `edge.secrets.store_key.KeyLost`, `NotReached`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._box = settings.gateway
        self._path = self._box.data / "storekeeper.db"
        self.vault = Vault(store_key.of_store(store_key.path_of(self._box.data)))
        if not self._current():
            self._decide_alone(Tx.beat)  # a journal of an earlier version gets its tables when it is opened
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

    def persons_named(self, member: str) -> list[str]:
        """The person of that id, where there is one."""
        reader = self.reader()
        try:
            return [member] if member_queries.member(reader, member) is not None else []
        finally:
            reader.close()

    def erase(self, members: Sequence[str], *, patient: bool) -> ErasureResult:
        """Erase persons, each with the others that are the same one. Raises `Refusal`, `NotReached`, `JournalError`."""
        request = str(uuid.uuid4())

        def act(tx: Tx) -> ErasureResult:
            return erasure.request_erasure_for(tx, members=members, patient=patient, request=request)

        done = self._decide_alone(act) or self._erase_by_parts(members, patient=patient, request=request)
        ErasureList(self._box.data).add(done.erased)
        return done

    def _erase_by_parts(self, members: Sequence[str], *, patient: bool, request: str) -> ErasureResult:
        """Through the gateway that runs. Many may have typed one number, and shoppers wait behind each part."""
        erased: list[str] = []
        holds: list[ErasureBlocker] = []
        left = list(members)
        while left:
            body = {"members": left[:BATCH], "wait": patient, "request": request}
            done = msgspec.convert(self._ask("erase", body), ErasureResult)
            erased += done.erased
            holds += done.holds
            left = [member for member in left[BATCH:] if member not in done.erased]
        return ErasureResult(tuple(erased), tuple(holds))

    def take_in(self, people: Sequence[Newcomer], source: str) -> int:
        """Import persons; how many were new. Raises as `erase`."""
        taken = 0
        for start in range(0, len(people), BATCH):
            batch = people[start : start + BATCH]
            found = self._decide_alone(self._taking(batch, source))
            if found is None:
                body = {"source": source, "people": [_sent(each) for each in batch]}
                found = int(self._ask("import", body)["taken"])
            taken += found
        return taken

    def _taking(self, batch: Sequence[Newcomer], source: str) -> Callable[[Tx], int]:
        proof_ms = int(self._settings.members.proof_days * DAY_MS)
        return lambda tx: members.import_members(tx, people=batch, source=source, proof_ms=proof_ms)

    def _decide_alone(self, decision: Callable[[Tx], T]) -> T | None:
        """What the decision gave; none where a gateway has the journal."""
        try:
            return alone(self._path, nouns_of(self._settings).all, lambda journal: journal.write(decision))
        except JournalTaken:
            return None

    def _ask(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return ask(self._box, self.vault, f"/api/v1/members/{what}", body, ("erase_waits", "customer_unknown"))


def family_of(reader: Reader, member: str) -> list[str]:
    """Everybody who is this person and would be erased with them, itself first."""
    found = member_queries.firm(reader, member, reader.now)
    return sorted(found, key=lambda other: (other != member, other))


def _sent(each: Newcomer) -> dict[str, Any]:
    phone = msgspec.to_builtins(each.phone)
    return {"phone": phone, "points": each.points, "card": each.card}
