"""A certificate for phones with its key, as files of PEM: read, checked, and ready to serve."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from edge.errors import StorekeeperError

MISSING: Final = "missing"
UNREADABLE: Final = "unreadable"
NO_CERTIFICATE: Final = "no_certificate"
NO_KEY: Final = "no_key"
OTHER_KEY: Final = "other_key"
CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""What TLS 1.2 may use: authenticated, with forward secrecy. TLS 1.3 has nothing else."""
MONTH_MS: Final = 30 * 86_400_000
REASONS: Final = frozenset({MISSING, UNREADABLE, NO_CERTIFICATE, NO_KEY, OTHER_KEY})
"""Why a certificate cannot be served. Each is the end of a word `needs.https_…`."""
_STRANGE: Final = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What is raised for a certificate that is none, or one of a kind that nobody here knows."""


class Unusable(StorekeeperError):
    """A certificate that cannot be served: `reason` is one of `REASONS`."""

    def __init__(self, reason: str, path: Path, found: str) -> None:
        super().__init__(f"{path}: {found}")
        self.reason = reason
        self.path = path


class Certificate(msgspec.Struct, frozen=True):
    """One that can be served."""

    names: tuple[str, ...]
    """What it is for, in small letters; a name with `*.` covers one label."""
    since_ms: int
    until_ms: int
    """By the wall clock."""
    serial: str
    context: ssl.SSLContext

    def covers(self, host: str) -> bool:
        """Whether phones accept it for this host, canonical (`edge.web.server.hosts`)."""
        return host in self.names or f"*.{host.partition('.')[2]}" in self.names

    def expired(self, now_ms: int) -> bool:
        """Whether phones refuse it. One that is not good yet is no matter: it is the box's clock that is wrong."""
        return now_ms >= self.until_ms

    def due(self, now_ms: int) -> bool:
        """Whether less than a third of its life is left: it is to be renewed."""
        return now_ms >= self.until_ms - (self.until_ms - self.since_ms) // 3

    @property
    def late_ms(self) -> int:
        """From when on it should have been renewed: a quarter of its life is left, at most 30 days."""
        return self.until_ms - min((self.until_ms - self.since_ms) // 4, MONTH_MS)


def load(chain: Path, key: Path) -> Certificate:
    """Returns the certificate in these files, which may be one and the same. Raises `Unusable`."""
    leaf = _leaf(chain)
    _check_key(leaf, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    try:
        # A key with a passphrase would otherwise be asked for on the terminal.
        context.load_cert_chain(chain, key, password=lambda: b"")
    except (OSError, ssl.SSLError) as error:
        raise Unusable(OTHER_KEY, key, f"expected the key of {chain}; found another, or a broken chain") from error
    since, until = (
        round(moment.timestamp() * 1000) for moment in (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
    )
    return Certificate(_names(leaf), since, until, f"{leaf.serial_number:x}", context)


def _leaf(path: Path) -> x509.Certificate:
    try:
        leaf = x509.load_pem_x509_certificates(_read(path))[0]
        leaf.public_key(), leaf.extensions  # both are read only now, and may be of a kind that is not known here
    except _STRANGE as error:
        raise Unusable(
            NO_CERTIFICATE, path, "expected a certificate as PEM, the box's own first; found none"
        ) from error
    return leaf


def _check_key(leaf: x509.Certificate, path: Path) -> None:
    try:
        key = load_pem_private_key(_read(path), None)
    except TypeError as error:
        raise Unusable(NO_KEY, path, "expected a key without a passphrase; found one that has one") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable(NO_KEY, path, "expected a private key as PEM; found none") from error
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        raise Unusable(OTHER_KEY, path, "expected the key that belongs to the certificate; found another")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Unusable(MISSING, path, "expected a file; there is none") from error
    except OSError as error:
        raise Unusable(UNREADABLE, path, f"it cannot be read ({error.strerror})") from error


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        said = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return tuple(str(each.value).lower() for each in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    names = [name.lower() for name in said.get_values_for_type(x509.DNSName)]
    return (*names, *(str(address) for address in said.get_values_for_type(x509.IPAddress)))
