"""What this kiosk has of its own to show: what the gateway told it last, and the pictures and films that are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from device_drivers.contract import Backdrop, CouponWall, FilmTrouble
from kiosk_ui import films
from kiosk_ui.last_told import LastTold
from kiosk_ui.media import MediaCache


class Content:
    """Made once, in the window's thread; `keep` is called by the agent's."""

    def __init__(self, folder: Path, told: Callable[[Mapping[str, str]], None]) -> None:
        """`told` gets the paths of the media that are whole, by hash, in a thread of its own."""
        self._last = LastTold(folder)
        self._told = told
        self._media = MediaCache(folder / "media", self._has)
        self._whole: Mapping[str, str] = {}
        self._spoilt: frozenset[str] = frozenset()
        self._wants_films = False
        self.plays_films = films.playable()

    def start(self) -> Backdrop | None:
        """What was told last, to begin with."""
        self._media.start()
        return self._last.load()

    def stop(self) -> None:
        """Nothing is fetched any more."""
        self._media.stop()

    def want(self, message: Any) -> None:
        """This is shown from now on: its media are fetched, what is withdrawn leaves the disk."""
        if isinstance(message, CouponWall):
            self._wants_films = any(file.type.startswith("video/") for file in message.media)
            self._media.want(message)

    def keep(self, message: Backdrop) -> None:
        """This is what the next start begins with. Returns once the disk has it."""
        self._last.keep(message)

    def spoil(self, path: str) -> None:
        """The film of this path cannot be played: it is as if it were not here."""
        self._spoilt |= {path}
        self._has(self._whole)

    def film_trouble(self) -> FilmTrouble | None:
        """Why stills stand in place of films; None where films play, or none is wanted."""
        if not self._wants_films:
            return None
        if not self.plays_films:
            return "no_player"
        return "unreadable" if self._spoilt & set(self._whole.values()) else None

    def _has(self, whole: Mapping[str, str]) -> None:
        self._whole = whole
        self._told({sha256: path for sha256, path in whole.items() if path not in self._spoilt})
