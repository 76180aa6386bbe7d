"""Keys and personal data: what the store may keep of a person, and how it is destroyed.

A phone number is sealed with AES-GCM under a key of that person's own; that key is wrapped under the store's key and
kept beside the journal, where it can be deleted. A keyed blind index finds a number again without holding it.
"""

from __future__ import annotations

import base64
import hmac
import os
import unicodedata
import uuid
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from edge.domain.members.rules import SealedPhone
from edge.secrets import store_key
from edge.secrets.store_key import KEY_BYTES, VaultError

__all__ = ["Vault", "VaultError"]


class Vault:
    """Everything that is derived from the store's one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise VaultError(f"store key: expected {KEY_BYTES} bytes, got {len(key)}")
        self._key = key
        self._index = self.derive("phone index")
        self._wrap = self.derive("person keys")

    @classmethod
    def open(cls, path: Path) -> Vault:
        """The vault whose key lies in that file; a new store's is made. Raises `edge.secrets.store_key.KeyLost`."""
        return cls(store_key.of_store(path))

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose."""
        return store_key.derive(self._key, purpose)

    def index(self, phone: str) -> str:
        """The keyed blind index of a number in E.164: 22 characters."""
        return _text(hmac.digest(self._index, phone.encode(), "sha256")[:16])

    def card_index(self, card: str) -> str:
        """The keyed blind index of a member card's number, however it is spaced, and whatever keyboard wrote it."""
        return _text(hmac.digest(self._index, f"card|{card_number(card)}".encode(), "sha256")[:16])

    def seal(self, phone: str) -> SealedPhone:
        """Seal a number in E.164 for a person who may be new."""
        member, key, nonce = str(uuid.uuid4()), os.urandom(KEY_BYTES), os.urandom(12)
        sealed = nonce + AESGCM(key).encrypt(nonce, phone.encode(), member.encode())
        return SealedPhone(member, self.index(phone), _text(sealed), aes_key_wrap(self._wrap, key))

    def unseal(self, member: str, sealed: str, wrapped_key: bytes) -> str:
        """The number again. Raises `VaultError` where the key is not the person's."""
        data = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        try:
            key = aes_key_unwrap(self._wrap, wrapped_key)
            return AESGCM(key).decrypt(data[:12], data[12:], member.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"member {member}: the sealed number does not open with this key") from error


def card_number(text: str) -> str:
    """A member card's number alone; empty where nothing of it is a letter or a digit, as `-` for none."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).upper() if each.isalnum())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def operator_token(vault: Vault) -> str:
    """What whoever can read this box's secrets shows to the gateway that runs on it."""
    return vault.derive("operator").hex()
