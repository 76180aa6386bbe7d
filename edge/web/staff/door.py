"""Who is at the staff page: a PIN opens a session, a signed cookie names it, the tables say whose it is."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

from edge.domain import staff
from edge.domain.staff import SESSION_MS, Person
from edge.errors import Refusal
from edge.web.front import now_ms

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

    from edge.web.front import Front

COOKIE: Final = "sk_staff"


class Door:
    """Log in, log out, and who it is."""

    def __init__(self, front: Front) -> None:
        self._gateway = front.gateway
        options: dict[str, Any] = {"signer_kwargs": {"digest_method": hashlib.sha256, "key_derivation": "hmac"}}
        self._signer = URLSafeTimedSerializer(front.gateway.vault.derive("staff sessions"), salt=COOKIE, **options)

    def who(self, connection: HTTPConnection) -> Person | None:
        """Who is logged in at this browser; none where nobody is, or not any more."""
        session = self._session(connection)
        return staff.who(self._gateway.reads, session, now_ms()) if session else None

    def required(self, connection: HTTPConnection) -> Person:
        """Who is logged in. Raises `Refusal` staff_only."""
        person = self.who(connection)
        if person is None:
            raise Refusal("staff_only")
        return person

    async def log_in(self, connection: HTTPConnection, response: Response, name: str, pin: str) -> Person:
        """Open a session for this browser. Raises `Refusal` pin_wrong or pin_locked; each wrong PIN is a fact."""
        gateway = self._gateway
        await gateway.appoint()
        async with gateway.team.alone(name):
            left = staff.may_try(gateway.reads, name, now_ms())
            if left:
                raise Refusal("pin_locked", seconds=-(-left // 1000))
            key = await gateway.team.check(name, pin)
            if key is None:
                delay = await gateway.decide(staff.fail, staff=name)
                raise Refusal("pin_locked", seconds=-(-delay // 1000)) if delay else Refusal("pin_wrong")
            person = await gateway.decide(staff.log_in, staff=name, key=key, session=secrets.token_hex(16))
        response.set_cookie(
            COOKIE,
            self._signer.dumps(person.session),
            max_age=SESSION_MS // 1000,
            path="/staff",
            httponly=True,
            samesite="strict",
            secure=connection.url.scheme == "https",
        )
        return person

    async def log_out(self, connection: HTTPConnection, response: Response) -> None:
        """End the session, also where somebody kept a copy of the cookie."""
        session = self._session(connection)
        if session:
            await self._gateway.decide(staff.log_out, session=session)
        response.delete_cookie(COOKIE, path="/staff")

    def _session(self, connection: HTTPConnection) -> str | None:
        value = connection.cookies.get(COOKIE)
        if not value:
            return None
        try:
            session = self._signer.loads(value, max_age=SESSION_MS // 1000)
        except BadSignature:
            return None
        return session if isinstance(session, str) else None
