"""A disk that is really full: a small file system of its own under the gateway's data, filled to the last block."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import requests

from edge.bootstrap.gateway import BROKEN_EXIT
from edge.bootstrap.journal import verify_journal
from tests.faults.floor import HOLD
from tests.faults.house import CARTS, House, until
from tests.faults.shoppers import Crowd, Shopper
from tests.faults.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SIZE_MIB = 24
SENTENCES = {"zh-CN": "存储空间满了", "en": "computer is full"}


class Disk:
    """A mounted file system that can be filled and emptied."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while file.write(bytes(4096)) == 4096:
                pass

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(path)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("a file system of its own needs root and the right to mount")
    yield Disk(path)
    subprocess.run(["umount", "-l", str(path)], check=False)


@pytest.fixture
def house(disk: Disk, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "house", data=disk.path / "data", ttl_ms=60_000) as opened:
        until(opened.open, what=opened.last_words)
        yield opened


def test_a_full_disk_is_said_and_survived(house: House, disk: Disk) -> None:
    crowd = Crowd(house, seed=1)
    ann, bob, stranger = crowd.idle(3)
    assert ann.register()
    assert bob.register()
    (house.floor / HOLD).touch()
    with Tap(house.broker_port) as tap:
        taken = take(ann, house)
        until(lambda: heard(tap) and heard(tap) <= {ack[1:] for ack in tap.acks})  # it left, and that is taken
        before = heard(tap)
        disk.fill()
        until(lambda: ask(stranger).status_code == 507)
        for language, words in SENTENCES.items():
            said = ask(stranger, language)
            assert (said.status_code, said.json()["code"]) == (507, "disk_full")
            assert said.headers["content-type"] == "application/problem+json"
            assert said.headers["content-language"] == language
            assert words in said.json()["detail"]
        assert not ready(house)["journal"]

        moves = house.moves()
        refused = [unlock(bob, cart) for cart in CARTS if cart != taken]
        assert {answer.status_code for answer in refused} == {507}
        assert house.moves() == moves

        (house.floor / HOLD).unlink()  # the cart comes back, and says so again and again
        until(lambda: [event for event, times in repeats(tap).items() if event not in before and times > 1])
        unheard = heard(tap) - before
        assert not unheard & {ack[1:] for ack in tap.acks}
        assert not ready(house)["journal"]
        assert house.parts["gateway"].ended_by_itself is None
        assert house.parts["sync"].ended_by_itself is None

        disk.empty()
        until(lambda: ready(house)["ready"])
        until(lambda: {ack[1:] for ack in tap.acks} >= unheard)
    assert ask(stranger).status_code == 201
    nothing_is_lost(house, taken)


def test_space_is_noticed_without_anybody_asking(house: House, disk: Disk) -> None:
    stranger = Crowd(house, seed=1).idle(1)[0]
    house.parts["floor"].end()  # no device speaks
    until(lambda: len(house.rows("SELECT 1 FROM devices WHERE online")) == 0)
    disk.fill()
    until(lambda: ask(stranger).status_code == 507)
    for _ in range(25):  # what it tries by itself meanwhile reaches the disk, and finds it full
        assert not ready(house)["journal"]
        time.sleep(0.1)
    disk.empty()
    until(lambda: ready(house)["ready"])


def test_it_starts_on_a_full_disk_and_says_so(house: House, disk: Disk) -> None:
    stranger = Crowd(house, seed=1).idle(1)[0]
    until(lambda: house.arrived() > 0)  # sync has the journal open: its index stays in memory
    disk.fill()
    until(lambda: ask(stranger).status_code == 507)
    house.parts["gateway"].kill()
    disk.fill()
    house.parts["gateway"].start()
    until(lambda: (answer := house.get("/healthz")) is not None and answer.ok, what=house.last_words)
    until(lambda: attempt(stranger) == 507, what=house.last_words)
    disk.empty()
    until(lambda: attempt(stranger) == 201, what=house.last_words)
    until(house.open, what=house.last_words)
    nothing_is_lost(house, None)


def test_without_space_for_the_journals_index_it_ends_with_a_sentence(house: House, disk: Disk) -> None:
    house.parts["sync"].kill()
    house.parts["gateway"].kill()
    (house.data / "storekeeper.db-shm").unlink()  # as after a power cut
    disk.fill()
    gateway = house.parts["gateway"]
    gateway.start()
    until(lambda: gateway.ended_by_itself is not None)
    assert gateway.ended_by_itself == BROKEN_EXIT
    words = gateway.log.read_text()
    assert "is its disk full" in words
    assert "Traceback" not in words
    disk.empty()
    gateway.start()  # as the service manager does
    house.parts["sync"].start()
    until(house.open, what=house.last_words)
    nothing_is_lost(house, None)


def test_nobody_is_told_of_an_opening_that_is_not_recorded(disk: Disk, tmp_path: Path) -> None:
    with House(tmp_path / "house", data=disk.path / "data", ttl_ms=5000) as house:
        until(house.open, what=house.last_words)
        ann, stranger = Crowd(house, seed=1).idle(2)
        assert ann.register()
        os.kill(house.parts["floor"].pid, signal.SIGSTOP)  # on the bus, and silent
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(unlock, ann, CARTS[0])
            until(lambda: house.rows("SELECT 1 FROM grants"))
            disk.fill()
            until(lambda: ask(stranger).status_code == 507)
            answer = asked.result(60)
        assert answer.status_code in (202, 502), answer.text
        disk.empty()
        until(lambda: house.rows("SELECT 1 FROM grants WHERE state='lapsed'"))
        house.parts["floor"].kill()
        assert house.moves() == 0


def repeats(tap: Tap) -> Counter[tuple[str, str, int]]:
    """How often each event was sent: (device, boot, seq)."""
    return Counter(event[1:] for event in list(tap.events))


def heard(tap: Tap) -> set[tuple[str, str, int]]:
    return set(repeats(tap))


def take(shopper: Shopper, house: House) -> str:
    """A cart that is out with this shopper."""
    assert unlock(shopper, CARTS[0]).status_code == 200
    until(lambda: house.rows("SELECT 1 FROM carts WHERE NOT docked"))
    return CARTS[0]


def nothing_is_lost(house: House, cart: str | None) -> None:
    if cart:
        until(lambda: house.rows("SELECT 1 FROM carts WHERE cart=? AND state='docked' AND docked", cart))
    last = house.rows("SELECT max(sequence) AS n FROM entries")[0]["n"]
    until(lambda: house.arrived() >= last, what=house.last_words)
    assert verify_journal(house.settings).faults == ()


def ready(house: House) -> dict[str, bool]:
    answer = house.get("/readyz")
    assert answer is not None
    assert answer.ok == answer.json()["ready"]
    body: dict[str, bool] = answer.json()
    return body


def attempt(shopper: Shopper) -> int:
    try:
        return ask(shopper).status_code
    except requests.ConnectionError:
        return 0


def ask(shopper: Shopper, language: str = "en") -> requests.Response:
    """A registration with a number that is new each time."""
    number = f"139{shopper._chance.randrange(10**8):08d}"
    body = {"code": shopper._crowd.codes["poster-door"], "phone": number, "consents": {"service": True}}
    return post(shopper, "/api/v1/members", body, language)


def unlock(shopper: Shopper, cart: str) -> requests.Response:
    return post(shopper, "/api/v1/carts/unlock", {"code": shopper._crowd.carts[cart]}, "en")


def post(shopper: Shopper, path: str, body: dict[str, object], language: str) -> requests.Response:
    return shopper.phone.post(
        shopper._crowd.base + path,
        json={**body, "request": str(uuid.uuid4())},
        headers={"Accept-Language": language},
        timeout=60,
    )
