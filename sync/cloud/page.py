"""The receiver's page: what a person at headquarters sees of each store."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import jinja2
import msgspec
from fastapi import Request, Response

from edge.domain.carts.facts import CartUnlocked
from edge.domain.coupons.facts import CouponClaimed, OfferClaimed
from edge.domain.members.facts import MemberRegistered
from edge.domain.orders.facts import OrderPaid
from edge.journal.entry import tag
from sync.cloud.store import CloudRegistration, Overview, StoreView, StreamView
from sync.cloud.texts import languages, texts, type_name
from words.languages import USUAL
from words.money import format_number, format_percent

POLICY: Final = (
    "default-src 'self' 'unsafe-inline'; img-src data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ONLINE_MS: Final = 25_000
"""A store that was heard of within this time counts as connected: it calls every ten seconds."""
MAX_STREAMS: Final = 12
"""So many of a store's streams are shown, the newest: each restore begins one."""


class StatusPage:
    """Renders an overview in the reader's language."""

    REGISTRATIONS: Final = 50
    """How many are listed."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )

    def render(self, request: Request, template: str, overview: Overview, now_ms: int) -> Response:
        """One template; 304 when the reader has the same already."""
        language = choose_language(request)
        view = _view(overview, language, now_ms)
        text = self._templates.get_template(template).render(
            t=texts(language),
            language=language,
            languages=languages(),
            grouped=lambda number: format_number(number, 0, language),
            percent=lambda number: format_percent(number, language),
            **view,
        )
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        headers = {
            "ETag": tag,
            "Cache-Control": "no-cache",
            "Content-Language": language,
            "Vary": "Accept-Language, Cookie",
            "Content-Security-Policy": POLICY,
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        answer = Response(text, media_type="text/html", headers=headers)
        if request.query_params.get("lang") in languages():
            answer.set_cookie("lang", language, max_age=31_536_000, samesite="lax")
        return answer


def choose_language(request: Request) -> str:
    """The language asked for, else the one chosen before, else the browser's, else Chinese."""
    for asked in (request.query_params.get("lang"), request.cookies.get("lang")):
        if asked in languages():
            return str(asked)
    for part in request.headers.get("accept-language", "").split(","):
        name = part.partition(";")[0].strip().lower()
        for language in languages():
            if name.startswith(language.partition("-")[0]):
                return language
    return USUAL[0]


class _Card(msgspec.Struct):
    id: str
    state: str
    contact: str
    received: int
    waiting: int
    percent: int
    """How much of the store's journal is here."""
    streams: list[StreamView]
    counts: list[tuple[str, int, int]]
    """Name, number, and its share of the largest in percent."""
    quarantined: int


def _view(overview: Overview, language: str, now_ms: int) -> dict[str, Any]:
    cards = [_card(store, language, now_ms) for store in overview.stores]
    totals: dict[str, int] = {}
    for store in overview.stores:
        for kind, number in store.counts.items():
            totals[kind] = totals.get(kind, 0) + number
    return {
        "cards": cards,
        "people": [_person(person, now_ms) for person in overview.registrations],
        "figures": [
            ("facts", sum(card.received for card in cards)),
            ("registrations", totals.get(tag(MemberRegistered), 0)),
            ("claims", sum(totals.get(tag(each), 0) for each in (OfferClaimed, CouponClaimed))),
            ("unlocks", totals.get(tag(CartUnlocked), 0)),
            ("orders", totals.get(tag(OrderPaid), 0)),
        ],
    }


def _card(store: StoreView, language: str, now_ms: int) -> _Card:
    current = store.streams[0]
    online = abs(now_ms - store.contact_ms) < ONLINE_MS
    most = max(store.counts.values(), default=1)
    by_number = sorted(store.counts.items(), key=lambda count: -count[1])
    return _Card(
        id=store.id,
        state="forked" if current.verdict == "fork" else "online" if online else "silent",
        contact=_moment(store.contact_ms, now_ms),
        received=sum(stream.count for stream in store.streams),
        waiting=max(0, current.last - current.cursor),
        percent=100 * current.cursor // max(1, current.last, current.cursor),
        streams=store.streams[:MAX_STREAMS],
        counts=[(type_name(kind, language), number, 100 * number // most) for kind, number in by_number],
        quarantined=store.quarantined,
    )


def _person(person: CloudRegistration, now_ms: int) -> dict[str, Any]:
    member = person.member.replace("-", "")[-8:]
    return {
        "key": f"{person.store}-{person.member}-{person.at_ms}",
        "at": _moment(person.at_ms, now_ms),
        "member": member,
        "hue": zlib.crc32(member.encode()) % 360,
        "store": person.store,
        "touchpoint": person.touchpoint,
        "language": languages().get(person.language, person.language),
        "consents": person.consents,
    }


def _moment(at_ms: int, now_ms: int) -> str:
    """A moment by this machine's clock and zone; the day is named only when it is not today. No calendar has some."""
    try:
        at, now = (datetime.fromtimestamp(ms / 1000).astimezone() for ms in (at_ms, now_ms))
    except (ValueError, OverflowError, OSError):
        return "—"
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M:%S}"
