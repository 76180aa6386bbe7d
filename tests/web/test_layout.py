"""What arrives in the store while it runs is there: zones, devices, codes, names and money come from the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import requests

from edge.domain.devices.facts import DeviceEnrolled, DeviceRetired
from edge.domain.store.facts import StoreDescribed, ZoneDefined, ZoneRemoved
from edge.domain.touchpoints.facts import TouchpointDefined
from tests.web.running import RunningStore, wait

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.journal import Fact

GARDEN = {"zh-CN": "花园", "en": "Garden"}
CART = {"zh-CN": "13号购物车", "en": "Cart 13"}


@pytest.fixture
def running(broker: Broker, tmp_path: Path) -> Iterator[RunningStore]:
    store = RunningStore(broker, tmp_path / "data", ())
    store.start()
    yield store
    store.stop()


def happen(store: RunningStore, *facts: Fact) -> None:
    def decide(tx: Any) -> None:
        for fact in facts:
            tx.emit(fact)

    store.do(store.gateway.decide(decide))


def page(store: RunningStore, path: str) -> str:
    answer = requests.get(store.base + path, headers={"Accept-Language": "en"}, timeout=60)
    answer.raise_for_status()
    return answer.text


def test_a_zone_that_arrives_is_there_and_goes_again(running: RunningStore) -> None:
    assert "Garden" not in page(running, "/")
    happen(running, ZoneDefined(zone="garden", name=GARDEN, plan=(20, 13, 8, 7)))
    assert "Garden" in page(running, "/")
    assert [zone.id for zone in running.gateway.layout.zones][-1] == "garden"
    happen(running, ZoneRemoved(zone="garden"))
    assert "Garden" not in page(running, "/")


def test_a_cart_that_arrives_has_a_code_and_is_heard(running: RunningStore) -> None:
    gateway = running.gateway
    code = running.code("cart-13")
    assert requests.get(f"{running.base}/t/{code}", timeout=60).status_code == 404
    fleet = gateway.layout.count("cart")
    happen(
        running,
        DeviceEnrolled(device="cart-13", kind="cart", zone="entrance", label=CART, at=(1, 2)),
        TouchpointDefined(
            touchpoint="cart-13", purpose="cart", zone="entrance", label=CART, at=(1, 2), device="cart-13"
        ),
    )
    assert gateway.layout.count("cart") == fleet + 1
    assert "Cart 13" in page(running, f"/t/{code}")
    wait(lambda: "cart-13" in gateway.devices.ingest.live)
    happen(running, DeviceRetired(device="cart-13"))
    wait(lambda: "cart-13" not in gateway.devices.ingest.live)


def test_another_name_over_the_door_is_read_at_once(running: RunningStore) -> None:
    said = running.gateway.layout.store
    assert (said.currency, said.zone.key, said.languages) == ("CNY", "Asia/Shanghai", ("zh-CN", "en", "de"))
    name = {"zh-CN": "新店", "en": "New Name"}
    described = StoreDescribed(name, "CNY", "CN", "Asia/Shanghai", ("zh-CN", "en"))
    happen(running, described)
    assert "New Name" in page(running, "/")
    happen(running, msgspec.structs.replace(described, currency="JPY"))
    assert running.gateway.layout.store.currency == "JPY"


def test_what_is_asked_often_is_asked_of_the_tables_once(running: RunningStore) -> None:
    layout = running.gateway.layout
    assert layout.devices is layout.devices
    before = layout.zones
    happen(running, ZoneDefined(zone="garden", name=GARDEN, plan=(20, 13, 8, 7)))
    assert layout.zones is not before
