"""A store's journal read back from the cloud, for a box that takes another one's place."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec
import requests

from sync.client import CONNECT_S, MAX_REPLY, Away, HttpCloud, TransportError, failure_of, plain_of
from sync.messages import Streams
from sync.wire import MAX_CONTENT, Batch, ChainBroken, Malformed, Unpacked, unpack

M = TypeVar("M", bound=msgspec.Struct)

MAX_STREAMS: Final = 64 * MAX_REPLY
REPLY_S: Final = 60.0


class Archive:
    """What the cloud has of one store. Each call raises `CloudError`."""

    def __init__(self, cloud: HttpCloud) -> None:
        self._cloud = cloud

    def streams(self) -> Streams:
        """Every stream, and which is in charge."""
        status, _, content = self._get("/streams", MAX_STREAMS)
        if status == requests.codes.not_found:
            raise Away("the receiver is of an earlier version: nothing can be read back from it; update it")
        try:
            return msgspec.json.decode(content, type=Streams)
        except ValueError:
            raise Away("what answers is not the cloud (a WiFi login page, perhaps)") from None

    def after(self, stream: str, place: int, previous: bytes) -> Unpacked | None:
        """The entries of a stream that follow `place`, whose hash is `previous`, every hash computed again.

        None where there are none.
        """
        status, headers, content = self._get(f"/streams/{stream}/entries?after={place}", MAX_CONTENT)
        if status == requests.codes.no_content:
            return None
        try:
            batch = Batch.parse(stream, {name.lower(): value for name, value in headers.items()}, content)
            found = unpack(batch)
        except (Malformed, ChainBroken) as error:
            raise Away(f"what the cloud answers is no part of the journal: {error}") from None
        if (batch.first, batch.previous) != (place + 1, previous):
            raise Away(f"what the cloud answers does not follow entry {place}")
        return found

    def hash_at(self, stream: str, place: int) -> bytes | None:
        """The hash of one entry; None where the cloud does not have it."""
        return self._one(stream, place, "Last-Hash")

    def hash_before(self, stream: str, place: int) -> bytes | None:
        """The hash that an entry follows; None where the cloud does not have that entry."""
        return self._one(stream, place, "Previous-Hash")

    def _one(self, stream: str, place: int, header: str) -> bytes | None:
        status, headers, _ = self._get(f"/streams/{stream}/entries?after={place - 1}&limit=1", MAX_CONTENT)
        if status != requests.codes.ok or headers.get("From-Sequence") != str(place):
            return None
        try:
            return bytes.fromhex(headers.get(header, ""))
        except ValueError:
            return None

    def _get(self, path: str, limit: int) -> tuple[int, requests.structures.CaseInsensitiveDict[str], bytes]:
        try:
            with self._cloud.session.get(
                self._cloud.base + path, timeout=(CONNECT_S, REPLY_S), allow_redirects=False, stream=True
            ) as reply:
                content = reply.raw.read(limit + 1, decode_content=False)
        except (requests.RequestException, OSError, TransportError) as error:
            raise Away(plain_of(error)) from error
        if reply.status_code not in (requests.codes.ok, requests.codes.no_content, requests.codes.not_found):
            raise failure_of(reply.status_code, reply.headers.get("Retry-After"), content)
        return reply.status_code, reply.headers, content
