"""What every page and every router shares: parts of the store, texts, cookies and templates."""

from __future__ import annotations

import gzip
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import HTMLResponse

from edge.domain.members import phones
from edge.domain.members import queries as member_queries
from edge.domain.members.rules import UNDO_MS
from edge.domain.touchpoints import code_text
from edge.errors import Refusal
from edge.gateway.till_orders import TillOrders
from edge.web import moments
from edge.web.access import Access
from edge.web.box_rehearsal import Rehearsals
from edge.web.box_watch import BoxWatch
from edge.web.cookies import Cookies
from edge.web.language import COOKIE, Texts, chosen, switches
from edge.web.metrics import Metrics
from edge.web.moments import now_ms
from edge.web.packing import takes_gzip
from edge.web.request_ids import new_request
from edge.web.views.cloud_queue import queue_of
from words import money
from words.sentences import set_close

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import HTTPConnection, Request

    from edge.domain.callers import Caller
    from edge.domain.touchpoints.codes import Touchpoint
    from edge.gateway.parts import Parts
    from words.languages import Language

PACKING: Final = 5
"""Half a millisecond for a page of 20 KB; the levels above save a percent."""
OWN_NEWS: Final = ("/link", "/staff")
"""Pages that tell it themselves, or are not the shopper's."""

OPTIONAL: Final[dict[str, Any]] = {
    "notice": None,
    "problem": None,
    "refused": None,
    "phone": "",
    "service": False,
    "marketing": False,
    "keep_form": None,
    "sent": None,
    "claims": None,
    "ticket": None,
    "member": None,
    "asked_ms": None,
    "guest": None,
    "go": None,
    "seen": None,
    "back": None,
    "to": "",
    "language_url": lambda language: f"?lang={language}",
}
"""What most pages leave out; every other name that a template misses is a mistake and raises."""


class Web:
    """What pages and routers may ask of the store: each part by itself. Made once by `edge.web.app`."""

    def __init__(self, parts: Parts, templates: Environment) -> None:
        self.templates = templates
        self.settings = parts.settings
        self.layout = parts.layout
        self.nouns = parts.nouns
        self.needs = parts.needs
        self.reads = parts.journal.reads
        self.journal_path = parts.journal.path
        self.decide = parts.decide
        self.feed = parts.feed
        self.vault = parts.vault
        self._add_shoppers(parts)
        self._add_devices(parts)
        self.texts = Texts.load(more=[noun.words for noun in self.nouns if noun.words])
        self.cookies = Cookies(parts.vault.derive("web sessions"), parts.people.sessions)
        self.access = Access(parts)
        self.box = BoxWatch(parts.settings.gateway.data)
        self.metrics = Metrics(parts, self.box, lambda: self.rehearsals.now is not None)
        self.rehearsals = Rehearsals(parts, self.metrics)

    def _add_shoppers(self, parts: Parts) -> None:
        """What serves shoppers and staff."""
        self.codes = parts.lookup.codes
        self.code_reader = parts.lookup.code_reader
        self.passes = parts.lookup.passes
        self.sessions = parts.people.sessions
        self.linking = parts.people.linking
        self.identities = parts.people.identities
        self.phone_verification = parts.people.phone_verification
        self.legal = parts.people.legal
        self.bounds = parts.people.bounds
        self.crowd = parts.people.crowd
        self.here = parts.people.here
        self.page_counts = parts.people.page_counts
        self.products = parts.lookup.products
        self.offering = parts.lookup.offering
        self.guide = parts.lookup.guide
        self.directions = parts.lookup.directions
        self.switch = parts.lookup.switch
        self.pricing = parts.pricing
        self.checkout = parts.checkout
        self.handover = parts.handover
        self.visits = parts.visits
        self.public_url = parts.devices.public_url
        self.till_orders = TillOrders(
            parts.decide, parts.journal.reads, parts.lookup.products, parts.pricing, parts.desk, parts.checkout
        )
        self.desk = parts.desk
        self.draws = parts.draws
        self.rounds = parts.rounds
        self.screen_guests = parts.screen_guests
        self.team = parts.people.team
        self.appoint = parts.appoint

    def _add_devices(self, parts: Parts) -> None:
        """What knows the devices, and what was asked of them."""
        self.devices = parts.devices.views
        self.playlists = parts.devices.playlists
        self.media = parts.devices.media
        self.content = parts.content
        self.snapshot = parts.devices.snapshot
        self.restart = parts.devices.restart
        self.has_light = parts.devices.has_light
        self.light = parts.devices.light
        self.ready = parts.ready
        self.pulse = parts.journal.pulse
        self.queue = partial(queue_of, parts.journal.reads, parts.settings.gateway.sync_status)
        self.certificate = parts.certificate
        self.workshop = parts.workshop
        self.outcomes = parts.devices.outcomes
        self.many = parts.many
        self.slips = parts.devices.slips
        self.recorder = parts.devices.recorder

    def caller(self, connection: HTTPConnection) -> Caller | None:
        """Whom this browser acts for; none where its session ended."""
        return self.cookies.caller(connection)

    def browser(self, connection: HTTPConnection) -> str | None:
        """The browser's own random name; none where it has none yet."""
        return self.cookies.browser(connection)

    def language(self, connection: HTTPConnection) -> Language:
        """What the caller reads."""
        return chosen(connection, self.layout.store.languages)

    def touchpoint(self, connection: HTTPConnection, code: str, ticket: str | None = None) -> Touchpoint:
        """What was scanned. A ticket from a page that this browser opened in time outlives the screen's live code."""
        if ticket:
            return self.codes.parse_ticket(ticket, self.browser(connection), now_ms())
        return self.codes.meant(code, now_ms())[1]

    def code(self, text: str, touchpoint: Touchpoint) -> str:
        """The code of the touchpoint as we write it, however it arrived.

        Raises `Refusal` code_unknown for none of its own: a ticket names the touchpoint, whatever the address says.
        """
        for code in code_text.candidates(text):
            if code.text.startswith(f"{touchpoint.id}."):
                return code.text
        raise Refusal("code_unknown", scanned=text)

    def address(self, request: HTTPConnection) -> str:
        """The address that phones reach, without a slash at its end: the setting, or how this caller reached us."""
        public = self.settings.gateway.public_url
        return (public or str(request.base_url)).rstrip("/")

    def secure(self, request: HTTPConnection) -> str | None:
        """This page's address by https; none where it came by https already, or where there is none."""
        if request.url.scheme == "https":
            return None
        address = self.certificate.address(request.url.hostname or "") or self.certificate.address()
        return f"{address}{request.url.path}" if address else None

    def _news_of_links(self, request: Request) -> list[str]:
        """How phones were let in that this phone's member must know of, for a day."""
        caller = self.caller(request)
        if caller is None or request.url.path.startswith(OWN_NEWS):
            return []
        rows = member_queries.notices(self.reads, caller.member, self.reads.now - UNDO_MS)
        return sorted({link.how for link in rows if link.parted_ms is None})

    def page(self, request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """One rendered page in the caller's language, never cached, with a policy that admits only its own script."""
        language = self.language(request)
        nonce = secrets.token_urlsafe(12)
        html = self.templates.get_template(template).render(
            request=request,
            language=language,
            switches=switches(self.layout.store.languages, language),
            price=lambda amount: money.price(amount, self.layout.store.currency, language),
            format_money=lambda amount: money.format_money(amount, self.layout.store.currency, language),
            format_plain=lambda value: money.format_plain(value, language),
            format_percent=lambda value: money.format_percent(value, language),
            format_number=lambda value, places: money.format_number(value, places, language),
            format_share=lambda share, places=0: money.format_share(share, places, language),
            format_bytes=lambda count: money.format_bytes(count, language),
            nonce=nonce,
            t=lambda key, **named: self.texts.say(language, key, **named),
            store=self.layout.store,
            new_request=new_request,
            here=request.url.path,
            when=lambda ms: moments.moment_in_words(self.texts, language, ms, self.reads.now, self.layout.store.zone),
            last=lambda ms: moments.last_moment(ms, self.layout.store.zone),
            told=self._news_of_links(request),
            secure=self.secure(request),
            phone_example=lambda: phones.example(self.layout.store.region),
            **{**OPTIONAL, **values},
        )
        headers = {
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Vary": "Accept-Language, Accept-Encoding, Cookie",
            "Content-Security-Policy": _policy(nonce),
        }
        body = set_close(language, html).encode()
        if takes_gzip(request):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, PACKING, mtime=0)
        response = HTMLResponse(body, status, headers)
        # A part of a page that is fetched again speaks as that page does, and chooses for no other.
        if request.query_params.get("lang") == language and "/_" not in template:
            response.set_cookie(COOKIE, language, max_age=31_536_000, path="/", samesite="lax", httponly=True)
        return response


def _policy(nonce: str) -> str:
    own = f"'self' 'nonce-{nonce}'"
    return (
        f"default-src 'self'; script-src {own}; style-src {own}; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )
