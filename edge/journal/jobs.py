"""Decisions on their way to the disk, and those that share a commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec

from edge.journal.entry import ClockStep, Entry, Fact
from edge.journal.transaction import Tx

Decision = Callable[[Tx], Any]
Work = Callable[[sqlite3.Connection], None]


class Job(msgspec.Struct):
    """A decision on its way to the disk and back."""

    decision: Decision
    handle: Any
    """The caller's own, handed back with the job: the future that it waits on."""
    result: Any = None
    error: Exception | None = None
    entries: list[tuple[Entry, Fact]] = []


class Group(msgspec.Struct):
    """Jobs that share a transaction, and what to go back to when it fails."""

    jobs: list[Job]
    sequence: int
    previous: bytes
    rows: list[tuple[Any, ...]] = []
    wrote: bool = False
    """Whether a row was written beside the facts."""
    error: BaseException | None = None
    step: ClockStep | None = None
    """The jump of the clock that is followed with it."""
    work: Work | None = None
    """What has the connection to itself in place of a commit."""
    done: Callable[[BaseException | None], None] | None = None


Deliver = Callable[[list[Job], bool], None]
"""Gets jobs back, and whether they came from the disk."""
