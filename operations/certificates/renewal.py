"""When a certificate of the store is made anew: long before it ends, and at once where the box got another address."""

from __future__ import annotations

import grp
import os
import shutil
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509

from edge.secrets.private import write_private
from operations.certificates.authority import DOMAIN, LEAF_FOR, Authority, Leaf, Names

RENEW_BEFORE: Final = timedelta(days=LEAF_FOR.days // 3)
"""A third of its life is left when it is renewed: four months to notice that renewing fails."""


class CertificateStatus(msgspec.Struct, frozen=True):
    """How a certificate stands."""

    until: datetime | None
    """When it ends; none where there is no certificate that can be read."""
    names: Names
    why: str
    """Why it should be made anew; empty where it should not."""


def names_of_box(address: str = "") -> Names:
    """What a client on this network may call this box: its names and addresses, loopback, and `address`."""
    host = socket.gethostname()
    return Names.of([f"broker.{DOMAIN}", "localhost", host, address, "127.0.0.1", "::1", *_own_addresses()])


def _own_addresses() -> list[str]:
    """Addresses of this box, of every kind that the system tells; without those that need a scope."""
    found: dict[str, None] = {}
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # A connected UDP socket sends nothing; it only says which of our addresses would be used.
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as line:
                line.connect((target, 9))
                found[line.getsockname()[0]] = None
        except OSError:
            continue
    try:
        for *_, place in socket.getaddrinfo(socket.gethostname(), None):
            found[str(place[0])] = None
    except OSError:
        pass
    return [text for text in found if "%" not in text]


def standing(path: Path, authority: Path, names: Names, now: datetime) -> CertificateStatus:
    """How the certificate at `path` stands: against the authority's certificate at `authority`, the names that it
    should have, and the time. Needs no key.
    """
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except FileNotFoundError:
        return CertificateStatus(None, Names((), ()), "there is none")
    except (OSError, ValueError) as error:
        return CertificateStatus(None, Names((), ()), f"it cannot be read: {error}")
    known, until = _names(found), found.not_valid_after_utc
    return CertificateStatus(until, known, _reason_to_renew(found, authority, known, names, now))


def _reason_to_renew(found: x509.Certificate, authority: Path, known: Names, wanted: Names, now: datetime) -> str:
    try:
        found.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.read_bytes()))
    except Exception:  # noqa: BLE001 - whatever is wrong with either, it does not prove this one
        return "it is not of this store's authority"
    lacking = [each for each in (*wanted.hosts, *wanted.addresses) if each not in (*known.hosts, *known.addresses)]
    if lacking:
        return f"the box is also called {', '.join(lacking)}"
    left = found.not_valid_after_utc - now
    return f"it ends in {left.days} days" if left < RENEW_BEFORE else ""


def _names(certificate: x509.Certificate) -> Names:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names((), ())
    addresses = tuple(str(each) for each in found.get_values_for_type(x509.IPAddress))
    return Names(tuple(found.get_values_for_type(x509.DNSName)), addresses)


def put(leaf: Leaf, certificate: Path, key: Path, group: str | None = None) -> None:
    """Write both; `group` may read them. The key first: a crash between leaves the old certificate with a key that is
    not its own, which whoever starts says, and renewing again mends.
    """
    for path, content in ((key, leaf.key), (certificate, leaf.certificate)):
        write_private(path, content)
        share(path, group)


def share(path: Path, group: str | None) -> None:
    """Let a group read a file or look into a folder, where this process may decide that."""
    if group is None or os.geteuid() != 0 or not _exists(group):
        return
    shutil.chown(path, group=group)
    path.chmod(0o750 if path.is_dir() else 0o640)


def _exists(group: str) -> bool:
    try:
        grp.getgrnam(group)
    except KeyError:
        return False
    return True


def renew(authority: Authority, name: str, certificate: Path, key: Path, wanted: Names, now: datetime) -> Leaf | None:
    """A new certificate where the one at `certificate` should be made anew, else none. Writes nothing."""
    names = authority.may_sign(wanted)
    found = standing(certificate, authority.folder / "ca.crt", names, now)
    return authority.sign(name, names, now) if found.why or not key.exists() else None
