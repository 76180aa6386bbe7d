"""The same hand, fifty times at once, each time under another request id: one thing happens."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from edge.settings.bounds import ActBounds, BoundsSettings, ThingBounds
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper, wait
from tests.web.test_lockers import BANK, keep, parcel, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

TIMES = 50


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store of its own: what each browser may ask for is not what is asked here."""
    folder = tmp_path_factory.mktemp("at-once")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    one = {"browser": None, "member": None, "address": None, "touchpoint": None, "store": None}
    bounds = BoundsSettings(
        opening=ActBounds(**one),
        collecting=ActBounds(**one),
        finding=ActBounds(),
        changing=ActBounds(**one),
        things=ThingBounds(),
    )
    carts = tuple(f"cart-{number:02d}" for number in range(1, 13))
    running = RunningStore(broker, folder, (*carts, "locker-a", "locker-b", "printer-1"), bounds=bounds)
    running.start()
    yield running
    running.stop()
    broker.stop()


def at_once(ask: Callable[[], requests.Response], times: int = TIMES) -> list[requests.Response]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: ask(), range(times)))


def phone_of(member: Shopper) -> Shopper:
    """The same browser once more: a session of its own for each thread."""
    same = Shopper(member.store)
    same.cookies.update(member.cookies)
    return same


def facts(store: RunningStore, kind: str) -> int:
    return int(rows(store, "SELECT count(*) AS n FROM entries WHERE type=?", kind)[0]["n"])


def test_a_parcel_s_qr_opens_once(store: RunningStore, member: Shopper) -> None:
    opening, door = keep(store, member)
    code = store.gateway.lookup.codes.collect(BANK, parcel(store, opening)["seed"])
    before = facts(store, "locker.open_granted.v1")

    def take() -> requests.Response:
        return Shopper(store).api("POST", "/api/v1/lockers/collect", {"code": code, "request": str(uuid.uuid4())})

    answers = at_once(take)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["opening"] for answer in answers}) == 1
    assert facts(store, "locker.open_granted.v1") == before + 1
    wait(lambda: rows(store, "SELECT shut FROM doors WHERE bank=? AND door=?", BANK, door)[0]["shut"] == "open")
    assert take().json()["opening"] == answers[0].json()["opening"], "it stands open"
    store.act(BANK, f"close-{door}")
    wait(lambda: rows(store, "SELECT shut FROM doors WHERE bank=? AND door=?", BANK, door)[0]["shut"] == "closed")
    assert take().json()["opening"] != answers[0].json()["opening"], "closed over the parcel, it opens again"
    assert facts(store, "locker.open_granted.v1") == before + 2


def test_one_member_and_one_cart_is_one_grant(store: RunningStore, member: Shopper) -> None:
    before = facts(store, "cart.unlock_granted.v1")
    answers = at_once(lambda: phone_of(member).unlock("cart-01"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["grant"] for answer in answers}) == 1
    assert facts(store, "cart.unlock_granted.v1") == before + 1


def test_one_member_deposits_one_parcel(store: RunningStore, member: Shopper) -> None:
    before = facts(store, "parcel.begun.v1")
    answers = at_once(
        lambda: phone_of(member).api(
            "POST",
            "/api/v1/lockers/deposit",
            {"code": store.code(BANK), "size": "S", "request": str(uuid.uuid4())},
        )
    )
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert facts(store, "parcel.begun.v1") == before + 1


def test_one_share_and_one_slip(store: RunningStore, member: Shopper) -> None:
    opening, _ = keep(store, member, size="M")
    name = parcel(store, opening)["parcel"]
    shares = at_once(
        lambda: phone_of(member).api("POST", f"/api/v1/lockers/parcels/{name}/share", {"request": str(uuid.uuid4())})
    )
    assert len({share.json()["digits"] for share in shares}) == 1
    slips = at_once(lambda: phone_of(member).api("POST", f"/api/v1/lockers/parcels/{name}/slip"))
    assert {slip.status_code for slip in slips} == {202}
    job = slips[0].json()["job"]
    wait(lambda: rows(store, "SELECT state FROM print_jobs WHERE job=?", job)[0]["state"] == "printed")
    assert rows(store, "SELECT count(*) AS n FROM print_attempts WHERE job=?", job)[0]["n"] == 1


def test_one_coupon(store: RunningStore, member: Shopper) -> None:
    answers = at_once(
        lambda: phone_of(member).api(
            "POST",
            "/api/v1/coupons/claim",
            {"code": store.shown("diaper-l54"), "request": str(uuid.uuid4())},
        )
    )
    assert Counter(answer.json().get("already") for answer in answers if answer.ok)[False] == 1
    assert {answer.status_code for answer in answers} <= {200, 429}


def test_a_cart_blinks_a_few_times_and_for_nobody_but_its_rider(store: RunningStore, member: Shopper) -> None:
    before = facts(store, "cart.find_asked.v1")
    answers = [member.fill(store.code(f"cart-{number:02d}"), do="find").status_code for number in range(3, 13)]
    most = store.settings.bounds.finding.browser
    assert most
    assert answers == [200] * most.burst + [429] * (10 - most.burst)
    assert facts(store, "cart.find_asked.v1") == before + most.burst
    rider = Shopper(store)
    rider.register(store.code("poster-door"))
    assert rider.unlock("cart-02").ok
    other = Shopper(store)
    other.register(store.code("poster-door"))
    assert other.fill(store.code("cart-02"), do="find").status_code == 409
    assert rider.fill(store.code("cart-02"), do="find").ok
    assert facts(store, "cart.find_asked.v1") == before + most.burst + 1


def test_a_script_opens_a_few_doors_and_no_more(store: RunningStore) -> None:
    """Each door for a person of its own, on a browser of its own; nobody stands there to close one."""
    most = store.settings.bounds.things.doors(12)
    assert most == 4

    def script() -> requests.Response:
        thief = Shopper(store)
        thief.register(store.code("poster-door"))
        body = {"code": store.code("locker-b"), "size": "S", "request": str(uuid.uuid4())}
        return thief.api("POST", "/api/v1/lockers/deposit", body)

    answers = at_once(script, 14)
    assert Counter(answer.status_code for answer in answers) == {202: most, 429: 14 - most}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "doors_waiting"
    assert refused.headers["Retry-After"] == "30"
    # Somebody comes and uses one: the next may follow.
    row = rows(store, "SELECT door FROM parcels WHERE bank='locker-b' ORDER BY door")[0]
    wait(lambda: rows(store, "SELECT 1 FROM doors WHERE bank='locker-b' AND door=? AND shut='open'", row["door"]))
    store.use_door("locker-b", row["door"], "fill")
    wait(lambda: rows(store, "SELECT 1 FROM parcels WHERE bank='locker-b' AND door=? AND state='kept'", row["door"]))
    assert script().status_code == 202
    assert script().status_code == 429
