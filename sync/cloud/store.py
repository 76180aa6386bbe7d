"""What the receiver needs from a database, as a contract. SQLite is the built-in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from sync.cloud.leases import SharedBudget
from sync.messages import Index, Lease, LeaseWish
from sync.wire import Ack, Batch, Hello, HelloReply, Streams


class StoreError(Exception):
    """The database did not take it; nothing of it was kept."""


class ChainConflict(StoreError):
    """409: the batch cannot follow what is here. `cursor` says what is; `code` is `gap` or `diverged`."""

    def __init__(self, code: str, cursor: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.cursor = cursor


class StorageFull(StoreError):
    """507: there is no space. The next write tries again."""


class StorageBroken(StoreError):
    """The disk or the file is not to be trusted. The process must end: after a failed fsync no later success counts."""


class StreamView(msgspec.Struct, frozen=True):
    """One journal of one store, as far as it came here."""

    stream: str
    cursor: int
    last: int
    """The newest entry that the store told of; above `cursor`, the rest is still on its way."""
    verdict: str
    contact_ms: int
    first: int = 1
    """Its first entry: it goes on from another journal where that is not 1."""

    @property
    def count(self) -> int:
        """How many entries came."""
        return self.cursor - self.first + 1


class StoreView(msgspec.Struct, frozen=True):
    """One store: its journals, and how many facts of each type came."""

    id: str
    contact_ms: int
    streams: list[StreamView]
    counts: dict[str, int]
    quarantined: int


class CloudRegistration(msgspec.Struct, frozen=True):
    """A person who registered in a store. The phone number is sealed, here too."""

    store: str
    at_ms: int
    member: str
    touchpoint: str
    language: str
    consents: list[str]


class Overview(msgspec.Struct, frozen=True):
    """What the page shows."""

    stores: list[StoreView]
    registrations: list[CloudRegistration]
    """Newest first."""


class StreamStore(Protocol):
    """Where the receiver keeps the streams. Called from one thread, except `overview`, which may come from another."""

    def hello(self, store: str, hello: Hello, now_ms: int) -> HelloReply:
        """MUST find the common prefix; only it may call a fork. Raises `Malformed`."""

    def receive(self, store: str, batch: Batch, now_ms: int) -> Ack:
        """MUST keep the entries and move the cursor in one durable transaction, and skip what is here already.

        Raises `ChainConflict`, `StorageFull`, `StorageBroken`, `wire.Malformed`.
        """

    def streams(self, store: str) -> Streams:
        """Every stream of a store, and which is in charge. May come from another thread."""

    def index(self, store: str, stream: bytes, after: int, limit: int) -> Index:
        """MUST say what lies here, entry by entry, whatever became of it. May come from another thread."""

    def read(self, store: str, stream: bytes, after: int, limit: int) -> Batch | None:
        """MUST give the entries that follow `after` byte for byte as they came; None where there are none.

        May come from another thread.
        """

    def shelve(self) -> bool:
        """MUST sort what was received since the last call: counts, registrations, quarantine. True if there was any."""

    def grant(self, store: str, wish: LeaseWish, budgets: Mapping[str, SharedBudget], now_ms: int) -> Lease:
        """MUST note a lease durably before it returns, give the same one to the same wish, and never more in all than
        the budget. Raises `NoLease`.
        """

    def overview(self, registrations: int) -> Overview:
        """What was shelved, with the newest `registrations`."""

    def close(self) -> None:
        """Give the database back."""
