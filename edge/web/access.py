"""Who of the team is asking: a PIN or a password opens a session, a signed cookie names it, the tables say whose it is.

A session is good while the box's secrets still know its owner: whoever is removed is out with their next request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, Final

import structlog
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from edge.domain.staff import decisions as staff
from edge.domain.staff import queries as staff_queries
from edge.domain.staff.rules import SESSION_MS, Colleague, LoginPlace, Person
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.gateway.bounds import network_of
from edge.secrets import operators, tills
from edge.secrets.staff_pins import Way
from edge.secrets.vault import operator_token
from edge.web.audience import Audience
from edge.web.cookies import genuine
from edge.web.first_start import FirstStart
from edge.web.login_attempts import LoginAttempts
from edge.web.moments import now_ms
from edge.web.problems import Problem
from edge.web.server.forwarding import caller_address, is_nearby

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import HTTPConnection
    from starlette.responses import Response

    from edge.gateway.parts import Parts

log = structlog.get_logger(__name__)

COOKIE: Final = "sk_staff"
BROWSER: Final = "sk_staff_browser"
BROWSER_SECONDS: Final = 400 * 24 * 3600
"""As long as browsers keep a cookie at all."""


class Access:
    """Log in, log out, who it is, and whether a route is for them."""

    def __init__(self, parts: Parts) -> None:
        self._settings = parts.settings.gateway
        self._reads = parts.journal.reads
        self._codes = parts.lookup.codes
        self._team = parts.people.team
        self._decide = parts.decide
        self._appoint = parts.appoint
        options: dict[str, Any] = {"signer_kwargs": {"digest_method": hashlib.sha256, "key_derivation": "hmac"}}
        vault = parts.vault
        self._signer = URLSafeTimedSerializer(vault.derive("staff sessions"), salt=COOKIE, **options)
        self._browsers = URLSafeSerializer(vault.derive("staff sessions"), salt=BROWSER, **options)
        self._places = vault.derive("staff places")
        self._own_token = operator_token(vault)
        self._data = self._settings.data
        self._strangers = LoginAttempts()
        self.first = FirstStart(self._data, vault)

    def who(self, connection: HTTPConnection) -> Person | None:
        """Who is logged in at this browser; none where nobody is, or not any more."""
        session = self._session(connection)
        # A session that is over by either clock is over.
        now = max(now_ms(), self._reads.now)
        person = staff_queries.logged_in(self._reads, session, now) if session else None
        if person is None or self._team.key_of(person.staff) != person.key:
            return None
        return None if person.role == "operator" and not is_private(connection) else person

    def required(self, connection: HTTPConnection) -> Person:
        """Who of the staff is logged in. Raises `Refusal` staff_only."""
        person = self.who(connection)
        if person is None or person.role == "operator":
            raise Refusal("staff_only")
        return person

    def is_inside(self, connection: HTTPConnection) -> bool:
        """Whether the store's inner life may be shown to this caller."""
        return self._plays(connection) or self.who(connection) is not None

    def people(self, connection: HTTPConnection) -> list[Colleague]:
        """Whom the login may name: who has logged in at this browser before. Names are nobody else's business."""
        reads = self._reads
        if self.tells_pins(connection):
            return staff_queries.people(reads)
        browser = self.browser(connection)
        return [each for each in staff_queries.known_at(reads, browser) if each.role != "operator"] if browser else []

    def tells_pins(self, connection: HTTPConnection) -> bool:
        """Whether the demo's people work here, and the one who looks plays with them."""
        return self._team.for_show and self._plays(connection)

    def admit(self, connection: HTTPConnection, audience: Audience) -> None:
        """Raises `Refusal` or `Problem` where the caller is not of the audience, and writes down that it did."""
        try:
            self._check(connection, audience)
        except (Refusal, Problem) as refused:
            found = self.who(connection)
            log.warning(
                "web.forbidden",
                code=refused.code,
                method=connection.scope["method"],
                route=getattr(connection.scope.get("route"), "path", ""),  # never the address: it may hold a code
                whose=audience.value,
                by=found.staff if found else "",
            )
            raise

    def _check(self, connection: HTTPConnection, audience: Audience) -> None:
        check = {
            Audience.FLOOR: self.required,
            Audience.ENTRANCE: self._admit_in_private,
            Audience.OPERATOR: self._admit_operator,
            Audience.TILL: self._admit_till,
            Audience.SCREEN: self._admit_screen,
        }.get(audience)
        if check is not None:
            check(connection)
        elif not (self.is_inside(connection) or (audience is Audience.SCRAPER and self._scrapes(connection))):
            # Whatever else is asked for, only those inside get it.
            raise Refusal("login_needed")

    def _admit_in_private(self, connection: HTTPConnection) -> None:
        if not (is_private(connection) or self.first.takes_code(connection)):
            raise Refusal("not_private")

    def _admit_till(self, connection: HTTPConnection) -> None:
        if not self._has_token(connection, tills.file_of(self._data)):
            raise Problem("till_only", headers={"WWW-Authenticate": "Bearer"})

    def _admit_screen(self, connection: HTTPConnection) -> None:
        self.screen(connection)

    def screen(self, connection: HTTPConnection) -> str:
        """Which screen asks. Raises `Problem` screen_only."""
        code = bearer(connection)
        found = self._codes.screen_of(code) if code else None
        if found is None:
            raise Problem("screen_only", headers={"WWW-Authenticate": "Bearer"})
        return found

    def _admit_operator(self, connection: HTTPConnection) -> None:
        if self.may_set_up(connection):
            return
        raise Refusal("login_needed" if self.who(connection) is None else "operator_only")

    def may_set_up(self, connection: HTTPConnection) -> bool:
        """Whether this is an operator, or, at `/setup` alone, whoever sets up a store that has none yet."""
        return self.shows_codes(connection) or self.first.lets_in(connection)

    def shows_codes(self, connection: HTTPConnection) -> bool:
        """Whether this caller may see every code of the store: an operator, or whoever plays at the demo's machine."""
        return self._plays(connection) or self.runs_the_box(connection)

    def runs_the_box(self, connection: HTTPConnection) -> bool:
        """Whether this is an operator, or the box's own command line."""
        person = self.who(connection)
        return self._is_own(connection) or (person is not None and person.role == "operator")

    def require_own(self, connection: HTTPConnection) -> None:
        """Nobody plays with what these routes do, not even in a demo. Raises `Refusal` forbidden."""
        if not self.runs_the_box(connection):
            raise Refusal("forbidden")

    def _is_own(self, connection: HTTPConnection) -> bool:
        return hmac.compare_digest(bearer(connection).encode(), self._own_token.encode())

    def _plays(self, connection: HTTPConnection) -> bool:
        """Whether this is the demo, seen from the machine that it runs on."""
        return self._settings.demo and is_nearby(connection)

    def _scrapes(self, connection: HTTPConnection) -> bool:
        return self._has_token(connection, operators.tokens_of(self._data))

    def till(self, connection: HTTPConnection) -> str:
        """Which till asks. Raises `Problem` till_only."""
        token = bearer(connection)
        till = tills.who(tills.file_of(self._data), token) if token else None
        if till is None:
            raise Problem("till_only", headers={"WWW-Authenticate": "Bearer"})
        return till

    @staticmethod
    def _has_token(connection: HTTPConnection, path: Path) -> bool:
        token = bearer(connection)
        return bool(token) and tills.who(path, token) is not None

    async def log_in(
        self,
        connection: HTTPConnection,
        response: Response,
        name: str,
        secret: str,
        by: Way = "pin",
    ) -> Person:
        """Open a session for this browser. Raises `Refusal`: pin_wrong or pin_locked; each wrong PIN is a fact.

        A name that nobody has is answered like a wrong PIN, the waiting included.
        """
        await self._appoint()
        known = self._team.named(name, by)
        browser = self.browser(connection)
        address = self._address(connection)
        async with self._team.login_lock(known):
            place = staff_queries.place_of(self._reads, known, browser, address)
            self._wait(known, place, by)
            if by == "pin":
                key = await self._team.check(known, typed_text.normal_width(secret))
            else:
                key = await self._team.check_operator(known, secret)
            if key is None:
                await self._failed(known, place, by)
            browser = browser or secrets.token_hex(16)
            session = secrets.token_hex(16)
            person = await self._decide(
                staff.log_in, staff=known, key=key or "", session=session, place=place, browser=browser
            )
        self._remember(connection, response, session, browser)
        return person

    def _wait(self, name: str, place: LoginPlace, by: Way) -> None:
        """Raises `Refusal` pin_locked while this name has to wait at this place."""
        known = self._team.comes(name, by)
        left = staff_queries.may_try(self._reads, name, place, self._reads.now) if known else 0
        left = max(left, self._strangers.wait(name, place, self._reads.now, known=known))
        if left:
            raise Refusal("pin_locked", seconds=-(-left // 1000))

    async def _failed(self, name: str, place: LoginPlace, by: Way) -> None:
        """Count a wrong one. Raises `Refusal`."""
        known = self._team.comes(name, by)
        delay = self._strangers.failed(name, place, self._reads.now, known=known)
        if known:
            delay = max(delay, await self._decide(staff.record_failed_login, staff=name, place=place))
        raise Refusal("pin_locked", seconds=-(-delay // 1000)) if delay else Refusal("pin_wrong")

    def _remember(self, connection: HTTPConnection, response: Response, session: str, browser: str) -> None:
        for name, value, seconds in (
            (COOKIE, self._signer.dumps(session), SESSION_MS // 1000),
            (BROWSER, self._browsers.dumps(browser), BROWSER_SECONDS),
        ):
            response.set_cookie(
                name,
                str(value),
                max_age=seconds,
                path="/",
                httponly=True,
                samesite="strict",
                secure=connection.url.scheme == "https",
            )

    async def log_out(self, connection: HTTPConnection, response: Response) -> None:
        """End the session, also where somebody kept a copy of the cookie."""
        session = self._session(connection)
        if session:
            await self._decide(staff.log_out, session=session)
        response.delete_cookie(COOKIE, path="/")

    def browser(self, connection: HTTPConnection) -> str:
        """The name of this browser, where somebody of the team has logged in at it before; else empty."""
        value = connection.cookies.get(BROWSER)
        if not value:
            return ""
        try:
            return str(self._browsers.loads(value))
        except BadSignature:
            return ""

    def _address(self, connection: HTTPConnection) -> str:
        """The caller's address under a key: facts travel to the cloud, and an address is somebody's."""
        return hmac.digest(self._places, network_of(caller_address(connection)).encode(), "sha256").hex()[:16]

    def _session(self, connection: HTTPConnection) -> str | None:
        value = connection.cookies.get(COOKIE)
        if not value:
            return None
        found = genuine(self._signer, value, SESSION_MS // 1000)
        return found[0] if found else None


def is_private(connection: HTTPConnection) -> bool:
    """Whether nobody in the network can read what is said here: loopback or https."""
    return connection.url.scheme == "https" or is_nearby(connection)


def bearer(connection: HTTPConnection) -> str:
    """The token of the `Authorization` header; empty where there is none."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
