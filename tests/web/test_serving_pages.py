"""What cannot serve is said before anything is asked, and offered nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests

from edge.domain.carts import care as cart_care
from edge.domain.carts import decisions as carts
from edge.domain.devices import decisions as devices
from edge.domain.lockers import staff as locker_staff
from tests.web.running import RunningStore, Shopper, wait
from words.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator


def mark(store: RunningStore, device: str) -> tuple[str, str | None]:
    devices = Shopper(store).api("GET", "/api/v1/store").json()["devices"]
    return next((each["mark"], each["why"]) for each in devices if each["id"] == device)


def page(store: RunningStore, cart: str, language: str = "en") -> str:
    return Shopper(store, language).scan(store.code(cart)).text


def put_out(store: RunningStore, cart: str, *, out: bool) -> None:
    if out:
        store.do(store.gateway.decide(devices.take_out, device=cart, reason="wheel", by="li"))
    else:
        store.do(store.gateway.decide(devices.put_back, device=cart, by="li"))


def jam(store: RunningStore, cart: str, *, out: bool) -> None:
    lock = "jammed" if out else "locked"
    store.do(store.gateway.decide(carts.on_state, cart=cart, lock=lock, docked=True))


def drain(store: RunningStore, cart: str, *, out: bool) -> None:
    store.do(store.gateway.decide(cart_care.on_charge, cart=cart, charge=0.01 if out else 0.9))


def silence(store: RunningStore, cart: str, *, out: bool) -> None:
    if not out:
        store.act(cart, "fix")
        put_out(store, cart, out=False)
        return
    world = store.data / "devices" / cart / "world"
    (world / "mute").touch()
    wait(lambda: not (world / "mute").exists())
    member = Shopper(store)
    member.register(store.code("poster-door"))
    assert member.unlock(cart).status_code == 502


def gone(_store: RunningStore, _cart: str, *, out: bool) -> None:
    """It was never there."""


WAYS = {"out_of_order": put_out, "jammed": jam, "dead": drain, "faulty": silence, "offline": gone}


@pytest.fixture(params=WAYS)
def broken(request: pytest.FixtureRequest, store: RunningStore) -> Iterator[tuple[str, str]]:
    """A cart that cannot serve, and why."""
    why, cart = request.param, "cart-12" if request.param == "offline" else "cart-05"
    WAYS[why](store, cart, out=True)
    yield cart, why
    WAYS[why](store, cart, out=False)


def test_a_cart_that_cannot_serve_says_so_before_registration(store: RunningStore, broken: tuple[str, str]) -> None:
    cart, why = broken
    for language, words in (("en", r"Scan cart (\d\d)"), ("zh-CN", r"扫 (\d\d) 号车的码")):
        html = page(store, cart, language)
        assert 'name="phone"' not in html
        assert 'value="unlock"' not in html
        found = re.search(words, html)
        assert found
        assert found[1] in {"01", "02", "03", "04", "05"} - {cart[-2:]}
    wait(lambda: mark(store, cart) == ("away" if why == "offline" else "fault", why))


def test_a_cart_that_somebody_has_names_the_nearest_free_one(store: RunningStore) -> None:
    shopper = Shopper(store)
    shopper.register(store.code("poster-door"))
    assert shopper.unlock("cart-02").ok
    html = page(store, "cart-02")
    assert "Another shopper is using it" in html
    assert 'name="phone"' not in html
    assert "Scan cart 01" in html or "Scan cart 03" in html
    store.bring_back("cart-02")
    wait(lambda: store.docked("cart-02"))
    assert 'name="phone"' in page(store, "cart-02")


def test_a_mute_bank_has_no_free_doors_anywhere(store: RunningStore) -> None:
    store.act("locker-a", "mute")
    member = Shopper(store)
    member.register(store.code("poster-door"))
    code = store.code("locker-a")
    failed = member.fill(code, do="deposit", size="S")
    wait(lambda: "did not" in member.get(failed.url, timeout=60).text)
    banks = {bank["id"]: bank for bank in Shopper(store).api("GET", "/api/v1/lockers").json()}
    assert (banks["locker-a"]["why"], banks["locker-a"]["free"]) == ("dead", 0)
    assert not [door for door in banks["locker-a"]["doors"] if door["state"] == "free"]
    wait(lambda: mark(store, "locker-a") == ("fault", "dead"))
    html = member.scan(code).text
    assert 'value="deposit"' not in html
    store.act("locker-a", "fix")
    for door in banks["locker-a"]["doors"]:
        mended = locker_staff.set_usable
        store.do(store.gateway.decide(mended, bank="locker-a", door=door["name"], staff="li", reason="", usable=True))
    wait(lambda: store.gateway.reads.one("SELECT 1 FROM doors WHERE bank='locker-a' AND lock='locked'"))


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Origin": "http://elsewhere.example"}, "do=add", 403, "cross_origin"),
        ({}, "q=" + "a" * 70_000, 413, "too_large"),
    ],
)
def test_whoever_is_turned_away_at_the_door_gets_a_page_too(
    store: RunningStore, headers: dict[str, str], body: str, status: int, code: str
) -> None:
    """A form from another website, or one too long, was answered with a document for programs."""
    said = {
        "Accept": "text/html",
        "Accept-Language": "de",
        "Content-Type": "application/x-www-form-urlencoded",
        **headers,
    }
    page = requests.post(f"{store.base}/basket", data=body, headers=said, timeout=60)
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (status, "text/html")
    assert say("de", f"refusals.{code}") in page.text
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    for path, accept in (("/basket", "*/*"), ("/api/v1/basket", "text/html")):
        told = requests.post(f"{store.base}{path}", data=body, headers={**said, "Accept": accept}, timeout=60)
        assert (told.status_code, told.json()["code"]) == (status, code)
