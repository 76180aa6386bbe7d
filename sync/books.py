"""The cloud's books of a store, read line by line: what it has, without the bodies."""

from __future__ import annotations

from typing import Final

import msgspec
import requests

from sync.client import Away, Bearer
from sync.messages import Index, Line

CONNECT_S: Final = 5.0
REPLY_S: Final = 60.0
AT_ONCE: Final = 5000
"""Lines asked for in one go."""


class Books:
    """What the cloud says that it has. Each call raises `CloudError`."""

    def __init__(self, url: str, store: str, token: str | None) -> None:
        self._base = f"{url.rstrip('/')}/v1/stores/{store}/streams"
        self._session = requests.Session()
        if token:
            self._session.auth = Bearer(token)

    def lines(self, stream: str, first: int, last: int) -> tuple[int, list[Line]]:
        """The cloud's cursor, and every line from `first` to `last` of a stream."""
        found: list[Line] = []
        place = first - 1
        while True:
            told = self._ask(f"{self._base}/{stream}/index?after={place}&limit={AT_ONCE}")
            found += [line for line in told.lines if line.sequence <= last]
            if not told.lines or told.lines[-1].sequence >= last:
                return told.cursor, found
            place = told.lines[-1].sequence

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _ask(self, url: str) -> Index:
        try:
            reply = self._session.get(url, timeout=(CONNECT_S, REPLY_S), allow_redirects=False)
        except requests.RequestException as error:
            raise Away(f"the cloud cannot be reached: {type(error).__name__}") from error
        if reply.status_code == requests.codes.not_found:
            raise Away("the receiver is of an earlier version: it does not show its books; update it")
        if reply.status_code != requests.codes.ok:
            raise Away(f"the cloud answers {reply.status_code}")
        try:
            return msgspec.json.decode(reply.content, type=Index)
        except ValueError:
            raise Away("what answers is not the cloud (a WiFi login page, perhaps)") from None
