"""The certificate that the broker shows: looked at once an hour, so that staff hears in time that it was not renewed.

It renews itself long before it ends (`operations.certificates.renewal`). What is looked at is what a device would be
shown now, not a file that this process could not read.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Final

import structlog

from device_drivers import pinning
from device_drivers.broker import BrokerAddress
from edge.domain.needs import LOOK, SOON, Need

log = structlog.get_logger(__name__)

LOOK_S: Final = 3600.0
FIRST_LOOK_S: Final = 5.0
"""Shoppers are served first."""
DAY_MS: Final = 86_400_000
WARN_DAYS: Final = 90
"""Renewing begins with 132 days left: it has failed for weeks then, and a store may be without help for so long."""
NOW_DAYS: Final = 14


class BrokerCertificate:
    """What the broker showed when it was looked at last. Nothing without TLS."""

    def __init__(self, broker: BrokerAddress) -> None:
        self._broker = broker
        self.until_ms: int | None = None
        self.refused = ""
        """Why it would be refused; empty where it would not."""
        self._since_ms = 0

    async def run(self) -> None:
        """Look until it is cancelled."""
        if not self._broker.tls:
            return
        await asyncio.sleep(FIRST_LOOK_S)
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Ask the broker. Where it is away, what was known stays."""
        try:
            self.until_ms = pinning.valid_until_ms(self._broker.host, self._broker.port, self._broker.authority)
            self.refused = ""
        except ssl.SSLError as error:
            if not self.refused:
                self._since_ms = round(time.time() * 1000)
            self.refused = error.reason or str(error)
            log.error("broker.certificate", why=str(error))  # noqa: TRY400 - said in one line
        except OSError:
            return

    def needs(self, now_ms: int) -> list[Need]:
        """What is wrong with it, or will be soon."""
        if self.refused:
            return [self._need("broker_certificate_refused", SOON, self._since_ms, why=self.refused)]
        if self.until_ms is None or (left := (self.until_ms - now_ms) // DAY_MS) >= WARN_DAYS:
            return []
        since = self.until_ms - WARN_DAYS * DAY_MS
        return [self._need("broker_certificate_ends", SOON if left < NOW_DAYS else LOOK, since, days=max(0, left))]

    def _need(self, kind: str, urgency: int, since_ms: int, **details: object) -> Need:
        return Need(id=kind, urgency=urgency, device="", kind=kind, since_ms=since_ms, details=details)
