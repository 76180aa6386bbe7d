"""What every page and every router shares: the gateway, the texts, the cookies, the templates and the static files."""

from __future__ import annotations

import gzip
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import HTMLResponse

from edge.domain.members import families, joining
from edge.domain.touchpoints import code_text
from edge.errors import Refusal
from edge.web import moments
from edge.web.language import COOKIE, chosen, other
from edge.web.own import own
from edge.web.problems import Problem

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import HTTPConnection, Request

    from edge.domain.callers import Caller
    from edge.domain.touchpoints.touchpoints import Touchpoint
    from edge.gateway.gateway import Gateway
    from edge.web.assets import Assets
    from edge.web.language import Texts
    from edge.web.session import Sessions
    from words.languages import Language


BAR: Final = (
    ("scan", "/scan"),
    ("wallet", "/wallet"),
    ("code", "/wallet/code"),
    ("help", "/help"),
    ("me", "/me"),
)
"""What stands at the foot of every shopper's page: the picture's name, and where it leads."""

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
}
"""What most pages leave out; every other name that a template misses is a mistake and raises."""


@dataclass(frozen=True, slots=True)
class Front:
    """The shared parts of the web front; made once by `create_app`."""

    gateway: Gateway
    texts: Texts
    sessions: Sessions
    templates: Environment
    assets: Assets

    def caller(self, connection: HTTPConnection) -> Caller | None:
        """Whom this browser acts for; none where its session ended."""
        return self.sessions.caller(connection)

    def browser(self, connection: HTTPConnection) -> str | None:
        """The browser's own random name; none where it has none yet."""
        return self.sessions.browser(connection)

    def language(self, connection: HTTPConnection) -> Language:
        """What the caller reads."""
        return chosen(connection)

    def touchpoint(self, code: str, ticket: str | None = None, browser: str | None = None) -> Touchpoint:
        """What was scanned. A ticket from a page that this browser opened in time outlives the screen's live code."""
        if ticket:
            return self.gateway.codes.parse_ticket(ticket, browser, now_ms())
        return self.gateway.codes.meant(code, now_ms())[1]

    def code(self, text: str, touchpoint: Touchpoint) -> str:
        """The code of the touchpoint as we write it, however it arrived."""
        found = (code.text for code in code_text.candidates(text) if code.text.startswith(f"{touchpoint.id}."))
        return next(found, text)

    def address(self, request: HTTPConnection) -> str:
        """The address that phones reach, without a slash at its end: the setting, or how this caller reached us."""
        public = self.gateway.settings.gateway.public_url
        return (public or str(request.base_url)).rstrip("/")

    def _told(self, request: Request) -> list[str]:
        """How phones were let in that this phone's member must know of, for a day."""
        caller = self.caller(request)
        if caller is None or request.url.path.startswith(OWN_NEWS):
            return []
        rows = joining.told(self.gateway.reads, caller.member, now_ms() - families.UNDO_MS)
        return sorted({row["how"] for row in rows if row["parted_ms"] is None})

    def page(self, request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """One rendered page in the caller's language, never cached, with a policy that admits only its own script."""
        language = chosen(request)
        nonce = secrets.token_urlsafe(12)
        html = self.templates.get_template(template).render(
            request=request,
            language=language,
            other=other(language),
            nonce=nonce,
            t=lambda key, **named: self.texts.say(language, key, **named),
            store=self.gateway.settings.store,
            assets=self.assets,
            new_request=new_request,
            own=lambda: own(self, request, now_ms()),
            bar=BAR,
            here=request.url.path,
            when=lambda ms: moments.when(self.texts, language, ms, now_ms(), self.gateway.settings.store.zone),
            told=self._told(request),
            **{**OPTIONAL, **values},
        )
        headers = {
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Vary": "Accept-Language, Accept-Encoding, Cookie",
            "Content-Security-Policy": _policy(nonce),
        }
        body = html.encode()
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, PACKING, mtime=0)
        response = HTMLResponse(body, status, headers)
        if request.query_params.get("lang") == language:
            response.set_cookie(COOKIE, language, max_age=31_536_000, path="/", samesite="lax", httponly=True)
        return response


def _policy(nonce: str) -> str:
    own = f"'self' 'nonce-{nonce}'"
    return (
        f"default-src 'self'; script-src {own}; style-src {own}; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


def now_ms() -> int:
    """Unix time in milliseconds: codes are printed and expire by the wall clock."""
    return time.time_ns() // 1_000_000


def new_request() -> str:
    """A request id for a form: sending the same form twice does the thing once."""
    return str(uuid.uuid4())


def checked_request(text: str) -> str:
    """A caller's request id in its canonical form. Raises `Problem` bad_request where it is no UUID."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Problem("bad_request", field="request", expected="a UUID") from None


def wanted(touchpoint: Touchpoint, *purposes: str) -> None:
    """Raises `Refusal` wrong_purpose where the code is for something else."""
    if touchpoint.purpose not in purposes:
        raise Refusal("wrong_purpose", expected=" or ".join(purposes), found=touchpoint.purpose)
