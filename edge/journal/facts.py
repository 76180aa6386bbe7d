"""What happens to the journal itself: every fact."""

from __future__ import annotations

from edge.journal.entry import Fact


class JournalPruned(Fact, frozen=True, tag="journal.pruned.v1"):
    """Facts have left the journal. It binds what stands for them into the chain."""

    first: int
    """The first entry that is kept."""
    hash: str
    """Of the entry before that, hexadecimal: what the first one is linked to."""
    base: int
    """The entry whose tables the snapshot holds. Up to there, what only told how things went may be let go as well."""
    snapshot: str
    """SHA-256 of the snapshot, hexadecimal."""
    facts: int
    """How many left with this pruning."""
    to_ms: int
    """Wall time of the newest of all that have left."""
    because: str
    """Who has them: `cloud`, `archives`, or `disk` where none left and only a snapshot was made."""


class StreamOpened(Fact, frozen=True, tag="stream.opened.v1"):
    """The journal goes on in a new stream. Whatever was allowed by a code or a ticket before is allowed no more."""

    parent: str
    """The stream before, in hexadecimal."""
    parent_sequence: int
    """The last entry of the earlier stream that is known here."""
    parent_hash: str
    reason: str
    """`restored`: from a backup, or from the cloud."""
    generation: int
