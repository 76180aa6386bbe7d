"""What the kiosk does, without a window: one frozen state, and the few things that can happen to it.

Time is passed in: `at` is the monotonic clock in seconds, for idling and turning. What ends by the wall clock is
in `view`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract import Backdrop, BankKeypad, CouponWall, Staged
from kiosk_ui import bank_flow, texts
from kiosk_ui.bank_flow import Entry
from kiosk_ui.grid import PER_PAGE, PER_PAGE_LARGE, pages

IDLE_S: Final = 60.0
"""Without a touch for so long, the next shopper finds the store's own language and letters.

Nothing is lost by it, so nothing asks first.
"""
TURN_S: Final = 20.0
"""How long a page stays before the next one comes.

Long enough to get the phone out. A touch stops the turning until the kiosk idles.
"""
GRACE_S: Final = 5.0
"""A connection away for less than this is not worth a word."""


class State(msgspec.Struct, frozen=True):
    """Everything the kiosk remembers."""

    wall: CouponWall | None = None
    bank: BankKeypad | None = None
    """Set where the screen stands at a locker bank; then there is no wall."""
    entry: Entry = Entry()
    """The digits of whoever collects."""
    language: str = texts.DEFAULT
    chosen: bool = False
    """The shopper chose the language; otherwise it follows the store's first."""
    large: bool = False
    page: int = 0
    turned_at: float = 0.0
    touched_at: float | None = None
    """The latest touch; none since the kiosk last idled."""
    lost_at: float | None = None
    """Since when the broker is away; none while it is there."""
    scene: Staged | None = None
    """What stands in front of the wall."""
    scene_until: float = 0.0
    """When the wall comes back."""


def languages(state: State) -> tuple[str, ...]:
    """The store's languages that there are texts for, in the store's order; at least one."""
    behind = state.bank or state.wall
    wanted = behind.languages if behind else (texts.DEFAULT,)
    return tuple(language for language in wanted if language in texts.known()) or (texts.DEFAULT,)


def next_language(state: State) -> str:
    """Where the language button leads; the same language where the store has only one."""
    offered = languages(state)
    place = offered.index(state.language) if state.language in offered else -1
    return offered[(place + 1) % len(offered)]


def per_page(state: State) -> int:
    """How many cards a page has room for."""
    return PER_PAGE_LARGE if state.large else PER_PAGE


def take(state: State, wanted: Backdrop) -> State:
    """The gateway wants another wall, or a bank's keypad.

    A shopper's own language stays, if the store still speaks it.
    """
    if isinstance(wanted, BankKeypad):
        taken = msgspec.structs.replace(state, wall=None, bank=wanted)
    else:
        taken = msgspec.structs.replace(state, wall=wanted, bank=None, entry=Entry())
    keep = state.chosen and state.language in languages(taken)
    return msgspec.structs.replace(taken, chosen=keep, language=state.language if keep else languages(taken)[0])


def switch_language(state: State, at: float) -> State:
    """The language button was touched."""
    return msgspec.structs.replace(state, language=next_language(state), chosen=True, touched_at=at)


def switch_large(state: State, at: float) -> State:
    """The large-text button was touched; the first card of the page stays on the page."""
    first = state.page * per_page(state)
    switched = msgspec.structs.replace(state, large=not state.large, touched_at=at)
    return msgspec.structs.replace(switched, page=first // per_page(switched))


def turn(state: State, step: int, page_count: int, at: float) -> State:
    """A paging arrow was touched; after the last page comes the first."""
    return msgspec.structs.replace(state, page=(state.page + step) % page_count, turned_at=at, touched_at=at)


def touch(state: State, at: float) -> State:
    """Somebody touched the screen anywhere. Who touches is still there: a scene stays as long again."""
    until = at + state.scene.seconds if state.scene else state.scene_until
    return msgspec.structs.replace(state, touched_at=at, scene_until=until)


def stage(state: State, scene: Staged | None, at: float) -> State:
    """The gateway shows a scene in front of the wall, for as long as the scene says; none is the wall again.

    Who holds things to the scanner is there, though nobody touches: the language they chose stays.
    """
    touched = state.touched_at if state.touched_at is None else at
    until = at + scene.seconds if scene else at
    return msgspec.structs.replace(state, scene=scene, scene_until=until, touched_at=touched)


def connection(state: State, connected: bool, at: float) -> State:
    """The broker is there or not."""
    if connected:
        return state if state.lost_at is None else msgspec.structs.replace(state, lost_at=None)
    return state if state.lost_at is not None else msgspec.structs.replace(state, lost_at=at)


def pass_time(state: State, page_count: int, at: float) -> State:
    """A second went by: a scene ends, the idle kiosk forgets the last shopper, and an untouched one turns its pages."""
    state = msgspec.structs.replace(state, entry=bank_flow.pass_time(state.entry, at)) if state.bank else state
    if state.scene is not None:
        if at < state.scene_until:
            return state
        state = msgspec.structs.replace(state, scene=None, turned_at=at)
    if state.touched_at is not None and at - state.touched_at >= IDLE_S and not state.entry.asking:
        pause = bank_flow.dismiss(state.entry)
        return State(
            wall=state.wall,
            bank=state.bank,
            entry=pause,
            language=languages(state)[0],
            lost_at=state.lost_at,
            turned_at=at,
        )
    if page_count > 1 and state.touched_at is None and at - state.turned_at >= TURN_S:
        return msgspec.structs.replace(state, page=(state.page + 1) % page_count, turned_at=at)
    if state.page >= page_count:
        return msgspec.structs.replace(state, page=0)
    return state


def page_sizes(state: State, coupons: int) -> list[int]:
    """How many cards each page shows; one empty page where there are no coupons."""
    return pages(coupons, per_page(state))
