"""Everything that the store holds of a person, in words and as data: what a shopper may see and download."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from edge.domain.members import queries as member_queries
from edge.domain.members.consent_texts import PURPOSES, Purpose
from edge.domain.members.rules import Consent, Hold
from edge.journal import Reader
from edge.secrets.vault import VaultError
from edge.settings.store_time import local
from edge.web.moments import now_ms
from edge.web.views import offers as offer_views
from edge.web.views import parcels as parcel_views
from edge.web.views.journal_lines import JournalLines

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from edge.domain.callers import Caller
    from edge.web.web import Web
    from words.languages import Language

BOTH: Final[tuple[Purpose, ...]] = ("service", "marketing")
_PEOPLE: Final = frozenset({"member", "kin", "owner", "by", "filler"})
"""Fields of facts that may name somebody."""
_DONE_BY: Final = ("grant", "parcel", "opening", "job", "link")
"""Fields by which a fact belongs to another one."""
_COUNTS: Final = {
    "scans": "scans WHERE visitor IN (SELECT browser FROM sessions WHERE member=?)",
    "rides": "grants WHERE member=?",
    "parcels": "parcels WHERE member=?",
    "coupons": "wallet WHERE member=?",
    "phones": "sessions WHERE member=?",
}
_AT_ONCE: Final = 1
"""One download after the other: each reads the whole journal."""


class PersonalData:
    """Reads what is held of one person and those who are the same."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._journal = JournalLines(web)
        self._one = asyncio.Semaphore(_AT_ONCE)

    def family(self, caller: Caller) -> list[str]:
        """The caller's persons, the one of this browser first."""
        found = member_queries.firm(self._web.reads, caller.member, now_ms())
        return sorted(found, key=lambda member: (member != caller.member, member))

    def number(self, member: str) -> str:
        """The person's number; empty where there is none, or its key is gone."""
        row = self._web.reads.one(
            "SELECT m.phone_sealed, k.wrapped FROM members m JOIN person_keys k ON k.subject=m.member WHERE m.member=?",
            member,
        )
        if row is None or not row["phone_sealed"]:
            return ""
        try:
            return self._web.vault.unseal(member, row["phone_sealed"], row["wrapped"])
        except VaultError:
            return ""

    def agreed(self, member: str) -> list[Consent]:
        """Where the person stands with each purpose."""
        return [member_queries.consent(self._web.reads, member, purpose) for purpose in BOTH]

    def holds(self, caller: Caller) -> tuple[Hold, ...]:
        """What has to end before the person can be erased."""
        return member_queries.holds(self._web.reads, self.family(caller))

    def asked_ms(self, caller: Caller) -> int | None:
        """Since when the person waits to be erased."""
        return member_queries.erasure_asked_ms(self._web.reads, self.family(caller))

    def counts(self, caller: Caller) -> dict[str, int]:
        """How much of what is held, for a page: scans, rides, parcels, coupons, phones."""
        found: Counter[str] = Counter()
        for member in self.family(caller):
            for name, question in _COUNTS.items():
                row = self._web.reads.one(f"SELECT count(*) FROM {question}", member)  # noqa: S608 - our own
                found[name] += row[0] if row else 0
        return dict(found)

    async def whole(self, caller: Caller, language: Language) -> dict[str, Any]:
        """Everything, as one document."""
        family = self.family(caller)
        async with self._one:
            rows = await asyncio.to_thread(_entries, self._web.journal_path, family)
        say = self._web.texts.say
        return {
            "about": say(language, "data.about"),
            "store": self._web.layout.store.name[language],
            "made_at": self._moment(now_ms()),
            "you": [self._person(member, language) for member in family],
            "agreed_to": [self._consent(member, state, language) for member in family for state in self.agreed(member)],
            "phones": self._phones(family),
            "here_now": self._now(caller, language),
            "what_happened": [self._happened(row, language, set(family)) for row in rows],
            "not_stored": say(language, "data.not_stored"),
        }

    def _person(self, member: str, language: str) -> dict[str, Any]:
        reads = self._web.reads
        row = reads.one("SELECT * FROM members WHERE member=?", member)
        card = reads.one("SELECT points, card FROM imported WHERE member=?", member)
        place = self._journal.name("touchpoint", row["touchpoint"], language) if row and row["touchpoint"] else None
        return {
            "id": member,
            "number": self.number(member),
            "since": self._moment(row["registered_ms"]) if row else None,
            "registered_at": place,
            "language": row["language"] if row else None,
            "taken_over_from_a_list": {"card_known": bool(card["card"]), "points": card["points"]} if card else None,
        }

    def _consent(self, member: str, state: Consent, language: str) -> dict[str, Any]:
        return {
            "id": member,
            "to": self._web.texts.say(language, f"data.{state.purpose}"),
            "given": state.given,
            "since": self._moment(state.since_ms) if state.since_ms else None,
            "version": state.version,
            "texts": [f"/{text}/{state.version}" for text, purpose in PURPOSES.items() if purpose == state.purpose],
        }

    def _moment(self, unix_ms: int | None) -> str | None:
        zone = self._web.layout.store.zone
        return local(unix_ms, zone).isoformat(timespec="seconds") if unix_ms else None

    def _phones(self, family: Sequence[str]) -> list[dict[str, Any]]:
        reads = self._web.reads
        rows = [row for member in family for row in reads.all("SELECT * FROM sessions WHERE member=?", member)]
        return [
            {"kind": row["agent"], "browser": row["browser"], "since": self._moment(row["opened_ms"])} for row in rows
        ]

    def _now(self, caller: Caller, language: Language) -> dict[str, Any]:
        now, name = now_ms(), self._journal.name
        kept = [each for each in parcel_views.parcels(self._web, caller.member, now) if each.held]
        saved = offer_views.wallet(self._web, caller.member, now)
        return {
            "carts": [name("cart", each.device, language) for each in self.holds(caller) if each.kind == "cart"],
            "lockers": [
                {"where": name("bank", each.bank, language), "door": each.door, "until": self._moment(each.due_ms)}
                for each in kept
            ],
            "coupons": [{"what": each.title[language], "state": each.state} for each in saved],
        }

    def _happened(self, row: sqlite3.Row, language: str, family: set[str]) -> dict[str, Any]:
        body = json.loads(row["body"])
        details = {
            name: self._web.texts.say(language, "data.other_person") if _another(name, value, family) else value
            for name, value in body.items()
            if name not in ("type", "phone_sealed", "phone_index")
        }
        return {
            "at": self._moment(row["wall_ms"]),
            "what": self._journal.sentence(
                language, row["type"], json.dumps({**details, "type": row["type"]}).encode()
            ),
            "kind": row["type"],
            "details": details,
        }


def masked(number: str) -> str:
    """`138****8000`: enough to tell one's own number, no more."""
    plain = number.removeprefix("+86")
    return f"{plain[:3]}****{plain[-4:]}" if len(plain) >= 8 else "****"


def _another(name: str, value: Any, family: set[str]) -> bool:
    # Ids of persons are UUIDs; "owner" or the name of staff is not.
    return name in _PEOPLE and isinstance(value, str) and len(value) == 36 and value not in family


def _entries(path: Path, family: Sequence[str]) -> list[sqlite3.Row]:
    """Every entry that names one of these, or belongs to one that does, in order. For a thread of its own."""
    reader = Reader(path)
    try:
        found = {row["sequence"]: row for row in _naming(reader, family)}
        theirs = {str(value) for row in found.values() for value in _belonging(row)}
        if theirs:
            asked = "json_extract(CAST(body AS TEXT), '$.{}') IN (SELECT value FROM ids)"
            where = " OR ".join(map(asked.format, _DONE_BY))
            sql = f"WITH ids(value) AS (SELECT value FROM json_each(?)) SELECT * FROM entries WHERE {where}"  # noqa: S608
            found |= {row["sequence"]: row for row in reader.all(sql, json.dumps(sorted(theirs)))}
        return [found[sequence] for sequence in sorted(found)]
    finally:
        reader.close()


def _naming(reader: Reader, family: Sequence[str]) -> list[sqlite3.Row]:
    return [
        row
        for member in family
        for row in reader.all("SELECT * FROM entries WHERE instr(CAST(body AS TEXT), ?)", f'"{member}"')
    ]


def _belonging(row: sqlite3.Row) -> list[str]:
    body = json.loads(row["body"])
    identity = row["id"].hex()
    own = f"{identity[:8]}-{identity[8:12]}-{identity[12:16]}-{identity[16:20]}-{identity[20:]}"
    return [own, *(body[name] for name in _DONE_BY if isinstance(body.get(name), str) and len(body[name]) >= 16)]
