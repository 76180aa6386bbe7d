"""What this kiosk has of its own to show: what the gateway told it last, and the pictures and films that are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from device_drivers.contract import Backdrop, CouponWall, FilmTrouble
from device_drivers.contract.playlists import Repertoire
from kiosk_ui import films
from kiosk_ui.last_desired import LastDesired
from kiosk_ui.media import MediaCache


class Content:
    """Made once, in the window's thread; `keep` is called by the agent's."""

    def __init__(
        self,
        folder: Path,
        told: Callable[[Mapping[str, str]], None],
        again: Callable[[], None] = lambda: None,
    ) -> None:
        """`told` gets the paths of the media that are whole, by hash; `again` is called when `message` can be shown
        with its own playlists. Both in a thread of its own.
        """
        self._last = LastDesired(folder)
        self._told = told
        self._media = MediaCache(folder / "media", self._has, again)
        self._repertoire: Repertoire | None = None
        self._of = ""
        """Hash of that repertoire; empty where a message held it."""
        self.message: Any = None
        """What was told last, as it was told."""
        self._whole: Mapping[str, str] = {}
        self._spoilt: frozenset[str] = frozenset()
        self._wants_films = False
        self.plays_films = films.playable()

    def start(self) -> Backdrop | None:
        """What was told last, to begin with."""
        self._media.start()
        return self._last.load()

    def whole(self, message: Any) -> Any:
        """The same, with the playlists that came beside it, or those before as long as they have not come."""
        self.message = message
        if not isinstance(message, CouponWall):
            return message
        part = message.repertoire
        if part is None:
            self._repertoire = Repertoire(message.playlists, message.media, message.goods)
            self._of = ""
            return message
        if self._of != part.sha256 and (found := self._media.repertoire(part.sha256)):
            self._repertoire, self._of = found, part.sha256
        if self._repertoire is None:
            self._repertoire = self._media.repertoire() or Repertoire()
        return msgspec.structs.replace(message, **msgspec.structs.asdict(self._repertoire))

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
