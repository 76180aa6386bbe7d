"""The box's clock jumps while a store serves: nobody says which time is right, so no page and no price goes by it."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from edge.bootstrap import gateway as bootstrap
from edge.domain.members import sessions
from edge.domain.payments import queries as payments
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper, wait
from tests.web.test_basket import MILK, Shop
from tests.web.test_lockers import BANK, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY_S = 24 * 3600


@pytest.fixture
def turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStore]:
    """A store whose clock nobody vouches for."""
    monkeypatch.setattr(bootstrap, "vouched", lambda _: "")
    broker = new_broker("mosquitto", tmp_path / "broker")
    broker.start()
    running = RunningStore(broker, tmp_path, (BANK,))
    running.start()
    Shop(running, tmp_path).sell("12.90")
    yield running
    running.stop()
    broker.stop()


@pytest.mark.parametrize("days", [2, -2])
def test_a_jump_charges_nothing_and_ends_nothing(
    turned: RunningStore, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    anna = Shopper(turned)
    assert anna.register(turned.code("poster-door")).ok
    keep(turned, anna)
    body = {"code": MILK, "how": "page", "quantity": 1, "request": str(uuid.uuid4())}
    anna.api("POST", "/api/v1/basket/lines", body).raise_for_status()
    anna.api("POST", "/api/v1/basket/hold", {}).raise_for_status()
    asked = anna.api("POST", "/api/v1/payments", {"port": "counter", "request": str(uuid.uuid4())}).json()
    (before,) = anna.api("GET", "/api/v1/lockers/parcels").json()
    now, fence = turned.gateway.reads.now, turned.gateway.devices.bus.fence()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + days * DAY_S * 1_000_000_000)
    wait(lambda: turned.facts("clock.jumped.v1"))
    assert 0 <= turned.gateway.reads.now - now < 600_000
    # A screen that hears one of tomorrow takes nothing until then, and one of yesterday is none.
    assert 0 <= turned.gateway.devices.bus.fence() - fence < 600
    (after,) = anna.api("GET", "/api/v1/lockers/parcels").json()
    assert (after["fee"], after["due_ms"]) == (0, before["due_ms"])

    async def look() -> None:
        turned.gateway.desk.wake()

    turned.do(look())
    assert anna.api("GET", f"/api/v1/payments/{asked['payment']}").json()["state"] == "waiting"
    assert payments.all_open(turned.gateway.reads)
    # What the phone shows is used at a till, whose decision goes by the store's time.
    page = anna.get(f"{turned.base}/wallet/code", timeout=60).text
    shown = json.loads(re.findall(r'id="pass"[^>]*>(.*?)</script>', page)[0])
    passes = turned.gateway.lookup.passes
    code = passes.code(shown["pass"], shown["now"])
    assert anna.api("POST", "/api/v1/codes/read", {"text": code}).json()["readings"][0]["refused"] == ""
    read = passes.read(code, turned.gateway.reads.now)
    assert turned.do(turned.gateway.decide(sessions.use_code, read, purpose="till", at="till-1"))
