"""The certificate that phones are shown: looked for every few seconds, taken up without a restart, told staff in time.

One that cannot be used changes nothing: what was good goes on, and staff hears of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from edge.domain.needs import LOOK, SOON, Need
from edge.secrets.certificates import UNREADABLE, Certificate, Unusable, load
from edge.settings.settings import GatewaySettings

log = structlog.get_logger(__name__)

LOOK_S: Final = 5.0
"""How often it is looked whether the files are others."""
DAY_MS: Final = 86_400_000
Stamp = tuple[tuple[int, int, int] | None, ...]


class PhoneCertificate:
    """What is served now. Without files there is none, and no https."""

    def __init__(
        self, files: tuple[Path, Path] | None, clock: Callable[[], float] = time.time, address: str | None = None
    ) -> None:
        """`address` is where phones reach the gateway by the settings; its port stands for the listener's own."""
        self._files = files
        self._clock = clock
        self._public = address or ""
        self._stamp: Stamp | None = None
        self._since_ms = 0
        self.served: Certificate | None = None
        self.wrong = ""
        """Why the files cannot be used, one of `edge.secrets.certificates.REASONS`, or `port`."""
        self.port = 0
        """Where https is served; 0 where it is not."""

    @property
    def wanted(self) -> bool:
        """Whether there is to be https."""
        return self._files is not None

    def good(self) -> Certificate | None:
        """Returns the certificate that phones accept now."""
        served = self.served
        return served if served and self.port and not served.expired(self._now_ms()) else None

    def covers(self, host: str) -> bool:
        """Whether this canonical host is named by the certificate that is served."""
        return self.served is not None and self.served.covers(host)

    def address(self, host: str = "") -> str | None:
        """Where the same is to be had by https: at this host, or the first that the certificate names. None where
        phones would not accept it.
        """
        good = self.good()
        named = host or next((name for name in good.names if "*" not in name), "") if good else ""
        if not good or not named or not good.covers(named):
            return None
        if self._public == f"https://{named}" or self._public.startswith(f"https://{named}:"):
            return self._public
        return f"https://{named}" if self.port == 443 else f"https://{named}:{self.port}"

    def look(self) -> bool:
        """Take the files up where they are others than before. Returns whether another certificate is served now."""
        if self._files is None:
            return False
        stamp = tuple(_stamp(path) for path in self._files)
        if stamp == self._stamp:
            return False
        try:
            found = load(*self._files)
        except Unusable as error:
            self._cannot(error)
            # The files may be half written: they are looked at again, until they are good or stay as they are. Whether
            # they can be read does not show in them.
            self._stamp = None if error.reason == UNREADABLE else stamp
            return False
        self._stamp = stamp
        self.wrong = "" if self.wrong != "port" else self.wrong
        self.served = found
        log.info("https.certificate", names=found.names, until_ms=found.until_ms, serial=found.serial)
        return True

    def _cannot(self, error: Unusable) -> None:
        if self.wrong != error.reason:
            self.wrong, self._since_ms = error.reason, self._now_ms()
            log.error("https.unusable", why=str(error), still_served=self.served is not None)

    def refuse_port(self, error: OSError) -> None:
        """The port belongs to somebody else: pages go on by http."""
        self.wrong, self._since_ms = "port", self._now_ms()
        log.error("https.no_port", why=str(error))

    async def run(self) -> None:
        """Look until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await asyncio.to_thread(self.look)

    def needs(self, now_ms: int) -> list[Need]:
        """What is wrong with it, or will be soon."""
        found = [self._need(f"https_{self.wrong}", SOON, self._since_ms)] if self.wrong else []
        served = self.served
        if served and served.expired(now_ms):
            found.append(self._need("https_expired", SOON, served.until_ms))
        elif served and now_ms >= (since := served.late_ms):
            left = (served.until_ms - now_ms) // DAY_MS
            found.append(self._need("https_expires", SOON if left < 7 else LOOK, since, days=left))
        return found

    def _need(self, kind: str, urgency: int, since_ms: int, **details: object) -> Need:
        names = ", ".join(self.served.names) if self.served else ""
        return Need(
            id=kind, urgency=urgency, device="", kind=kind, since_ms=since_ms, details={"host": names, **details}
        )

    def _now_ms(self) -> int:
        return round(self._clock() * 1000)


def phone_certificate(box: GatewaySettings) -> PhoneCertificate:
    """What the settings of this box name; looked for once it runs."""
    return PhoneCertificate(box.https.files(box.data), address=box.public_url)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from the one that stood there before."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
