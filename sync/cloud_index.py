"""The cloud's books of a store, read line by line: what it has, without the bodies."""

from __future__ import annotations

from typing import Final

import requests

from sync.client import CloudUnreachable, HttpCloud, understood
from sync.messages import Index, IndexEntry
from sync.wire import MAX_CONTENT

AT_ONCE: Final = 5000
"""Lines asked for in one go."""


class CloudIndex:
    """What the cloud says that it has. Each call raises `CloudError`."""

    def __init__(self, cloud: HttpCloud) -> None:
        self._cloud = cloud

    def lines(self, stream: str, first: int, last: int) -> tuple[int, list[IndexEntry]]:
        """The cloud's cursor, and every line from `first` to `last` of a stream."""
        found: list[IndexEntry] = []
        place = first - 1
        while True:
            told = self._ask(f"/streams/{stream}/index?after={place}&limit={AT_ONCE}")
            places = [place, *(line.sequence for line in told.lines)]
            if places != sorted(set(places)):
                raise CloudUnreachable(f"what the cloud answers does not follow entry {place}")
            found += [line for line in told.lines if line.sequence <= last]
            if not told.lines or told.lines[-1].sequence >= last:
                return told.cursor, found
            place = told.lines[-1].sequence

    def _ask(self, path: str) -> Index:
        answer = self._cloud.read(path, MAX_CONTENT)
        if answer.status == requests.codes.not_found:
            raise CloudUnreachable("the receiver is of an earlier version: it does not show its books; update it")
        return understood(answer, Index)
