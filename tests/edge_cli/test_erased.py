"""A whole store with all of its processes: once a person is erased, no byte in its data folder leads to them, and a
backup that still has them does not bring them back.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from edge.domain.touchpoints.codes import Codes
from edge.secrets.vault import Vault
from tests.edge_cli.test_demo import Demo

pytestmark = pytest.mark.slow

LOCAL = "13800138000"
SPELLINGS = (LOCAL, "138 0013 8000", "138-0013-8000", "+8613800138000", "008613800138000", "1380013 8000")


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)
    return found


class Phone(requests.Session):
    """A shopper's browser at a demo."""

    def __init__(self, demo: Demo) -> None:
        super().__init__()
        self.base = f"http://127.0.0.1:{demo.port}"
        self.headers["Accept-Language"] = "en"

    def form(self, code: str, **fields: str) -> requests.Response:
        return self.post(f"{self.base}/t/{code}", data={"request": str(uuid.uuid4()), **fields}, timeout=60)

    def api(self, path: str, **body: object) -> requests.Response:
        return self.post(f"{self.base}/api/v1/{path}", json={"request": str(uuid.uuid4()), **body}, timeout=60)

    def parcels(self) -> list[dict[str, Any]]:
        return self.get(f"{self.base}/api/v1/lockers/parcels", timeout=60).json()

    def at_the_door(self, opening: dict[str, Any], act: str) -> None:
        """What the shopper's hands do, as soon as the door is open."""
        where = f"{self.base}/api/v1/lockers/openings/{opening['opening']}"
        until(lambda: self.get(where, timeout=60).json()["stage"] == "open")
        for each in (act, "close"):
            self.api(f"demo/devices/{opening['bank']}/{each}-{opening['door']}")
            time.sleep(0.7)


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{data / 'storekeeper.db'}?mode=ro", uri=True)) as journal:
        return journal.execute(sql).fetchall()


def canaries(data: Path) -> dict[str, bytes]:
    """What must not be found: the number in every spelling and coding, its index, the key that opens it."""
    vault = Vault.open(data / "secrets" / "store.key")
    words = {spelling: spelling.encode() for spelling in SPELLINGS}
    words |= {f"{LOCAL} in {coding}": LOCAL.encode(coding) for coding in ("utf-16-le", "utf-16-be")}
    words["number as an integer"] = int(LOCAL).to_bytes(8, "big")[2:]
    words["index"] = vault.index("+8613800138000").encode()
    words["wrapped key"] = rows(data, "SELECT wrapped FROM person_keys")[0][0]
    return words


def found(data: Path, words: dict[str, bytes]) -> dict[str, list[str]]:
    files = {}
    for path in data.rglob("*"):
        with suppress(IsADirectoryError, FileNotFoundError):  # a file that is written anew goes as one looks
            files[str(path.relative_to(data))] = path.read_bytes()
    assert {"storekeeper.db", "storekeeper.db-wal", "cloud.db", "sync.json", "logs/gateway.log"} <= set(files)
    assert any(name.startswith("broker/") for name in files)
    return {what: where for what, word in words.items() if (where := [n for n, raw in files.items() if word in raw])}


def acknowledged(data: Path) -> bool:
    report = json.loads((data / "sync.json").read_bytes())
    return report["last"] == report["acked"] == rows(data, "SELECT max(sequence) FROM entries")[0][0]


def live_as_a_shopper(phone: Phone, code: Callable[[str], str]) -> None:
    """Everything that may leave a trace of a number: forms, mistakes, carts, lockers, coupons, the scan page."""
    door = code("poster-door")
    for wrong in (f"{LOCAL}1", f"{LOCAL} {LOCAL[:-1]}", f"call {LOCAL}O"):
        phone.form(door, do="register", phone=wrong, service="yes")
    phone.form(door, do="register", phone=SPELLINGS[1])
    assert phone.form(door, do="register", phone=SPELLINGS[2], service="yes", marketing="yes").ok
    phone.post(f"{phone.base}/scan", data={"text": LOCAL}, timeout=60)
    phone.get(f"{phone.base}/products?q={LOCAL}", timeout=60)
    phone.api("members", code=door, phone=SPELLINGS[4], consents={"service": True})
    phone.api("codes/read", text=f"tel:{SPELLINGS[3]}")
    phone.get(f"{phone.base}/t/{LOCAL}", timeout=60)
    phone.get(f"{phone.base}/me/privacy/data", timeout=60).raise_for_status()
    phone.at_the_door(phone.api("lockers/deposit", code=code("locker-a"), size="S").json(), "fill")
    until(lambda: phone.parcels()[0]["state"] not in ("filling", "filled"))


def test_no_byte_is_left_and_no_backup_brings_them_back(tmp_path: Path) -> None:
    with Demo(tmp_path, "--broker", "mosquitto") as demo:
        demo.opened()
        data, phone = demo.data, Phone(demo)
        codes = Codes(Vault.open(data / "secrets" / "store.key").derive("codes"), "s001", lambda _: None)
        live_as_a_shopper(phone, codes.static)
        words = canaries(data)
        assert set(found(data, words)) == {"index", "wrapped key"}, "nowhere is the number itself, not even now"
        until(lambda: acknowledged(data))
        backup = tmp_path / "backup.db"
        with closing(sqlite3.connect(data / "storekeeper.db")) as live, closing(sqlite3.connect(backup)) as copy:
            live.backup(copy)
        cookies = phone.cookies.copy()
        members = [row[0] for row in rows(data, "SELECT subject FROM person_numbers")]

        waits = phone.api("me/erase", wait=True).json()
        assert waits["erased"] is False
        phone.at_the_door(phone.api("lockers/collect", parcel=phone.parcels()[0]["id"]).json(), "empty")
        until(lambda: rows(data, "SELECT count(*) FROM person_keys")[0][0] == 0)
        until(lambda: acknowledged(data))
        until(lambda: not found(data, words))
        assert set(members) == set((data / "erased.txt").read_text().split("\n")[1:-1])
        assert phone.get(f"{phone.base}/api/v1/me/consents", timeout=60).status_code == 401
        kept = rows(data, "SELECT count(*) FROM entries WHERE type='locker.opened.v1'")[0][0]
        assert kept > 0, "what happened is still counted"
        assert demo.interrupt() == 0

        for name in ("storekeeper.db", "storekeeper.db-wal", "storekeeper.db-shm"):
            (data / name).unlink(missing_ok=True)
        (data / "storekeeper.db").write_bytes(backup.read_bytes())
    with Demo(tmp_path, "--broker", "mosquitto") as again:
        again.opened()
        assert rows(data, "SELECT count(*) FROM person_keys")[0][0] == 0
        back = Phone(again)
        back.cookies = cookies
        assert back.get(f"{back.base}/api/v1/me/consents", timeout=60).status_code == 401
        until(lambda: not found(data, words))
        assert again.interrupt() == 0
