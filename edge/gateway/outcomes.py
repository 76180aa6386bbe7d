"""How far a grant has come: by the tables, and at once for whoever waits for its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from edge.domain.actuations import Actuation, GrantProgress
from edge.domain.noun import Noun
from edge.journal import Reads

MAX_SENT: Final = 1_000
"""How many grants are remembered as sent, for as long as they are under way."""
MAX_ENDED: Final = 64
"""How many ends of grants stay in memory for those who ask late; older ones are in the tables. To find the
oldest a dict walks past all that left before it: with 1,000 that costs an unlock nearly 1 %, and memory goes cold."""

Waiting = asyncio.Future[GrantProgress | None]


class Outcomes:
    """Grants on their way, and those who want to know how they end."""

    def __init__(self, reads: Reads, nouns: Sequence[Noun]) -> None:
        self._reads = reads
        self._actuations = [actuation for noun in nouns for actuation in noun.actuations]
        self._loop = asyncio.get_running_loop()
        self._sent: set[str] = set()
        self._holders: dict[str, str] = {}
        """Whose grants are under way: the facts that end one do not repeat the member."""
        self._ends: dict[str, GrantProgress] = {}
        self._waiting: dict[str, list[Waiting]] = {}

    def granted(self, grant: str, holder: str | None) -> None:
        """A command is about to go out."""
        if holder:
            self._holders[grant] = holder

    def sent(self, grant: str) -> None:
        """Its command is on its way to the device."""
        if len(self._sent) < MAX_SENT:
            self._sent.add(grant)

    def ended(self, actuation: Actuation, fact: Any) -> GrantProgress:
        """Tell who waits. Returns what they hear."""
        grant, reason = fact.grant, getattr(fact, "reason", None)
        end = GrantProgress(
            grant=grant,
            device=getattr(fact, actuation.device),
            holder=self._holders.pop(grant, ""),
            stage=actuation.done_stage if reason is None else "failed",
            hop=None if reason is None else fact.hop,
            reason=reason,
        )
        self._sent.discard(grant)
        for waiting in self._waiting.pop(grant, ()):
            if not waiting.done():
                waiting.set_result(end)
        self._ends[grant] = end
        if len(self._ends) > MAX_ENDED:
            del self._ends[next(iter(self._ends))]
        return end

    def progress(self, grant: str) -> GrantProgress | None:
        """Returns how far a grant has come, by the tables; none where there is no such grant."""
        for actuation in self._actuations:
            found = actuation.progress(self._reads, grant)
            if found is not None:
                if found.stage == "asked" and grant in self._sent:
                    return msgspec.structs.replace(found, stage="sent")
                return found
        return None

    async def end(self, grant: str, within_s: float) -> GrantProgress | None:
        """Returns the durable end of a grant: done or failed. What there is so far, when the time is over."""
        known = self._ends.get(grant)
        if known is not None:
            return known
        if grant not in self._sent:
            now = self.progress(grant)
            if now is None or now.stage not in ("asked", "sent"):
                return now
        # One future for each who waits: cheaper than to shield a common one.
        waiting: Waiting = self._loop.create_future()
        self._waiting.setdefault(grant, []).append(waiting)
        over = self._loop.call_later(within_s, _no_end, waiting)
        try:
            return await waiting or self.progress(grant)
        finally:
            over.cancel()
            self._give_up(grant, waiting)

    def _give_up(self, grant: str, waiting: Waiting) -> None:
        others = self._waiting.get(grant)
        if others is not None:
            others.remove(waiting)
            if not others:
                del self._waiting[grant]


def _no_end(waiting: Waiting) -> None:
    if not waiting.done():
        waiting.set_result(None)
