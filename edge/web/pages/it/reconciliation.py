"""What the page `/it/reconciliation` shows: one day's books, and the days before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from edge.settings.store_time import local
from operations.diagnosis.books import report
from operations.diagnosis.books.report import Count, Difference, ReconciliationReport
from words.languages import in_language

if TYPE_CHECKING:
    from edge.web.web import Web

DAYS: Final = 14
ROWS: Final = 14
"""Types that have a line of their own; the rest is one line."""
MAX_DIFFERENCES: Final = 50
"""Differences that the page lists; the file has all."""


class FactTypeRow(msgspec.Struct, frozen=True):
    """One type of fact."""

    name: str
    type: str
    device: int | None
    store: int
    cloud: int | None
    equal: bool


class DifferenceRow(msgspec.Struct, frozen=True):
    """One difference, in words."""

    title: str
    sentence: str
    todo: str
    id: str
    type: str
    at: str


class DayBar(msgspec.Struct, frozen=True):
    """One of the last days."""

    day: str
    label: str
    differences: int | None
    """None where nobody compared."""


class ReconciliationView(msgspec.Struct, frozen=True):
    """The page."""

    found: ReconciliationReport
    ran_at: str
    lines: list[FactTypeRow]
    odds: list[DifferenceRow]
    more: int
    bars: list[DayBar]
    before: str | None
    """The day before this one of which there is a report."""


def reconciliation_view(web: Web, language: str, day: str | None) -> ReconciliationView | None:
    """The report of a day, or the newest; none where there is none."""
    data = web.settings.gateway.data
    days = report.days(data)
    found = report.read(data, day) if day else report.newest(data)
    if found is None:
        return None
    zone = web.layout.store.zone
    older = [each for each in days if each < found.day]
    return ReconciliationView(
        found=found,
        ran_at=local(found.at_ms, zone).strftime("%H:%M"),
        lines=_lines(web, language, found),
        odds=[_odd(web, language, each) for each in found.differences[:MAX_DIFFERENCES]],
        more=max(0, len(found.differences) - MAX_DIFFERENCES),
        bars=[_bar(web, each) for each in reversed(days[:DAYS])],
        before=older[0] if older else None,
    )


def _lines(web: Web, language: str, found: ReconciliationReport) -> list[FactTypeRow]:
    odd = [each for each in found.counts if not _agree(each)]
    even = [each for each in found.counts if _agree(each)]
    lines = [_line(web, language, each) for each in (odd + even)[:ROWS]]
    rest = (odd + even)[ROWS:]
    if rest:
        cloud = None if rest[0].cloud is None else sum(each.cloud or 0 for each in rest)
        all_of = Count("", None, sum(each.store for each in rest), cloud)
        name = web.texts.say(language, "it.books.rest", count=len(rest))
        lines.append(FactTypeRow(name, "", None, all_of.store, all_of.cloud, all(map(_agree, rest))))
    return lines


def _line(web: Web, language: str, count: Count) -> FactTypeRow:
    # A type without a word of its own goes by the sentence of one such fact, with dashes for what each says of itself.
    keys = f"it.fact.{count.type.rpartition('.v')[0]}", f"facts.{count.type}"
    name = next((web.texts.say(language, key) for key in keys if web.texts.has(key)), count.type)
    return FactTypeRow(name, count.type, count.device, count.store, count.cloud, _agree(count))


def _agree(count: Count) -> bool:
    return len({each for each in (count.device, count.store, count.cloud) if each is not None}) == 1


def _odd(web: Web, language: str, each: Difference) -> DifferenceRow:
    say, zone = web.texts.say, web.layout.store.zone
    place = f"#{each.sequence}" if each.sequence else ""
    device = web.layout.device(each.device)
    label = in_language(device.label, language, each.device) if device else each.device
    values = {"device": label, "type": each.type, "place": place, "id": each.id}
    return DifferenceRow(
        title=say(language, f"it.books.{each.kind}", **values),
        sentence=say(language, f"it.books.why.{each.kind}", **values),
        todo=say(language, f"it.books.do.{each.kind}", **values),
        id=each.id,
        type=" ".join(filter(None, (each.type, place, each.device))),
        at=local(each.at_ms, zone).strftime("%H:%M:%S") if each.at_ms else "",
    )


def _bar(web: Web, day: str) -> DayBar:
    found = report.read(web.settings.gateway.data, day)
    return DayBar(day, day[5:], len(found.differences) if found else None)
