"""How a command to a device ends: where it got stuck, how its end is known, and which ends are the lock's own."""

from __future__ import annotations

from typing import Final, Literal

Hop = Literal["gateway", "broker", "device", "lock"]
"""Where a command got stuck, seen from here."""

How = Literal["done", "already", "observed"]
"""How it is known that something was done: the device's word, or what its sensor showed when no word came."""

FAULTS: Final = frozenset({"jammed", "no_response", "port_lost", "internal"})
"""How an unlock ends that nobody needs to try again before something has changed at the lock."""
