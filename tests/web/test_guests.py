"""`[members] ask`: where the store asks after an act, or never, somebody without a number rides and deposits."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.domain.members.rules import AskRules
from edge.settings.settings import Settings
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper, new_phone, wait

if TYPE_CHECKING:
    from collections.abc import Iterator


class Asking(RunningStore):
    """A store that asks for a number as it is told."""

    ask = AskRules(ride="never", deposit="after", coupon="before")

    def _settings(self) -> Settings:
        settings = super()._settings()
        members = msgspec.structs.replace(settings.members, ask=self.ask)
        return settings.model_copy(update={"members": members})


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    folder = tmp_path_factory.mktemp("guests")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = Asking(broker, folder, ("cart-01", "cart-02", "locker-a", "printer-1"))
    running.start()
    yield running
    running.stop()
    broker.stop()


def member_of(shopper: Shopper) -> str:
    return str(shopper.api("GET", "/api/v1/me/data").json()["you"][0]["id"])


def test_a_guest_rides_with_one_tap_and_without_a_number(open_store: RunningStore) -> None:
    shopper = Shopper(open_store)
    page = shopper.scan(open_store.code("cart-01"))
    assert "Unlock this cart" in page.text
    assert 'name="phone"' not in page.text, "never is never"
    assert "register" not in page.text.lower(), "a key to go on without it offers a choice that nobody has"
    done = shopper.fill(open_store.code("cart-01"), do="guest")
    assert "grant=" in done.url
    wait(lambda: open_store.gateway.reads.one("SELECT 1 FROM carts WHERE cart='cart-01' AND member IS NOT NULL"))
    member = member_of(shopper)
    row = open_store.gateway.reads.one("SELECT phone_sealed, service FROM members WHERE member=?", member)
    assert tuple(row) == (None, 0)
    assert not open_store.gateway.reads.one("SELECT 1 FROM person_keys WHERE subject=?", member)


def test_a_guest_deposits_and_keeps_it_when_registering_later(open_store: RunningStore) -> None:
    shopper = Shopper(open_store)
    page = shopper.scan(open_store.code("locker-a"))
    assert "Go on without registering" in page.text
    assert 'name="phone"' in page.text
    assert shopper.fill(open_store.code("locker-a"), do="guest").ok
    opened = shopper.fill(open_store.code("locker-a"), do="deposit", size="S")
    assert opened.ok
    parcel = shopper.api("GET", "/api/v1/lockers/parcels").json()[0]
    guest = member_of(shopper)
    asked = open_store.gateway.reads.one("SELECT slip FROM parcels WHERE parcel=?", parcel["id"])
    assert asked["slip"] == "en", "the code comes on paper too"
    assert 'name="phone"' in shopper.scan(open_store.code("poster-door")).text, "asked after the act"
    assert shopper.register(open_store.code("poster-door"), new_phone()).ok
    assert member_of(shopper) != guest
    assert [each["id"] for each in shopper.api("GET", "/api/v1/lockers/parcels").json()] == [parcel["id"]]


def test_what_asks_before_admits_no_guest(open_store: RunningStore) -> None:
    body = {"code": open_store.code("shelf-fruit"), "request": str(uuid.uuid4())}
    refused = Shopper(open_store).api("POST", "/api/v1/guests", body)
    assert (refused.status_code, refused.json()["code"]) == (401, "not_registered")


def test_the_same_request_makes_one_guest(open_store: RunningStore) -> None:
    shopper, body = Shopper(open_store), {"code": open_store.code("cart-02"), "request": str(uuid.uuid4())}
    shopper.scan(open_store.code("cart-02"))
    first = shopper.api("POST", "/api/v1/guests", body).json()
    assert shopper.api("POST", "/api/v1/guests", body).json() == first
    assert shopper.unlock("cart-02").ok
    erased = shopper.api("POST", "/api/v1/me/erase", {"request": str(uuid.uuid4())})
    assert erased.json()["code"] == "erase_waits"


def test_the_default_asks_before_everything(store: RunningStore) -> None:
    for code in ("cart-05", "locker-a", "shelf-fruit"):
        assert "Go on without registering" not in Shopper(store).scan(store.code(code)).text
        body = {"code": store.code(code), "request": str(uuid.uuid4())}
        assert Shopper(store).api("POST", "/api/v1/guests", body).status_code == 401
