"""What the gateway sends a screen, taken as the kiosk's agent takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from device_drivers.contract import Channel, Order, WallScene, decode, desired_body

if TYPE_CHECKING:
    from device_drivers.contract import Backdrop, Staged


def parse(body: bytes) -> Backdrop:
    """A desired body."""
    return desired_body("screen", body)  # type: ignore[return-value]


def order(verb: str, args: Any) -> Order | None:
    """A command's arguments; None where they are refused."""
    sent = {"id": "x", "verb": verb, "args": args, "fence": 1, "ttl_ms": 1000}
    return decode(Channel.COMMAND, msgspec.json.encode(sent)).args  # type: ignore[no-any-return]


def parse_scene(args: dict[str, Any]) -> Staged | None:
    """The scene that `show` asks for; none for the wall. Raises `ValueError` where it is no scene."""
    show = order("show", args)
    if show is None:
        raise ValueError(f"no scene: {args}")
    return None if isinstance(show.scene, WallScene) else show.scene  # type: ignore[union-attr]
