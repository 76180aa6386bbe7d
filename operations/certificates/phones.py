"""The certificate that phones are shown, where it is fetched: when it is due, how it stands, what went wrong last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import small_files
from edge.secrets.certificates import Certificate, Unusable, load
from edge.secrets.private import write_private
from edge.settings.https import FETCHED, HttpsSettings
from operations.certificates.acme_order import AcmeOrder, NotIssued, fetch

ACCOUNT: Final = Path("secrets", "acme-account.pem")
TRIED: Final = "https.json"


class LastAttempt(msgspec.Struct, frozen=True):
    """The last attempt."""

    at_ms: int
    error: str = ""
    """Why there is no new certificate; empty where there is one."""


class Phones:
    """Of one box."""

    def __init__(self, https: HttpsSettings, data: Path) -> None:
        self._https = https
        self._data = data
        self.path = data / FETCHED

    def now(self) -> Certificate:
        """Returns what is served, given or fetched. Raises `Unusable`."""
        files = self._https.files(self._data)
        if files is None:
            raise Unusable("missing", Path("gateway.toml"), "expected [https]; there is none, and pages come by http")
        return load(*files)

    def tried(self) -> LastAttempt | None:
        """Returns the last attempt to fetch one."""
        return small_files.read(self._data / TRIED, LastAttempt)

    def why(self, now_ms: int) -> str:
        """Why one should be fetched now; empty where none should be."""
        try:
            known = load(self.path, self.path)
        except Unusable as error:
            return str(error)
        lacking = [name for name in self._https.acme.names if name not in known.names]
        if lacking:
            return f"the certificate does not name {', '.join(lacking)}"
        return "less than a third of its life is left" if known.due(now_ms) else ""

    def renew(self, now_ms: int, told: Callable[[str], None] = lambda _: None) -> Certificate:
        """Fetch one, and put it where the gateway looks. Raises `NotIssued`; the one before goes on then."""
        acme = self._https.acme
        order = AcmeOrder(
            acme.names, acme.hook, acme.directory, self._data / ACCOUNT, acme.contact, acme.wait_s, acme.trust
        )
        try:
            found = self._put(fetch(order, told), now_ms)
        except NotIssued as error:
            self._note(LastAttempt(now_ms, str(error)))
            raise
        self._note(LastAttempt(now_ms))
        return found

    def _put(self, pem: bytes, now_ms: int) -> Certificate:
        """Looked at before it takes the place of one that works."""
        beside = self.path.with_suffix(".new")
        write_private(beside, pem)
        try:
            self._check(load(beside, beside), now_ms)
        except (Unusable, NotIssued) as error:
            beside.unlink()
            raise NotIssued(f"what the authority sent cannot be served: {error}") from error
        beside.replace(self.path)
        return load(self.path, self.path)

    def _check(self, sent: Certificate, now_ms: int) -> None:
        names = self._https.acme.names
        if any(name not in sent.names for name in names):
            raise NotIssued(
                f"expected a certificate for {', '.join(names)}; found {', '.join(sent.names) or 'no name'}"
            )
        if sent.expired(now_ms):
            until = datetime.fromtimestamp(sent.until_ms / 1000, UTC)
            raise NotIssued(f"expected a certificate that is good now; found one that ended on {until:%Y-%m-%d}")

    def _note(self, tried: LastAttempt) -> None:
        write_private(self._data / TRIED, msgspec.json.encode(tried))
