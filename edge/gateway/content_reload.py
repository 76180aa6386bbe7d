"""Takes playlists, pictures and films in while the store runs: whole, or nothing of them.

Everything else in the settings waits for a start (`storekeeper apply`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.domain.playlists.from_settings import take_over
from edge.errors import Refusal
from edge.settings import file_sets
from edge.settings.mistakes import SettingsError
from edge.settings.settings import Settings, load

if TYPE_CHECKING:
    from edge.gateway.decide import Decide
    from edge.gateway.media import MediaStore
    from edge.gateway.screen_playlists import ScreenPlaylists


class ContentReload:
    """One at a time; the screens are told once all of it is on this box."""

    def __init__(
        self,
        settings: Settings,
        decide: Decide,
        media: MediaStore,
        playlists: ScreenPlaylists,
        refresh: Callable[[], None],
        good: Callable[[], None],
    ) -> None:
        """`refresh` tells the screens, `good` takes note that the files in force have proven good."""
        self._folder = settings.playing.beside
        self._decide = decide
        self._media = media
        self._playlists = playlists
        self._refresh = refresh
        self._good = good
        self._one = asyncio.Lock()
        self._rest = self._of_the_rest()
        self.settings = settings.sha256
        """SHA-256 of the files that the store works by."""

    async def take(self, sha256: str) -> bool:
        """Takes in what the files of the settings with this hash say. Returns whether that is anything new.

        Raises `Refusal` content_unfit.
        """
        async with self._one:
            found = await asyncio.to_thread(self._read, sha256)
            if sha256 == self.settings:
                return False
            missing = await asyncio.to_thread(self._media.take_in, found.playing)
            if new := sorted({*missing} - {*self._media.missing}):
                raise Refusal("content_unfit", why=f"not whole in media/ beside the settings: {', '.join(new)}")
            before, lacked = self._playlists.playing, self._media.missing
            self._use(found, missing)
            try:
                await self._decide(take_over, found)
            except BaseException:
                self._media.use(before, lacked)
                self._playlists.playing = before
                raise
            self.settings = sha256
            self._refresh()
            await asyncio.to_thread(self._media.drop)
            await asyncio.to_thread(self._good)
            return True

    def _use(self, found: Settings, missing: tuple[str, ...]) -> None:
        self._media.use(found.playing, missing)
        self._playlists.playing = found.playing

    def _read(self, sha256: str) -> Settings:
        try:
            files = file_sets.read(self._folder) if self._folder else {}
            if file_sets.digest(files) != sha256:
                raise Refusal("content_unfit", why="the store works by the settings of another folder")
            if file_sets.digest(file_sets.without_content(files)) != self._rest:
                why = f"more than {' and '.join(file_sets.CONTENT)} changed; `storekeeper apply` brings that into force"
                raise Refusal("content_unfit", why=why)
            return load(self._folder)  # type: ignore[arg-type]  # where there is none, no hash fits
        except SettingsError as error:
            raise Refusal("content_unfit", why=str(error.mistakes[0])) from None
        except OSError as error:
            raise Refusal("content_unfit", why=str(error)) from None

    def _of_the_rest(self) -> str:
        """What needs a start, as this gateway began with it."""
        try:
            return file_sets.digest(file_sets.without_content(file_sets.read(self._folder))) if self._folder else ""
        except OSError:
            return ""  # nothing fits it: nothing is taken in
