"""Somebody who sees nothing of the screen: five keys of a pad, and what the voice is given. Nothing else is asked."""

from __future__ import annotations

import time
from typing import Final

from kiosk_ui.key_navigation import PADS, Press
from tests.kiosk_ui.window_cases import frames

CODES: Final = {press: code for code, press in reversed(PADS.items())}
LONGEST: Final = 200
"""More presses than any screen has stops."""
PATIENCE_S: Final = 60.0


class Heard:
    """A voice that keeps what it is given."""

    able = True

    def __init__(self) -> None:
        self.said: list[str] = []
        self.speaking = False

    def say(self, text: str, language: str, volume: int = 100) -> None:
        """See `kiosk_ui.speech.Voice`."""
        self.said.append(f"{text} [{language} {volume}]")

    def stop(self) -> None:
        """See `kiosk_ui.speech.Voice`."""

    @property
    def latest(self) -> str:
        """What was said last."""
        return self.said[-1] if self.said else ""


class Blind:
    """Whoever stands there, and speaks English."""

    def __init__(self, voice: Heard) -> None:
        self._voice = voice
        self._chose_at = 0

    async def press(self, *presses: Press) -> str:
        """Keys of the pad, one after the other, as the window hears them. Returns what was said last."""
        from kivy.core.window import Window

        for each in presses:
            assert Window.dispatch("on_key_down", CODES[each], 0, None, [])
            Window.dispatch("on_key_up", CODES[each], 0)
            await frames(1)
        return self._voice.latest

    async def hears(self, words: str) -> str:
        """Waits until the voice has said so by itself since something was chosen."""

        def said() -> str:
            return next((each for each in self._voice.said[self._chose_at :] if words in each), "")

        ends = time.monotonic() + PATIENCE_S
        while not said():
            assert time.monotonic() < ends, f"the voice does not say {words!r}: {self._voice.said[self._chose_at :]}"
            await frames(1)
        return said()

    async def finds(self, words: str, on: Press = Press.NEXT, back: Press = Press.PREVIOUS) -> str:
        """Goes through the screen and back until something says so; it may be on its way."""
        ends = time.monotonic() + PATIENCE_S
        heard: list[str] = []
        while time.monotonic() < ends:
            for way in (on, back):
                for _ in range(LONGEST):
                    heard.append(await self.press(way))
                    if words in heard[-1]:
                        return heard[-1]
                    if len(heard) > 1 and heard[-1].endswith(heard[-2]):
                        break  # at its end it says so, and again where one stands
        raise AssertionError(f"nothing says {words!r}: {list(dict.fromkeys(heard))}")

    async def chooses(self, words: str) -> None:
        """Goes to the key that says so, through keys alone, and presses the middle one."""
        await self.finds(words, Press.NEXT_KEY, Press.PREVIOUS_KEY)
        self._chose_at = len(self._voice.said)
        await self.press(Press.CHOOSE)

    async def opens(self, words: str, title: str) -> None:
        """Chooses a key that leads to a screen of this title."""
        await self.chooses(words)
        await self.hears(f"{title}. ")
