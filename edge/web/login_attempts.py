"""Names that nobody has, and whoever tries many names: they wait as others do, so that an answer tells nothing.

In memory, a bounded number: a name that is not there needs no fact, and a restart forgives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.domain.staff.pin_tries import EVERYWHERE, HERE, Tries, TryLimit

if TYPE_CHECKING:
    from edge.domain.staff.rules import LoginPlace

MAX_KNOWN: Final = 4096
MANY_NAMES: Final = TryLimit(free=30, first_ms=15_000, longest_ms=3_600_000, leak_ms=60_000)
"""Wrong tries of one address over all names. A store full of phones has one address, and fingers that slip."""


class LoginAttempts:
    """Counts what the tables do not count."""

    def __init__(self) -> None:
        self._tries: dict[tuple[str, str], Tries] = {}

    def wait(self, name: str, place: LoginPlace, now: int, *, known: bool) -> int:
        """How many milliseconds this try has to wait; `known`: whether the tables count for this name."""
        return max((self._tries_of(count).wait(now) for count, _ in _counts(name, place, known=known)), default=0)

    def failed(self, name: str, place: LoginPlace, now: int, *, known: bool) -> int:
        """One wrong try more; how many milliseconds the next has to wait."""
        longest = 0
        for count, pace in _counts(name, place, known=known):
            tries = self._tries_of(count).failed(now, pace)
            self._tries.pop(count, None)
            if len(self._tries) >= MAX_KNOWN:
                del self._tries[next(iter(self._tries))]
            self._tries[count] = tries
            longest = max(longest, tries.delay_ms)
        return longest

    def _tries_of(self, count: tuple[str, str]) -> Tries:
        return self._tries.get(count, Tries())


def _counts(name: str, place: LoginPlace, *, known: bool) -> list[tuple[tuple[str, str], TryLimit]]:
    if place.known:
        return []
    everybody = [(("", place.key), MANY_NAMES)]
    return everybody if known else [*everybody, ((name, place.key), HERE), ((name, ""), EVERYWHERE)]
