"""Who stands before each screen now. In memory: after a restart a code is shown once more.

A visit begins with a scan beside the screen or with a touch on it. The screen names its own session with all that it
asks; a scan belongs to the session that asked last. Nobody inherits a visit: a new session is somebody else, but for
one that begins while what was scanned is still on the glass.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Final

from edge.domain.baskets.rules import Owner

AWAY_S: Final = 120.0
"""After so long without a scan somebody else stands there, where nobody touched the screen."""
SESSION_S: Final = 300.0
"""After so long without a word of it a session is over: the screen ends its sessions sooner by itself."""
JOIN_S: Final = 15.0
"""A session that begins so soon after a scan is of whoever scanned."""
MEMBER_S: Final = 45.0
"""A member's things are open for so long after the last touch or scan."""

NOBODY: Final = str(uuid.UUID(int=0))
"""The session that a screen names while nobody stands there."""


class ScreenVisit:
    """Somebody at a screen."""

    def __init__(self, screen: str, session: str = "") -> None:
        self.screen = screen
        self.session = f"screen/{screen}/{session or uuid.uuid4().hex[:12]}"
        """Names what they gather."""
        self.kiosk = session
        """The screen's own session; empty while nobody touched it."""
        self.member = ""
        self.member_seen = 0.0
        self.seen = 0.0

    @property
    def owner(self) -> Owner:
        """Whose basket they fill."""
        return Owner(member=self.member) if self.member else Owner(session=self.session)


class ScreenVisits:
    """One visit for each screen."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._visits: dict[str, ScreenVisit] = {}
        self._over: dict[str, str] = {}
        """By screen, the session that ended last: what it asked before and comes late begins no visit."""

    def scanned(self, screen: str) -> ScreenVisit:
        """Returns who stands there, for something that was held to the scanner beside the screen."""
        found = self._now(screen) or self._begin(ScreenVisit(screen))
        found.seen = found.member_seen = self._clock()
        return found

    def asking(self, screen: str, session: str, *, touched: bool = False) -> ScreenVisit:
        """Returns whose session asks. `touched`: somebody did something, so a member's things stay open."""
        found = self._now(screen)
        if session in (NOBODY, self._over.get(screen)):
            return ScreenVisit(screen, session)
        if found is None or (found.kiosk != session and not self._joins(found)):
            found = self._begin(ScreenVisit(screen, session))
        found.kiosk = session
        found.seen = self._clock()
        if touched:
            found.member_seen = found.seen
        return found

    def greet(self, visit: ScreenVisit, member: str) -> None:
        """Their member's code was shown: their things are open from now on."""
        visit.member, visit.member_seen = member, self._clock()

    def member_left_s(self, visit: ScreenVisit) -> float:
        """Returns how long a member's things stay open without a touch; 0 where none are."""
        return max(0.0, visit.member_seen + MEMBER_S - self._clock()) if visit.member else 0.0

    def close_member(self, screen: str, session: str) -> None:
        """A member's things are closed: by whoever they are, or by the screen."""
        found = self._visits.get(screen)
        if found is not None and found.kiosk == session:
            found.member = ""

    def end(self, screen: str, session: str) -> None:
        """A session is over: whoever scans now is somebody else."""
        self._over[screen] = session
        found = self._visits.get(screen)
        if found is not None and found.kiosk == session:
            del self._visits[screen]

    def _now(self, screen: str) -> ScreenVisit | None:
        found, now = self._visits.get(screen), self._clock()
        if found is None or now - found.seen > (SESSION_S if found.kiosk else AWAY_S):
            return None
        if found.member and now - found.member_seen > MEMBER_S:
            found.member = ""
        return found

    def _joins(self, found: ScreenVisit) -> bool:
        return not found.kiosk and self._clock() - found.seen <= JOIN_S

    def _begin(self, visit: ScreenVisit) -> ScreenVisit:
        self._visits[visit.screen] = visit
        return visit
