"""Films: a thread reads one ahead, and the window takes the picture whose time has come.

Where in a film a screen is, the clock says: screens beside each other agree, and a box that is too slow leaves pictures
out instead of falling behind. The library (PyAV, which is FFmpeg) is an extra: without it the still is shown.
"""

from __future__ import annotations

import importlib.util
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

LATE_S: Final = 0.2
"""What is later than this is left out."""
LOST_S: Final = 1.5
"""Later than this, only whole pictures are decoded until the film is in time again."""
SEEN_S: Final = 0.5
"""But so often one is shown, however late."""
UNWATCHED_S: Final = 2.0
"""A film that nobody takes pictures of for so long ends."""
THREADS: Final = 2
"""That decode: more hold more memory, and the rest of the box wants to live."""


class FilmFrame(msgspec.Struct, frozen=True):
    """One picture of a film: RGBA rows from the top down."""

    width: int
    height: int
    row: int
    """Pixels in a row of `pixels`; those beyond `width` are nothing."""
    pixels: bytes


def playable() -> bool:
    """Whether this machine has what plays films."""
    return importlib.util.find_spec("av") is not None


class Reel:
    """One film, from where it is by `position` to its end."""

    def __init__(self, path: str, position: Callable[[], float], fits: tuple[int, int]) -> None:
        """`position` says how many seconds of it have gone by; `fits` is how large it is seen, in pixels."""
        self._path = path
        self._position = position
        self._fits = fits
        self._latest: FilmFrame | None = None
        self._taken_at = time.monotonic()
        self._stopped = threading.Event()
        self.failed = False
        """It cannot be read."""
        self.left = False
        """It ended because nobody looked."""
        threading.Thread(target=self._run, name="film", daemon=True).start()

    def take(self) -> FilmFrame | None:
        """The picture whose time it is; None where the last one taken still is."""
        self._taken_at = time.monotonic()
        latest, self._latest = self._latest, None
        return latest

    def stop(self) -> None:
        """Ends soon."""
        self._stopped.set()

    def _run(self) -> None:
        import av

        try:
            with av.open(self._path) as film:
                self._play(film)
        except (av.FFmpegError, OSError, ValueError, IndexError) as error:
            log.warning("the film %s cannot be played: %s", self._path, error)
            self.failed = True

    def _play(self, film: Any) -> None:
        stream = film.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "AUTO", THREADS
        if (at := self._position()) > LATE_S:
            film.seek(int(at * 1_000_000))
        for frame in _in_time(film, stream, self._position):
            if not self._wait_until(frame.time or 0.0):
                return
            self._latest = self._scaled(frame)

    def _wait_until(self, at: float) -> bool:
        """Whether it came so far before it was stopped or left."""
        while (early := at - self._position()) > 0:
            if self._stopped.wait(min(early, 0.25)) or self._is_left():
                return False
        return not self._stopped.is_set() and not self._is_left()

    def _is_left(self) -> bool:
        self.left = time.monotonic() - self._taken_at > UNWATCHED_S
        return self.left

    def _scaled(self, frame: Any) -> FilmFrame:
        """No larger than it is seen: less to convert, and less to carry to the graphics."""
        scale = min(1.0, self._fits[0] / frame.width, self._fits[1] / frame.height)
        width, height = (max(2, round(side * scale)) for side in (frame.width, frame.height))
        plane = frame.reformat(width, height, "rgba").planes[0]
        return FilmFrame(width, height, plane.line_size // 4, bytes(plane))


def _in_time(film: Any, stream: Any, position: Callable[[], float]) -> Iterator[Any]:
    """Its pictures, without those that are too late to be seen; at its end the last one stands, also for who comes
    when it is over.
    """
    codec, shown_at, unseen = stream.codec_context, time.monotonic(), None
    for frame in film.decode(stream):
        late = position() - (frame.time or 0.0)
        if late > LOST_S:
            codec.skip_frame = "NONKEY"
        elif frame.key_frame:
            codec.skip_frame = "DEFAULT"
        now = time.monotonic()
        if late <= LATE_S or now - shown_at >= SEEN_S:
            shown_at, unseen = now, None
            yield frame
        else:
            unseen = frame
    if unseen is not None:
        yield unseen
