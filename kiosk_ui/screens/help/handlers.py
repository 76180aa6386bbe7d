"""Calling staff to this screen, and how the call stands. The gateway decides; a call that was sent twice is one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

import msgspec

from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Help
from kiosk_ui.screen import Asked, Context, Step

REFRESH_S: Final = 3.0
"""How soon a call that stands is looked at again."""
AWAY: Final = "away"


class Memory(Asked, frozen=True):
    """How the call of this session stands."""

    state: str = ""
    """`open`, `taken`, `over`; nothing where nobody was called; `away`."""
    name: str = ""
    """Who is on the way."""
    refused: Refused | None = None
    """Why nobody is called now."""


HelpContext: TypeAlias = Context[Help, Memory]


def start(_at: float) -> Memory:
    """Nobody was called."""
    return Memory()


def on_front(context: HelpContext) -> Step[Memory]:
    """How the call stands."""
    return context.begin(partial(_look, context.gateway))


def call(context: HelpContext, _argument: str) -> Step[Memory]:
    """Staff are called."""
    return context.ask("help/call", Memory, {"request": str(uuid.uuid4())})


def withdraw(context: HelpContext, _argument: str) -> Step[Memory]:
    """Nobody is needed any more."""
    return context.ask("help/withdraw", Memory, {})


def on_tick(context: HelpContext) -> Memory | Step[Memory]:
    """A second went by."""
    known = context.memory
    stands = known.state in ("open", "taken", AWAY)
    return on_front(context) if stands and context.due(REFRESH_S) else known


def on_result(context: HelpContext, found: Memory | Refused | Unreachable) -> Memory:
    """The gateway answered, or did not."""
    if isinstance(found, Refused):
        found = Memory(refused=found)
    elif isinstance(found, Unreachable):
        found = Memory(AWAY)
    return msgspec.structs.replace(found, asked_at=context.memory.asked_at, language=context.memory.language)


def _look(gateway: Gateway) -> Iterator[Memory]:
    try:
        yield gateway.get("help", Memory)
    except Refused as refused:  # it was not asked for anything that could be: it is looked at again
        raise Unreachable(refused.code) from None
