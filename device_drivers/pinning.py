"""TLS to a server of the store: its authority is pinned, and no date is judged before this box knows the time.

A device that trusts every authority of the world could be fooled by any of them; one that pins the store's own cannot.
And a cart that wakes up in 1970 must open all the same: until a time daemon has set the clock, a certificate counts
that is rightly signed and for the right name, whatever its dates.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from typing import Any, Final

from device_drivers import trusted_time

NO_CHECK_TIME: Final = 0x200000
"""`X509_V_FLAG_NO_CHECK_TIME` of OpenSSL, which Python has no name for."""


class PinnedContext(ssl.SSLContext):
    """A client's context that looks at each connection whether dates may be judged."""

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """As `ssl.SSLContext.wrap_socket`."""
        flags = int(self.verify_flags) & ~NO_CHECK_TIME
        self.verify_flags = ssl.VerifyFlags(flags if trusted_time.is_trusted() else flags | NO_CHECK_TIME)
        return super().wrap_socket(*arguments, **options)


def context(authority: str | None) -> ssl.SSLContext:
    """How to speak TLS: with that authority's certificate (a PEM file) alone, or with the machine's own authorities.

    Raises `OSError` where the file cannot be read, and `ssl.SSLError` where it holds no certificate.
    """
    if authority is None:
        return ssl.create_default_context()
    made = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)  # it checks the name and wants a certificate
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_verify_locations(cafile=authority)
    return made


def fingerprint(certificate: str) -> bytes:
    """SHA-256 of a certificate in PEM, 32 bytes. Raises `ValueError` where it is none."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).digest()


def valid_until_ms(host: str, port: int, authority: str | None, patience_s: float = 5.0) -> int:
    """When the certificate ends that a server shows now, Unix milliseconds. Raises `OSError`, among them
    `ssl.SSLError` where this box would refuse it.
    """
    with (
        socket.create_connection((host, port), patience_s) as line,
        context(authority).wrap_socket(line, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert() or {}
    return round(ssl.cert_time_to_seconds(str(shown["notAfter"])) * 1000)
