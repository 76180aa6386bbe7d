"""The window for the agent's thread: every call is done on Kivy's, and waited for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kivy.clock import Clock

from kiosk_ui.self_repair import RESTART, STILL_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_ui.picture import Frame

T = TypeVar("T")

LEAVE_S: Final = 1.0


def on_kivys_thread(act: Callable[[], T]) -> T:
    """Does it on Kivy's thread and waits for the answer. Raises `TimeoutError` where the window stands still."""
    answer: list[T] = []
    done = threading.Event()

    def do(_dt: float) -> None:
        answer.append(act())
        done.set()

    Clock.schedule_once(do)
    if not done.wait(STILL_S):
        raise TimeoutError
    return answer[0]


class ThreadSafeDisplay:
    """The window for the agent's thread: a `driver.Display`."""

    def __init__(self, kiosk: Any) -> None:
        self._kiosk = kiosk

    def show_backdrop(self, message: Any) -> None:
        """See `driver.Display`."""
        on_kivys_thread(lambda: self._kiosk.show_backdrop(message))
        self._kiosk.content.keep(message)

    def show_scene(self, message: Any) -> None:
        """See `driver.Display`."""
        on_kivys_thread(lambda: self._kiosk.show_scene(message))

    def close_scene(self) -> None:
        """See `driver.Display`."""
        on_kivys_thread(self._kiosk.close_scene)

    def frame(self) -> Frame:
        """See `driver.Display`."""
        seen: Frame = on_kivys_thread(self._kiosk.veiled)
        return seen

    def leave(self) -> None:
        """See `driver.Display`. In a moment: the answer must be out before."""
        Clock.schedule_once(lambda _dt: self._kiosk.leave(RESTART), LEAVE_S)

    def identify(self, seconds: float) -> None:
        """See `driver.Display`."""
        on_kivys_thread(lambda: self._kiosk.identify(seconds))
