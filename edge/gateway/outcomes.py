"""How far an unlock has come: by the tables, and at once for whoever waits for its end."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Literal

import msgspec

from edge.domain.orders import Hop
from edge.journal import Reads

MOST: Final = 1_000
"""How many ends of unlocks stay in memory for those who ask late; older ones are in the tables."""

Stage = Literal["asked", "sent", "unlocked", "seen", "back", "failed"]


class UnlockProgress(msgspec.Struct, frozen=True, gc=False):
    """How far an unlock has come."""

    grant: str
    cart: str
    member: str
    stage: Stage
    hop: Hop | None = None
    """Where it failed."""
    reason: str | None = None
    ended_ms: int | None = None
    """When it ended, well or badly, by the wall clock."""
    home_ms: int | None = None
    """When the ride that it began was over."""


_GRANT: Final = "SELECT cart, member, state, hop, reason, observed, ended_ms, home_ms FROM grants WHERE grant_id=?"

Waiting = asyncio.Future[UnlockProgress | None]


class Outcomes:
    """Unlocks between their grant and those who want to know."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._loop = asyncio.get_running_loop()
        self._sent: set[str] = set()
        self._askers: dict[str, str] = {}
        """Who waits for which grant: the facts that end one do not repeat the member."""
        self._ends: dict[str, UnlockProgress] = {}
        self._waiting: dict[str, list[Waiting]] = {}

    def granted(self, grant: str, member: str) -> None:
        """An order is about to go out."""
        self._askers[grant] = member

    def sent(self, order: str) -> None:
        """An order is on its way to the device."""
        if len(self._sent) < MOST:
            self._sent.add(order)

    def was_sent(self, order: str) -> bool:
        """Whether an order that has not ended is on its way to the device."""
        return order in self._sent

    def ended(self, fact: Any, device: str) -> UnlockProgress:
        """Tell who waits. Returns what they hear."""
        member = self._askers.pop(fact.grant, "")
        reason = getattr(fact, "reason", None)
        if reason is None:
            end = UnlockProgress(fact.grant, device, member, "unlocked")
        else:
            end = UnlockProgress(fact.grant, device, member, "failed", fact.hop, reason)
        self._sent.discard(fact.grant)
        for waiting in self._waiting.pop(fact.grant, ()):
            if not waiting.done():
                waiting.set_result(end)
        self._ends[fact.grant] = end
        if len(self._ends) > MOST:
            del self._ends[next(iter(self._ends))]
        return end

    def progress(self, grant: str) -> UnlockProgress | None:
        """How far an unlock has come, by the tables; none where there is no such grant."""
        row = self._reads.one(_GRANT, grant)
        if row is None:
            return None
        stage: Stage
        match row["state"]:
            case "granted":
                stage = "sent" if grant in self._sent else "asked"
            case "unlocked":
                stage = "back" if row["home_ms"] else "seen" if row["observed"] else "unlocked"
            case _:
                stage = "failed"
        return UnlockProgress(
            grant,
            row["cart"],
            row["member"],
            stage,
            row["hop"],
            row["reason"],
            row["ended_ms"],
            row["home_ms"],
        )

    async def end(self, grant: str, within_s: float) -> UnlockProgress | None:
        """The durable end of an unlock: unlocked or failed. What there is so far, when the time is over."""
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
