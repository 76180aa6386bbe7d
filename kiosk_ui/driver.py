"""The kiosk as a device on the bus: shows what is desired, sends pictures of itself, says which one it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Protocol

from device_drivers.contract import (
    Bare,
    DesiredBody,
    Identify,
    Instruction,
    Outcome,
    Reason,
    Restart,
    Show,
    ShowExtension,
    Snapshot,
    State,
    Verb,
    WallScene,
)
from device_drivers.driver import NOT_MINE, Report, Result
from kiosk_ui.picture import Frame, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_ui.screen import Screens

IDENTIFY_S: Final = 10.0
"""How long the screen says its name."""


class Display(Protocol):
    """The window, as the driver sees it.

    Every call comes from the agent's thread, waits until the window has done it, and raises
    `TimeoutError` where the window does not answer.
    """

    def show_backdrop(self, message: Any) -> None:
        """This is what the window shows all day, from the next frame on."""

    def show_scene(self, message: Any) -> None:
        """The scene stands in front of the backdrop from the next frame on."""

    def close_scene(self) -> None:
        """The backdrop again."""

    def frame(self) -> Frame:
        """What the window shows now; digits that are entered and codes are painted over."""

    def leave(self) -> None:
        """The window closes in a moment, and whoever watches it opens it again."""

    def identify(self, seconds: float) -> None:
        """The window says which device it is, large, for so long."""


class Driver:
    """A `device_drivers.driver.Driver` for the kiosk's window."""

    kind = "screen"
    capabilities = (Verb.SHOW, Verb.SNAPSHOT, Verb.IDENTIFY, Verb.RESTART)

    def __init__(self, display: Display, screens: Screens, glass: Callable[[], State | None] = lambda: None) -> None:
        """`glass` says what is observed of panel and picture; None where nothing is."""
        self._display = display
        self._screens = screens
        self._glass = glass

    def start(self, report: Report) -> None:
        """The window is open before the agent is; there is nothing to open, and nothing it reports by itself."""

    def stop(self) -> None:
        """The window belongs to the process and closes with it."""

    def state(self) -> State | None:
        """What is observed of the glass: somebody may pull the panel's cable while the window stays open."""
        return self._glass()

    def apply(self, body: DesiredBody) -> None:
        """Shows what is desired. Raises `ValueError` where no screen shows it, or the window does not answer."""
        if isinstance(body, Bare):
            raise ValueError("a screen shows a wall or a bank's keypad")  # noqa: TRY004 - as the agent expects it
        if not self._screens.knows(body):
            raise ValueError(f"no screen shows a {type(body).__name__}")
        try:
            self._display.show_backdrop(body)
        except TimeoutError:
            raise ValueError("the window does not answer") from None

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
        """See `device_drivers.driver.Driver`."""
        try:
            match instruction:
                case Show(scene):
                    return self._show(scene)
                case ShowExtension(scene):
                    return self._show(self._screens.scene(scene))
                case Snapshot():
                    return _picture_result(self._display.frame())
                case Restart():
                    self._display.leave()
                case Identify():
                    self._display.identify(IDENTIFY_S)
                case _:
                    return NOT_MINE
        except TimeoutError:
            return Result(Outcome.FAILED, Reason.NO_RESPONSE)
        return Result(Outcome.DONE)

    def _show(self, scene: Any) -> Result:
        if isinstance(scene, WallScene):
            self._display.close_scene()
            return Result(Outcome.ALREADY)
        if not self._screens.knows(scene):
            return Result(Outcome.REFUSED, Reason.BAD_ARGS)
        self._display.show_scene(scene)
        return Result(Outcome.DONE)


def _picture_result(frame: Frame) -> Result:
    """The picture, and what of a playlist it shows."""
    shown = {"shown": frame.shown} if frame.shown is not None else {}
    return Result(Outcome.DONE, observed={"png": snapshot(frame), **shown})
