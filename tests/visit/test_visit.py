"""One shopper's visit, end to end: a real browser, the real processes, a real broker; with the internet and without."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from edge.journal import Entry
from tests.faults import invariants
from tests.faults.house import until
from tests.visit.conftest import PHONE, Demo
from words.sentences import say, section

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

LANGUAGES = ("zh-CN", "en")
STAGES = ("asked", "sent", "unlocked", "seen")

WATCH = """() => {
    const list = document.getElementById('steps');
    window.stages = [];
    new MutationObserver(() => window.stages.push(list.querySelectorAll('.on').length))
        .observe(list, {subtree: true, attributes: true, attributeFilter: ['class']});
}"""


def register(page: Page, *, marketing: bool = False) -> None:
    """Once: a number that is new, and what the shopper agrees to."""
    page.fill("#phone", f"138{uuid.uuid4().int % 10**8:08d}")
    page.check("[name=service]")
    assert not page.is_checked("[name=marketing]")
    if marketing:
        page.check("[name=marketing]")
    page.tap("form button")
    page.wait_for_url("**done=registered*")


def unlock(page: Page) -> None:
    """One tap; every step lights up, in order, and none goes out again."""
    page.evaluate(WATCH)
    page.tap("#go button")
    page.wait_for_selector("#steps li:last-child.on")
    stages = page.evaluate("window.stages")
    assert stages == sorted(stages)
    assert page.locator("#steps li.on").count() == len(STAGES)
    assert not page.is_visible("#go button")


def take_a_cart(page: Page, demo: Demo, cart: str, language: str, *, new: bool) -> None:
    """Scan the cart's code; a new shopper registers on that page."""
    words = section(language, "shopper")
    page.goto(demo.code(cart))
    assert page.get_attribute("html", "lang") == language
    assert cart.removeprefix("cart-") in page.inner_text("#badge")
    if new:
        register(page, marketing=language == "en")
        assert words["registered"] in page.inner_text("#note")
    assert not page.is_visible("#phone"), "a known shopper goes straight to the unlocking"
    unlock(page)
    assert words["say_seen"] in page.inner_text("#say")
    assert [step.inner_text() for step in page.locator("#steps li").all()] == [words[f"step_{s}"] for s in STAGES]


def claim_a_coupon(page: Page, demo: Demo, coupon: int, language: str) -> None:
    """Scan a code from the screen in mother and baby; the coupon is in the wallet then."""
    words = section(language, "shopper")
    shown = demo.screen("screen-baby")[coupon]
    title = shown["title"][language]
    page.goto(shown["url"])
    assert title in page.inner_text("main")
    page.tap("form button")
    page.wait_for_selector(f"text={words['claimed']}")
    page.goto(f"{demo.base}/wallet")
    assert page.locator(".kept").count() == 1
    assert title in page.inner_text(".kept")


def arrived_exactly_once(demo: Demo) -> None:
    """Every fact of the journal is in the cloud, once, in order, on an unbroken chain."""
    until(lambda: demo.queue() == 0, 60, lambda: f"{demo.queue()} facts wait")
    columns = "sequence, {} AS stream, id, type, wall_ms, mono_ms, boot, body, hash FROM entries"
    stream = "(SELECT s.stream FROM streams s WHERE s.key=entries.stream)"
    theirs = demo.received(f"SELECT {columns.format(stream)} ORDER BY entries.stream, sequence")
    ours = demo.rows(f"SELECT {columns.format('stream')} WHERE sequence <= ? ORDER BY sequence", len(theirs))
    entries, received = ([Entry(**row) for row in rows] for rows in (ours, theirs))
    history = invariants.History(told=[], entries=entries, received=received, ground={}, carts=[], ttl_ms=0)
    assert not [*invariants.the_cloud_has_each_fact_once_and_in_order(history), *invariants.the_chain_holds(history)]


@pytest.mark.parametrize(("language", "cart", "coupon"), [("zh-CN", "cart-01", 0), ("en", "cart-02", 1)])
def test_a_visit_from_the_first_scan_to_the_wallet(
    demo: Demo, open_page: Callable[..., Page], language: str, cart: str, coupon: int
) -> None:
    page = open_page(language, **PHONE)
    take_a_cart(page, demo, cart, language, new=True)
    demo.bring_back(cart)
    take_a_cart(page, demo, cart, language, new=False)
    demo.bring_back(cart)
    claim_a_coupon(page, demo, coupon, language)
    arrived_exactly_once(demo)


@pytest.mark.parametrize(("language", "cart"), [("zh-CN", "cart-03"), ("en", "cart-04")])
def test_a_jammed_cart_says_where_it_failed_and_works_the_next_time(
    demo: Demo, open_page: Callable[..., Page], language: str, cart: str
) -> None:
    page = open_page(language, **PHONE)
    page.goto(demo.code(cart))
    register(page)
    demo.act(cart, "jam")
    page.tap("#go button")
    page.wait_for_selector("#say.bad")
    page.wait_for_url("**grant=*")  # the page comes anew, with other carts beside it
    said = page.inner_text("#say")
    assert say(language, "hops.lock") in said
    assert say(language, "reasons.jammed") in said
    assert say(language, "advice.staff") in said
    assert page.locator("#steps li.no").count() == 1
    assert page.inner_text("#go button") == say(language, "shopper.again")
    demo.act(cart, "fix")
    unlock(page)
    demo.bring_back(cart)


def test_without_the_internet_all_works_and_nothing_is_lost(demo: Demo, open_page: Callable[..., Page]) -> None:
    desk = open_page("en", viewport={"width": 1440, "height": 900})
    desk.goto(demo.base)
    arrived_exactly_once(demo)
    desk.wait_for_selector("#q-state:not(.wait)")
    desk.click("#net")
    desk.wait_for_selector("#net[aria-checked=false]")
    until((demo.data / "internet-cut").exists, 60)

    before = demo.rows("SELECT max(sequence) AS n FROM entries")[0]["n"]
    for language, cart, coupon in (("zh-CN", "cart-05", 1), ("en", "cart-06", 0)):
        page = open_page(language, **PHONE)
        take_a_cart(page, demo, cart, language, new=True)
        claim_a_coupon(page, demo, coupon, language)
        demo.bring_back(cart)
    offline = demo.rows("SELECT * FROM entries WHERE sequence > ? AND type='member.registered.v1'", before)
    assert len(offline) == 2
    assert demo.queue() >= 10
    expect(desk.locator("#q-count")).to_have_text(re.compile(r"^\d[\d,]+$"), timeout=60_000)  # ten or more
    desk.wait_for_selector("#q-state.wait")

    desk.click("#net")
    desk.wait_for_selector("#net[aria-checked=true]")
    arrived_exactly_once(demo)
    expect(desk.locator("#q-count")).to_have_text("0", timeout=60_000)
    headquarters_shows_the_registrations(demo, open_page)


def headquarters_shows_the_registrations(demo: Demo, open_page: Callable[..., Page]) -> None:
    token = (demo.data / "secrets" / "cloud.token").read_text().strip()
    page = open_page("en", http_credentials={"username": "hq", "password": token})
    page.goto(f"http://127.0.0.1:{demo.ports['cloud']}/")
    members = [row["member"].replace("-", "")[-8:] for row in demo.rows("SELECT member FROM members")]
    for member in members:
        page.wait_for_selector(f"tbody code:text-is('{member}')")
    assert page.locator("tbody tr").count() == len(members)
