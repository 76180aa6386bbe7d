"""The terms of staff and of calls."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.staff.facts import Role

ROLES: Final[frozenset[Role]] = frozenset({"staff", "manager", "operator"})
MAX_BROWSERS: Final = 20
"""So many browsers of one person are remembered, the newest."""
SESSION_MS: Final = 12 * 3600_000
"""A shift: after that the PIN is asked for again."""
KEPT_MS: Final = 30 * 24 * 3600_000
"""A wrong try is forgotten for good."""


class Person(msgspec.Struct, frozen=True):
    """Who is logged in."""

    staff: str
    name: str
    role: Role
    session: str
    key: str
    """Names the PIN or password that opened the session."""


class StaffMember(msgspec.Struct, frozen=True):
    """A member of staff as the box's secrets name them."""

    staff: str
    name: str
    role: Role
    key: str


class LoginPlace(msgspec.Struct, frozen=True):
    """Where somebody tries a PIN."""

    key: str
    """Names the browser or the address."""
    known: bool
    """Whether this person has used this very browser: what strangers do elsewhere is nothing to it."""


AGAIN_MS: Final = 10 * 60_000
"""Within this time one browser calls `MAX_AGAIN` times."""
MAX_AGAIN: Final = 3
MAX_CALLS_AT: Final = 5
"""Calls at one place that are open together: staff go there already."""
MAX_CALLS: Final = 30
BUSY_S: Final = 60
"""When to call again, where so many wait in the store."""
FORGOTTEN_MS: Final = 30 * 60_000
"""Nobody waits longer without calling again."""


class Call(msgspec.Struct, frozen=True):
    """A call as its shopper sees it."""

    id: str
    state: str
    """`open`, `taken` or `over`."""
    name: str
    """Who is coming."""
    zone: str
    touchpoint: str
    called_ms: int
    changed_ms: int


class Colleague(msgspec.Struct, frozen=True):
    """Somebody who is staff."""

    staff: str
    name: str
    role: Role


class StaffSession(msgspec.Struct, frozen=True):
    """Where somebody is logged in."""

    session: str
    staff: str
    name: str
    role: Role
    since_ms: int
    browser: str


class Act(msgspec.Struct, frozen=True):
    """What somebody of the staff did."""

    request: str
    staff: str
    name: str
    action: str
    target: str
    reason: str
    ref: str
    """The job or the command that shows how it ended."""
    at_ms: int
