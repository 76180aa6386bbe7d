"""Who a session's caller is, from memory: every request asks, and a fact that changes the answer clears it at once."""

from __future__ import annotations

import time
from typing import Final

import msgspec

from edge.domain.callers import Caller, Proof
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import NumberProven, SessionEnded, SessionOpened
from edge.domain.members.rules import LIFE_MS
from edge.journal import Reads

MAX_KNOWN: Final = 10_000
"""How many callers are remembered: asking the tables costs as much as a decision."""
DAY_MS: Final = 24 * 3600_000
SLACK_MS: Final = 60_000
"""What a clock may be set back by without making anything doubtful."""


class _Known(msgspec.Struct, frozen=True):
    caller: Caller
    until_ms: int
    """Until when this is so, if no fact comes before."""


class Sessions:
    """The sessions that there are."""

    def __init__(self, reads: Reads, proof_days: float) -> None:
        self._reads = reads
        self.proof_ms = int(proof_days * DAY_MS)
        self._known: dict[str, _Known] = {}

    def caller(self, session: str) -> Caller | None:
        """Whom the session acts for; none where it ended or is too old."""
        now = max(time.time_ns() // 1_000_000, self._reads.now)  # over by either clock is over
        known = self._known.get(session)
        if known is not None and now < known.until_ms:
            return known.caller
        return self._look(session, now)

    def notice(self, fact: SessionOpened | SessionEnded | NumberProven) -> None:
        """A fact of a session was committed: what it changes is asked anew."""
        self._known.pop(fact.session, None)

    def clear(self) -> None:
        """Ask for everybody anew."""
        self._known.clear()

    def _look(self, session: str, now: int) -> Caller | None:
        self._known.pop(session, None)
        row = member_queries.session(self._reads, session)
        if row is None or now >= row.opened_ms + LIFE_MS:
            return None
        # A proof that seems to lie ahead is one whose age nobody knows: the clock was set back.
        proof, until = Proof.DEVICE, row.opened_ms + LIFE_MS
        if row.proven_ms is not None and -SLACK_MS <= now - row.proven_ms < self.proof_ms:
            proof, until = Proof.VERIFIED, min(until, row.proven_ms + self.proof_ms)
        caller = Caller(row.member, row.browser, proof, session)
        if len(self._known) >= MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[session] = _Known(caller, until)
        return caller
