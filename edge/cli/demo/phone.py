"""A simulated shopper's phone, and the browser at a desk: what it keeps, what it sends, what it is told."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

PATIENCE = 15.0
"""Seconds that a phone waits for an answer: longer than a lock may take."""
SEEN = re.compile(rb'data-seen="(/seen/[^"]+)"')
"""Where a page tells that it is shown."""


class Phone:
    """A browser on a phone: it keeps its own cookies. `language` is what it asks for."""

    def __init__(self, port: int, language: str) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self.answer: Any = None
        """The newest answer that was JSON."""
        self._page = b""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        self._opener.addheaders = [("Accept", "text/html"), ("Accept-Language", language), ("User-Agent", "shopper")]

    def open(self, path: str) -> str:
        """Look at a page, which tells that somebody does; "" or the refusal."""
        self._page = b""
        refusal = self._get(path)
        if told := SEEN.search(self._page):
            self._get(told[1].decode())
        return refusal

    def get(self, path: str) -> str:
        """Ask the API; "" or the code of the refusal."""
        return self._get(path)

    @staticmethod
    def query(**values: str) -> str:
        """As it stands behind the question mark."""
        return urllib.parse.urlencode(values)

    def _get(self, path: str) -> str:
        return self._send(urllib.request.Request(f"{self._base}{path}"))  # noqa: S310 - our own address

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> str:
        """Call the API; "" or the code of the refusal."""
        data = json.dumps(body or {}).encode()
        headers = {"Content-Type": "application/json", "Origin": self._base}
        return self._send(urllib.request.Request(f"{self._base}{path}", data, headers))  # noqa: S310

    def form(self, path: str, values: Mapping[str, str]) -> str:
        """Send a form of a page; "" or the refusal."""
        data = urllib.parse.urlencode(values).encode()
        return self._send(urllib.request.Request(f"{self._base}{path}", data, {"Origin": self._base}))  # noqa: S310

    def _send(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                content = answer.read()
                if answer.headers.get_content_type() == "application/json":
                    self.answer = json.loads(content)
                else:
                    self._page = content
        except urllib.error.HTTPError as error:
            return _refusal(error)
        except (OSError, http.client.HTTPException):
            return "no_answer"
        return ""


def _refusal(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error).get("code", error.code))
    except (ValueError, AttributeError, OSError):
        return f"http_{error.code}"
