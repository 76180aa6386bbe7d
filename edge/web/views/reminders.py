"""What a shopper is reminded of: what ends, begins or waits, what they were told, and which kinds they want."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

import msgspec

from edge.domain.coupons import wallet
from edge.domain.ledger import queries as ledger
from edge.domain.lockers.queries import rules_of
from edge.domain.members.facts import Reminder
from edge.domain.members.queries import is_reminded
from edge.web import moments
from edge.web.views import parcels as parcel_views
from words.languages import in_language
from words.money import format_money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.domain.coupons.rules import OwnedCoupon
    from edge.web.web import Web
    from words.languages import Language

AHEAD_MS: Final = 30 * moments.DAY_MS
"""What ends later is not said yet: points are told of 30 days before."""
MAX_REMINDERS: Final = 20
KINDS: Final[tuple[Reminder, ...]] = get_args(Reminder)


class ReminderLine(msgspec.Struct, frozen=True):
    """One thing that ends, begins or waits, or that somebody was told of."""

    icon: str
    title: str
    text: str
    href: str
    at_ms: int
    late: bool = False


class Kind(msgspec.Struct, frozen=True):
    """One kind of reminders, and whether the shopper wants it."""

    about: Reminder
    text: str
    on: bool


class Reminders:
    """Of one member, in their language."""

    def __init__(self, web: Web, member: str, language: Language, now_ms: int) -> None:
        self._web, self._member = web, member
        self._language, self._now = language, now_ms
        self._kept = wallet.wallet(web.reads, member, now_ms)
        self._lots = ledger.lots(web.reads, member, now_ms)

    def coming(self) -> list[ReminderLine]:
        """What ends, begins or waits, the soonest first."""
        found = [*self._coupons(), *self._points(), *self._parcels(), *self._fees()]
        return sorted(found, key=lambda each: each.at_ms)[:MAX_REMINDERS]

    def sent(self) -> list[ReminderLine]:
        """What they were told, the latest first."""
        return sorted([*self._told_coupons(), *self._told_points()], key=lambda each: -each.at_ms)[:MAX_REMINDERS]

    def kinds(self) -> list[Kind]:
        """What they may switch off."""
        hours = rules_of(self._web.reads).remind_ms // moments.HOUR_MS
        return [
            Kind(each, self._say(f"kind_{each}_do", hours=hours), is_reminded(self._web.reads, self._member, each))
            for each in KINDS
        ]

    def _coupons(self) -> Iterator[ReminderLine]:
        for kept in self._kept:
            if kept.state == "later" and kept.usable_from_ms > self._now:
                said = self._say("coupon_begins", when=self._moment(kept.usable_from_ms))
                yield self._coupon(kept, said, kept.usable_from_ms)
            elif kept.state in ("now", "later", "reserved") and self._ends_soon(kept.until_ms):
                yield self._coupon(kept, self._say("coupon_ends", when=self._end(kept.until_ms)), kept.until_ms or 0)

    def _points(self) -> Iterator[ReminderLine]:
        ends: dict[int, int] = {}
        for lot in self._lots:
            if lot.ends_ms is not None and self._ends_soon(lot.ends_ms):
                ends[lot.ends_ms] = ends.get(lot.ends_ms, 0) + lot.left
        for at, points in ends.items():
            said = self._say("points_end", when=self._end(at))
            yield ReminderLine("point", self._say("points", count=points), said, "/points", at)

    def _parcels(self) -> Iterator[ReminderLine]:
        found = parcel_views.parcels(self._web, self._member, self._now)
        banks = parcel_views.bank_names(self._web, self._language, found)
        for each in found:
            if not each.held or each.due_ms is None:
                continue
            late = each.state == "overdue"
            said = self._say("parcel_late" if late else "parcel_until", when=self._moment(each.due_ms))
            if each.reminded:
                said += " · " + self._say("parcel_told", count=each.reminded)
            title = self._say("parcel", door=each.door, bank=banks[each.bank])
            yield ReminderLine("lock", title, said, f"/t/{each.code}", each.due_ms, late)

    def _fees(self) -> Iterator[ReminderLine]:
        owed = ledger.owed(self._web.reads, self._member)
        if owed:
            money = format_money(owed, self._web.layout.store.currency, self._language)
            yield ReminderLine(
                "pay", self._say("fee", money=money), self._say("fee_do"), "/basket", self._now, late=True
            )

    def _told_coupons(self) -> Iterator[ReminderLine]:
        for kept in self._kept:
            for told in kept.told:
                said = self._say(f"told_{told.about}", when=self._moment(told.at_ms))
                yield self._coupon(kept, said, told.at_ms)

    def _told_points(self) -> Iterator[ReminderLine]:
        told: dict[int, int] = {}
        for lot in self._lots:
            if lot.told_ms is not None:
                told[lot.told_ms] = told.get(lot.told_ms, 0) + lot.left
        for at, points in told.items():
            said = self._say("told_ends", when=self._moment(at))
            yield ReminderLine("point", self._say("points", count=points), said, "/points", at)

    def _coupon(self, kept: OwnedCoupon, text: str, at_ms: int) -> ReminderLine:
        title = in_language(kept.of.look.title, self._language)
        return ReminderLine("wallet", title, text, f"/coupons/{kept.id}", at_ms)

    def _ends_soon(self, at_ms: int | None) -> bool:
        return at_ms is not None and at_ms - self._now < AHEAD_MS

    def _end(self, at_ms: int | None) -> str:
        """An end is the first moment at which a thing is over; the last that it is good is what people are told."""
        return self._moment((at_ms or 0) - 1)

    def _moment(self, at_ms: int) -> str:
        return moments.moment_in_words(self._web.texts, self._language, at_ms, self._now, self._web.layout.store.zone)

    def _say(self, key: str, **values: object) -> str:
        return self._web.texts.say(self._language, f"reminders.{key}", **values)
