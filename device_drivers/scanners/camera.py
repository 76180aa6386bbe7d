"""A camera that reads codes: USB, RTSP or MJPEG. Pictures stay in its process; what leaves it are codes, and one
picture when staff ask for it to aim the camera.
"""

from __future__ import annotations

import base64
import logging
import math
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import cv2
import msgspec

from device_drivers.contract import Instruction, Snapshot
from device_drivers.driver import NOT_MINE, Claim, Outcome, Reason, Result, State
from device_drivers.scanners.announcing import Health, scanned, snapshot
from device_drivers.scanners.capture import Capture, Frame, Gone, VideoSource
from device_drivers.scanners.engines import ZBAR_MISSING
from device_drivers.scanners.reads import checked
from device_drivers.scanners.scanner import Scanner
from device_drivers.scanners.votes import VoteRules
from device_drivers.scanners.watching import Watcher

if TYPE_CHECKING:
    from device_drivers.contract import Camera
    from device_drivers.driver import Report

log = logging.getLogger(__name__)

WAIT_S: Final = 0.2
LOOK_S: Final = 2.0
"""How long who asks for a picture waits for the next one."""
REOPEN_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""How long to wait before it is opened again, the last one for ever; the first one after a minute of pictures."""
STABLE_S: Final = 60.0
LEFT_BEHIND: Final = 8
"""So many captures may hang at once; then no more are opened, and the log says that only a restart helps."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which camera, and how it is read."""

    url: Annotated[str, msgspec.Meta(min_length=1)]
    """`/dev/v4l/by-id/…`, `rtsp://…`, `http://…` (MJPEG), a film or a folder of pictures."""
    width: Annotated[int, msgspec.Meta(ge=160, le=3840)] = 640
    """What a USB camera is asked for, in pixels; a stream comes as it is."""
    height: Annotated[int, msgspec.Meta(ge=120, le=2160)] = 480
    """What a USB camera is asked for; a stream comes as it is."""
    frames_s: Annotated[float, msgspec.Meta(gt=0, le=120)] = 15.0
    """How many pictures a second are looked at."""
    exposure: Annotated[float, msgspec.Meta(ge=-1_000_000, le=1_000_000)] | None = None
    """Of a USB camera, in its own units (most often 0.1 ms); automatic where it is left out."""
    patience_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 5.0
    """Without a picture for so long the camera hangs, and is opened anew."""
    repeat: bool = False
    """A film or a folder begins again at its end."""
    catalogue: str | None = None
    """A file with one GTIN a line: a product that is in it needs a vote less where it is read clearly, one that is not
    needs a vote more.
    """
    votes: VoteRules = VoteRules()
    """How many looks a code needs before it counts, by what kind of code it is."""


class Driver(Scanner):
    """The camera, a device of kind `scanner`. Event: `scanned`. Answers `snapshot` with a PNG in base64."""

    capabilities = ("snapshot",)
    absent = "no pictures"

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        super().__init__()
        self._settings = settings
        self.claims = (Claim(settings.url),) if settings.url.startswith("/dev/") else ()
        self._source = VideoSource(
            settings.url,
            settings.width,
            settings.height,
            settings.frames_s,
            settings.patience_s,
            settings.repeat,
            settings.exposure,
        )
        known = gtins(Path(settings.catalogue)) if settings.catalogue else None
        self._known = known.__contains__ if known is not None else None
        self._camera: Camera | None = None
        self._wanted = threading.Event()
        self._picture: Frame | None = None
        self._given = threading.Event()
        self._hanging: list[Capture] = []
        self._failures = 0

    def start(self, report: Report) -> None:
        """Begins to look; the camera may come later."""
        if ZBAR_MISSING is not None:
            log.warning("libzbar0 is not installed (%s): worn EAN codes are read less often", ZBAR_MISSING)
        cv2.setNumThreads(1)
        super().start(report)

    def state(self) -> State:
        """Whether there are pictures, and how good they are."""
        return State(online=self._there, camera=self._camera)

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """`snapshot` is the one thing that a camera does."""
        if not isinstance(instruction, Snapshot):
            return NOT_MINE
        if not self._there:
            return Result(Outcome.FAILED, Reason.OFFLINE)
        self._given.clear()
        self._wanted.set()
        arrived = self._given.wait(max(0.0, min(LOOK_S, deadline - time.monotonic())))
        self._wanted.clear()
        frame, self._picture = self._picture, None
        if not arrived or frame is None:
            return Result(Outcome.FAILED, Reason.NO_RESPONSE)
        return Result(Outcome.DONE, observed={"png": base64.b64encode(snapshot(frame.picture)).decode()})

    def pause_s(self, listened_s: float) -> float:
        """Longer with each failure in turn; the first one again after a minute of pictures."""
        self._failures = 0 if listened_s > STABLE_S else self._failures + 1
        return REOPEN_S[max(0, min(self._failures, len(REOPEN_S)) - 1)]

    def listen(self) -> None:
        """Until the camera is gone or hangs (`OSError`), or `stop`."""
        self._watch()
        self._is_there(there=False)

    def _watch(self) -> None:
        self._hanging = [capture for capture in self._hanging if not capture.over]
        if len(self._hanging) >= LEFT_BEHIND:
            raise Gone(f"{LEFT_BEHIND} captures hang: restart the process, look after the camera's cable and power")
        capture = Capture(self._source)
        watcher, health = Watcher(self._settings.votes, self._known), Health()
        last = time.monotonic()
        try:
            while not self._ended.is_set():
                frame = capture.newest(WAIT_S)
                if frame is None:
                    if time.monotonic() - last > self._settings.patience_s:
                        raise Gone(f"no picture for {self._settings.patience_s:g} s")
                    continue
                last = frame.at
                self._take(frame, watcher, health)
        finally:
            capture.end()
            self._hanging.append(capture)

    def _take(self, frame: Frame, watcher: Watcher, health: Health) -> None:
        offset = frame.wall - frame.at
        for seen in watcher.take(frame.picture, frame.at):
            self._report.event(scanned(seen, frame.picture.shape, frame.wall, seen.first_at + offset))
        if self._wanted.is_set():
            self._wanted.clear()
            self._picture = frame
            self._given.set()
        if (camera := health.frame(frame.picture, frame.at, watcher.spent_s)) is not None:
            self._camera = camera
            self._is_there(there=True)
        elif not self._there:
            self._is_there(there=True)


def gtins(file: Path) -> frozenset[str]:
    """Of a file with one a line, all with 14 digits. Raises `ValueError` for a line that is none, `OSError` for the
    file.
    """
    found = set()
    with file.open(encoding="ascii", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            digits = line.strip()
            if digits and not (len(digits) in (8, 12, 13, 14) and checked(digits)):
                raise ValueError(
                    f"catalogue: line {number}, {digits[:20]!r}: expected a GTIN of 8, 12, 13 or 14 digits"
                )
            if digits:
                found.add(digits.zfill(14))
    return frozenset(found)
