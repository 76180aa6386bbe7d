"""What the gateway sends a screen, taken as the kiosk's agent takes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from device_drivers.contract import Channel, Instruction, WallScene, decode, desired_body
from kiosk_ui import flow
from kiosk_ui.screen import Moment, Screens
from kiosk_ui.screens.registry import SCREENS

if TYPE_CHECKING:
    from device_drivers.contract import Backdrop, TimedScene

ALL = Screens(SCREENS)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def parse(body: bytes) -> Backdrop:
    """A desired body."""
    return desired_body("screen", body)  # type: ignore[return-value]


def instruction(verb: str, args: Any) -> Instruction | None:
    """A command's arguments; None where they are refused."""
    sent = {"id": "x", "verb": verb, "args": args, "fence": 1, "ttl_ms": 1000}
    return decode(Channel.COMMAND, msgspec.json.encode(sent)).args  # type: ignore[no-any-return]


def parse_scene(args: dict[str, Any]) -> TimedScene | None:
    """The scene that `show` asks for; none for the wall. Raises `ValueError` where it is no scene."""
    show = instruction("show", args)
    if show is None:
        raise ValueError(f"no scene: {args}")
    return None if isinstance(show.scene, WallScene) else show.scene  # type: ignore[union-attr]


def begin(at: float = 0.0) -> flow.State:
    """A kiosk before the gateway spoke."""
    return flow.begin(ALL, at)


def take(state: flow.State, body: bytes | Backdrop, at: float = 0.0) -> flow.State:
    """The gateway wants this to stand there all day."""
    message = parse(body) if isinstance(body, bytes) else body
    return flow.show_backdrop(state, ALL.of(message), message, at)


def stage(state: flow.State, scene: TimedScene, at: float) -> flow.State:
    """The gateway shows a scene in front."""
    return flow.show_scene(state, ALL.of(scene), scene, Moment(at, NOW))


def after(state: flow.State, at: float, now: datetime = NOW) -> flow.State:
    """A second went by; it is `at` now."""
    return flow.pass_time(state, Moment(at, now))


def act(state: flow.State, action: str, argument: str = "", at: float = 0.0, now: datetime = NOW) -> flow.State:
    """Something of the screen in front was touched."""
    return flow.act(state, action, argument, Moment(at, now))


def see(state: flow.State, at: float = 0.0, now: datetime = NOW) -> Any:
    """What is to be seen in front."""
    return flow.view(state, state.front, Moment(at, now))
