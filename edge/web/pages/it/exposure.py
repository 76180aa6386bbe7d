"""`/it/exposure`: who was shown where, when and for how long, by what screens proved; and what looks at them found."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from edge.domain.displays import queries
from edge.domain.displays.queries import GROUPS, USUAL, By, Exposure
from edge.domain.displays.sheet import csv_of, hour_of, length
from edge.web.audience import OPERATOR, audience
from edge.web.problems import Problem
from edge.web.views.playlists import brand_names, items_in_words, playlist_name
from words.languages import in_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.web.web import Web
    from words.languages import Language

DAYS: Final = 7
MAX_ROWS: Final = 300
"""Lines of the page; the sheet has all."""

Day = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Cut = Annotated[list[By] | None, Query(max_length=len(GROUPS))]


class Span(msgspec.Struct, frozen=True):
    """Whole days in the store's own time."""

    first: date
    last: date
    from_ms: int
    to_ms: int


def add(routes: APIRouter, web: Web) -> None:
    """Its addresses."""
    page = ExposurePage(web)
    routes.add_api_route("/exposure", page.show, methods=["GET"])
    routes.add_api_route("/exposure.csv", page.sheet, methods=["GET"])


class ExposurePage:
    """Everything below `/it/exposure`."""

    def __init__(self, web: Web) -> None:
        self._web = web

    @audience(OPERATOR)
    async def show(self, request: Request, first: Day = "", last: Day = "", by: Cut = None) -> Response:
        """The report as a page."""
        web, language = self._web, self._web.language(request)
        span, cut = self._span(first, last), _cut(by)
        found = queries.exposure(web.reads, span.from_ms, span.to_ms, cut, web.layout.store.zone)
        person = web.access.who(request)
        screens = {each.id: in_language(each.label, language, each.id) for each in web.layout.devices}
        return web.page(
            request,
            "it/exposure.html",
            person=person.name if person else "",
            span=span,
            cut=cut,
            groups=tuple(GROUPS),
            lines=list(self._lines(language, found[:MAX_ROWS], cut, screens)),
            more=max(0, len(found) - MAX_ROWS),
            total=sum(each.shown_ms for each in found),
            longest=max((each.shown_ms for each in found), default=1),
            length=length,
            query=request.url.query,
            looks=[
                (screens.get(each.screen, each.screen), each)
                for each in queries.spot_check_results(web.reads, web.reads.now)
            ],
        )

    @audience(OPERATOR)
    async def sheet(self, first: Day = "", last: Day = "", by: Cut = None) -> Response:
        """The same whole, as a sheet."""
        span, cut = self._span(first, last), _cut(by)
        found = queries.exposure(self._web.reads, span.from_ms, span.to_ms, cut, self._web.layout.store.zone)
        name = f"screens-{span.first}-{span.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(csv_of(found, cut, self._hour), 200, headers, "text/csv; charset=utf-8")

    def _lines(
        self, language: Language, found: Sequence[Exposure], cut: tuple[By, ...], screens: dict[str, str]
    ) -> Iterator[tuple[list[str], Exposure]]:
        """Each with its names; what is not in the store any more goes by its id."""
        zones = {each.id: in_language(each.name, language, each.id) for each in self._web.layout.zones}
        items, brands = items_in_words(self._web, language), brand_names(self._web, language)
        for each in found:
            said = {
                "owner": brands.get(each.owner, each.owner),
                "playlist": playlist_name(self._web, each.playlist, language),
                "item": items.get((each.playlist, each.item), each.item),
                "screen": screens.get(each.screen, each.screen),
                "zone": zones.get(each.zone, each.zone),
                "hour": self._hour(each.hour_ms),
            }
            yield [said[name] or "–" for name in cut], each

    def _hour(self, hour_ms: int) -> str:
        return hour_of(hour_ms, self._web.layout.store.zone)

    def _span(self, first: str, last: str) -> Span:
        zone = self._web.layout.store.zone
        try:
            end = date.fromisoformat(last) if last else datetime.now(UTC).astimezone(zone).date()
            begin = date.fromisoformat(first) if first else end - timedelta(days=DAYS - 1)
            after = end + timedelta(days=1)
            edges = [datetime(each.year, each.month, each.day, tzinfo=zone) for each in (begin, after)]
            from_ms, to_ms = (int(each.timestamp() * 1000) for each in edges)
        except (ValueError, OverflowError):
            raise Problem("bad_request", field="first") from None
        if begin > end:
            raise Problem("bad_request", field="last")
        return Span(begin, end, from_ms, to_ms)


def _cut(by: list[By] | None) -> tuple[By, ...]:
    return tuple(name for name in GROUPS if name in (by or USUAL))
