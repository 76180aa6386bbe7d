"""The kiosk as a device on the bus: shows what is desired, sends pictures of itself, says which one it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Protocol

from device_drivers.contract import Outcome, Reason, State, Verb
from device_drivers.driver import Report, Result
from kiosk_ui.desired import Backdrop, parse
from kiosk_ui.picture import Frame, snapshot
from kiosk_ui.scene import Scene
from kiosk_ui.scene import parse as parse_scene

if TYPE_CHECKING:
    from collections.abc import Callable

IDENTIFY_S: Final = 10.0
"""How long the screen says its name, where the command does not say."""
IDENTIFY_MOST_S: Final = 120.0


class Screen(Protocol):
    """The window, as the driver sees it.

    Every call comes from the agent's thread, waits until the window has done it, and raises
    `TimeoutError` where the window does not answer.
    """

    def show(self, wanted: Backdrop) -> None:
        """This is what the window shows from the next frame on."""

    def stage(self, scene: Scene | None) -> None:
        """The scene stands in front of the wall from the next frame on; none is the wall again."""

    def frame(self) -> Frame:
        """What the window shows now."""

    def identify(self, seconds: float) -> None:
        """The window says which device it is, large, for so long."""


class Driver:
    """A `device_drivers.driver.Driver` for the kiosk's window."""

    kind = "screen"
    capabilities = (Verb.SHOW, Verb.SNAPSHOT, Verb.IDENTIFY)

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._verbs: dict[str, Callable[[dict[str, Any]], Result]] = {
            Verb.SHOW: self._show,
            Verb.SNAPSHOT: self._snapshot,
            Verb.IDENTIFY: self._identify,
        }

    def start(self, report: Report) -> None:
        """The window is open before the agent is; there is nothing to open, and nothing it reports by itself."""

    def stop(self) -> None:
        """The window belongs to the process and closes with it."""

    def state(self) -> State | None:
        """A screen senses nothing."""
        return None

    def apply(self, body: bytes) -> None:
        """Shows what is desired. Raises `ValueError` where the body is none, or the window does not answer."""
        wanted = parse(body)
        try:
            self._screen.show(wanted)
        except TimeoutError:
            raise ValueError("the window does not answer") from None

    def carry_out(self, verb: str, args: dict[str, Any], deadline: float = math.inf) -> Result:  # noqa: ARG002
        """See `device_drivers.driver.Driver`."""
        carry = self._verbs.get(verb)
        if carry is None:
            return Result(Outcome.REFUSED, Reason.BAD_ARGS)
        try:
            return carry(args)
        except TimeoutError:
            return Result(Outcome.FAILED, Reason.NO_RESPONSE)

    def _show(self, args: dict[str, Any]) -> Result:
        """A product or a notice in front of the wall, or the wall again."""
        try:
            scene = parse_scene(args)
        except ValueError:
            return Result(Outcome.REFUSED, Reason.BAD_ARGS)
        self._screen.stage(scene)
        return Result(Outcome.DONE if scene else Outcome.ALREADY)

    def _snapshot(self, _args: dict[str, Any]) -> Result:
        return Result(Outcome.DONE, observed={"png": snapshot(self._screen.frame())})

    def _identify(self, args: dict[str, Any]) -> Result:
        seconds = args.get("seconds", IDENTIFY_S)
        if not isinstance(seconds, int | float) or not 0 < seconds <= IDENTIFY_MOST_S:
            return Result(Outcome.REFUSED, Reason.BAD_ARGS)
        self._screen.identify(float(seconds))
        return Result(Outcome.DONE)
