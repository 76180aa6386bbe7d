"""The store's own certificate authority. Devices pin it; phones never see it.

Its key lies apart from what the gateway may read and is used to enrol and to renew alone. It can sign for this store's
own names and for private addresses, and for nothing else (name constraints).
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.errors import StorekeeperError
from edge.secrets.private import write_private

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

KEY, CERTIFICATE, FOR_FIRMWARE, ISSUED = "ca.key", "ca.crt", "ca-firmware.crt", "issued.jsonl"
FROM: Final = datetime(2025, 1, 1, tzinfo=UTC)
"""Everything is valid from here on: a box whose clock was ahead when it signed serves one whose clock is right."""
AUTHORITY_FOR: Final = timedelta(days=25 * 365)
LEAF_FOR: Final = timedelta(days=397)
"""Four times the 90 days that a store may be without internet; renewing needs none, but a box may also be off."""
DOMAIN: Final = "storekeeper.internal"
"""`.internal` is reserved for private use: no name below it can be anybody else's."""
NETWORKS: Final = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
"""Private, own and link-local addresses: the only ones that it may sign for, beside those named when it was made."""


class CertificateError(StorekeeperError):
    """The store's authority, or what it signed, is missing or cannot be used."""


class Names(msgspec.Struct, frozen=True):
    """What a certificate is good for: names and addresses of a box."""

    hosts: tuple[str, ...]
    addresses: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Names:
        """Names and addresses told apart, each once, in order."""
        hosts: dict[str, None] = {}
        addresses: dict[str, None] = {}
        for text in texts:
            plain = text.strip().strip("[]").rstrip(".").lower()
            if (ip := address(plain)) is not None:
                addresses[str(ip)] = None
            elif plain.isascii():
                hosts |= {plain: None} if plain else {}
            else:
                with suppress(UnicodeError):  # a name that no client can ask for
                    hosts[plain.encode("idna").decode("ascii")] = None
        return cls(tuple(hosts), tuple(addresses))


class Leaf(msgspec.Struct, frozen=True):
    """A certificate with its key, both in PEM; the certificate is followed by the authority's."""

    certificate: bytes
    key: bytes


def address(text: str) -> Ip | None:
    """The IP address, or none where it is a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


class Authority:
    """The authority in `folder`, with its key. Made by `make`, read by `read`."""

    def __init__(self, folder: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.folder = folder
        self._key = key
        self.certificate = certificate

    @classmethod
    def read(cls, folder: Path) -> Authority:
        """Raises `CertificateError` where key or certificate are missing, cannot be read, or do not belong together."""
        try:
            key = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
            certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        except FileNotFoundError as error:
            raise CertificateError(
                f"{error.filename} is not there: the store has no authority of its own yet. storekeeper setup makes it"
            ) from None
        except (OSError, ValueError, TypeError) as error:
            raise CertificateError(f"{folder}: the store's authority cannot be read: {error}") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise CertificateError(f"{folder}: {KEY} is not the key of {CERTIFICATE}; put the right one back")
        return cls(folder, key, certificate)

    @classmethod
    def make(cls, folder: Path, store: str, names: Names, now: datetime) -> Authority:
        """A new one that may sign for `names`, names below the store's own, and private addresses. What is there is
        never replaced: raises `CertificateError`.
        """
        if any((folder / name).exists() for name in (KEY, CERTIFICATE)):
            raise CertificateError(f"{folder} holds an authority already; every device of the store trusts that one")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        bound = _constraints(store, names)
        certificate = _self_signed(key, store, now, bound)
        write_private(folder / CERTIFICATE, _pem(certificate))
        write_private(folder / FOR_FIRMWARE, _pem(_self_signed(key, store, now, None)))
        write_private(folder / KEY, _key_pem(key))  # last: without it there is no authority
        return cls(folder, key, certificate)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate, 32 bytes."""
        return fingerprint(_pem(self.certificate))

    def may_sign(self, names: Names) -> Names:
        """Those of `names` that lie within its constraints."""
        found = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = found.permitted_subtrees or []
        domains = [each.value for each in permitted if isinstance(each, x509.DNSName)]
        nets = [each.value for each in permitted if isinstance(each, x509.IPAddress)]
        return Names(
            tuple(host for host in names.hosts if any(host == one or host.endswith(f".{one}") for one in domains)),
            tuple(text for text in names.addresses if any(_permits(text, net) for net in nets)),
        )

    def sign(self, name: str, names: Names, now: datetime) -> Leaf:
        """A certificate for a server that is called `name` and answers to `names`. Raises `CertificateError` where none
        of them may be signed for.
        """
        good = self.may_sign(names)
        if not (good.hosts or good.addresses):
            raise CertificateError(
                f"{self.folder}: none of {', '.join((*names.hosts, *names.addresses))} is a name or a private address"
                " that this store's authority may sign for"
            )
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._leaf(name, good, key.public_key(), now)
        self._note(certificate, name, now)
        return Leaf(_pem(certificate) + _pem(self.certificate), _key_pem(key))

    def _leaf(self, name: str, names: Names, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
        general: list[x509.GeneralName] = [x509.DNSName(host) for host in names.hosts]
        general += [x509.IPAddress(ip) for text in names.addresses if (ip := address(text)) is not None]
        builder = (
            _builder(_subject(name), self.certificate.subject, key, now, LEAF_FOR)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(general), critical=False)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_authority_id(self._key), critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())

    def _note(self, certificate: x509.Certificate, name: str, now: datetime) -> None:
        line = {
            "at": now.isoformat(timespec="seconds"),
            "name": name,
            "serial": f"{certificate.serial_number:x}",
            "until": certificate.not_valid_after_utc.isoformat(timespec="seconds"),
        }
        path = self.folder / ISSUED
        with path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
        path.chmod(0o600)


def fingerprint(pem: bytes) -> bytes:
    """SHA-256 of the first certificate of a PEM file, 32 bytes. Raises `CertificateError`."""
    try:
        found = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise CertificateError(f"expected a certificate in PEM; {error}") from None
    return hashlib.sha256(found.public_bytes(serialization.Encoding.DER)).digest()


def _permits(text: str, net: object) -> bool:
    """Whether the address lies in what a name constraint permits."""
    if not isinstance(net, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return False
    ip = address(text)
    return ip is not None and ip in net


def _constraints(store: str, names: Names) -> x509.NameConstraints:
    own = [DOMAIN, f"{store}.internal", "localhost", *names.hosts]
    addresses = [x509.IPAddress(ipaddress.ip_network(network)) for network in NETWORKS]
    public = [text for text in names.addresses if not any(_permits(text, each.value) for each in addresses)]
    addresses += [x509.IPAddress(ipaddress.ip_network(text)) for text in public]
    permitted = [x509.DNSName(host) for host in dict.fromkeys(own)]
    # What is not permitted of a kind is forbidden; a kind of name that is not mentioned would be free.
    closed = [x509.RFC822Name("invalid"), x509.UniformResourceIdentifier("invalid")]
    return x509.NameConstraints([*permitted, *addresses, *closed], None)


def _self_signed(
    key: ec.EllipticCurvePrivateKey, store: str, now: datetime, bound: x509.NameConstraints | None
) -> x509.Certificate:
    """The authority's own certificate. Without `bound` for firmware whose TLS knows no name constraints: same key, same
    name, so that either proves what it signs.
    """
    subject = _subject(f"Storekeeper authority of {store}")
    builder = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
    )
    if bound is not None:
        builder = builder.add_extension(bound, critical=True)
    return builder.sign(key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after((max(now, FROM) + lasts).replace(microsecond=0))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _authority_id(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
