"""Calling staff to this screen, and how the call stands. The gateway decides; a call that was sent twice is one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

import msgspec

from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Help
from kiosk_ui.screen import Context, Step

REFRESH_S: Final = 3.0
"""How soon a call that stands is looked at again."""
AWAY: Final = "away"


class Memory(msgspec.Struct, frozen=True):
    """How the call of this session stands."""

    state: str = ""
    """`open`, `taken`, `over`; nothing where nobody was called; `away`."""
    name: str = ""
    """Who is on the way."""
    refused: Refused | None = None
    """Why nobody is called now."""
    asking: bool = False
    asked_at: float = 0.0


HelpContext: TypeAlias = Context[Help, Memory]


def start(_at: float) -> Memory:
    """Nobody was called."""
    return Memory()


def loads(known: Memory) -> bool:
    """The gateway is asked."""
    return known.asking


def on_front(context: HelpContext) -> Step[Memory]:
    """How the call stands."""
    return _ask(context, partial(_get, context.gateway))


def call(context: HelpContext, _argument: str) -> Step[Memory]:
    """Staff are called."""
    return _ask(context, partial(_post, context.gateway, "help/call", str(uuid.uuid4())))


def withdraw(context: HelpContext, _argument: str) -> Step[Memory]:
    """Nobody is needed any more."""
    return _ask(context, partial(_post, context.gateway, "help/withdraw", str(uuid.uuid4())))


def on_tick(context: HelpContext) -> Memory | Step[Memory]:
    """A second went by."""
    known = context.memory
    stands = known.state in ("open", "taken", AWAY) and not known.asking and not context.covered
    return on_front(context) if stands and context.at - known.asked_at >= REFRESH_S else known


def on_result(context: HelpContext, found: Memory) -> Memory:
    """The gateway answered, or did not."""
    return msgspec.structs.replace(found, asked_at=context.memory.asked_at)


def _ask(context: HelpContext, job: partial[Iterator[Memory]]) -> Step[Memory]:
    return Step(msgspec.structs.replace(context.memory, asking=True, asked_at=context.at), job)


def _get(gateway: Gateway) -> Iterator[Memory]:
    try:
        yield msgspec.convert(gateway.get("help"), Memory)
    except (Unreachable, Refused, msgspec.ValidationError):
        yield Memory(AWAY)


def _post(gateway: Gateway, path: str, request: str) -> Iterator[Memory]:
    try:
        yield msgspec.convert(gateway.post(path, {"request": request}), Memory)
    except Refused as refused:
        yield Memory(refused=refused)
    except (Unreachable, msgspec.ValidationError):
        yield Memory(AWAY)
