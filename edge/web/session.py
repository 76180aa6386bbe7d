"""Who the caller is: two signed cookies, the member for 180 days and an anonymous visitor for the browser's session."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

MEMBER: Final = "sk_member"
VISITOR: Final = "sk_visitor"
MEMBER_SECONDS: Final = 180 * 24 * 3600
MOST_KNOWN: Final = 10_000
"""How many checked cookies are remembered: checking one costs as much as a decision."""


class Sessions:
    """Reads and writes the cookies. A cookie that was altered or is too old counts as none."""

    def __init__(self, key: bytes) -> None:
        options: dict[str, Any] = {"signer_kwargs": {"digest_method": hashlib.sha256, "key_derivation": "hmac"}}
        self._member = URLSafeTimedSerializer(key, salt=MEMBER, **options)
        self._visitor = URLSafeTimedSerializer(key, salt=VISITOR, **options)
        self._checked: dict[str, tuple[str, float]] = {}
        """Cookies of members that were found good: whose, and until when by the wall clock."""

    def member(self, connection: HTTPConnection) -> str | None:
        value = connection.cookies.get(MEMBER)
        if not value:
            return None
        member, until = self._checked.get(value, (None, 0.0))
        if time.time() >= until:
            self._checked.pop(value, None)
            member = _opened(self._member, value, MEMBER_SECONDS)
            if member is not None:
                self._remember_checked(value, member)
        return member

    def _remember_checked(self, value: str, member: str) -> None:
        _, signed_at = self._member.loads(value, return_timestamp=True)
        if len(self._checked) >= MOST_KNOWN:
            del self._checked[next(iter(self._checked))]
        self._checked[value] = (member, signed_at.timestamp() + MEMBER_SECONDS)

    def visitor(self, connection: HTTPConnection) -> str | None:
        return _opened(self._visitor, connection.cookies.get(VISITOR), 24 * 3600)

    def remember(self, connection: HTTPConnection, response: Response, member: str) -> None:
        """From now on this browser is that member."""
        self._write(connection, response, MEMBER, self._member.dumps(member), MEMBER_SECONDS)

    def greet(self, connection: HTTPConnection, response: Response, visitor: str) -> None:
        """From now until the browser closes, its scans belong together."""
        self._write(connection, response, VISITOR, self._visitor.dumps(visitor), None)

    def forget(self, response: Response) -> None:
        for name in (MEMBER, VISITOR):
            response.delete_cookie(name, path="/")

    @staticmethod
    def _write(connection: HTTPConnection, response: Response, name: str, value: str, seconds: int | None) -> None:
        secure = connection.url.scheme == "https"
        response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def new_visitor() -> str:
    """An anonymous visitor's id: 64 random bits, hexadecimal."""
    return secrets.token_hex(8)


def _opened(serializer: URLSafeTimedSerializer, value: str | None, seconds: int) -> str | None:
    if not value:
        return None
    try:
        content = serializer.loads(value, max_age=seconds)
    except BadSignature:
        return None
    return content if isinstance(content, str) else None
