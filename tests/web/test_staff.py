"""The staff page by plain forms, as a browser without a script sends them."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import pytest
import requests

from edge.domain.carts import decisions as carts
from edge.domain.needs import Need
from edge.domain.nouns import NOUNS
from edge.domain.printing import decisions as printing
from edge.domain.staff import decisions as staff
from edge.secrets.staff_pins import Team
from edge.web.language import Texts
from edge.web.pages.staff.actions import ACTIONS, REASONED
from edge.web.pages.staff.reasons import REASONS
from tests.web.running import Colleague, RunningStore, Shopper, wait


def test_a_demo_that_starts_again_logs_nobody_out(store: RunningStore, li: Colleague, wang: Colleague) -> None:
    again = Team(store.data, demo=True)
    store.do(store.gateway.decide(staff.appoint, again.members(), whole=again.whole))
    for each in (li, wang):
        assert 'id="needs"' in each.page()


def order(store: RunningStore, slip: str = "coupon", **values: Any) -> str:
    job = f"t-{uuid.uuid4().hex[:8]}"
    values = values or {"title": "Milk", "price": 1, "was": 2, "code": "c"}
    store.do(store.gateway.decide(printing.order, job=job, slip=slip, values=values, printer="printer-1"))
    return job


def state(store: RunningStore, job: str) -> str:
    row = store.gateway.reads.one("SELECT state FROM print_jobs WHERE job=?", job)
    return str(row["state"])


def printed(store: RunningStore, job: str) -> str:
    wait(lambda: state(store, job) == "printed")
    return job


def test_nobody_sees_or_does_anything_without_a_pin(store: RunningStore) -> None:
    stranger = Colleague(store)
    assert 'name="pin"' in stranger.page()
    assert "Needs a hand" not in stranger.page()
    assert stranger.does("test_print", "printer-1").status_code == 401
    for path in ("/staff/board", "/staff/events", "/staff/slips/x/1.png"):
        assert stranger.get(store.base + path, timeout=60).status_code == 401


def test_a_pin_of_a_chinese_keyboard_is_the_pin(store: RunningStore) -> None:
    assert Colleague(store).come(pin="２５８０").url.endswith("/staff")


def test_a_forged_cookie_opens_nothing(store: RunningStore) -> None:
    stranger = Colleague(store)
    stranger.cookies.set("sk_staff", "ImFiYyI.aaaa.bbbb", path="/")
    assert stranger.does("test_print", "printer-1").status_code == 401


def test_a_session_ends_when_somebody_logs_out(store: RunningStore, li: Colleague) -> None:
    kept = dict(li.cookies)
    assert "Log out" in li.page()
    li.post(f"{store.base}/staff/logout", timeout=60)
    thief = Colleague(store)
    thief.cookies.update(kept)
    assert 'name="pin"' in thief.page()


@pytest.mark.parametrize(
    ("do", "target", "verdict"),
    [
        ("test_print", "printer-1", "copy"),
        ("open_door", "locker-a/03", "burn"),
        ("end_call", "locker-a", "copy"),
        ("answer", "any", "maybe"),
        ("answer", "any", ""),
        ("closing", "printer-1", "../x"),
    ],
)
def test_a_verdict_that_an_act_does_not_take_is_refused(li: Colleague, do: str, target: str, verdict: str) -> None:
    refused = li.does(do, target, verdict=verdict, reason="stuck")
    assert refused.status_code == 400
    assert "Log out" in li.page(), "the board goes on"


def test_an_act_that_this_build_has_no_words_for_is_shown_all_the_same(store: RunningStore, li: Colleague) -> None:
    request = str(uuid.uuid4())
    act = {"staff": "li", "action": "sing", "target": "printer-1", "request": request, "reason": "", "ref": ""}
    store.do(store.gateway.decide(staff.record_act, **act))
    assert "Another act: " in li.page()


def test_the_cookie_is_for_the_staff_page_and_no_script(store: RunningStore) -> None:
    answer = requests.post(
        f"{store.base}/staff/login", data={"staff": "li", "pin": "2580"}, allow_redirects=False, timeout=60
    )
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie


@pytest.mark.usefixtures("long_waits")
def test_wrong_pins_lock_and_are_facts(store: RunningStore) -> None:
    guesser = Colleague(store)
    before = len(store.facts("staff.login_failed.v1"))
    answers = [guesser.come("wang", "0000").status_code for _ in range(4)]
    assert answers == [401, 401, 429, 429]
    assert guesser.come("wang", "1470").status_code == 429  # the right one waits as well
    waits = guesser.come("wang", "1470").text
    assert re.search(r"\b\d+ (?:seconds|minutes)", waits)
    assert "PIN forgotten? There is a new one at the store&#39;s computer: <code>storekeeper staff add</code>" in waits
    assert len(store.facts("staff.login_failed.v1")) == before + 3
    assert not re.search(r"\b0000\b", str(store.facts("staff.login_failed.v1")))
    forgive(store)


@pytest.mark.usefixtures("long_waits")
def test_many_guesses_at_once_are_counted_one_by_one(store: RunningStore) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: Colleague(store).come("wang", f"900{n}").status_code, range(8)))
    assert sorted(answers) == [401, 401, 429, 429, 429, 429, 429, 429]
    forgive(store)


def forgive(store: RunningStore) -> None:
    """The lock's minutes, passed: the next test wants to log in."""
    from edge.domain.staff.facts import StaffAppointed

    row = store.gateway.reads.one("SELECT name, role, key FROM staff WHERE staff='wang'")

    def emit(tx: Any) -> None:
        for key in ("another", row["key"]):  # type: ignore[index]
            tx.emit(StaffAppointed(staff="wang", name=row["name"], role=row["role"], key=key))  # type: ignore[index]

    store.do(store.gateway.decide(emit))


def test_a_test_print_comes_out_and_says_who(store: RunningStore, li: Colleague) -> None:
    request = str(uuid.uuid4())
    for _ in range(2):  # sent twice, it acts once
        assert li.does("test_print", "printer-1", request).status_code == 200
    job = printed(store, f"test-{request[:8]}")
    acts = store.gateway.reads.all("SELECT * FROM staff_acts WHERE request=?", request)
    assert [(act["staff"], act["action"], act["ref"]) for act in acts] == [("li", "test_print", f"job:{job}/1")]
    assert "Test Till 1 printer" in li.page()


def test_a_reprint_is_a_copy(store: RunningStore, li: Colleague) -> None:
    job = printed(store, order(store, "receipt", number="1", at_ms=1, items=[], total=5))
    assert li.does("reprint", f"{job}/1").status_code == 200
    wait(lambda: store.gateway.reads.one("SELECT 1 FROM print_attempts WHERE job=? AND copy AND state='printed'", job))


def test_money_is_printed_again_by_a_manager_alone(store: RunningStore, li: Colleague, wang: Colleague) -> None:
    job = printed(store, order(store))
    refused = li.does("reprint", f"{job}/1")
    assert (refused.status_code, "This needs a manager" in refused.text) == (403, True)
    assert wang.does("reprint", f"{job}/1").status_code == 200


@pytest.mark.parametrize("do", sorted(REASONED))
def test_some_acts_ask_why(li: Colleague, do: str) -> None:
    assert li.does(do, "cart-01").status_code == 422


def test_out_of_order_and_back(store: RunningStore, li: Colleague) -> None:
    assert li.does("take_out", "screen-entrance", reason="Broken", other="cracked glass").status_code == 200
    assert "Out of order: cracked glass" in li.page()
    assert li.does("put_back", "screen-entrance").status_code == 200
    assert "cracked glass" not in li.page().split('id="done"')[0]
    assert store.bodies("device.taken_out.v1")[-1]["by"] == "li"


def test_a_locker_opens_with_a_reason(store: RunningStore, li: Colleague) -> None:
    assert li.does("open_door", "locker-a/03", reason="Inspection").status_code == 200
    wait(lambda: "Door opened" in li.page())
    granted = store.bodies("locker.open_granted.v1")[-1]
    assert (granted["staff"], granted["reason"], granted["door"]) == ("li", "Inspection", "03")


def test_a_cart_is_released(store: RunningStore, li: Colleague) -> None:
    row = store.gateway.reads.one("SELECT member FROM carts WHERE cart='cart-04'")
    assert li.does("release_cart", "cart-04", reason="Cart was found").status_code == 200
    assert row is not None
    assert store.docked("cart-04")


def test_a_page_of_yesterday_ends_nobody_s_ride(store: RunningStore, li: Colleague, member: Shopper) -> None:
    grant = member.unlock("cart-03").json()["grant"]
    wait(lambda: 'id="c-cart-03"' in li.page())
    form = li.page().split('id="c-cart-03"')[1].split("</li>")[0]
    assert re.search(r'name="shown" value="([^"]+)"', form)[1] == grant  # type: ignore[index]
    refused = li.does("release_cart", "cart-03", reason="Cart was found", shown=str(uuid.uuid4()))
    assert (refused.status_code, "by now than your page showed" in refused.text) == (409, True)
    assert li.does("release_cart", "cart-03", reason="Cart was found", shown=grant).ok
    assert store.docked("cart-03")
    store.act("cart-03", "return")


def test_what_needs_a_hand_goes_away_by_itself(store: RunningStore, li: Colleague) -> None:
    store.act("printer-1", "paper-out")
    wait(lambda: "Out of paper" in li.page())
    job = order(store, "closing", day_ms=1, counts=[])
    wait(lambda: "Slips waiting: 1" in li.page())
    wait(lambda: state(store, job) == "held")
    store.act("printer-1", "paper-in")
    printed(store, job)
    wait(lambda: "Out of paper" not in li.page())


def test_a_stuck_lock_is_shown_with_its_action(store: RunningStore, li: Colleague) -> None:
    store.do(store.gateway.decide(carts.on_state, cart="cart-12", lock="jammed", docked=True))
    page = li.page()
    assert "Its lock is stuck" in page
    card = page.split('id="n-jammed/cart-12"')[1].split("</li>")[0]
    assert re.search(r'name="do" value="take_out".*name="target" value="cart-12"', card, re.DOTALL)
    store.do(store.gateway.decide(carts.on_state, cart="cart-12", lock="locked", docked=True))
    assert "Its lock is stuck" not in li.page()


def test_a_slip_is_shown_as_it_looks_on_paper(store: RunningStore, li: Colleague) -> None:
    job = order(store)
    answer = li.get(f"{store.base}/staff/slips/{job}/1.png", timeout=60)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["cache-control"] == "private, no-cache", "who logs out sees it no more"
    known = {"If-None-Match": answer.headers["etag"]}
    again = li.get(f"{store.base}/staff/slips/{job}/1.png", headers=known, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    stranger = requests.get(f"{store.base}/staff/slips/{job}/1.png", headers=known, timeout=60)
    assert stranger.status_code == 401
    assert li.get(f"{store.base}/staff/slips/nothing/1.png", timeout=60).status_code == 404


def test_the_stream_brings_the_board_when_it_changes(store: RunningStore, li: Colleague) -> None:
    with li.get(f"{store.base}/staff/events", stream=True, timeout=60) as events:
        found = events.iter_lines(decode_unicode=True)
        assert "needs-title" in next(line for line in found if line.startswith("data:"))
        job = order(store)
        until = time.monotonic() + 60
        assert any(job in line for line in found if time.monotonic() < until and line.startswith("data:"))


def test_another_website_cannot_act(store: RunningStore, li: Colleague) -> None:
    answer = li.post(
        f"{store.base}/staff/act",
        data={"do": "test_print", "target": "printer-1", "request": str(uuid.uuid4())},
        headers={"Origin": "http://elsewhere.test"},
        timeout=60,
    )
    assert answer.status_code == 403


def test_a_script_gets_a_problem_and_not_a_page(li: Colleague) -> None:
    li.headers["Accept"] = "application/json"
    answer = li.does("take_out", "cart-01")
    assert (answer.status_code, answer.json()["code"]) == (422, "reason_missing")


def test_every_need_act_and_slip_has_words(store: RunningStore) -> None:
    texts = Texts.load()
    for language in ("zh-CN", "en"):
        assert {f"slips.{name}" for name in store.gateway.devices.slips.names} <= texts.keys(language)
        for do in ACTIONS:
            known = [key for key in texts.keys(language) if key.startswith(f"acts.{do}")]
            assert known, do
            assert texts.has(f"staff.do_{do}")
        for do in REASONED:
            assert all(texts.has(f"why.{reason}") for reason in REASONS[do])
    source = "".join(_source(needs.__module__) for noun in NOUNS for needs in noun.needs)
    kinds = set(re.findall(r'kind=f?"([a-z_]+)"', source))
    assert kinds
    assert not [kind for kind in kinds if not texts.has(f"needs.{kind}")]
    assert Need("i", 0, "d", "k", 0).details == {}


def _source(module: str) -> str:
    import importlib
    import inspect

    return inspect.getsource(importlib.import_module(module))
