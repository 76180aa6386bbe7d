"""Who the caller is: two signed cookies. One names a row among the sessions, the other is the browser's own name.

The session's cookie is worth nothing once its row is ended; the row says whose it is.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import cookie_parser

from edge.domain.members.rules import LIFE_MS, Browser

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

    from edge.domain.callers import Caller
    from edge.gateway.sessions import Sessions as LiveSessions

MEMBER: Final = "sk_member"
VISITOR: Final = "sk_visitor"
DOOR: Final = "sk_door"
"""Names the opening that this browser asked for: whoever opens a door by digits or a code is no member of anything."""
MEMBER_SECONDS: Final = LIFE_MS // 1000
BROWSER_SECONDS: Final = 30 * 24 * 3600
"""How long a browser keeps its name: its scans, tickets and bounds belong together. It names no person."""
MAX_KNOWN: Final = 10_000
"""How many checked cookies are remembered: checking one costs as much as a decision."""
_COOKIES: Final = "storekeeper.cookies"
"""In the scope: what `_sent` has read."""
_AGENTS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS: Final = (
    ("MicroMessenger", "微信"), ("AlipayClient", "支付宝"), ("EdgA?/", "Edge"), ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip


class Cookies:
    """Reads and writes the cookies. A cookie that was altered, is too old or has another form counts as none."""

    def __init__(self, key: bytes, live: LiveSessions) -> None:
        options: dict[str, Any] = {"signer_kwargs": {"digest_method": hashlib.sha256, "key_derivation": "hmac"}}
        # Until sessions were rows this cookie named a member: another salt, so that none of those is taken.
        self._session = URLSafeTimedSerializer(key, salt="sk_session", **options)
        self._visitor = URLSafeTimedSerializer(key, salt=VISITOR, **options)
        self._live = live
        self._checked: dict[str, tuple[str, float]] = {}
        """Session cookies that were found genuine: which session, and until when by the wall clock."""
        self._browsers: dict[str, tuple[str, float]] = {}
        """The same for the browsers' own names."""

    def caller(self, connection: HTTPConnection) -> Caller | None:
        """Whom this browser acts for."""
        session = _checked(self._session, self._checked, _sent(connection).get(MEMBER), MEMBER_SECONDS)
        return self._live.caller(session) if session else None

    def browser(self, connection: HTTPConnection) -> str | None:
        """The browser's own name; none where it has none yet."""
        return _checked(self._visitor, self._browsers, _sent(connection).get(VISITOR), BROWSER_SECONDS)

    def asking(self, connection: HTTPConnection) -> Browser:
        """A browser that asks to be let in. One without a name of its own gets one with the answer."""
        agent = agent_of(connection.headers.get("user-agent", ""))
        caller, name = self.caller(connection), self.browser(connection)
        return Browser(name or new_browser(), secrets.token_hex(16), agent, caller, named=name is not None)

    def let_in(self, connection: HTTPConnection, response: Response, session: str, browser: str) -> None:
        """From now on this browser acts for the member of that session."""
        self._write(connection, response, MEMBER, self.signed(session), MEMBER_SECONDS)
        if self.browser(connection) != browser:
            self.greet(connection, response, browser)

    def signed(self, session: str) -> str:
        """What the cookie of a session holds."""
        return str(self._session.dumps(session))

    def greet(self, connection: HTTPConnection, response: Response, browser: str) -> None:
        """From now on the browser has this name."""
        self._write(connection, response, VISITOR, self._visitor.dumps(browser), BROWSER_SECONDS)

    def forget(self, response: Response) -> None:
        """On this browser the next shopper starts as nobody."""
        for name in (MEMBER, VISITOR, DOOR):
            response.delete_cookie(name, path="/")

    @staticmethod
    def _write(connection: HTTPConnection, response: Response, name: str, value: str, seconds: int) -> None:
        secure = connection.url.scheme == "https"
        response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def new_browser() -> str:
    """A random name for a browser: 64 bits, hexadecimal."""
    return secrets.token_hex(8)


def agent_of(header: str) -> str:
    """A phone as its owner would tell it from another: `Android · Chrome`. Only words from two short lists."""
    found = [next((name for mark, name in marks if re.search(mark, header)), "") for marks in (_AGENTS, _BROWSERS)]
    return " · ".join(filter(None, found))


def _sent(connection: HTTPConnection) -> dict[str, str]:
    """The cookies of a request, read once. Starlette looks for them in a copy of all headers, for each of its views."""
    scope = connection.scope
    found: dict[str, str] | None = scope.get(_COOKIES)
    if found is None:
        headers = scope["headers"]
        named = dict(headers)
        if b"cookie" in named and len(named) < len(headers):  # HTTP/2 may split them
            named[b"cookie"] = b";".join(value for name, value in headers if name == b"cookie")
        found = scope[_COOKIES] = cookie_parser(named.get(b"cookie", b"").decode("latin-1"))
    return found


def _checked(
    serializer: URLSafeTimedSerializer, known: dict[str, tuple[str, float]], value: str | None, seconds: int
) -> str | None:
    """The content of a genuine cookie."""
    if not value:
        return None
    content, until = known.get(value, ("", 0.0))
    if time.time() < until:
        return content
    known.pop(value, None)
    found = genuine(serializer, value, seconds)
    if found is None:
        return None
    if len(known) >= MAX_KNOWN:
        del known[next(iter(known))]
    known[value] = found
    return found[0]


def genuine(serializer: URLSafeTimedSerializer, value: str, seconds: int) -> tuple[str, float] | None:
    """What a cookie of ours says, and until when by the wall clock; none where it is too old, or nobody's.

    One that was signed at a time to come is as good as new: the clock was set back, which logs nobody out.
    """
    try:
        content, signed_at = serializer.loads(value, return_timestamp=True)
    except BadSignature:
        return None
    until = signed_at.timestamp() + seconds
    return (content, until) if isinstance(content, str) and time.time() <= until else None
