"""Lockers from the screen's side, without a phone: the kiosk's own flow and jobs, simulated doors, a running store."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from edge.domain.lockers import code_entry
from edge.domain.lockers.queries import job_of
from edge.domain.printing.facts import JobExpired, JobOrdered
from edge.gateway import door_lights
from kiosk_ui.places import Lockers
from tests.web.glass import Glass
from tests.web.running import wait
from tests.web.test_lockers import BANK, _tidy, parcel, rows  # noqa: F401 - the fixture

if TYPE_CHECKING:
    from edge.journal import Tx
    from tests.web.running import RunningStore


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A light may be slow to go on, as this machine is."""
    monkeypatch.setattr(door_lights, "TTL_MS", 60_000)


def stored(store: RunningStore) -> tuple[Glass, str]:
    """Something put in at the screen, and its door."""
    glass = Glass(store)
    glass.open(Lockers())
    glass.until(lambda: glass.memory.known)
    glass.touch("bank", BANK)
    glass.touch("to", "sizes")
    assert [size.left for size in glass.view.sizes]
    assert "免费" in glass.view.sizes[0].hours  # said before anything is asked
    glass.touch("deposit")
    glass.until(lambda: glass.view.door and glass.view.door.steps and glass.view.door.steps[0][1] == "now")
    door = glass.view.door.number
    assert glass.view.lit == (door,)
    assert glass.view.door.where.endswith("，柜门灯已亮")
    wait(lambda: door in lit(store))
    assert glass.view.door.light_key
    store.act(BANK, f"dark-{door}")
    wait(lambda: door not in lit(store))
    glass.touch("more", "light")
    glass.until(lambda: door in lit(store))
    store.use_door(BANK, door, "fill")
    glass.until(lambda: glass.memory.opened.done)
    assert not glass.view.door.light_key
    wait(lambda: door not in lit(store))
    return glass, door


def lit(store: RunningStore) -> set[str]:
    """The doors whose light is on, as the bank says it."""
    bank = next(each for each in store.gateway.devices.views() if each.id == BANK)
    return {name for name, door in bank.state["doors"].items() if door.get("lit")}


def test_in_and_out_without_a_phone(store: RunningStore) -> None:
    glass, door = stored(store)
    shown = glass.view.door
    assert shown.title == "已存好"
    digits = shown.digits.replace(" ", "")
    assert digits == store.gateway.lookup.codes.digits(parcel(store, glass.memory.opened.opening)["seed"])
    assert shown.code.startswith(f"{store.base}/t/{BANK}.")
    glass.touch("more", "share")
    glass.until(lambda: glass.view.door.shared)
    shared = glass.memory.opened.shared
    glass.touch("leave")
    other = Glass(store)  # another person, with the digits that were shared
    other.open(Lockers())
    other.until(lambda: other.memory.known)
    other.touch("bank", BANK)
    other.touch("to", "digits")
    for key in shared:
        other.touch("press", key)
    assert other.view.ready
    other.touch("open")
    other.until(lambda: other.view.door and other.view.door.steps and other.view.door.steps[0][1] == "now")
    assert (other.view.door.number, other.view.door.digits) == (door, "")
    store.use_door(BANK, door, "empty")
    other.until(lambda: other.memory.opened.done)
    assert other.view.door.title == "已取出，谢谢"


def test_a_late_fee_is_said_before_the_door_opens(store: RunningStore, monkeypatch: pytest.MonkeyPatch) -> None:
    glass, door = stored(store)
    digits = glass.view.door.digits.replace(" ", "")
    monkeypatch.setattr(code_entry, "fee", lambda *_: 400)  # what a day later would be due
    glass.touch("leave")
    glass.touch("to", "digits")
    for key in digits:
        glass.touch("press", key)
    glass.touch("open")
    glass.until(lambda: glass.memory.stage == "fee")
    assert glass.view.fee == "¥4.00"
    assert rows(store, "SELECT shut FROM doors WHERE bank=? AND door=?", BANK, door)[0]["shut"] == "closed"
    assert f"柜号 {door}" in glass.view.note
    glass.touch("open")
    glass.until(lambda: glass.view.door and glass.view.door.steps and glass.view.door.steps[0][1] == "now")
    assert glass.view.door.due.startswith(f"¥4.00 到收银台报柜号 {door}"), "also said while it stands open"


def test_wrong_digits_slow_this_screen_and_no_other(store: RunningStore) -> None:
    glass = Glass(store)
    glass.open(Lockers())
    glass.until(lambda: glass.memory.known)
    glass.touch("bank", "locker-b")
    glass.touch("to", "digits")
    for _ in range(6):
        for key in "000000":
            glass.touch("press", key)
        glass.touch("open")
        glass.until(lambda: not glass.memory.waits)
    assert glass.memory.wait_until > glass.at
    assert not glass.view.ready
    assert glass.view.warns
    assert glass.memory.digits == ""


def asked(
    store: RunningStore, screen: str, method: str, path: str, session: str = "", **body: Any
) -> requests.Response:
    headers = {
        "Authorization": f"Bearer {store.gateway.lookup.codes.service(screen)}",
        "X-Session": session or str(uuid.uuid4()),
    }
    return requests.request(
        method, f"{store.base}/api/v1/screens/{path}", headers=headers, json=body or None, timeout=60
    )


def test_a_screen_opens_only_what_can_be_seen_from_it(store: RunningStore) -> None:
    body = {"request": str(uuid.uuid4()), "size": "S"}
    far = asked(store, "screen-entrance", "POST", f"lockers/{BANK}/deposit", **body)
    assert (far.status_code, far.json()["code"]) == (409, "locker_elsewhere")
    banks = asked(store, "screen-entrance", "GET", "lockers").json()["banks"]
    assert not any(bank["beside"] for bank in banks)
    near = asked(store, "screen-baby", "GET", "lockers").json()["banks"]
    assert [bank["id"] for bank in near if bank["beside"]] == ["locker-a", "locker-b"]
    assert requests.get(f"{store.base}/api/v1/screens/lockers", timeout=60).status_code == 401


def test_a_slip_that_came_too_late_is_not_said_to_be_printed(store: RunningStore) -> None:
    glass, _ = stored(store)
    opened = glass.memory.opened
    job = job_of(opened.parcel)

    def too_late(tx: Tx) -> None:
        tx.emit(JobOrdered(job, 1, "locker", "zh-CN", {}, "printer-1", None, ""))
        tx.emit(JobExpired(job, 1, "printer-1"))

    store.do(store.gateway.decide(too_late))
    path = f"lockers/openings/{opened.opening}"
    found = asked(store, "screen-baby", "GET", path, glass.state.session.id).json()
    assert (found["parcel"], found["printed"]) == (opened.parcel, False)


def test_another_session_gets_no_code_of_the_one_before(store: RunningStore) -> None:
    glass, _ = stored(store)
    opening = glass.memory.opened.opening
    mine = asked(store, "screen-baby", "GET", f"lockers/openings/{opening}", glass.state.session.id).json()
    assert mine["digits"]
    other = asked(store, "screen-baby", "GET", f"lockers/openings/{opening}").json()
    assert (other["digits"], other["code"], other["parcel"]) == ("", "", "")
    far = asked(store, "screen-entrance", "POST", f"lockers/openings/{opening}/light")
    assert far.json()["code"] == "locker_elsewhere"
    refused = asked(store, "screen-baby", "POST", f"lockers/openings/{opening}/share")
    assert refused.json()["code"] == "parcel_unknown"
    assert wait(lambda: parcel(store, opening)["state"] == "kept")
