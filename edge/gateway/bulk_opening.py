"""Opening many doors of a bank: one after the other, so far apart and so few at once as the bank's supply can bear.

A round is no fact: each door that it opens is one, with who, why and for what. Nothing of it outlives a restart: no
door opens by itself because somebody wanted it before a crash.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
import uuid
from typing import Any, Final, Literal

import msgspec
import structlog

from edge.domain.lockers import queries, staff
from edge.domain.lockers.openings import Opening
from edge.domain.lockers.queries import DoorNow
from edge.domain.lockers.rules import Rules
from edge.errors import JournalError, Refusal
from edge.gateway.decide import Decide
from edge.gateway.outcomes import Outcomes
from edge.journal import Reads, Tx

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.05
"""How often it is looked whether a lock's pulse is over."""
DIGITS_S: Final = 120.0
"""How long the digits of a round are good."""
GUESSES: Final = 5
"""After so many other digits at that screen they are void."""
END_S: Final = 60.0
"""How long the last door of a round is waited for."""

Which = Literal["free", "overdue", "kept", "all"]
Stage = Literal["waits", "opening", "opened", "failed", "refused", "left"]
"""`left`: the round was stopped before its turn."""


class BulkOpening(msgspec.Struct):
    """One round. Changes as it goes on."""

    id: str
    """The request that began it."""
    bank: str
    staff: str
    reason: str
    which: Which
    doors: tuple[str, ...]
    grants: dict[str, str] = {}
    refused: dict[str, str] = {}
    """Code of why, by door."""
    stopped: bool = False
    over: bool = False


def at_once(rules: Rules) -> int:
    """How many locks may draw power at the same time."""
    return int(rules.power_watts // rules.lock_watts)


def chosen(doors: list[DoorNow], which: Which) -> tuple[str, ...]:
    """The doors that are meant: none that stands open, none that a later version knows more of."""
    shut = [each for each in doors if not each.held and each.door.shut != "open"]
    return tuple(each.door.door for each in shut if _is_wanted(each, which))


def _is_wanted(door: DoorNow, which: Which) -> bool:
    if which == "overdue":
        return door.state == "overdue"
    return which == "all" or (door.door.parcel is None) == (which == "free")


class PreparedOpening(msgspec.Struct):
    """A round that begins once somebody enters its digits at the bank's own screen."""

    digits: str
    which: Which
    staff: str
    reason: str
    until: float
    """Of the monotonic clock."""
    wrong: int = 0
    """How often other digits were entered there since."""


class BulkOpenings:
    """The rounds of this store, one at a time for each bank. The latest of each stays to be looked at."""

    def __init__(self, decide: Decide, reads: Reads, outcomes: Outcomes) -> None:
        self._decide = decide
        self._reads = reads
        self._outcomes = outcomes
        self._rounds: dict[str, BulkOpening] = {}
        self._prepared: dict[str, PreparedOpening] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def latest(self, bank: str) -> BulkOpening | None:
        """The round that goes on there, or the one that was last."""
        return self._rounds.get(bank)

    def prepare(self, *, bank: str, which: Which, staff: str, reason: str) -> str:
        """Six digits that begin such a round at the bank's screen, once, for two minutes; the last ones are void.

        Raises `Refusal` bad_request without a reason.
        """
        if not reason.strip():
            raise Refusal("bad_request", field="reason")
        digits = f"{secrets.randbelow(10**6):06}"
        until = time.monotonic() + DIGITS_S
        self._prepared[bank] = PreparedOpening(digits, which, staff, reason, until)
        return digits

    def waiting(self, bank: str) -> PreparedOpening | None:
        """What waits for its digits there."""
        found = self._prepared.get(bank)
        if found is not None and (found.wrong >= GUESSES or time.monotonic() >= found.until):
            del self._prepared[bank]
            return None
        return found

    async def enter(self, bank: str, digits: str, request: str) -> Opening | None:
        """Digits were entered at a bank's screen: the first door of the round that begins with them; None where none
        does. The same request begins it once. Raises `Refusal` as `begin` does, and door_busy where no door opens.
        """
        known = self._rounds.get(bank)
        if known is not None and known.id == request:
            return await self._first(known)
        found = self.waiting(bank)
        if found is None or not hmac.compare_digest(found.digits, digits):
            if found is not None:
                found.wrong += 1
            return None
        del self._prepared[bank]
        asked = {"bank": bank, "which": found.which, "staff": found.staff, "reason": found.reason}
        return await self._first(self.begin(**asked, request=request))  # type: ignore[arg-type]

    async def _first(self, begun: BulkOpening) -> Opening:
        """Its first door, as soon as it is granted. Raises `Refusal` door_busy."""
        while not begun.grants and not begun.over:
            await self._look()
        if not begun.grants:
            raise Refusal("door_busy", bank=begun.bank)
        door, grant = next(iter(begun.grants.items()))
        return Opening(grant, begun.bank, door, None)

    def begin(self, *, bank: str, which: Which, staff: str, reason: str, request: str) -> BulkOpening:
        """Begin a round; the same request begins it once.

        Raises `Refusal`: bad_request without a reason, locker_unknown, door_busy while another round goes on there or
        there is no door to open, power_short where the supply bears not even one lock.
        """
        known = self._rounds.get(bank)
        if known is not None and known.id == request:
            return known
        if not reason.strip():
            raise Refusal("bad_request", field="reason")
        doors = queries.doors(self._reads, bank)
        if not doors:
            raise Refusal("locker_unknown", bank=bank)
        if not at_once(queries.rules_of(self._reads)):
            raise Refusal("power_short", bank=bank)
        meant = chosen(doors, which)
        if (known is not None and not known.over) or not meant:
            raise Refusal("door_busy", bank=bank)
        begun = BulkOpening(request, bank, staff, reason.strip(), which, meant)
        self._rounds[bank] = begun
        task = asyncio.get_running_loop().create_task(self._run(begun), name=f"doors of {bank}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return begun

    def stop(self, bank: str) -> None:
        """No further door opens."""
        if (known := self._rounds.get(bank)) is not None:
            known.stopped = True

    async def close(self) -> None:
        """The gateway stops."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stages(self, known: BulkOpening) -> dict[str, Stage]:
        """How far each door is."""
        return {door: self._stage(known, door) for door in known.doors}

    def _stage(self, known: BulkOpening, door: str) -> Stage:
        if door in known.refused:
            return "refused"
        if door not in known.grants:
            return "left" if known.over else "waits"
        found = self._outcomes.progress(known.grants[door])
        if found is None or found.stage in ("asked", "sent"):
            return "opening"
        return "failed" if found.stage == "failed" else "opened"

    async def _run(self, known: BulkOpening) -> None:
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        try:
            for door in known.doors:
                rules = queries.rules_of(self._reads)
                await asyncio.sleep(max(0.0, next_at - loop.time()))
                await self._until_power(known, rules)
                if known.stopped:
                    break
                await self._open(known, door)
                next_at = loop.time() + rules.between_ms / 1000
            for grant in known.grants.values():
                await self._outcomes.end(grant, END_S)
        finally:
            known.over = True

    async def _until_power(self, known: BulkOpening, rules: Rules) -> None:
        """Whoever else opens a door of the bank draws from the same supply."""
        while not known.stopped and queries.under_way_at(self._reads, known.bank) >= at_once(rules):
            await self._look()

    @staticmethod
    async def _look() -> None:
        """Others open doors of the bank as well, and nobody tells of all of them."""
        await asyncio.sleep(LOOK_S)

    async def _open(self, known: BulkOpening, door: str) -> None:
        asked: dict[str, Any] = {
            "bank": known.bank,
            "door": door,
            "staff": known.staff,
            "purpose": "clear" if known.which == "overdue" else "inspect",
            "reason": known.reason,
            "request": str(uuid.uuid5(uuid.UUID(known.id), door)),
        }
        try:
            known.grants[door] = (await self._decide(_open_meant, known.which, **asked)).id
        except Refusal as refusal:
            known.refused[door] = refusal.code
        except JournalError as error:
            known.stopped = True
            log.warning("lockers.round_stopped", bank=known.bank, door=door, error=str(error))


def _open_meant(tx: Tx, /, which: Which, *, bank: str, door: str, **asked: Any) -> Opening:
    """Open a door whose turn has come. Refuses door_busy where it is none of those any more that are meant: somebody
    may have put something in since the round began.
    """
    if door not in chosen(queries.doors(tx, bank), which):
        raise tx.refuse("door_busy", bank=bank, door=door)
    return staff.staff_open(tx, bank=bank, door=door, **asked)
