"""The queue to the cloud: how far the journal goes, and how far the cloud has confirmed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from edge.journal.queries import last_sequence
from edge.journal.sync_status import STATES, read_sync_status

if TYPE_CHECKING:
    from pathlib import Path

    from edge.journal import Reads


class Queue(msgspec.Struct, frozen=True):
    """What waits for the cloud."""

    last: int
    """The journal's newest sequence."""
    acked: int
    """The newest sequence that the cloud has confirmed; 0 before it ever did."""
    state: str
    """`ok`, `offline`, `diverged` or `starting`, in the sync process's own words."""
    since: str | None

    @property
    def backlog(self) -> int:
        """How many facts wait."""
        return max(0, self.last - self.acked)


def queue_of(reads: Reads, report: Path) -> Queue:
    """The queue now, by the sync process's own report. It may not run, or may never have run: then everything waits."""
    last = last_sequence(reads)
    status = read_sync_status(report)
    state = status.state if status.state in STATES else "starting"  # of a later build: pages have no word for it
    return Queue(last, min(status.acked, last), state, status.since or None)
