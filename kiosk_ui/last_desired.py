"""What the gateway told this kiosk last, on its disk: what it shows when it wakes without gateway and network.

It is written before the gateway gets its confirmation, so what was confirmed as withdrawn is not shown again after a
power cut. Codes change each half minute and are no reason to wear out a disk: they alone are written once an hour.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from device_drivers.contract import Backdrop, CouponWall, desired_body, encode_desired

log = logging.getLogger(__name__)

EVERY_S: Final = 3600.0
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class LastDesired:
    """One kiosk's last body of `desired`."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / "last-told.json"
        self._clock = clock
        self._written = ""
        self._at = 0.0

    def keep(self, body: Backdrop) -> None:
        """Writes it down where it says something new. A disk that takes nothing is logged, and stops nothing."""
        digest, now = _digest(body), self._clock()
        if digest == self._written and now - self._at < EVERY_S:
            return
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(encode_desired(body))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
            _flush(self._path.parent)
        except OSError as error:
            log.warning("what is shown is not written down: %s", error)
            return
        self._written, self._at = digest, now

    def load(self) -> Backdrop | None:
        """What was told last; none where nothing was, or it is not to be read."""
        try:
            found = desired_body("screen", self._path.read_bytes())
        except (OSError, ValueError):
            return None
        return found  # type: ignore[return-value]


def _digest(body: Backdrop) -> str:
    """Over what a shopper would miss: not the codes, nor how long they are good."""
    if isinstance(body, CouponWall):
        coupons = tuple(msgspec.structs.replace(each, url="-", code_until=_NEVER) for each in body.coupons)
        body = msgspec.structs.replace(body, coupons=coupons, leased_until=None)
    return hashlib.sha256(encode_desired(body)).hexdigest()


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
