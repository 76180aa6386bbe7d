"""Lockers on the staff page, by plain forms: orders in, parcels out, doors out of use, the day's report."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import requests

from edge.domain.members import numbers
from tests.callers import stands_alone
from tests.web.running import Colleague, RunningStore, Shopper, new_phone, wait
from tests.web.test_lockers import BANK, _tidy, keep, parcel, rows

__all__ = ["_tidy"]


def customer(store: RunningStore, *, proven: bool = True) -> tuple[Shopper, str]:
    phone = new_phone()
    shopper = Shopper(store)
    assert shopper.register(store.code("poster-door"), phone).ok
    if proven:
        prove(store, shopper, phone)
    return shopper, phone


def prove(store: RunningStore, shopper: Shopper, phone: str) -> None:
    """A code that was sent to that number came back from this phone."""
    session = next(each for each in shopper.api("GET", "/api/v1/sessions").json() if each["here"])["session"]
    caller = store.gateway.people.sessions.caller(session)
    index = store.gateway.parts.vault.index(f"+86{phone}")
    assert caller
    store.do(
        store.gateway.decide(numbers.prove, caller=caller, index=index, proof_ms=store.gateway.people.sessions.proof_ms)
    )


def filled(li: Colleague, phone: str, **more: str) -> requests.Response:
    # Pasted, with what nobody sees: it is the number that they saw.
    return li.does("fill", BANK, size="S", number="\u202e47\u200b11\ufeff", phone=phone, **more)


def put_in(store: RunningStore, li: Colleague, phone: str) -> None:
    """An order for this number lies behind its door."""
    assert filled(li, phone).ok
    wait(lambda: newest(store)["state"] == "filling")
    store.use_door(BANK, newest(store)["door"], "fill")
    wait(lambda: newest(store)["state"] == "kept")


def proves_and_takes(store: RunningStore, shopper: Shopper, phone: str, take: dict[str, str]) -> None:
    """Once the number is proven the order is on the phone, and its door opens."""
    prove(store, shopper, phone)
    assert [each["order"] for each in shopper.api("GET", "/api/v1/lockers/parcels").json()] == ["4711"]
    assert shopper.api("POST", "/api/v1/lockers/collect", take).status_code == 202
    wait(lambda: newest(store)["state"] == "taking")


def newest(store: RunningStore) -> Any:
    return rows(store, "SELECT * FROM parcels ORDER BY begun_ms DESC, parcel DESC LIMIT 1")[0]


def text(answer: Any) -> str:
    return html.unescape(answer if isinstance(answer, str) else answer.text)


def test_what_an_adviser_sold_for_pick_up_stands_among_their_results(store: RunningStore, li: Colleague) -> None:
    shopper, phone = customer(store)
    assert filled(li, phone, adviser="nobody").status_code == 400
    assert filled(li, phone, adviser="li").ok
    wait(lambda: newest(store)["state"] == "filling")
    door, name = newest(store)["door"], newest(store)["parcel"]
    store.use_door(BANK, door, "fill")
    wait(lambda: parcel_state(store, name) == "kept")
    taken = shopper.api("POST", "/api/v1/lockers/collect", {"parcel": name, "request": str(uuid.uuid4())})
    assert taken.ok, taken.text
    wait(lambda: parcel_state(store, name) == "taking")
    store.use_door(BANK, door, "empty")
    wait(lambda: parcel_state(store, name) in ("emptied", "collected"))
    page = text(li.get(f"{store.base}/staff/results", timeout=60))
    assert re.search(r"Place \d of \d this month", page), "others of this store have their results too"
    assert '<th scope="row">Picked up</th><td class="n">1</td>' in page
    assert Shopper(store).get(f"{store.base}/staff/results", timeout=60).status_code == 401


def parcel_state(store: RunningStore, name: str) -> str:
    return str(rows(store, "SELECT state FROM parcels WHERE parcel=?", name)[0]["state"])


def test_an_order_goes_in_and_its_customer_takes_it_out(store: RunningStore, li: Colleague) -> None:
    shopper, phone = customer(store)
    answer = filled(li, phone, slip="yes")
    assert answer.ok, answer.text
    wait(lambda: newest(store)["state"] == "filling")
    assert "The door is open: put it in and close it" in text(li.page())
    door = newest(store)["door"]
    store.use_door(BANK, door, "fill")
    wait(lambda: newest(store)["state"] == "kept")
    page = text(li.page())
    assert "Order 4711" in page
    assert "Kept. The customer has the code" in page
    wait(lambda: rows(store, "SELECT 1 FROM print_jobs WHERE slip='locker' AND state='printed'"))
    assert "slip: Printed" in text(li.page())
    digits = store.gateway.lookup.codes.digits(newest(store)["seed"])
    assert not stands_alone(digits, text(li.page()))
    assert "Your order 4711" in text(shopper.scan(store.code(BANK)))
    assert "Your order 4711" in text(shopper.get(f"{store.base}/wallet"))
    assert shopper.fill(store.code(BANK), do="take", parcel=newest(store)["parcel"]).ok
    wait(lambda: newest(store)["state"] == "taking")


def test_what_was_put_in_for_a_number_is_nobody_s_who_typed_it(store: RunningStore, li: Colleague) -> None:
    """It waits for whoever proves the number, and opens for whoever shows its code: that is always on paper."""
    shopper, phone = customer(store, proven=False)
    put_in(store, li, phone)
    assert newest(store)["slip"], "its code goes out on paper"
    assert shopper.api("GET", "/api/v1/lockers/parcels").json() == []
    take = {"parcel": newest(store)["parcel"], "request": str(uuid.uuid4())}
    assert shopper.api("POST", "/api/v1/lockers/collect", take).json()["code"] == "parcel_unknown"
    proves_and_takes(store, shopper, phone, take)


def test_an_order_waits_for_a_phone_that_is_not_registered_yet(store: RunningStore, li: Colleague) -> None:
    """Its code goes out on paper; who registers later and proves the number finds it on the phone."""
    phone = new_phone()
    put_in(store, li, phone)
    assert newest(store)["slip"], "its code goes out on paper"
    shopper = Shopper(store, "en")
    assert shopper.register(store.code("poster-door"), phone=phone).ok
    assert shopper.api("GET", "/api/v1/lockers/parcels").json() == []
    proves_and_takes(store, shopper, phone, {"parcel": newest(store)["parcel"], "request": str(uuid.uuid4())})


def test_an_order_for_no_number_is_refused_in_words(li: Colleague) -> None:
    answer = filled(li, "13800")
    assert answer.status_code == 422
    assert "phone number does not look right" in text(answer)


def test_an_order_that_is_not_there_is_asked_about(store: RunningStore, li: Colleague) -> None:
    _, phone = customer(store)
    filled(li, phone)
    wait(lambda: newest(store)["state"] == "filling")
    wait(lambda: rows(store, f"SELECT 1 FROM doors WHERE door='{newest(store)['door']}' AND shut='open'"))
    store.act(BANK, f"close-{newest(store)['door']}")
    wait(lambda: newest(store)["state"] == "unsure")
    assert "does not seem to be inside" in text(li.page())
    assert li.does("answer", newest(store)["parcel"], verdict="empty").ok
    assert newest(store)["state"] == "cancelled"
    assert "Nothing was put in; the door is free again" in text(li.page())


def test_staff_hands_over_and_clears(store: RunningStore, li: Colleague, member: Shopper) -> None:
    for verdict, open_state, after, sentence in (
        ("hand_over", "taking", "emptied", "Handed over"),
        ("clear", "clearing", "cleared", "Cleared"),
    ):
        opening, door = keep(store, member)
        assert li.does("open_door", f"{BANK}/{door}", verdict=verdict).status_code == 422
        assert li.does("open_door", f"{BANK}/{door}", verdict=verdict, reason="Phone is empty").ok
        wait(lambda opening=opening, state=open_state: parcel(store, opening)["state"] == state)
        store.use_door(BANK, door, "empty")
        wait(lambda opening=opening, state=after: parcel(store, opening)["state"] == state)
        assert sentence in text(li.page())


def test_a_page_of_yesterday_clears_nobody_s_parcel(store: RunningStore, li: Colleague, member: Shopper) -> None:
    opening, door = keep(store, member)
    name = parcel(store, opening)["parcel"]
    form = li.page().split(f'id="k-{name}"')[1].split("</li>")[0].split("<form")[1]
    assert dict(re.findall(r'name="(do|target|shown)" value="([^"]*)"', form)) == {
        "do": "open_door", "target": f"{BANK}/{door}", "shown": name,
    }  # fmt: skip
    refused = li.does("open_door", f"{BANK}/{door}", verdict="clear", reason="Overdue", shown=str(uuid.uuid4()))
    assert (refused.status_code, "by now than your page showed" in text(refused)) == (409, True)
    assert parcel(store, opening)["state"] == "kept"


def test_staff_prints_the_slip_and_the_shopper_sees_where(store: RunningStore, li: Colleague, member: Shopper) -> None:
    opening, _ = keep(store, member)
    assert "Print a slip" in text(member.scan(store.code(BANK)))
    kept = parcel(store, opening)["parcel"]
    assert li.does("parcel_slip", kept).ok
    wait(lambda: "Slip: Printed · Till 1 printer" in text(member.scan(store.code(BANK))))
    assert "Print a slip" not in text(member.scan(store.code(BANK)))


def test_a_shopper_asks_for_the_slip_with_the_deposit(store: RunningStore, member: Shopper) -> None:
    assert "It comes out of" in text(member.scan(store.code(BANK)))
    keep(store, member, slip="yes")
    wait(lambda: "Slip: Printed" in text(member.scan(store.code(BANK))))


def test_a_single_door_out_of_use(store: RunningStore, li: Colleague, member: Shopper) -> None:
    target = f"{BANK}/01"
    assert li.does("take_out", target).status_code == 422
    assert li.does("take_out", target, reason="hinge").ok
    assert "Locker 01 is out of order: hinge" in text(li.page())
    states = {door["name"]: door["state"] for door in store_doors(store)}
    assert states["01"] == "out"
    _, door = keep(store, member)
    assert door != "01"
    assert li.does("put_back", target).ok
    assert "Locker 01 is out of order" not in text(li.page())
    assert li.does("take_out", f"{BANK}/99", reason="hinge").status_code == 404


def store_doors(store: RunningStore) -> list[dict[str, Any]]:
    banks = requests.get(f"{store.base}/api/v1/lockers", timeout=60).json()
    return next(bank["doors"] for bank in banks if bank["id"] == BANK)


def test_the_closing_report_is_printed_and_seen(store: RunningStore, li: Colleague, member: Shopper) -> None:
    keep(store, member)
    assert li.does("closing", "today", printer="printer-1").ok
    row = rows(store, "SELECT * FROM print_jobs WHERE slip='closing' ORDER BY place DESC LIMIT 1")[0]
    job, revision = row["job"], row["revision"]
    wait(lambda: rows(store, "SELECT 1 FROM print_jobs WHERE job=? AND state='printed'", job))
    assert "Closing report" in li.page()
    picture = li.get(f"{store.base}/staff/slips/{job}/{revision}.png", timeout=60)
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_shopper_chooses_a_door(store: RunningStore, member: Shopper) -> None:
    assert "Choose the locker yourself" in text(member.scan(store.code(BANK)))
    opening, door = keep(store, member, door="09")
    assert door == "09"
    assert parcel(store, opening)["size"] == "M"
    refused = member.fill(store.code(BANK), do="deposit", size="S", door="09")
    assert refused.status_code == 409
    assert "This locker is not free" in text(refused)
