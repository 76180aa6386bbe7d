"""What a committed fact asks for, as data: carried out by `edge.gateway.effects`, ended by another fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from edge.domain.endings import Hop
from edge.journal import Tx

Settle = Callable[[Tx, str, str, str | None, Hop], Any]
"""The decision that records an end: command id, outcome (the contract's, or `lapsed`), reason, hop."""


class DeviceCommand(msgspec.Struct, frozen=True):
    """One command to one device. It expires, it is sent under one id, and it is never given again after a crash."""

    id: str
    """The id of the entry that asked for it, as text (`edge.journal.id_text`)."""
    device: str
    verb: str
    args: dict[str, Any]
    fence: int
    settle: Settle
    ttl_ms: int | None = None
    """How long it may take; None is as long as a lock may. Paper is slower than a bolt."""
