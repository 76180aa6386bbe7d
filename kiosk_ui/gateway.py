"""Asks the gateway for what a place shows, and tells it what somebody does. HTTP and JSON; only in a `Job`.

try:
    found = gateway.get("search", words="niunai")
except Refused as refused: …
except Unreachable: …

A job yields either of them as its result: nothing is raised on the screen's side.
"""

from __future__ import annotations

import contextlib
import json
import urllib.parse
import uuid
from http.client import HTTPResponse
from typing import Any, Final

import msgspec

from device_drivers.contract import Service
from kiosk_ui import texts
from kiosk_ui.gateway_routes import GatewayRoutes
from words import refusals

ANSWER_S: Final = 4.0
"""How long one request may take."""
REFUSED_S: Final = 8.0
"""How long it is said why what was touched was refused, whatever is asked meanwhile."""
ROOT: Final = "/api/v1/screens/"
BAD: Final = 300
"""From this status on it is no answer: the gateway sends nobody elsewhere here."""
MAX_ANSWER: Final = 4 * 1024 * 1024


class Unreachable(Exception):
    """No answer, or one that is none of the gateway's."""


class Refused(Exception):
    """The gateway says no: by a stable code, and in a sentence for the person."""

    def __init__(self, code: str, sentence: str, details: dict[str, Any] | None = None, language: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.details = details or {}
        self.language = language
        """Of the sentence."""

    def in_language(self, language: str) -> str:
        """The sentence in this one; as the gateway said it where nobody here knows it, as of another package."""
        if language != self.language:
            with contextlib.suppress(KeyError):
                return refusals.sentence(texts.sentences_of(language), language, self.code, self.details)
        return self.sentence


class Gateway(msgspec.Struct, frozen=True):
    """The gateway, as one screen asks it for one session."""

    service: Service | None
    """None where this screen has none: then it is unreachable."""
    language: str
    session: str
    routes: GatewayRoutes = msgspec.field(default_factory=GatewayRoutes)

    def get(self, path: str, **query: Any) -> Any:
        """What stands at `/api/v1/screens/<path>`. Raises `Unreachable` and `Refused`."""
        found = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        return self._ask(f"{path}?{found}" if found else path, None)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Does it, and what comes of it. Raises `Unreachable` and `Refused`."""
        return self._ask(path, json.dumps(body or {}).encode())

    def fetch(self, path: str) -> bytes:
        """The bytes there, of a picture. Raises `Unreachable` and `Refused`."""
        return self._bytes(path, None)

    def _ask(self, path: str, body: bytes | None) -> Any:
        found = self._bytes(path, body)
        try:
            return json.loads(found) if found else None
        except ValueError as error:
            raise Unreachable(str(error)) from None

    def _bytes(self, path: str, body: bytes | None) -> bytes:
        if self.service is None:
            raise Unreachable("this screen was told of no service")
        headers = {
            "Accept": "application/json",
            "Accept-Language": self.language,
            "Authorization": f"Bearer {self.service.code}",
            "Content-Type": "application/json",
            "X-Session": self.session or str(uuid.UUID(int=0)),
        }
        try:
            asked = self.routes.request(self.service, ROOT + path.lstrip("/"), headers, body, within_s=ANSWER_S)
            with asked as answer:
                if answer.status >= BAD:
                    raise _refused(answer, self.language)
                return bytes(answer.read(MAX_ANSWER))
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from None


def _refused(answer: HTTPResponse, language: str) -> Exception:
    try:
        found = json.loads(answer.read(MAX_ANSWER))
        return Refused(str(found["code"]), str(found["detail"]), found, language)
    except (OSError, ValueError, KeyError, TypeError):
        return Unreachable(f"HTTP {answer.status}")
