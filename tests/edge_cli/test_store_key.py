"""A store whose key is lost, damaged or another one's does not start, and never makes itself a new one."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edge.bootstrap.gateway import open_gateway
from edge.domain.members import decisions as members
from edge.domain.members.facts import Consents
from edge.domain.members.rules import Browser
from edge.domain.nouns import NOUNS
from edge.domain.store import queries as store_queries
from edge.gateway.gateway import Gateway
from edge.journal import Tx
from edge.journal.journal import Journal
from edge.secrets.staff_pins import put
from edge.secrets.store_key import LOST_EXIT, KeyLost
from edge.secrets.vault import Vault, VaultError
from edge.settings.settings import Settings, load
from tests.command import storekeeper

CONFIG = Path(__file__).resolve().parents[2] / "config"
PHONE = "+8613800138000"


def settings_of(data: Path) -> Settings:
    settings = load(CONFIG)
    box = settings.gateway
    # Nothing listens there: who a store is, it knows without its devices.
    nowhere = box.broker.model_copy(update={"url": "mqtt://127.0.0.1:9"})
    return settings.model_copy(update={"gateway": box.model_copy(update={"data": data, "broker": nowhere})})


async def join(gateway: Gateway, phone: str = PHONE) -> None:
    await gateway.decide(
        members.make_member,
        sealed=gateway.parts.vault.seal(phone),
        consents=Consents(service=True, marketing=False),
        language="en",
        touchpoint="door-north",
        request=phone,
        browser=Browser("a phone", f"session of {phone}"),
    )


async def opened(data: Path, *, new_key: bool = False, phone: str = "") -> list[str]:
    """Open the store and close it again: why each of its keys was taken, the latest first."""
    async with open_gateway(settings_of(data), new_key=new_key) as gateway:
        if phone:
            await join(gateway, phone)
        return [taken.why for taken in store_queries.keys_taken(gateway.reads)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store that was open once, with one member."""
    asyncio.run(opened(tmp_path / "data", phone=PHONE))
    return tmp_path / "data"


def key_of(data: Path) -> Path:
    return data / "secrets" / "store.key"


def entries(data: Path) -> int:
    with closing(sqlite3.connect(data / "storekeeper.db")) as journal:
        return int(journal.execute("SELECT count(*) FROM entries").fetchone()[0])


def foreign(data: Path) -> None:
    key_of(data).write_bytes(b"the key of another store 3456789!"[:32])


def a_folder(data: Path) -> None:
    key_of(data).unlink()
    key_of(data).mkdir()


def dangling(data: Path) -> None:
    key_of(data).unlink()
    key_of(data).symlink_to(data / "usb-stick" / "store.key")


LOSSES: dict[str, tuple[Callable[[Path], object], str]] = {
    "the file": (lambda data: key_of(data).unlink(), "is missing"),
    "the folder": (lambda data: shutil.rmtree(key_of(data).parent), "is missing"),
    "what a link leads to": (dangling, "is missing"),
    "its content": (lambda data: key_of(data).write_bytes(b""), "expected 32 bytes, got 0"),
    "half of it": (lambda data: key_of(data).write_bytes(bytes(16)), "expected 32 bytes, got 16"),
    "to an editor's newline": (
        lambda data: key_of(data).write_bytes(key_of(data).read_bytes() + b"\n"),
        "expected 32 bytes, got 33",
    ),
    "to another store": (foreign, "another store's key"),
    "to a folder": (a_folder, "cannot be read"),
}


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("command", [["run"], ["qr", "show"], ["demo", "--no-kiosk"]], ids=" ".join)
def test_a_store_whose_key_is_lost_says_so_and_makes_no_other(data: Path, how: str, command: list[str]) -> None:
    lose, sentence = LOSSES[how]
    lose(data)
    before = entries(data)
    found = storekeeper(*command, "--config", CONFIG, "--data", data)
    said = " ".join((found.stdout + found.stderr).split())
    assert found.returncode == LOST_EXIT, said
    assert str(key_of(data)) in said
    assert sentence in said
    assert "storekeeper run --new-key" in said
    assert "Traceback" not in said
    assert entries(data) == before
    assert not key_of(data).is_file() or len(key_of(data).read_bytes()) != 32 or how == "to another store"


@pytest.mark.parametrize("how", [how for how in LOSSES if how != "to a folder"])
async def test_going_on_without_it_is_a_decision_that_the_journal_keeps(tmp_path: Path, how: str) -> None:
    data = tmp_path / "data"
    await opened(data, phone=PHONE)
    LOSSES[how][0](data)
    if how == "what a link leads to":
        (data / "usb-stick").mkdir()  # a stick that is there, without the key
    with pytest.raises(KeyLost):
        await opened(data)
    assert await opened(data, new_key=True) == ["new", "first"]
    key = key_of(data).read_bytes()
    assert len(key) == 32
    assert await opened(data, phone="+8613900139000") == ["new", "first"]
    # Left in a unit file the option does no harm.
    assert await opened(data, new_key=True) == ["new", "first"]
    assert key_of(data).read_bytes() == key


async def test_what_lay_in_the_place_of_the_key_is_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await opened(data, phone=PHONE)
    foreign(data)
    await opened(data, new_key=True)
    assert key_of(data).with_name("store.key.aside-1").read_bytes().startswith(b"the key of another store")


async def test_a_key_that_cannot_be_read_is_never_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await opened(data, phone=PHONE)
    a_folder(data)
    with pytest.raises(KeyLost, match="cannot be read"):
        await opened(data, new_key=True)


async def test_an_earlier_key_that_was_found_again_is_taken_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await opened(data, phone=PHONE)
    first = key_of(data).read_bytes()
    key_of(data).unlink()
    await opened(data, new_key=True)
    key_of(data).write_bytes(first)
    with pytest.raises(KeyLost, match=r"before .* and with another one since"):
        await opened(data)
    assert await opened(data, new_key=True) == ["earlier", "new", "first"]
    assert key_of(data).read_bytes() == first


async def test_a_journal_without_one_key_of_a_person_is_noticed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await opened(data, phone=PHONE)
    with closing(sqlite3.connect(data / "storekeeper.db", isolation_level=None)) as journal:
        journal.execute("DELETE FROM person_keys")
    with pytest.raises(KeyLost, match="1 sealed numbers and not one key"):
        await opened(data)
    assert await opened(data, new_key=True) == ["persons_given_up", "first"]
    assert await opened(data, phone="+8613900139000") == ["persons_given_up", "first"]
    assert await opened(data) == ["persons_given_up", "first"]


class TestAJournalFromBeforeKeysWereRecorded:
    @pytest.fixture
    async def old(self, tmp_path: Path) -> Path:
        """As the store of commit 602360c leaves it: members, a key, and no word of the key in the journal."""
        data = tmp_path / "data"
        data.mkdir()
        vault = Vault.open(key_of(data))
        journal = Journal(data / "storekeeper.db", NOUNS)

        def register(tx: Tx) -> None:
            consents = Consents(service=True, marketing=False)
            members.make_member(
                tx,
                sealed=vault.seal(PHONE),
                consents=consents,
                language="en",
                touchpoint="door",
                request="1",
                browser=Browser("a phone", "its session"),
            )

        await journal.write(register)
        journal.close()
        return data

    async def test_its_key_is_recorded(self, old: Path) -> None:
        assert await opened(old) == ["first"]

    async def test_another_key_is_noticed_by_what_it_does_not_open(self, old: Path) -> None:
        foreign(old)
        with pytest.raises(KeyLost, match="another store's key"):
            await opened(old)

    async def test_a_lost_key_is_noticed(self, old: Path) -> None:
        key_of(old).unlink()
        with pytest.raises(KeyLost, match="1 sealed phone numbers can never be read again"):
            await opened(old)
        assert not key_of(old).exists()


async def test_a_new_store_gets_a_key_and_a_catalogue_may_come_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    journal.close()
    assert await opened(tmp_path) == ["first"]
    assert key_of(tmp_path).stat().st_mode & 0o777 == 0o600


def test_everybody_who_asks_for_the_key_is_told(data: Path) -> None:
    key_of(data).unlink()
    with pytest.raises(VaultError, match="is missing"):
        Vault.open(key_of(data))
    assert not key_of(data).exists()


@pytest.mark.parametrize("how", ["gone", "empty", "rubbish"])
async def test_nobody_is_dismissed_because_a_file_is_lost(tmp_path: Path, how: str) -> None:
    data = tmp_path / "data"
    file = data / "secrets" / "staff.toml"
    put(file, "wang", "Wang", "manager", "830572")
    await opened(data)
    if how == "gone":
        file.unlink()
    else:
        file.write_text("" if how == "empty" else "[wang\nname=")
    async with open_gateway(settings_of(data)) as gateway:
        assert [row["staff"] for row in gateway.reads.all("SELECT staff FROM staff")] == ["wang"]
        put(file.with_name("other.toml"), "li", "Li", "staff", "917204")
        file.with_name("other.toml").replace(file)
        await gateway.parts.appoint()
        assert [row["staff"] for row in gateway.reads.all("SELECT staff FROM staff")] == ["li"]


def test_with_new_key_a_handed_key_is_taken_and_not_made(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    (handed / "store.key").write_bytes(b"too short")
    with pytest.raises(KeyLost, match="service manager hands this key over"):
        asyncio.run(opened(data, new_key=True))
    (handed / "store.key").write_bytes(b"n" * 32)
    with pytest.raises(KeyLost, match="another store's key"):
        asyncio.run(opened(data))
    assert asyncio.run(opened(data, new_key=True)) == ["new", "first"]
    assert (handed / "store.key").read_bytes() == b"n" * 32


@pytest.mark.parametrize("command", [["qr", "show"], ["members", "list"], ["demo", "--no-kiosk"]], ids=" ".join)
def test_a_journal_that_cannot_be_read_is_no_lost_key(data: Path, command: list[str]) -> None:
    (data / "storekeeper.db").write_bytes(b"no database" * 1000)
    found = storekeeper(*command, "--config", CONFIG, "--data", data)
    said = found.stdout + found.stderr
    assert found.returncode == 1, said
    assert f"{data / 'storekeeper.db'} cannot be used (file is not a database): storekeeper doctor looks" in said
    assert "key" not in said.replace("storekeeper", "")
    assert "the journal cannot be read" in storekeeper("doctor", "--config", CONFIG, "--data", data).stdout
