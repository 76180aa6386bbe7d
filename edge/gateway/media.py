"""The pictures and films of the screens on this box: by the hash of their bytes, whole or not there.

They are taken from `media/` beside the settings when the store opens and when its settings name others, and kept in
the data folder: whoever changes a file there changes nothing that is shown until `storekeeper screens add` has seen it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import structlog

from device_drivers.contract.playlists import MediaFile
from edge.domain.needs import LOOK, Need
from edge.secrets.private import fsync_file
from edge.settings.media_files import found
from edge.settings.playlists import ConfiguredPlaylists

log = structlog.get_logger(__name__)

PIECE: Final = 1024 * 1024


class MediaStore:
    """Made once; `open`, `take_in` and `drop` block, what else there is does not."""

    def __init__(self, data: Path, playing: ConfiguredPlaylists) -> None:
        self._folder = data / "media"
        self._playing = playing
        self.missing: tuple[str, ...] = ()
        """Names of what playlists show and this box has not."""
        self._since_ms = 0

    def path(self, sha256: str) -> Path | None:
        """Where the bytes lie that have this hash; none where it is none of the store's, or not there."""
        if sha256 not in self._playing.media:
            return None
        path = self._folder / sha256
        return path if path.is_file() else None

    def type_of(self, sha256: str) -> str:
        """What kind of file it is, as browsers say it."""
        return self._playing.media[sha256].type

    def take_in(self, playing: ConfiguredPlaylists) -> tuple[str, ...]:
        """Copies what these settings name and this box has not, each whole and checked.

        Returns the names of those that cannot be had.
        """
        missing = [
            playing.names.get(sha256, sha256)
            for sha256, file in playing.media.items()
            if not (self._folder / sha256).is_file() and not self._copied(playing, sha256, file)
        ]
        return tuple(sorted(missing))

    def use(self, playing: ConfiguredPlaylists, missing: tuple[str, ...]) -> None:
        """These are the store's from now on, and these of them are missing."""
        self._playing, self.missing = playing, missing
        if missing:
            self._since_ms = time.time_ns() // 1_000_000
            log.error("media.missing", files=missing)

    def open(self) -> None:
        """Takes in what the settings say, and drops what they name no more."""
        self.use(self._playing, self.take_in(self._playing))
        self.drop()

    def _copied(self, playing: ConfiguredPlaylists, sha256: str, file: MediaFile) -> bool:
        name = playing.names.get(sha256, "")
        if playing.beside is None or not name:
            return False
        try:
            content = found(playing.beside, name, file)
            if content is None:
                log.error("media.differs", file=name, expected=sha256)
                return False
            self._write(sha256, content)
        except OSError as error:
            log.warning("media.not_taken", file=name, error=error.strerror)
            return False
        return True

    def _write(self, sha256: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f".{sha256}.new"
        with new.open("wb") as file:
            file.write(content)
            fsync_file(file)
        new.replace(self._folder / sha256)

    def drop(self) -> None:
        """What the settings name no more leaves the disk."""
        for path in self._folder.glob("*"):
            if path.name not in self._playing.media:
                path.unlink(missing_ok=True)

    def needs(self, now_ms: int) -> list[Need]:
        """Staff learn of what cannot be shown."""
        if not self.missing:
            return []
        details = {"files": ", ".join(self.missing[:5]), "count": len(self.missing)}
        return [Need("media_missing", LOOK, "", "media_missing", self._since_ms or now_ms, details)]
