"""Six digits count where somebody stands: guessing costs the guesser, and nobody else."""

from __future__ import annotations

import asyncio
import re
import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.lockers import code_entry
from edge.errors import Refusal
from edge.gateway.bounds import Bounds
from edge.settings.bounds import ActBounds, Bound, BoundsSettings
from edge.web.actions import parcels
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper
from tests.web.test_lockers import BANK, _tidy, keep, parcel, rows  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store of its own: what is guessed here slows nothing elsewhere."""
    folder = tmp_path_factory.mktemp("digits")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = RunningStore(broker, folder, ("locker-a",))
    running.start()
    yield running
    running.stop()
    broker.stop()


@pytest.fixture
def right(store: RunningStore, member: Shopper) -> str:
    """The digits of a parcel that lies there."""
    opening, _ = keep(store, member)
    return str(store.gateway.lookup.codes.digits(parcel(store, opening)["seed"]))


def at_the_bank(store: RunningStore) -> Shopper:
    """A phone that has just scanned the bank's code."""
    phone = Shopper(store)
    assert phone.scan(store.code(BANK)).ok
    return phone


def enter(phone: Shopper, digits: str, code: str = "", **more: int) -> requests.Response:
    body = {"code": code or phone.store.code(BANK), "digits": digits, "request": str(uuid.uuid4()), **more}
    return phone.api("POST", "/api/v1/lockers/collect", body)


def wrong(store: RunningStore) -> str:
    taken = {store.gateway.lookup.codes.digits(row["seed"]) for row in rows(store, "SELECT seed FROM parcel_codes")}
    return next(digits for number in range(1000) if (digits := f"{number:06d}") not in taken)


def test_from_afar_digits_count_for_nothing(store: RunningStore, right: str) -> None:
    """Neither right nor wrong ones, and they slow nobody."""
    before = len(store.facts("locker.code_refused.v1"))
    stranger = Shopper(store)
    elsewhere = Shopper(store)
    elsewhere.scan(store.code("poster-door"))
    elsewhere.scan(store.code("locker-b"))
    for phone in (stranger, elsewhere):
        for digits in (right, wrong(store)):
            answer = enter(phone, digits)
            assert (answer.status_code, answer.json()["code"]) == (403, "scan_first")
            page = phone.fill(store.code(BANK), do="digits", digits=digits)
            assert page.status_code == 403
            assert "Scan the code on the locker bank first" in page.text
    assert len(store.facts("locker.code_refused.v1")) == before


def test_wrong_digits_slow_the_guesser_and_nobody_else(store: RunningStore, right: str) -> None:
    guess = wrong(store)
    guesser = at_the_bank(store)
    answers = [enter(guesser, guess) for _ in range(8)]
    assert [answer.json()["code"] for answer in answers] == ["parcel_code_wrong"] * 5 + ["parcel_wait"] * 3
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert re.search(r"in [1-6]?\d seconds", answers[5].json()["detail"])
    assert enter(guesser, right).json()["code"] == "parcel_wait", "also where it is right at last"
    for _ in range(10):
        another = at_the_bank(store)
        for _ in range(6):
            enter(another, guess)
    owner = at_the_bank(store)
    assert enter(owner, right).status_code == 202


def test_the_bank_s_own_keypad_counts_by_itself(store: RunningStore, right: str) -> None:
    for each in ("screen-locker-a", "screen-locker-a-2"):
        store.place_screen(each, BANK)
    guess, keypad = wrong(store), store.gateway.lookup.codes.keypad(BANK, "screen-locker-a")
    other = store.gateway.lookup.codes.keypad(BANK, "screen-locker-a-2")
    screen = Shopper(store)
    assert enter(screen, guess, keypad).json()["code"] == "parcel_code_wrong"
    codes = [enter(screen, guess, keypad).json()["code"] for _ in range(6)]
    assert codes == ["parcel_code_wrong"] * 4 + ["parcel_wait"] * 2
    for phone in (at_the_bank(store), at_the_bank(store)):
        enter(phone, guess)
    tampered = keypad[:-1] + ("a" if keypad[-1] != "a" else "b")
    assert enter(screen, right, tampered).json()["code"] == "code_tampered"
    assert enter(screen, right, other).status_code == 202


def test_a_late_fee_is_told_at_the_keypad_before_the_door_opens(
    store: RunningStore, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_entry, "fee", lambda *_: 400)  # what a day later would be due
    store.place_screen("screen-late", BANK)
    keypad, screen = store.gateway.lookup.codes.keypad(BANK, "screen-late"), Shopper(store)
    before = len(rows(store, "SELECT 1 FROM openings"))
    for agreed in (0, 399):
        told = enter(screen, right, keypad, agreed=agreed)
        assert (told.status_code, told.json()["asks"], told.json()["money"]) == (200, 400, "¥4.00")
    assert len(rows(store, "SELECT 1 FROM openings")) == before
    assert enter(screen, wrong(store), keypad, agreed=0).json()["code"] == "parcel_code_wrong"
    assert enter(screen, right, keypad, agreed=400).status_code == 202


def test_a_late_fee_is_told_on_a_phone_before_the_door_opens(
    store: RunningStore, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_entry, "fee", lambda *_: 400)  # what a day later would be due
    phone = at_the_bank(store)
    before = len(rows(store, "SELECT 1 FROM openings"))
    told = phone.fill(store.code(BANK), do="digits", digits=right)
    assert told.status_code == 200
    assert "¥4.00" in told.text
    assert f'name="digits" value="{right}"><input type="hidden" name="fee" value="400"' in told.text
    assert len(rows(store, "SELECT 1 FROM openings")) == before
    phone.fill(store.code(BANK), do="digits", digits=right, fee="400")
    assert len(rows(store, "SELECT 1 FROM openings")) == before + 1


def test_a_keypad_s_code_ends_where_its_screen_stood(store: RunningStore, right: str) -> None:
    keypad = store.gateway.lookup.codes.keypad(BANK, "screen-moved")
    for where in ("locker-b", None):
        store.place_screen("screen-moved", where)
        for digits in (right, wrong(store)):
            answer = enter(Shopper(store), digits, keypad)
            assert (answer.status_code, answer.json()["code"]) == (409, "locker_elsewhere")
    store.place_screen("screen-moved", BANK)
    assert enter(Shopper(store), right, keypad).status_code == 202


def test_guessing_on_ever_new_phones_is_bounded_and_shown(store: RunningStore, right: str) -> None:
    """A browser's name costs a page. What all of them may get wrong together has a bound of its own."""
    bound = store.settings.bounds.entering.touchpoint
    assert bound
    guess, codes = wrong(store), []
    while len(codes) < bound.burst + 60 and "too_many_guesses" not in codes:
        phone = at_the_bank(store)
        codes += [enter(phone, guess).json()["code"] for _ in range(5)]
    assert "too_many_guesses" in codes
    needs = {need.kind for need in store.gateway.people.bounds.needs(0)}
    assert "bounds_entering" in needs
    store.place_screen("screen-b", BANK)
    keypad = store.gateway.lookup.codes.keypad(BANK, "screen-b")
    assert enter(Shopper(store), right, keypad).status_code == 202, "who stands there is not held up"


@pytest.mark.parametrize("opens", [False, True])
async def test_many_guesses_at_once_are_counted_one_by_one(opens: bool) -> None:
    """Each is known to be wrong some milliseconds after it came: until then it counts as one."""
    bounds = Bounds(BoundsSettings(entering=ActBounds(address=Bound(burst=3, per_minute=1))), lambda: 0.0)
    known, looked = asyncio.Event(), 0

    async def decide(*_: Any, **__: Any) -> str | None:
        nonlocal looked
        looked += 1
        await known.wait()
        return "opening" if opens else None

    here = SimpleNamespace(at=lambda *_: True)
    web: Any = SimpleNamespace(bounds=bounds, here=here, decide=decide, codes=None, browser=lambda _: "phone")
    caller: Any = SimpleNamespace(scope={"client": ("10.0.0.1", 1)})
    bank: Any = SimpleNamespace(id=BANK, device=BANK, purpose="locker", keypad=None)

    async def enter_all(count: int) -> list[str]:
        tries = [parcels.take_by_digits(web, caller, bank, "123456", str(uuid.uuid4())) for _ in range(count)]
        made = asyncio.gather(*tries, return_exceptions=True)
        await asyncio.sleep(0)
        known.set()
        return [each.code if isinstance(each, Refusal) else str(each) for each in await made]

    if opens:
        assert [await enter_all(1) for _ in range(10)] == [["opening"]] * 10, "what is right leaves nothing behind"
    else:
        assert await enter_all(10) == ["parcel_code_wrong"] * 3 + ["too_many_guesses"] * 7
        assert looked == 3
