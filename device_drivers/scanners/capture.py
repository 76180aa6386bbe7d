"""Pictures from a camera, a stream, a film or a folder of pictures. Only the newest is kept: what came while somebody
decoded is over.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp"})
NETWORK: Final = ("rtsp://", "rtsps://", "http://", "https://")


class Frame(NamedTuple):
    """A picture (BGR) and when it came: monotonic seconds, and the wall clock's."""

    picture: NDArray[np.uint8]
    at: float
    wall: float


class Gone(OSError):
    """There is no camera, or no more pictures."""


class VideoSource(NamedTuple):
    """Where pictures come from."""

    url: str
    """`/dev/video0` or a name below `/dev/v4l/by-id`, `rtsp://…`, `http://…` (MJPEG), a film, or a folder."""
    width: int
    height: int
    frames_s: float
    timeout_s: float
    repeat: bool
    exposure: float | None


def pictures(source: VideoSource) -> Iterator[NDArray[np.uint8]]:
    """One after the other, as they come; those of a folder or film at `frames_s`. Raises `Gone` at the end."""
    path = Path(source.url)
    if path.is_dir():
        yield from _paced(source, lambda: _folder(path))
    elif source.url.startswith(NETWORK) or path.is_char_device():
        yield from _camera(source)
    elif path.is_file():
        yield from _paced(source, lambda: _film(source))
    raise Gone(f"{_without_password(source.url)}: no (more) pictures")


def _paced(source: VideoSource, films: Callable[[], Iterator[NDArray[np.uint8]]]) -> Iterator[NDArray[np.uint8]]:
    due = time.monotonic()
    while True:
        count = 0
        for picture in films():
            yield picture
            count += 1
            due = max(due + 1 / source.frames_s, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
        if not source.repeat or not count:
            return


def _folder(path: Path) -> Iterator[NDArray[np.uint8]]:
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in PICTURES and (picture := cv2.imread(str(file))) is not None:
            yield np.asarray(picture, np.uint8)


def _film(source: VideoSource) -> Iterator[NDArray[np.uint8]]:
    capture = cv2.VideoCapture(source.url, cv2.CAP_FFMPEG)
    yield from _read(capture)


def _camera(source: VideoSource) -> Iterator[NDArray[np.uint8]]:
    milliseconds = int(source.timeout_s * 1000)
    if source.url.startswith(NETWORK):
        patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds]
        capture = cv2.VideoCapture(source.url, cv2.CAP_FFMPEG, patience)
    else:
        capture = cv2.VideoCapture(str(Path(source.url).resolve()), cv2.CAP_V4L2)
        _set_up(capture, source)
    if not capture.isOpened():
        capture.release()
        raise Gone(f"{_without_password(source.url)} cannot be opened")
    yield from _read(capture)


def _set_up(capture: cv2.VideoCapture, source: VideoSource) -> None:
    """A camera takes what it can of this and says nothing of the rest."""
    capture.set(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG")))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, source.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, source.height)
    capture.set(cv2.CAP_PROP_FPS, source.frames_s)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    if source.exposure is not None:
        capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, 1)  # V4L2: manual
        capture.set(cv2.CAP_PROP_EXPOSURE, source.exposure)


def _read(capture: cv2.VideoCapture) -> Iterator[NDArray[np.uint8]]:
    try:
        while True:
            ok, picture = capture.read()
            if not ok:
                return
            yield np.asarray(picture, np.uint8)
    finally:
        capture.release()


def _without_password(url: str) -> str:
    """Without the password that an address may hold."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if mark else url


class Capture:
    """A thread that reads pictures and keeps the newest. One that hangs is left behind."""

    def __init__(
        self, source: VideoSource, films: Callable[[VideoSource], Iterator[NDArray[np.uint8]]] = pictures
    ) -> None:
        self._source, self._films = source, films
        self._fresh = threading.Condition()
        self._frame: Frame | None = None
        self._error: str | None = None
        self._ended = False
        self.taken = 0
        """Pictures so far."""
        self._thread = threading.Thread(target=self._run, name="camera-capture", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether its thread has ended."""
        return not self._thread.is_alive()

    def newest(self, patience_s: float) -> Frame | None:
        """The newest picture that was not given out yet; None where none came for so long. Raises `Gone`."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._frame is not None or self._error is not None, patience_s)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                raise Gone(self._error)
            return frame

    def end(self) -> None:
        """Asks the thread to let go of the camera; does not wait for it."""
        self._ended = True

    def _run(self) -> None:
        films: Any = self._films(self._source)
        try:
            for picture in films:
                if self._ended:
                    return
                with self._fresh:
                    self._frame = Frame(picture, time.monotonic(), time.time())
                    self.taken += 1
                    self._fresh.notify()
        except (OSError, cv2.error) as error:
            self._fail(str(error))
        finally:
            films.close()

    def _fail(self, error: str) -> None:
        with self._fresh:
            self._error = error
            self._fresh.notify()
