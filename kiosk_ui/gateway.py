"""Asks the gateway for what a place shows, and tells it what somebody does. HTTP and JSON; only in a `Job`.

What raises `Refused` or `Unreachable` in a job is its last result: nothing is raised on the screen's side.
"""

from __future__ import annotations

import contextlib
import json
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
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

    @property
    def wait_s(self) -> int:
        """For so many seconds it would be refused again; 0 where nothing is said of that."""
        seconds = self.details.get("seconds")
        return int(seconds) if isinstance(seconds, int | float) else 0

    def in_language(self, language: str) -> str:
        """The sentence in this one; as the gateway said it where nobody here knows it, as of another package."""
        if language != self.language:
            with contextlib.suppress(KeyError):
                return refusals.sentence(texts.sentences_of(language), language, self.code, self.details)
        return self.sentence


class Gateway(msgspec.Struct, frozen=True):
    """The gateway, as one screen asks it for one session."""

    service: Service | None
    """None where this screen has none: then it is unreachable. Without a code nobody in particular asks."""
    language: str
    session: str
    routes: GatewayRoutes = msgspec.field(default_factory=GatewayRoutes)
    root: str = ROOT
    """What every path stands below."""

    def get(self, path: str, shape: Any = Any, **query: Any) -> Any:
        """What stands at this path, as a struct of this shape. Raises `Unreachable` and `Refused`."""
        found = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        return self._ask(f"{path}?{found}" if found else path, shape, None)

    def post(self, path: str, body: dict[str, Any] | None = None, shape: Any = Any) -> Any:
        """Does it, and what comes of it. Raises `Unreachable` and `Refused`."""
        return self._ask(path, shape, json.dumps(body or {}).encode())

    def job(
        self, path: str, shape: Any, body: dict[str, Any] | None = None, **query: Any
    ) -> Callable[[], Iterator[Any]]:
        """A `Job` whose one result is what is answered to a GET, or with a `body` to a POST."""

        def asked() -> Iterator[Any]:
            yield self.get(path, shape, **query) if body is None else self.post(path, body, shape)

        return asked

    def fetch(self, path: str) -> bytes:
        """The bytes there, of a picture. Raises `Unreachable` and `Refused`."""
        return self._bytes(path, None)

    def _ask(self, path: str, shape: Any, body: bytes | None) -> Any:
        try:
            return msgspec.json.decode(self._bytes(path, body) or b"{}", type=shape)
        except msgspec.DecodeError as error:
            raise Unreachable(str(error)) from None

    def _bytes(self, path: str, body: bytes | None) -> bytes:
        if self.service is None:
            raise Unreachable("this screen was told of no service")
        headers = {
            "Accept": "application/json",
            "Accept-Language": self.language,
            "Content-Type": "application/json",
        }
        if self.service.code:
            headers["Authorization"] = f"Bearer {self.service.code}"
            headers["X-Session"] = self.session or str(uuid.UUID(int=0))
        try:
            asked = self.routes.request(self.service, self.root + path.lstrip("/"), headers, body, within_s=ANSWER_S)
            with asked as answer:
                if answer.status >= BAD:
                    raise _refused(answer, self.language)
                return bytes(answer.read(MAX_ANSWER))
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from None


def results(job: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """What a job says; last of all why nobody answered it, if so."""
    try:
        yield from job()
    except (Refused, Unreachable) as why:
        yield why


def _refused(answer: HTTPResponse, language: str) -> Exception:
    try:
        found = json.loads(answer.read(MAX_ANSWER))
        return Refused(str(found["code"]), str(found["detail"]), found, language)
    except (OSError, ValueError, KeyError, TypeError):
        return Unreachable(f"HTTP {answer.status}")
