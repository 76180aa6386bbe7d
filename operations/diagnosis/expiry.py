"""When the certificates on this box end."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from operations.diagnosis.findings import Finding, Health, found

SOON_DAYS, NOW_DAYS = 30, 7
"""Below the first a note; below the second renewal has failed for weeks, and somebody must look."""
SUFFIXES: Final = frozenset({".crt", ".pem", ".cer"})
MAX_BYTES: Final = 256 * 1024


class CertificateExpiry(msgspec.Struct, frozen=True):
    """One certificate, and when it ends."""

    path: str
    subject: str
    ends: datetime
    serves: str
    """What it is: `ca` signs others, `leaf` is shown by somebody."""

    def days(self, now: datetime) -> int:
        """Days until it ends; below zero, how many ago."""
        return (self.ends - now).days


def places(config: Path, data: Path) -> tuple[Path, ...]:
    """Returns the folders in which a box keeps certificates."""
    own = os.environ.get("CREDENTIALS_DIRECTORY")
    return (
        config,
        config / "secrets",
        config / "mosquitto",
        Path("/etc/storekeeper/mosquitto"),
        data / "ca",
        data / "secrets",
        data / "certificates",
        *([Path(own)] if own else []),
    )


def certificates(folders: Iterable[Path]) -> list[CertificateExpiry]:
    """Returns every certificate in these folders, the one that ends first before the others."""
    seen: dict[bytes, CertificateExpiry] = {}
    for folder in folders:
        for path in sorted(folder.glob("*")) if folder.is_dir() else []:
            # A pipe is no file: whoever reads one waits for ever.
            readable = path.suffix in SUFFIXES and path.is_file() and os.access(path, os.R_OK)
            if readable and path.stat().st_size <= MAX_BYTES:
                seen |= dict(_read(path))
    return sorted(seen.values(), key=lambda ending: ending.ends)


def _read(path: Path) -> Iterator[tuple[bytes, CertificateExpiry]]:
    from cryptography import x509  # noqa: PLC0415 - a device box has no such library
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):  # a key, or no PEM at all
        return
    for certificate in chain:
        try:
            basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
            authority = basic.ca
        except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):  # none, two, or one that is damaged
            authority = False
        yield (
            certificate.fingerprint(SHA256()),
            CertificateExpiry(
                str(path),
                certificate.subject.rfc4514_string() or path.name,
                certificate.not_valid_after_utc,
                "ca" if authority else "leaf",
            ),
        )


def expiries(endings: Iterable[CertificateExpiry]) -> Iterator[Finding]:
    """Says of each when it ends; one line where there are none."""
    now, some = datetime.now(UTC), False
    for ending in endings:
        some = True
        days = ending.days(now)
        said = {"name": ending.subject, "days": abs(days), "ends": f"{ending.ends:%Y-%m-%d}", "path": ending.path}
        if ending.ends <= now:
            yield found(Health.ILL, "certificates", "certificate_over", **said)
        elif days < SOON_DAYS:
            health = Health.ILL if days < NOW_DAYS else Health.NOTE
            yield found(health, "certificates", "certificate_soon", **said)
        else:
            yield found(Health.WELL, "certificates", "certificate_ok", **said)
    if not some:
        yield found(Health.NOTE, "certificates", "certificates_none")
