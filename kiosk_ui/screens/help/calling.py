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

AGAIN_S: Final = 3.0
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


At: TypeAlias = Context[Help, Memory]


def start(_at: float) -> Memory:
    """Nobody was called."""
    return Memory()


def loads(known: Memory) -> bool:
    """The gateway is asked."""
    return known.asking


def look(help_: At) -> Step[Memory]:
    """How the call stands."""
    return _ask(help_, partial(_get, help_.gateway))


def call(help_: At, _argument: str) -> Step[Memory]:
    """Staff are called."""
    return _ask(help_, partial(_post, help_.gateway, "help/call", str(uuid.uuid4())))


def withdraw(help_: At, _argument: str) -> Step[Memory]:
    """Nobody is needed any more."""
    return _ask(help_, partial(_post, help_.gateway, "help/withdraw", str(uuid.uuid4())))


def again(help_: At) -> Memory | Step[Memory]:
    """A second went by."""
    known = help_.memory
    stands = known.state in ("open", "taken", AWAY) and not known.asking and not help_.covered
    return look(help_) if stands and help_.at - known.asked_at >= AGAIN_S else known


def take(help_: At, found: Memory) -> Memory:
    """The gateway answered, or did not."""
    return msgspec.structs.replace(found, asked_at=help_.memory.asked_at)


def _ask(help_: At, job: partial[Iterator[Memory]]) -> Step[Memory]:
    return Step(msgspec.structs.replace(help_.memory, asking=True, asked_at=help_.at), job)


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
