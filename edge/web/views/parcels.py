"""Lockers as pages show them: the doors of a bank, a member's parcels with their codes, and how an opening goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from device_drivers.contract.answers.lockers import Fee
from edge.domain import serving
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import serving as locker_serving
from edge.domain.lockers.queries import DoorNow, DoorStage, OpeningProgress
from edge.domain.lockers.rules import HELD, HOUR_MS, Parcel, Size, fee, fits, is_broken
from edge.domain.printing.rules import ENDS
from edge.web.moments import moment_in_words
from edge.web.views.grants import HOPELESS, FailureWords, failure_sentence
from words.money import format_money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.domain.lockers.code_entry import DoorContent
    from edge.web.language import Texts
    from edge.web.web import Web

DoorState = Literal["free", "used", "open", "jammed", "dead", "overdue", "out"]
STEPS: Final = ("asked", "sent", "open", "closed")
"""The steps that a shopper sees; `unsure`, `back` and `failed` end on one of them."""
COLLECTABLE: Final = frozenset((*HELD, "emptied", "taking"))


class DoorView(msgspec.Struct, frozen=True):
    """One door as a page paints it."""

    name: str
    size: Size
    low: bool
    state: DoorState
    mine: bool = False


class ParcelView(msgspec.Struct, frozen=True):
    """A member's own parcel, with what opens its door. Times in Unix milliseconds, money in the smallest unit."""

    id: str
    bank: str
    door: str
    state: str
    order: str | None
    digits: str
    code: str
    """What its QR holds, below `/t/`."""
    due_ms: int | None
    fee: int
    reminded: int
    again: bool
    """Whether whoever closed the door may open it once more."""
    shared_digits: str | None = None
    shared_code: str | None = None
    slip: str | None = None
    """Where its slip stands: the state of the print job; none where there is no slip."""
    slip_printer: str | None = None

    @property
    def due(self) -> datetime | None:
        return datetime.fromtimestamp(self.due_ms / 1000, UTC) if self.due_ms else None

    @property
    def has_slip(self) -> bool:
        """Whether its slip is printed, or on its way."""
        return self.slip == "printed" or (self.slip is not None and self.slip not in ENDS)

    @property
    def held(self) -> bool:
        """Whether it lies behind its door."""
        return self.state in HELD


class DoorProgress(msgspec.Struct, frozen=True):
    """Where an opening stands; the whole state each time."""

    opening: str
    bank: str
    door: str
    why: str
    """`fill`, `take`, `clear` or `inspect`."""
    stage: DoorStage
    done: bool
    """Whether nothing more will follow by itself."""
    sentence: str
    parcel: str | None = None
    advice: str | None = None
    hop: str | None = None
    reason: str | None = None


def doors(web: Web, bank: str, member: str | None = None) -> list[DoorView]:
    """The doors of a bank, in their order. A bank that cannot serve has no free ones."""
    spot = locker_serving.spot(web.reads, bank, web.reads.now)
    why = spot.why if spot else None
    mine = {each.parcel for each in locker_queries.parcels_of(web.reads, member)} if member else set()
    return [
        DoorView(each.door.door, each.door.size, bool(each.door.low), _state(each, why), mine=each.door.parcel in mine)
        for each in locker_queries.doors(web.reads, bank)
    ]


def _state(row: DoorNow, why: serving.Obstacle | None) -> DoorState:
    """What staff must see first wins."""
    state = _own_state(row)
    if state == "free" and why in serving.BROKEN:
        return "out" if why == "out_of_order" else "dead"
    return state


def _own_state(now: DoorNow) -> DoorState:
    door = now.door
    if "jammed" in (door.lock, door.fault):
        return "jammed"
    if door.shut == "open":
        return "open"
    if now.state == "overdue":
        return "overdue"
    if door.parcel is not None or door.occupied:
        return "used"
    if door.out_of_order or now.held:
        return "out"
    return "dead" if is_broken(door) else "free"


def free_doors_by_size(shown: list[DoorView]) -> dict[str, int]:
    """How many free doors take a parcel of each size."""
    free = [door.size for door in shown if door.state == "free"]
    return {size: sum(fits(door, size) for door in free) for size in ("S", "M", "L")}


def parcels(web: Web, member: str, now: int) -> list[ParcelView]:
    """What a member has in the store's banks, the newest first."""
    rows = locker_queries.parcels_of(web.reads, member)
    return [_parcel(web, row, now) for row in rows]


def bank_names(web: Web, language: str, parcels: Iterable[ParcelView]) -> dict[str, str]:
    """What the store's banks are called. One that is gone, with the door of one of these parcels, has its id."""
    gone = {each.bank: each.bank for each in parcels}
    return gone | {each.id: each.label[language] for each in web.layout.devices if each.kind == "locker"}


def _parcel(web: Web, row: Parcel, now: int) -> ParcelView:
    rules, codes = locker_queries.rules_of(web.reads), web.codes
    shared = locker_queries.shared_seed(web.reads, row.parcel)
    slip = locker_queries.slip_of(web.reads, row.parcel)
    fresh = now - row.changed_ms <= rules.grace_ms
    return ParcelView(
        id=row.parcel,
        bank=row.bank,
        door=row.door,
        state=row.state,
        order=row.order_ref,
        digits=codes.digits(row.seed),
        code=codes.collect(row.bank, row.seed),
        due_ms=row.due_ms,
        fee=fee(rules, row.quoted_fee, row.due_ms, now),
        reminded=row.reminded,
        again=fresh and row.state in ("kept", "unsure") and row.filler is None,
        shared_digits=codes.digits(shared) if shared else None,
        shared_code=codes.collect(row.bank, shared) if shared else None,
        slip=slip.state if slip else None,
        slip_printer=slip.printer if slip else None,
    )


def fee_of(web: Web, language: str, behind: DoorContent) -> Fee:
    """What is due before a door opens, as a screen says it."""
    return Fee(behind.fee, format_money(behind.fee, web.layout.store.currency, language), behind.door, behind.size)


def parcel_of_code(web: Web, seed: str) -> Parcel | None:
    """The parcel that a collect code opens, while it can be collected."""
    found = locker_queries.parcel_of_code(web.reads, seed)
    return found if found is not None and found.state in COLLECTABLE else None


def late_fee(web: Web, row: Parcel) -> int:
    """What collecting it now costs; nothing once its door was opened for that."""
    due = row.due_ms if row.state in HELD else None
    return fee(locker_queries.rules_of(web.reads), row.quoted_fee, due, web.reads.now)


def progress(web: Web, texts: Texts, language: str, opening: str) -> DoorProgress | None:
    """How far an opening has come, in the reader's language. Its id is 74 random bits: who has it may look."""
    row = web.outcomes.progress(opening)
    if not isinstance(row, OpeningProgress):
        return None
    stage = row.stage
    values: dict[str, Any] = {"door": row.door}
    advice = None
    if stage == "failed":
        sentence, advice = _failure(texts, language, row)
    else:
        key = f"locker.say_{row.why}_{stage}"
        sentence = texts.say(language, key if texts.has(key) else f"locker.say_{stage}", **values)
    return DoorProgress(
        opening=opening,
        bank=row.device,
        door=row.door,
        why=row.why,
        stage=stage,
        done=stage in ("closed", "back", "failed", "unsure"),
        sentence=sentence,
        parcel=row.parcel,
        advice=advice,
        hop=row.hop,
        reason=row.reason,
    )


WORDS: Final = FailureWords(
    hops="locker.hop_",
    reasons="door_reasons.",
    said=HOPELESS | {"already", "busy", "expired", "late", "no_reply", "offline", "stale_fence", "gateway_restarted"},
)


def _failure(texts: Texts, language: str, row: OpeningProgress) -> tuple[str, str]:
    """Which hop failed and why, and what to do about it. A deposit gets another door by itself."""
    sentence = failure_sentence(texts, language, WORDS, row.hop, row.reason, door=row.door)
    if row.why == "fill":
        return sentence, texts.say(language, "locker.advice_fill")
    return sentence, texts.say(language, "locker.advice_staff" if row.reason in HOPELESS else "locker.advice_take")


def terms(web: Web, language: str, now: int) -> dict[str, str]:
    """What a deposit costs, how long it may lie, and what happens then: said before anything is asked."""
    rules, store = locker_queries.rules_of(web.reads), web.layout.store
    money = partial(format_money, currency=store.currency, language=language)
    say, hours = partial(web.texts.say, language), round(rules.due_ms / HOUR_MS)
    late = "terms_late" if not rules.fee else "terms_late_most" if rules.fee_most else "terms_late_fee"
    return {
        "free": say("locker.terms_free", hours=hours),
        "late": say(f"locker.{late}", fee=money(rules.fee), most=money(rules.fee_most)),
        "until": say(
            "locker.terms_until", when=moment_in_words(web.texts, language, now + rules.due_ms, now, store.zone)
        ),
        "remind": say("locker.terms_remind", hours=max(1, round(rules.remind_ms / HOUR_MS))),
        "pay": say("locker.terms_pay" if rules.fee else "locker.terms_pay_none"),
        "key": say("locker.begin_for", hours=hours),
    }
