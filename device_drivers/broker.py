"""Where a broker is, and whether a password may be sent there."""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
from urllib.parse import urlsplit

import msgspec

from device_drivers import pinning


class PasswordInClear(ValueError):
    """A password would cross a network that anybody may listen to."""


class BrokerAddress(msgspec.Struct, frozen=True):
    """Where a broker is, and whether it wants TLS."""

    host: str
    port: int
    tls: bool = False
    authority: str | None = None
    """File of the one authority that its certificate must come of, in PEM; none: one of this machine's own."""

    @classmethod
    def parse(cls, url: str, authority: object = None) -> BrokerAddress:
        """From `mqtt://host:1883` or `mqtts://host:8883`, and the path of the authority that is pinned."""
        parts = urlsplit(url)
        tls = parts.scheme == "mqtts"
        pinned = str(authority) if tls and authority is not None else None
        return cls(parts.hostname or "127.0.0.1", parts.port or (8883 if tls else 1883), tls, pinned)

    def check(self, password: str | None, *, in_clear: bool = False) -> None:
        """Raises `PasswordInClear` where the password would leave this machine unencrypted and nobody allowed it."""
        if password is None or self.tls or in_clear or _is_this_machine(self.host):
            return
        raise PasswordInClear(
            f"mqtt://{self.host}:{self.port} would carry a password in clear. Use mqtts://, or, where that wire is "
            "yours alone, password_in_clear = true"
        )

    @property
    def is_here(self) -> bool:
        """Whether it listens on this machine's own loopback."""
        return _is_this_machine(self.host)

    @property
    def context(self) -> ssl.SSLContext | None:
        """How to speak to it: TLS with the pinned authority, else the machine's own (`SSL_CERT_FILE` names others), or
        None. Raises `OSError` where the pinned one cannot be read.
        """
        return pinning.context(self.authority) if self.tls else None


def _is_this_machine(host: str) -> bool:
    if host.rstrip(".").lower() == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False
