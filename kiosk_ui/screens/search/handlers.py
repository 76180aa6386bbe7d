"""What somebody presses on the search, and what the gateway finds. Nothing of it outlives them."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract.answers.search import Searched
from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.places import Search
from kiosk_ui.screen import Asked, Context, Step

LONGEST: Final = 20
RETRY_S: Final = 5.0
"""How soon it is asked again where nobody answered."""
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
DIGITS: Final = "1234567890"


class SearchQuery(msgspec.Struct, frozen=True):
    """What is asked for."""

    typed: str = ""
    digits: bool = False
    category: str = ""


class Memory(Asked, frozen=True):
    """What the search remembers."""

    asked: SearchQuery = SearchQuery()
    answer: Searched = Searched()
    answered: bool = False
    """The latest question was answered."""
    lost: bool = False
    """Nobody answered."""
    page: int = 0
    shelf: int = 0
    """Which of the pages of categories is seen."""


SearchContext: TypeAlias = Context[Search, Memory]


def start(_at: float) -> Memory:
    """Nothing was pressed."""
    return Memory()


def fetch(context: SearchContext, asked: SearchQuery | None = None) -> Step[Memory]:
    """Asks, for this or once more for the same."""
    wanted, page = (asked, 0) if asked else (context.memory.asked, context.memory.page)
    known = msgspec.structs.replace(context.memory, asked=wanted, answered=False, page=page)
    pad = "digits" if wanted.digits else "letters"
    return context.ask("search", Searched, memory=known, typed=wanted.typed, pad=pad, category=wanted.category or None)


def on_front(context: SearchContext) -> Step[Memory]:
    """It came in front: what is known stays, where it is still what would be read."""
    return (
        Step(context.memory)
        if context.memory.answered and context.memory.language == context.language
        else fetch(context)
    )


def on_tick(context: SearchContext) -> Memory | Step[Memory]:
    """A second went by: another language, or nobody has answered yet."""
    return fetch(context) if context.due(RETRY_S if context.memory.lost else math.inf) else context.memory


def press(context: SearchContext, key: str) -> Step[Memory]:
    """A letter or digit: only one that leads on."""
    asked = context.memory.asked
    if key not in enabled_keys(context.memory) or len(asked.typed) >= LONGEST:
        return Step(context.memory)
    return fetch(context, SearchQuery(asked.typed + key, asked.digits))


def erase(context: SearchContext, _: str) -> Step[Memory]:
    """Takes the last one back."""
    asked = context.memory.asked
    return fetch(context, SearchQuery(asked.typed[:-1], asked.digits)) if asked.typed else Step(context.memory)


def clear(context: SearchContext, _: str) -> Step[Memory]:
    """Begins anew."""
    return fetch(context, SearchQuery(digits=context.memory.asked.digits))


def switch(context: SearchContext, _: str) -> Step[Memory]:
    """Digits in place of letters, and back."""
    asked = context.memory.asked
    return fetch(context, SearchQuery(digits=not asked.digits and not asked.category))


def choose(context: SearchContext, category: str) -> Step[Memory]:
    """Goods of a category; the same once more puts it away."""
    asked = context.memory.asked
    return fetch(context, SearchQuery(digits=asked.digits, category="" if category == asked.category else category))


def turn(context: SearchContext, by: str) -> Step[Memory]:
    """Another page of what was found."""
    return Step(msgspec.structs.replace(context.memory, page=max(0, context.memory.page + int(by))))


def more(context: SearchContext, _: str) -> Step[Memory]:
    """The next categories."""
    return Step(msgspec.structs.replace(context.memory, shelf=context.memory.shelf + 1))


def enabled_keys(known: Memory) -> str:
    """The keys that lead on. While nobody has answered yet any may; the answer will say."""
    every = DIGITS if known.asked.digits else LETTERS
    return known.answer.lit if known.answered and known.answer.digits == known.asked.digits else every


def on_result(context: SearchContext, found: Searched | Refused | Unreachable) -> Memory:
    """It answered, or did not. An answer to an earlier question is not looked at."""
    known = context.memory
    if isinstance(found, Refused | Unreachable):
        return msgspec.structs.replace(known, asking=False, lost=True)
    if (found.typed, found.digits) != (known.asked.typed, known.asked.digits):
        return msgspec.structs.replace(known, asking=False)
    return msgspec.structs.replace(known, answer=found, answered=True, asking=False, lost=False)
