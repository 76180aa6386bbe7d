"""Who puts something into a locker at a screen without a phone: a guest of that session, forgotten with it.

What opens the door afterwards is the code on the glass and on the slip; the guest is nobody's to be found again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Final

import msgspec

from edge.domain.callers import Caller, Proof
from edge.domain.members import decisions as members
from edge.domain.members.rules import Browser
from edge.gateway.decide import Decide

KEPT_S: Final = 900.0
"""After so long without a word of it a session's guest is forgotten."""


class _Guest(msgspec.Struct):
    session: str
    caller: Caller
    seen: float


class ScreenGuests:
    """One guest a screen: the one of its session."""

    def __init__(self, decide: Decide, clock: Callable[[], float] = time.monotonic) -> None:
        self._decide = decide
        self._clock = clock
        self._guests: dict[str, _Guest] = {}

    def known(self, screen: str, session: str) -> Caller | None:
        """The guest of a session, where it has one."""
        found = self._guests.get(screen)
        if found is None or found.session != session or self._clock() - found.seen > KEPT_S:
            return None
        found.seen = self._clock()
        return found.caller

    async def come(self, screen: str, session: str, language: str) -> Caller:
        """The guest of a session, made if there is none. Raises `Refusal`, `JournalError`."""
        known = self.known(screen, session)
        if known is not None:
            return known
        browser = Browser(f"screen-{screen}-{session}", uuid.uuid4().hex, agent="screen")
        made = await self._decide(
            members.come_as_guest,
            member=str(uuid.uuid4()),
            language=language,
            touchpoint=screen,
            request=str(uuid.uuid5(uuid.UUID(session), screen)),
            browser=browser,
        )
        caller = Caller(made.member, browser.name, Proof.DEVICE, made.session)
        self._guests[screen] = _Guest(session, caller, self._clock())
        return caller
