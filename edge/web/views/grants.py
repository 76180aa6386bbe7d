"""How a grant goes on, for whoever asked for it: the same for carts, doors and whatever else is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.web.language import Texts
    from edge.web.web import Web

HOPELESS: Final = frozenset({"jammed", "port_lost", "no_response", "internal", "bad_args"})
"""Reasons that a second try will not cure: somebody has to look at the device."""
STEPS: Final = 4
"""What a shopper sees of the way: asked, sent, opened, and what the sensors say then."""

S = TypeVar("S", bound="GrantView")


class GrantView(Protocol):
    """Where a grant stands, as a reader sees it; the whole state each time."""

    @property
    def done(self) -> bool:
        """Whether nothing more will follow."""


class FailureWords(msgspec.Struct, frozen=True):
    """Where the sentences for a failure stand, by the beginning of their keys."""

    hops: str
    """Where it failed."""
    reasons: str
    """Why, to be said after it."""
    whole: str = ""
    """Sentences for a reason that say it all."""
    said: frozenset[str] | None = None
    """The reasons that are told; none for all that have words."""


def failure_sentence(
    texts: Texts, language: str, words: FailureWords, hop: str | None, reason: str | None, **values: Any
) -> str:
    """Which hop failed and why."""
    if words.whole and texts.has(f"{words.whole}{reason}"):
        return texts.say(language, f"{words.whole}{reason}")
    key = f"{words.hops}{hop}"
    sentence = texts.say(language, key if texts.has(key) else f"{words.hops}lock", **values)
    why = f"{words.reasons}{reason}"
    if reason and texts.has(why) and (words.said is None or reason in words.said):
        sentence += texts.say(language, "comma") + texts.say(language, why)
    return sentence + texts.say(language, "stop")


def step_marks(reached: int, failed_at: str | None = None, *, going: bool = True) -> list[str]:
    """The class of each step: done, going on, failed (at a hop) or still to come."""
    if failed_at is not None:
        reached = 1 if failed_at in ("gateway", "broker") else 2
    now = "no" if failed_at is not None else "now" if going else ""
    return (["on"] * reached + [now] + [""] * STEPS)[:STEPS]


async def follow(web: Web, state: Callable[[], S | None], *about: str) -> AsyncIterator[S]:
    """The state at once and whenever it is another one, until it is done. `about`: whose changes concern it."""
    async with web.feed.subscribe() as changes:
        last = None
        while (now := state()) is not None:
            if now != last:
                last = now
                yield now
                if now.done:
                    return
            while (await changes.get()).id not in about:
                pass
