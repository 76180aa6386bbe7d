"""What somebody presses on the search, and what the gateway finds. Nothing of it outlives them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract.answers.search import Searched
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Search
from kiosk_ui.screen import Context, Step

LONGEST: Final = 20
AGAIN_S: Final = 5.0
"""How soon it is asked again where nobody answered."""
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
DIGITS: Final = "1234567890"


class SearchQuery(msgspec.Struct, frozen=True):
    """What is asked for."""

    typed: str = ""
    digits: bool = False
    category: str = ""


class Memory(msgspec.Struct, frozen=True):
    """What the search remembers."""

    asked: SearchQuery = SearchQuery()
    answer: Searched = Searched()
    answered: bool = False
    """The latest question was answered."""
    asking: bool = False
    lost: bool = False
    """Nobody answered."""
    tried_at: float = 0.0
    language: str = ""
    """That was asked in."""
    page: int = 0
    shelf: int = 0
    """Which of the pages of categories is seen."""


At: TypeAlias = Context[Search, Memory]


def start(_at: float) -> Memory:
    """Nothing was pressed."""
    return Memory()


def loads(known: Memory) -> bool:
    """The gateway is asked."""
    return known.asking


def ask(at: At, asked: SearchQuery | None = None) -> Step[Memory]:
    """Asks, for this or once more for the same."""
    wanted = asked or at.memory.asked
    known = msgspec.structs.replace(
        at.memory,
        asked=wanted,
        asking=True,
        answered=False,
        tried_at=at.at,
        language=at.language,
        page=0 if asked else at.memory.page,
    )
    return Step(known, partial(_fetch, at.gateway, wanted))


def begin(at: At) -> Step[Memory]:
    """It came in front: what is known stays, where it is still what would be read."""
    return Step(at.memory) if at.memory.answered and at.memory.language == at.language else ask(at)


def again(at: At) -> Memory | Step[Memory]:
    """A second went by: another language, or nobody has answered yet."""
    known = at.memory
    if at.covered or known.asking:
        return known
    if known.language != at.language or (known.lost and at.at - known.tried_at >= AGAIN_S):
        return ask(at)
    return known


def press(at: At, key: str) -> Step[Memory]:
    """A letter or digit: only one that leads on."""
    asked = at.memory.asked
    if key not in lit(at.memory) or len(asked.typed) >= LONGEST:
        return Step(at.memory)
    return ask(at, SearchQuery(asked.typed + key, asked.digits))


def erase(at: At, _: str) -> Step[Memory]:
    """Takes the last one back."""
    asked = at.memory.asked
    return ask(at, SearchQuery(asked.typed[:-1], asked.digits)) if asked.typed else Step(at.memory)


def clear(at: At, _: str) -> Step[Memory]:
    """Begins anew."""
    return ask(at, SearchQuery(digits=at.memory.asked.digits))


def switch(at: At, _: str) -> Step[Memory]:
    """Digits in place of letters, and back."""
    asked = at.memory.asked
    return ask(at, SearchQuery(digits=not asked.digits and not asked.category))


def choose(at: At, category: str) -> Step[Memory]:
    """Goods of a category; the same once more puts it away."""
    asked = at.memory.asked
    return ask(at, SearchQuery(digits=asked.digits, category="" if category == asked.category else category))


def turn(at: At, by: str) -> Step[Memory]:
    """Another page of what was found."""
    return Step(msgspec.structs.replace(at.memory, page=max(0, at.memory.page + int(by))))


def more(at: At, _: str) -> Step[Memory]:
    """The next categories."""
    return Step(msgspec.structs.replace(at.memory, shelf=at.memory.shelf + 1))


def lit(known: Memory) -> str:
    """The keys that lead on. While nobody has answered yet any may; the answer will say."""
    every = DIGITS if known.asked.digits else LETTERS
    return known.answer.lit if known.answered and known.answer.digits == known.asked.digits else every


def take(at: At, found: Searched | Unreachable) -> Memory:
    """It answered, or did not. An answer to an earlier question is not looked at."""
    known = at.memory
    if isinstance(found, Unreachable):
        return msgspec.structs.replace(known, asking=False, lost=True)
    if (found.typed, found.digits) != (known.asked.typed, known.asked.digits):
        return msgspec.structs.replace(known, asking=False)
    return msgspec.structs.replace(known, answer=found, answered=True, asking=False, lost=False)


def _fetch(gateway: Gateway, asked: SearchQuery) -> Iterator[Searched | Unreachable]:
    try:
        pad = "digits" if asked.digits else "letters"
        found = gateway.get("search", typed=asked.typed, pad=pad, category=asked.category or None)
        yield msgspec.convert(found, Searched)
    except (Unreachable, Refused, msgspec.ValidationError):
        yield Unreachable()
