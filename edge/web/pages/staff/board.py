"""What the staff page shows, read from the tables: needs in order of urgency, printers, slips, carts, doors, acts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from edge.domain.carts import queries as cart_queries
from edge.domain.devices import queries as device_queries
from edge.domain.lockers import queries as locker_queries
from edge.domain.needs import LOOK, Need
from edge.domain.printing import rules as print_rules
from edge.domain.printing.queries import COUNTS, SUMS, printers, recent, revision_of
from edge.domain.printing.rules import ENDS, obstacle
from edge.domain.staff import queries as staff_queries
from edge.domain.staff import rules as staff_rules
from edge.domain.store import queries as store_queries
from edge.settings import store_time
from edge.web.moments import moment_in_words
from edge.web.pages.staff.action_request import ClosingNotes
from edge.web.pages.staff.actions import REASONED
from edge.web.pages.staff.parcels import ActOutcome, outcome_of, parcel_rows
from edge.web.pages.staff.reasons import helps
from edge.web.pages.staff.state import ActView, NeedCard, PrinterView, SelectOption, SlipView, StaffState
from words.languages import in_language
from words.money import format_money

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from edge.web.web import Web

SLIPS: Final = 12
RECENT: Final = 8
FRESH_MS: Final = 10 * 60_000
"""How long an act stands at the card that it was about."""

TONES: Final = {
    "printed": "ok", "queued": "wait", "printing": "wait", "held": "warn", "asked": "warn",
    "failed": "bad", "expired": "off", "dropped": "off",
}  # fmt: skip
"""How the state of a slip is painted."""


class StaffBoard:
    """Reads the staff page's state in one language."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._reads = self._web.reads
        self._layout = web.layout

    def state(self, language: str, now: int) -> StaffState:
        """Everything that moves."""
        acts = [self._act(language, row) for row in staff_queries.acts(self._reads, 30)]
        latest: dict[str, ActView] = {}
        for act in reversed(acts):
            if now - act.at_ms < FRESH_MS:
                latest[act.target] = act
        needs = self._web.needs.all(now)
        return StaffState(
            broker_ok=self._web.ready().broker,
            cards=[self._card(language, need, latest) for need in needs],
            printers=[self._printer(language, row) for row in printers(self._reads)],
            slips=[self._slip(language, row) for row in recent(self._reads, SLIPS)],
            acts=acts[:RECENT],
            carts=[self._cart(language, ride) for ride in cart_queries.rides(self._reads)],
            parcels=parcel_rows(
                self._reads,
                partial(self.say, language),
                partial(self.label, language),
                partial(format_money, currency=self._web.layout.store.currency, language=language),
                now,
                self._web.layout.store.zone,
            ),
        )

    def cards(self, language: str, now: int) -> list[NeedCard]:
        """What needs a hand, as the store page lists it."""
        return [self._card(language, need, {}) for need in self._web.needs.by_tables(now)]

    def doors(self, language: str) -> list[SelectOption]:
        """Every door of every bank, to be opened with a reason."""
        doors = [each.door for each in locker_queries.doors(self._reads)]
        return [
            SelectOption(
                f"{door.bank}/{door.door}",
                f"{self.label(language, door.bank)} · {door.door}",
                self.say(language, "staff.door_used") if door.parcel else "",
            )
            for door in doors
        ]

    def devices(self, language: str) -> list[SelectOption]:
        """Every device that may be taken out of use."""
        out = device_queries.taken_out(self._reads)
        things = [
            SelectOption(device, self.label(language, device))
            for device in sorted(self._layout.device_labels)
            if device not in out
        ]
        doors = [each.door for each in locker_queries.doors(self._reads) if each.door.out_of_order is None]
        return things + [
            SelectOption(f"{door.bank}/{door.door}", f"{self.label(language, door.bank)} · {door.door}")
            for door in doors
        ]

    def banks(self, language: str) -> list[SelectOption]:
        """Every bank that an order may be put into."""
        return self._of_kind(language, "locker")

    def printers(self, language: str) -> list[SelectOption]:
        """Every printer, to choose one."""
        return self._of_kind(language, "printer")

    def _of_kind(self, language: str, kind: str) -> list[SelectOption]:
        return [
            SelectOption(each.id, self.label(language, each.id)) for each in self._layout.devices if each.kind == kind
        ]

    def evening(self, now: int) -> ClosingNotes:
        """What the closing report says besides its figures: their names, and what still wants a hand."""
        zone = self._web.layout.store.zone
        names, spoken = [*COUNTS, *SUMS], self._web.layout.store.languages
        needs = [need for need in self._web.needs.all(now) if need.urgency < LOOK]
        day, from_ms, until_ms = day_to_close(now, zone)
        return ClosingNotes(
            day=day.isoformat(),
            from_ms=from_ms,
            until_ms=until_ms,
            labels={name: {language: self.say(language, f"closing.{name}") for language in spoken} for name in names},
            left=[{language: self._line(language, need) for language in spoken} for need in needs],
        )

    def _line(self, language: str, need: Need) -> str:
        card = self._card(language, need, {})
        return self.say(language, "closing.left", title=card.title, sentence=card.sentence)

    def cameras(self, language: str) -> list[SelectOption]:
        """Every scanner that there is; one without a picture will say so."""
        scanners = sorted(device.id for device in device_queries.devices(self._reads, "scanner"))
        return [SelectOption(scanner, self.label(language, scanner)) for scanner in scanners]

    def say(self, language: str, key: str, **values: Any) -> str:
        """A sentence."""
        return self._web.texts.say(language, key, **values)

    def label(self, language: str, device: str) -> str:
        """What staff call a device."""
        label = self._layout.device_labels.get(device) or self._layout.touchpoint_labels.get(device)
        return in_language(label, language) if label else device

    def _store(self, language: str) -> str:
        return self._web.layout.store.name[language]

    def _word(self, language: str, section: str, name: str | None) -> str:
        key = f"{section}.{name}"
        return self.say(language, key) if name and self._web.texts.has(key) else name or ""

    def _card(self, language: str, need: Need, latest: dict[str, ActView]) -> NeedCard:
        target = _target(need)
        details = {**need.details}
        if "slip" in details:
            details["slip"] = self._word(language, "slips", details["slip"])
        if "because" in details:
            details["because"] = self._word(language, "box", details["because"])
        if "reason" in details:
            given = need.kind in ("out_of_order", "door_out_of_order")
            details["reason"] = self._word(language, "why" if given else "hindrances", details["reason"])
        if "ready_ms" in details:
            at_ms, zone = details["ready_ms"], self._web.layout.store.zone
            details["when"] = moment_in_words(self._web.texts, language, at_ms, self._web.reads.now, zone)
        if "place" in details:
            details["where"] = self.say(language, "needs.bounds_at") if details["place"] else ""
        act = latest.get(target)
        job = need.details.get("job")
        return NeedCard(
            id=need.id,
            urgency=need.urgency,
            icon=self._layout.kind_of(need.device) or "staff",
            title=self._title(language, need),
            sentence=self._sentence(language, need.kind, details),
            since_ms=need.since_ms,
            action=need.action,
            target=target,
            shown=str(next((each for name in SHOWN if (each := need.details.get(name))), "")),
            verdicts=VERDICTS.get(need.action or "", ()),
            reasoned=need.action in REASONED,
            helps=helps(need, partial(self.say, language)),
            act=act if act and act.at_ms >= need.since_ms else None,
            preview=_preview(str(job), need.details["revision"]) if job else None,
        )

    def _title(self, language: str, need: Need) -> str:
        if need.kind in CALLS or (need.kind == "age_check" and need.details["zone"]):
            return self._place(language, need.details["zone"], need.details["touchpoint"])
        return self.label(language, need.device) if need.device else need.details.get("name", self._store(language))

    def _place(self, language: str, zone: str, touchpoint: str) -> str:
        """Where somebody waits: the zone, and the code that was scanned there."""
        zones, points = self._layout.zone_names, self._layout.touchpoint_labels
        names = [in_language(each, language) for each in (zones.get(zone), points.get(touchpoint)) if each]
        return " · ".join(names) or zone

    def _sentence(self, language: str, kind: str, details: dict[str, Any]) -> str:
        key = f"needs.{kind}"
        if not self._web.texts.has(key):
            return kind
        if "amount" in details:
            details["amount"] = format_money(details["amount"], self._web.layout.store.currency, language)
        if "port" in details:
            details["port"] = self._word(language, "pay", f"port_{details['port']}")
        sentence = self.say(language, key, **details)
        if details.get("fee"):
            owed = format_money(details["fee"], self._web.layout.store.currency, language)
            sentence += self.say(language, "needs.fee", amount=owed)
        if details.get("waiting"):
            sentence += self.say(language, "needs.waiting", waiting=details["waiting"])
        return sentence

    def _printer(self, language: str, row: print_rules.Printer) -> PrinterView:
        why = obstacle(row)
        state = msgspec.json.decode(row.state) if row.state else {}
        tone = {None: "ok", "offline": "off", "out_of_order": "off"}.get(why, "bad")
        if why is None and state.get("paper") == "low":
            why, tone = "paper_low", "warn"
        return PrinterView(
            id=row.device,
            label=self.label(language, row.device),
            tone=tone,
            word=self.say(language, f"hindrances.{why or 'ready'}"),
            waiting=row.waiting,
            out=bool(row.out),
        )

    def _slip(self, language: str, row: print_rules.PrintJob) -> SlipView:
        outcome = self._of_job(language, row)
        return SlipView(
            target=f"{row.job}/{row.revision}",
            job=self._job_name(language, row),
            kind=self._word(language, "slips", row.slip),
            printer=self.label(language, row.printer),
            tone=outcome.tone,
            word=outcome.word,
            at_ms=row.since_ms,
            ended=row.state in ENDS,
            waiting=row.state in ("queued", "held"),
            preview=_preview(row.job, row.revision),
        )

    def _job_name(self, language: str, row: print_rules.PrintJob) -> str:
        """What staff call a slip: its business id; a parcel's slip by its door."""
        values = row.values if row.slip == "locker" else {}
        if "at" in values:
            return f"{self.label(language, values['at'])} · {values['door']}"
        return str(row.job)

    def _of_job(self, language: str, row: print_rules.PrintJob) -> ActOutcome:
        word = self.say(language, f"staff.slip_{row.state}")
        if row.reason and row.state in ("held", "failed"):
            word += self.say(language, "staff.because", reason=self._word(language, "hindrances", row.reason))
        return ActOutcome(TONES[row.state], word)

    def _cart(self, language: str, ride: cart_queries.Ride) -> SelectOption:
        seen = cart_queries.zone_of(self._reads, ride.cart)
        zone = in_language(store_queries.zone_name(self._reads, seen), language) if seen else ""
        return SelectOption(ride.cart, self.label(language, ride.cart), zone, ride.grant)

    def _act(self, language: str, row: staff_rules.Act) -> ActView:
        thing, _, rest = row.target.partition("/")
        if row.action in ("take_call", "end_call"):
            thing, rest = self._place(language, thing, rest), ""
        rest = rest or self._door_of(row.ref)
        label = self.label(language, thing) + (f" · {rest}" if rest and thing in self._layout.device_labels else "")
        # A record of another build may hold an act that this one has no words for.
        key = f"acts.{row.action}"
        return ActView(
            id=row.request,
            name=row.name,
            sentence=self.say(language, key if self._web.texts.has(key) else "acts.other", target=label),
            reason=self._word(language, "why", row.reason),
            at_ms=row.at_ms,
            target=row.target,
            outcome=self._outcome(language, row.ref),
        )

    def _door_of(self, ref: str) -> str:
        """The door that an act was given, where it did not choose one."""
        kind, _, name = ref.partition(":")
        opening = locker_queries.opening(self._reads, name) if kind == "opening" else None
        return opening.door if opening else ""

    def _outcome(self, language: str, ref: str) -> ActOutcome:
        """How it ended, by what it brought about; an act that brought about nothing that ends later is done."""
        kind, _, name = ref.partition(":")
        if kind == "job":
            job, _, revision = name.rpartition("/")
            slip = revision_of(self._reads, job, int(revision))
            if slip is not None:
                return self._of_job(language, slip)
        if kind == "opening":
            reason = partial(self._word, language, "door_reasons")
            found = outcome_of(self._reads, partial(self.say, language), reason, name)
            if found is not None:
                return found
        return ActOutcome("ok", self.say(language, "staff.done"))


def day_to_close(now_ms: int, zone: ZoneInfo) -> tuple[date, int, int | None]:
    """The day of a closing report, its first moment, and its last where it is over: before `MORNING` it is the day
    before, as stores close late.
    """
    local = store_time.local(now_ms, zone)
    today = store_time.start_of(local.date(), zone)
    if local.hour >= MORNING:
        return local.date(), today, None
    before = local.date() - timedelta(days=1)
    return before, store_time.start_of(before, zone), today - 1


MORNING: Final = 4
"""The hour at which a store's evening is over."""
CALLS: Final = frozenset({"call", "call_taken"})
"""Needs that stand at a place, not at a device."""
SHOWN: Final = ("parcel", "ride", "call")
"""What a need is about where another may stand there by the time that somebody acts."""
VERDICTS: Final = {
    "settle_doubt": ("copy", "printed", "drop"), "answer": ("inside", "empty"), "settle_refund": ("returned", "absent"),
}  # fmt: skip
"""Actions that let the person choose between several things."""


def _target(need: Need) -> str:
    if need.action == "answer":
        return str(need.details["parcel"])
    if need.kind in CALLS:
        return str(need.details["place"])
    if need.action in ("note_box", "want_update"):
        return f"{need.details['subject']}/{need.details['about']}"
    if need.id.startswith(("payment/", "surplus/", "refund/")):
        return need.id.partition("/")[2]
    if "job" in need.details:
        return f"{need.details['job']}/{need.details['revision']}"
    return f"{need.device}/{need.details['door']}" if "door" in need.details else need.device


def _preview(job: str, revision: int) -> str:
    return f"/staff/slips/{job}/{revision}.png"
