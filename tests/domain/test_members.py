"""One person one member, and nothing of the person in clear."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from edge.domain import members
from edge.domain.members import Consents
from edge.errors import Refusal
from edge.phones import parse_phone
from edge.vault import Vault, VaultError

if TYPE_CHECKING:
    from pathlib import Path

    from edge.journal import Journal

PHONE = "13800138000"
FIVE_SPELLINGS = ("13800138000", "+86 138 0013 8000", "0086-138-0013-8000", "138 0013 8000", "(+86)138-0013-8000")


async def register(store: Journal, vault: Vault, text: str, request: str, **consent: bool) -> members.Registration:
    return await store.write(
        members.register,
        sealed=vault.seal(parse_phone(text)),
        consents=Consents(service=consent.get("service", True), marketing=consent.get("marketing", False)),
        language="zh-CN",
        touchpoint="cart-01",
        request=request,
    )


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path / "secrets" / "store.key")


async def test_five_spellings_are_one_person(store: Journal, vault: Vault) -> None:
    found = [await register(store, vault, text, f"r{n}") for n, text in enumerate(FIVE_SPELLINGS)]
    assert len({registration.member for registration in found}) == 1
    assert [registration.known for registration in found] == [False, True, True, True, True]


@pytest.mark.parametrize(
    "text", ["", "12", "hello", "+86 138", "138001380001380013800", "１２３", "\x00", "+999999999999"]
)
def test_what_is_no_number_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refusal, match="bad_phone"):
        parse_phone(text)


async def test_the_same_request_is_one_fact(store: Journal, vault: Vault) -> None:
    before = store.sequence
    first = await register(store, vault, PHONE, "r1")
    again = await register(store, vault, PHONE, "r1")
    assert first == again, "the first answer may have been lost: nobody is welcomed back who is new"
    assert store.sequence == before + 1
    assert (await register(store, vault, PHONE, "r2")).known
    assert (await register(store, vault, PHONE, "r2")).known


async def test_without_consent_nothing_is_kept(store: Journal, vault: Vault) -> None:
    before = store.sequence
    with pytest.raises(Refusal, match="consent_missing"):
        await register(store, vault, PHONE, "r1", service=False, marketing=True)
    assert store.sequence == before


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_no_byte_on_the_disk_tells_the_number(store: Journal, vault: Vault, tmp_path: Path) -> None:
    await register(store, vault, PHONE, "r1", marketing=True)
    assert store.path in files_below(tmp_path)
    for path, content in files_below(tmp_path).items():
        assert b"3800138000" not in content, path


async def test_the_store_can_read_the_number_until_the_key_is_destroyed(store: Journal, vault: Vault) -> None:
    member = (await register(store, vault, PHONE, "r1")).member
    other = (await register(store, vault, "13900139000", "r2")).member
    database = sqlite3.connect(store.path)
    keys = dict(database.execute("SELECT subject, wrapped FROM person_keys").fetchall())
    sealed = store.reads.one("SELECT phone_sealed FROM members WHERE member=?", member)["phone_sealed"]
    assert vault.unseal(member, sealed, keys[member]) == "+8613800138000"
    with pytest.raises(VaultError):
        vault.unseal(member, sealed, keys[other])


def test_the_store_key_is_made_once_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "store.key"
    assert Vault.open(path).index("+1") == Vault.open(path).index("+1")
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(VaultError, match="expected 32 bytes, got 5"):
        Vault.open(path)
