"""Everything that the store holds of a person, in words and as data: what a shopper may see and download."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from device_drivers.contract.wire import too_deep
from edge.domain.baskets import queries as basket_queries
from edge.domain.carts import queries as cart_queries
from edge.domain.coupons import queries as coupon_queries
from edge.domain.games import queries as game_queries
from edge.domain.ledger import promoting
from edge.domain.ledger import queries as ledger_queries
from edge.domain.lockers import queries as locker_queries
from edge.domain.members import birthdays
from edge.domain.members import queries as member_queries
from edge.domain.members.consent_texts import PURPOSES, Purpose
from edge.domain.members.rules import Consent, ErasureBlocker
from edge.domain.orders import queries as order_queries
from edge.domain.payments import queries as payment_queries
from edge.journal import Entry, Reader
from edge.journal.queries import entries_about, fields_of
from edge.secrets.vault import VaultError
from edge.settings.store_time import local
from edge.web.views import offers as offer_views
from edge.web.views import parcels as parcel_views
from edge.web.views.journal_lines import JournalLines

if TYPE_CHECKING:
    from pathlib import Path

    from edge.domain.callers import Caller
    from edge.web.web import Web
    from words.languages import Language

BOTH: Final[tuple[Purpose, ...]] = ("service", "marketing")
_PEOPLE: Final = frozenset({"member", "kin", "owner", "by", "filler", "players"})
"""Fields of facts that may name somebody."""
DEEPEST: Final = 32
"""Deeper no fact of ours is nested; of one that is, the download has the type."""
_MOST_ORDERS: Final = 10_000
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
        found = member_queries.firm(self._web.reads, caller.member, self._web.reads.now)
        return sorted(found, key=lambda member: (member != caller.member, member))

    def number(self, member: str) -> str:
        """The person's number; empty where there is none, or its key is gone."""
        number = member_queries.number_of(self._web.reads, member)
        try:
            return self._web.vault.unseal(member, number.sealed, number.wrapped) if number else ""
        except VaultError:
            return ""

    def agreed(self, member: str) -> list[Consent]:
        """Where the person stands with each purpose."""
        return [member_queries.consent(self._web.reads, member, purpose) for purpose in BOTH]

    def holds(self, caller: Caller) -> tuple[ErasureBlocker, ...]:
        """What has to end before the person can be erased."""
        return member_queries.holds(self._web.reads, self.family(caller))

    def asked_ms(self, caller: Caller) -> int | None:
        """Since when the person waits to be erased."""
        return member_queries.erasure_asked_ms(self._web.reads, self.family(caller))

    def counts(self, caller: Caller) -> dict[str, int]:
        """How much of what is held, for a page: scans, rides, parcels, coupons, phones."""
        reads, found = self._web.reads, Counter[str]()
        for member in self.family(caller):
            found["scans"] += member_queries.scans_of(reads, member)
            found["rides"] += cart_queries.count_of(reads, member)
            found["parcels"] += locker_queries.count_of(reads, member)
            found["coupons"] += coupon_queries.count_of(reads, member)
            found["phones"] += len(member_queries.phones_of(reads, member))
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
            "made_at": self._moment(self._web.reads.now),
            "you": [self._person(member, language) for member in family],
            "agreed_to": [self._consent(member, state, language) for member in family for state in self.agreed(member)],
            "phones": self._phones(family),
            "here_now": self._now(caller, language),
            "orders": self._orders(caller, set(family)),
            "payments": [payment for member in family for payment in self._payments(member)],
            "games": [play for member in family for play in self._games(member, language)],
            "what_happened": [self._happened(row, language, set(family)) for row in rows],
            "not_stored": say(language, "data.not_stored"),
        }

    def _person(self, member: str, language: str) -> dict[str, Any]:
        found = member_queries.member(self._web.reads, member)
        place = self._journal.name("touchpoint", found.touchpoint, language) if found and found.touchpoint else None
        listed = found if found is not None and found.points is not None else None
        return {
            "id": member,
            "number": self.number(member),
            "also_known_by": member_queries.alias_kinds(self._web.reads, member),
            "not_reminded_of": member_queries.switched_off(self._web.reads, member),
            "birthday": birthdays.birthday(self._web.reads, member) or None,
            "tags": [msgspec.to_builtins(each) for each in member_queries.tags_of(self._web.reads, member)],
            "since": self._moment(found.registered_ms) if found else None,
            "registered_at": place,
            "brought_by": self._brought(member, language),
            "language": found.language if found else None,
            "taken_over_from_a_list": {"card_known": bool(listed.card), "points": listed.points} if listed else None,
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
        phones = [phone for member in family for phone in member_queries.phones_of(self._web.reads, member)]
        return [
            {"kind": phone.agent, "browser": phone.browser, "since": self._moment(phone.opened_ms)} for phone in phones
        ]

    def _now(self, caller: Caller, language: Language) -> dict[str, Any]:
        now, name = self._web.reads.now, self._journal.name
        kept = [each for each in parcel_views.parcels(self._web, caller.member, now) if each.held]
        baskets = basket_queries.all_of_member(self._web.reads, caller.member)
        held = [basket for name in baskets if (basket := basket_queries.now(self._web.reads, name)) is not None]
        saved = offer_views.wallet(self._web, caller.member, now)
        return {
            "carts": [name("cart", each.device, language) for each in self.holds(caller) if each.kind == "cart"],
            "lockers": [
                {"where": name("bank", each.bank, language), "door": each.door, "until": self._moment(each.due_ms)}
                for each in kept
            ],
            "basket": [{"what": each.gtin, "pieces": each.quantity} for basket in held for each in basket.lines],
            "coupons": [{"what": each.look.title[language], "state": each.state} for each in saved],
            "points": ledger_queries.balance(self._web.reads, caller.member, now).points,
            "level": ledger_queries.level(self._web.reads, caller.member),
            "late_fees": ledger_queries.owed(self._web.reads, caller.member),
        }

    def _orders(self, caller: Caller, family: set[str]) -> list[dict[str, Any]]:
        found = order_queries.of_member(self._web.reads, caller.member, _MOST_ORDERS)
        return [
            {"number": each.number, "at": self._moment(each.at_ms), "total": each.paid.total, "state": each.state}
            for each in found
            if each.member in family
        ]

    def _payments(self, member: str) -> list[dict[str, Any]]:
        found = payment_queries.of_member(self._web.reads, member)
        return [
            {"at": self._moment(each.asked_ms), "amount": each.amount, "currency": each.currency, "state": each.state}
            | {"by": each.port, "way": each.way, "reference": each.reference}
            for each in found
        ]

    def _games(self, member: str, language: str) -> list[dict[str, Any]]:
        """Without those with whom somebody played."""
        return [
            {"game": each.game, "at": self._moment(each.played_ms), "prize": each.prize, "points": each.points}
            | {"coupon": self._journal.name("coupon", each.coupon, language) if each.coupon else ""}
            for each in game_queries.plays_of(self._web.reads, member)
        ]

    def _brought(self, member: str, language: str) -> dict[str, Any] | None:
        came = promoting.came_by(self._web.reads, member)
        if came is None:
            return None
        promoter, touchpoint, at_ms = came
        place = self._journal.name("touchpoint", touchpoint, language)
        return {"promoter": promoter, "at": place, "since": self._moment(at_ms)}

    def _happened(self, entry: Entry, language: str, family: set[str]) -> dict[str, Any]:
        details = details_of(entry, family, self._web.texts.say(language, "data.other_person"))
        return {
            "at": self._moment(entry.wall_ms),
            "what": self._journal.sentence(language, entry.type, json.dumps({**details, "type": entry.type}).encode()),
            "kind": entry.type,
            "details": details,
        }


def masked(number: str) -> str:
    """`138****8000`: enough to tell one's own number, no more."""
    plain = number.removeprefix("+86")
    return f"{plain[:3]}****{plain[-4:]}" if len(plain) >= 8 else "****"


def details_of(entry: Entry, family: set[str], other: str) -> dict[str, Any]:
    """What a fact says, as far as it can be read, and names nobody but this family."""
    body = {} if too_deep(entry.body, DEEPEST) else fields_of(entry)
    return {
        name: without_others(name, value, family, other)
        for name, value in body.items()
        if name not in ("type", "phone_sealed", "phone_index")
    }


def without_others(name: str, value: Any, family: set[str], other: str) -> Any:
    """A field of a fact with `other` in the place of everybody who is not of the family."""
    if isinstance(value, dict):
        return {inner: without_others(inner, each, family, other) for inner, each in value.items()}
    if isinstance(value, list):
        return [without_others(name, each, family, other) for each in value]
    # Ids of persons are UUIDs; "owner" or the name of staff is not.
    another = name in _PEOPLE and isinstance(value, str) and len(value) == 36 and value not in family
    return other if another else value


def _entries(path: Path, family: Sequence[str]) -> list[Entry]:
    """Every entry that names one of these, or belongs to one that does. For a thread of its own."""
    reader = Reader(path)
    try:
        return entries_about(reader, family)
    finally:
        reader.close()
