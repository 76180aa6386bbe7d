"""The step machine of an update: close, switch, open, look, and keep the version or go back.

What is done next after a kill or a power cut is read from two links and never from memory: `current` and `good` are the
same, or a version is being tried out. The store is open again at every end, with one of the two versions.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final, Protocol

import msgspec
import structlog

from edge.errors import StorekeeperError
from operations.updates.record import Ended, Notebook, UpdateHistory
from operations.updates.versions import Versions

log = structlog.get_logger(__name__)

RESUMED_ONCE: Final = 1
"""A trial that was interrupted twice is not gone on with: perhaps the version itself brings the box down."""


class UpdateError(StorekeeperError):
    """An update that cannot be done, or was not: why, and what to do."""


class Failed(UpdateError):
    """The version itself did not do what it must, before the store was closed for it."""


class RunningStore(Protocol):
    """The running store, as far as an update touches it."""

    def remember(self, old: str, new: str) -> None:
        """Copy what the store would need to go back, wait for a calm moment, and note what is well then.

        Raises `UpdateError`, `OSError`; nothing has changed then.
        """

    def close(self) -> None:
        """Stop what runs. Raises `UpdateError`."""

    def open(self) -> None:
        """Start what `current` leads to. Raises `UpdateError`."""

    def unwell(self) -> str:
        """Wait until the store is well, for as long as that may take. Returns what is not; empty when all is."""

    def turn_back(self) -> None:
        """It is closed, and the old version opens next: lay ready what that needs to open at once."""

    def recover(self, old: str) -> str:
        """The old version cannot live with what the new one wrote: give it what was copied. Returns as `unwell`."""

    @property
    def closed_ms(self) -> int:
        """How long it was closed to shoppers, from the first `close` to the moment it was ready again."""


class UpdateTrial:
    """Tries versions out. Whoever makes one holds the box's lock on updates."""

    def __init__(self, versions: Versions, notebook: Notebook, store: RunningStore) -> None:
        self._versions = versions
        self._notebook = notebook
        self._store = store

    def of(self, new: str) -> Ended:
        """Try this version, and return how it ended. Raises `UpdateError`, `OSError` where nothing was begun."""
        old = self._versions.adopt()
        if old is None:
            raise UpdateError(f'{self._versions.root}/current leads to no version: run "storekeeper setup" first')
        if not self._versions.has(new):
            raise UpdateError(f"{self._versions.root}/{new} is no whole version")
        if old == new:
            raise UpdateError(f"{new} runs already")
        self._versions.prepare(old, new)
        self._store.remember(old, new)
        record = msgspec.structs.replace(self._notebook.read(), step="trial", old=old, new=new, resumed=0, why="")
        self._notebook.write(record)
        return self._switch(record)

    def settle(self) -> Ended | None:
        """End what a kill or a power cut left: go on, or go back. None where nothing was left."""
        record = self._notebook.read()
        old, running = self._versions.adopt(), self._versions.current
        if old is None or (running == old and record.step == "rest"):
            return None
        if running == old:
            return self._end_of(record, old)
        if record.step == "trial" and record.new == running and record.resumed < RESUMED_ONCE:
            record = msgspec.structs.replace(record, old=old, resumed=record.resumed + 1)
            with suppress(OSError):
                self._notebook.write(record)
                return self._switch(record)
        why = record.why or "it was interrupted again and again while it was tried out"
        return self._roll_back(msgspec.structs.replace(record, old=old, new=running or record.new, why=why))

    def _end_of(self, record: UpdateHistory, good: str) -> Ended:
        """The links say that it is over; the record does not yet. The store may be closed."""
        self._open()
        installed = record.new == good
        why = "" if installed else record.why or "it was interrupted before it was switched to"
        return self._rest(record, Ended(record.old, record.new, installed, why), refuse=record.step == "back")

    def _switch(self, record: UpdateHistory) -> Ended:
        try:
            if self._versions.current != record.new or record.resumed == 0:
                self._store.close()
                self._versions.switch(record.new)
            self._store.open()
            why = self._store.unwell()
            if not why:
                self._versions.confirm(record.new)
                return self._rest(record, Ended(record.old, record.new, installed=True))
        except (UpdateError, OSError) as error:
            why = str(error)
        return self._roll_back(msgspec.structs.replace(record, why=why))

    def _roll_back(self, record: UpdateHistory) -> Ended:
        record = msgspec.structs.replace(record, step="back")
        with suppress(OSError):  # the links say the same
            self._notebook.write(record)
        with suppress(UpdateError):  # what cannot be stopped is started again all the same
            self._store.close()
        self._store.turn_back()
        try:
            # First `good`: should the power go in between, the two differ, and the next start comes here again.
            self._versions.confirm(record.old)
            self._versions.switch(record.old)
        except OSError as error:
            log.critical("update.not_back", version=record.new, error=str(error))
        self._open()
        why = self._store.unwell()
        if why and self._versions.current == record.old:
            why = self._store.recover(record.old)
        also = f"; and now {self._versions.current} is not well: {why}" if why else ""
        return self._rest(record, Ended(record.old, record.new, installed=False, why=record.why + also), refuse=True)

    def _open(self) -> None:
        try:
            self._store.open()
        except UpdateError as error:
            log.critical("update.not_open", error=str(error))

    def _rest(self, record: UpdateHistory, ended: Ended, *, refuse: bool = False) -> Ended:
        now = time.time_ns() // 1_000_000
        ended = msgspec.structs.replace(ended, at_ms=now, closed_ms=self._store.closed_ms)
        refused = record.refused | ({ended.new: ended.why} if refuse else {})
        rested = UpdateHistory(
            refused=refused, last=ended, floors=record.floors, seen_ms=record.seen_ms, untold=record.untold
        )
        if self._versions.current != self._versions.good:
            return ended  # the disk took neither link: the next `settle` tries again
        with suppress(OSError):
            self._notebook.write(rested)
            if ended.installed:
                self._versions.tidy(ended.old, ended.new)
        return ended
