"""The cloud's word for a lease: Ed25519 over its JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.secrets.private import write_private
from sync.messages import Lease, SignedLease

FILE: Final = "leases.key"


class Signer:
    """A receiver's key for leases, made when it is first needed."""

    def __init__(self, data: Path) -> None:
        self._path = data / "secrets" / FILE

    def sign(self, lease: Lease) -> SignedLease:
        """A lease with the key and the signature over it. Raises `OSError`; `ValueError` for no key."""
        key = self._key()
        signature = key.sign(msgspec.json.encode(lease))
        return SignedLease(lease, key.public_key().public_bytes_raw().hex(), signature.hex())

    def is_mine(self, signed: SignedLease) -> bool:
        """Whether this receiver signed it; it did not where it has no key, or one that cannot be read."""
        try:
            own = self._path.exists() and self._key().public_key().public_bytes_raw().hex() == signed.key
        except (OSError, ValueError):
            return False
        return own and is_signed(signed)

    def _key(self) -> Ed25519PrivateKey:
        try:
            return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._path.read_text("ascii").strip()))
        except FileNotFoundError:
            made = Ed25519PrivateKey.generate()
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._path, made.private_bytes_raw().hex().encode())
            return made


def is_signed(signed: SignedLease) -> bool:
    """Whether the signature is that of the key that it names, over this lease."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.key))
        key.verify(bytes.fromhex(signed.signature), msgspec.json.encode(signed.lease))
    except (ValueError, InvalidSignature):
        return False
    return True
