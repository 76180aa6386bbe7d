"""Many doors of a bank: so far apart, so few at once; who may, what stays shut, and what is on record."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import requests

from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import queries
from edge.domain.lockers.decisions import install
from edge.domain.lockers.from_settings import _doors
from edge.gateway.bulk_opening import GUESSES, BulkOpening, BulkOpenings, at_once, chosen
from tests.web.running import Colleague, wait
from tests.web.test_lockers import BANK, _tidy, rows

if TYPE_CHECKING:
    from tests.web.running import RunningStore

__all__ = ["_tidy"]


@pytest.fixture(autouse=True)
def supply(store: RunningStore) -> Iterator[Any]:
    """A bank whose supply bears two locks, a tenth of a second apart; the store's own rules come back in the end."""
    settings, own = store.settings, queries.rules_of(store.gateway.reads)
    banks = {each.id: _doors(each.bank) for each in settings.devices if each.kind == "locker"}

    def agree(**values: int) -> None:
        rules = msgspec.structs.replace(own, **values)
        store.do(store.gateway.decide(lambda tx: install(tx, banks, rules)))

    agree(between_ms=100, lock_watts=24, power_watts=60)
    yield agree
    wait(lambda: (known := store.gateway.many.latest(BANK)) is None or known.over)
    agree()


def asked(who: Colleague, **more: str) -> Any:
    form = {"bank": BANK, "do": "open", "which": "free", "reason": "cleaning", "request": str(uuid.uuid4()), **more}
    return who.post(f"{who.store.base}/staff/doors", data=form, timeout=60)


def over(store: RunningStore) -> bool:
    known = store.gateway.many.latest(BANK)
    return known is not None and known.over


def test_every_free_door_opens_once_never_more_than_the_supply_bears(store: RunningStore, li: Colleague) -> None:
    free = chosen(queries.doors(store.gateway.reads, BANK), "free")
    assert len(free) > 3
    request = str(uuid.uuid4())
    for _ in range(2):
        assert asked(li, request=request).ok
    most = 0
    while not over(store):
        most = max(most, queries.under_way_at(store.gateway.reads, BANK))
    assert most <= at_once(queries.rules_of(store.gateway.reads)) == 2
    known = store.gateway.many.latest(BANK)
    assert set(store.gateway.many.stages(known).values()) == {"opened"}
    grants = rows(
        store, "SELECT door, granted_ms FROM openings WHERE by='staff' ORDER BY granted_ms DESC LIMIT ?", len(free)
    )
    assert sorted(row["door"] for row in grants) == sorted(free)
    times = sorted(row["granted_ms"] for row in grants)
    assert all(later - earlier >= 98 for earlier, later in itertools.pairwise(times))


def test_a_round_stops_and_the_other_doors_stay_shut(store: RunningStore, li: Colleague, supply: Any) -> None:
    supply(between_ms=60_000, lock_watts=24, power_watts=60)
    assert asked(li).ok
    known = store.gateway.many.latest(BANK)
    wait(lambda: len(known.grants) == 1)
    page = li.get(f"{store.base}/staff/doors", timeout=60).text
    assert 'value="stop"' in page
    assert asked(li).status_code == 409
    supply(between_ms=100, lock_watts=24, power_watts=60)
    assert asked(li, do="stop").ok
    store.do(store.gateway.many.close())
    assert known.over
    assert list(store.gateway.many.stages(known).values()).count("left") == len(known.doors) - 1


def test_nobody_gives_no_reason_and_only_a_manager_opens_what_holds_parcels(store: RunningStore, li: Colleague) -> None:
    assert asked(li, reason="").status_code == 400
    for which in ("overdue", "kept", "all"):
        assert asked(li, which=which).status_code == 403
    assert 'value="kept"' not in li.get(f"{store.base}/staff/doors", timeout=60).text


def test_a_supply_that_bears_no_lock_opens_nothing(li: Colleague, supply: Any) -> None:
    supply(lock_watts=100, power_watts=60)
    answer = asked(li)
    assert answer.status_code == 409
    assert "power_watts" in answer.text


@pytest.fixture
def screen(store: RunningStore) -> Iterator[None]:
    """The bank's own, in the store that is one for all tests."""
    store.place_screen("screen-a", BANK)
    yield
    store.place_screen("screen-a", None)


def entered(store: RunningStore, digits: str, request: str = "") -> Any:
    """At the keypad of the bank's own screen."""
    body = {
        "code": store.gateway.lookup.codes.keypad(BANK, "screen-a"),
        "digits": digits,
        "request": request or str(uuid.uuid4()),
    }
    return requests.post(f"{store.base}/api/v1/lockers/collect", json=body, timeout=60)


@pytest.mark.usefixtures("screen")
def test_a_round_begins_at_the_bank_s_own_screen_with_digits_that_are_good_once(
    store: RunningStore, li: Colleague
) -> None:
    assert asked(li, do="screen").ok
    digits = store.gateway.many.waiting(BANK).digits
    assert f"{digits[:3]} {digits[3:]}" in li.get(f"{store.base}/staff/doors", timeout=60).text
    request = str(uuid.uuid4())
    answer = entered(store, digits, request)
    assert answer.status_code == 202, answer.text
    assert entered(store, digits, request).json()["opening"] == answer.json()["opening"]
    known = store.gateway.many.latest(BANK)
    assert answer.json()["opening"] in known.grants.values()
    assert store.gateway.many.waiting(BANK) is None
    wait(lambda: known.over)
    assert "opened" in store.gateway.many.stages(known).values()
    assert entered(store, digits).status_code != 202


def test_digits_that_somebody_guesses_at_are_void(store: RunningStore, li: Colleague) -> None:
    assert asked(li, do="screen").ok
    digits = store.gateway.many.waiting(BANK).digits
    for number in range(GUESSES):
        other = f"{(int(digits) + 1 + number) % 10**6:06}"
        assert store.do(store.gateway.many.enter(BANK, other, str(uuid.uuid4()))) is None
    assert store.do(store.gateway.many.enter(BANK, digits, str(uuid.uuid4()))) is None
    assert asked(li, do="screen", which="all").status_code == 403


def test_a_door_that_somebody_was_given_since_the_round_began_stays_shut(store: RunningStore) -> None:
    gateway = store.gateway
    given: list[str] = []

    async def meanwhile(decision: Any, *args: Any, **asked: Any) -> Any:
        """Before the round's first door opens, an order is put behind one of those that are meant."""
        if not given:
            order = {"codes": gateway.lookup.codes, "bank": BANK, "size": "S", "filler": "li"}
            opening = await gateway.decide(lockers.fill, **order, owner=str(uuid.uuid4()), request=str(uuid.uuid4()))
            given.append(opening.door)
            await gateway.devices.outcomes.end(opening.id, 60)
        return await gateway.decide(decision, *args, **asked)

    many = BulkOpenings(meanwhile, gateway.reads, gateway.devices.outcomes)

    async def begun() -> BulkOpening:
        return many.begin(bank=BANK, which="free", staff="li", reason="cleaning", request=str(uuid.uuid4()))

    known = store.do(begun())
    wait(lambda: known.over)
    assert given[0] in known.doors
    assert given[0] not in known.grants
    assert known.refused == {given[0]: "door_busy"}
