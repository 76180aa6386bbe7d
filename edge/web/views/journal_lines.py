"""The journal's entries as sentences that a person reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from edge.domain.staff import queries as staff_queries
from edge.journal import queries as journal_queries
from words.languages import in_language
from words.money import format_money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.journal import Entry
    from edge.web.web import Web


_DEVICES: Final = {"locker.scan_refused": "scanner", "locker.": "locker", "printing.": "printer"}
"""Of which kind of device a fact speaks, by how its type begins; of carts otherwise."""
_CODES: Final = {
    "reason": ("why.", "said."), "why": ("said.",), "by": ("said.",), "because": ("box.",), "level": ("points.level_",),
    "port": ("orders.by_",), "purpose": ("privacy.",),
}  # fmt: skip
"""Fields that hold a key of the words, and how such keys begin."""


class JournalLine(msgspec.Struct, frozen=True):
    """One entry of the journal."""

    sequence: int
    at: int
    """Unix time in milliseconds."""
    type: str
    noun: str
    """The first word of the type, for grouping."""
    sentence: str


class JournalLines:
    """Reads entries and says them. Names of zones, devices, codes and offers are those of the store's layout."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._reads = web.reads

    def _names(self, what: str) -> Mapping[str, Mapping[str, str]]:
        """What the things are called that a field of this name means."""
        layout = self._web.layout
        if what in ("device", "cart", "bank"):
            return layout.device_labels
        known = {"zone": "zone_names", "touchpoint": "touchpoint_labels", "coupon": "offers", "campaign": "offers"}
        return getattr(layout, known[what]) if what in known else {}

    def last(self) -> int:
        """The newest sequence; 0 in an empty journal."""
        return journal_queries.last_sequence(self._reads)

    def newest(self, language: str, limit: int) -> list[JournalLine]:
        """The newest entries, newest first."""
        return [self._line(language, entry) for entry in journal_queries.newest(self._reads, limit)]

    def after(self, language: str, sequence: int, limit: int) -> list[JournalLine]:
        """The entries that follow a position, oldest first."""
        return [self._line(language, entry) for entry in journal_queries.after(self._reads, sequence, limit)]

    def _line(self, language: str, entry: Entry) -> JournalLine:
        kind = entry.type
        return JournalLine(
            entry.sequence, entry.wall_ms, kind, kind.split(".")[0], self.sentence(language, kind, entry.body)
        )

    def name(self, what: str, value: str, language: str) -> str:
        """What people call a zone, a device, a code or a coupon."""
        names = self._names(what)
        # A coupon in a wallet is called by its campaign, and a number.
        found = names.get(value) or (names.get(value.partition(".")[0]) if what == "coupon" else None)
        return in_language(found, language) if found else value

    def sentence(self, language: str, kind: str, body: bytes) -> str:
        """What happened, in words. What cannot be read, or said, is named by its type."""
        try:
            return self._sentence(language, kind, json.loads(body))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return self._web.texts.say(language, "facts.other", type=kind)

    def _sentence(self, language: str, kind: str, fact: dict[str, Any]) -> str:
        texts = self._web.texts
        key = f"facts.{kind}"
        if not texts.has(key):
            return texts.say(language, "facts.other", type=kind)
        say = lambda name: texts.say(language, name)  # noqa: E731 - a short name for a long line
        values = {name: self._value(language, name, value, say) for name, value in fact.items() if name != "type"}
        if kind.startswith("points.") and texts.has(f"points.reason_{fact.get('reason')}"):
            values["reason"] = texts.say(language, f"points.reason_{fact['reason']}")
        elif "reason" in fact and not self._word("reason", fact["reason"]):
            device = next((each for start, each in _DEVICES.items() if kind.startswith(start)), "cart")
            values["reason"] = texts.reason(language, device, str(fact["reason"]))
        event = fact.get("event")
        if kind == "staff.acted.v1" and texts.has(f"acts.{fact.get('action')}"):
            values["action"] = texts.say(language, f"acts.{fact['action']}", target=self._target(language, fact))
            values["target"] = ""
        if isinstance(event, str) and texts.has(f"events.{event}"):
            values["event"] = texts.say(language, f"events.{event}")
        return texts.say(language, key, **values).rstrip()

    def _target(self, language: str, fact: dict[str, Any]) -> str:
        """What an act was about: a device by its label, a door by its number, a job by its name."""
        thing, _, rest = str(fact.get("target", "")).partition("/")
        label = self._web.layout.device_labels.get(thing)
        named = in_language(label, language) if label else thing
        return f"{named} · {rest}" if rest else named

    def _person(self, value: str) -> str:
        return staff_queries.name_of(self._reads, value.removeprefix("staff/")) or value

    def _value(self, language: str, name: str, value: Any, say: Callable[[str], str]) -> Any:
        if isinstance(value, str) and value in self._names(name):
            return in_language(self._names(name)[value], language)
        if name in ("member", "kin", "payment", "basket", "order", "refund"):
            # The end of a time-ordered id is its random part: short, and it tells shoppers apart.
            return str(value)[-6:]
        if word := self._word(name, value):
            return say(word)
        if name == "coupon" and isinstance(value, str):
            return self.name(name, value, language)
        if name in ("staff", "by") and isinstance(value, str):
            return self._person(value)
        return self._measured(language, name, value, say)

    def _word(self, name: str, value: Any) -> str:
        """The key of the words for what a fact holds as a code; empty where it is none."""
        return next((each for start in _CODES.get(name, ()) if self._web.texts.has(each := f"{start}{value}")), "")

    def _measured(self, language: str, name: str, value: Any, say: Callable[[str], str]) -> Any:
        """Money, and what a sensor shows."""
        if name in ("amount", "total") and isinstance(value, int):
            return format_money(value, self._web.layout.store.currency, language)
        if name in ("lock", "shut", "trouble") and value is not None:
            return say(f"store.{name}_{value}")
        if name == "docked" and value is not None:
            return say("store.docked_true" if value else "store.docked_false")
        if isinstance(value, dict) and "id" in value:
            named = value.get("name")  # a whole game or campaign: by what people call it
            return in_language(named, language) if isinstance(named, dict) else value["id"]
        return value
