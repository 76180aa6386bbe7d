"""A store's journal read back from the cloud, for a box that takes another one's place."""

from __future__ import annotations

from typing import Final

import requests

from sync.client import MAX_REPLY, CloudUnreachable, HttpCloud, understood
from sync.messages import Streams
from sync.wire import MAX_CONTENT, Batch, ChainBroken, Malformed, Unpacked, unpack

MAX_STREAMS: Final = 64 * MAX_REPLY


class Archive:
    """What the cloud has of one store. Each call raises `CloudError`."""

    def __init__(self, cloud: HttpCloud) -> None:
        self._cloud = cloud

    def streams(self) -> Streams:
        """Every stream, and which is in charge."""
        answer = self._cloud.read("/streams", MAX_STREAMS)
        if answer.status == requests.codes.not_found:
            raise CloudUnreachable("the receiver is of an earlier version: nothing can be read back from it; update it")
        return understood(answer, Streams)

    def after(self, stream: str, place: int, previous: bytes) -> Unpacked | None:
        """The entries of a stream that follow `place`, whose hash is `previous`, every hash computed again.

        None where there are none.
        """
        answer = self._cloud.read(f"/streams/{stream}/entries?after={place}", MAX_CONTENT)
        if answer.status == requests.codes.no_content:
            return None
        try:
            batch = Batch.parse(stream, answer.headers, answer.content)
            found = unpack(batch)
        except (Malformed, ChainBroken) as error:
            raise CloudUnreachable(f"what the cloud answers is no part of the journal: {error}") from None
        if (batch.first, batch.previous) != (place + 1, previous):
            raise CloudUnreachable(f"what the cloud answers does not follow entry {place}")
        return found

    def hash_at(self, stream: str, place: int) -> bytes | None:
        """The hash of one entry; None where the cloud does not have it."""
        return self._one(stream, place, "Last-Hash")

    def hash_before(self, stream: str, place: int) -> bytes | None:
        """The hash that an entry follows; None where the cloud does not have that entry."""
        return self._one(stream, place, "Previous-Hash")

    def _one(self, stream: str, place: int, header: str) -> bytes | None:
        answer = self._cloud.read(f"/streams/{stream}/entries?after={place - 1}&limit=1", MAX_CONTENT)
        if answer.status != requests.codes.ok or answer.headers.get("From-Sequence") != str(place):
            return None
        try:
            return bytes.fromhex(answer.headers.get(header, ""))
        except ValueError:
            return None
