"""What staff tap and type: reasons that everybody reads in their own language, mistakes said where they were made."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest

from edge.domain.carts import decisions as carts
from edge.domain.devices import queries as device_queries
from edge.domain.lockers import staff as locker_staff
from tests.web.running import Colleague, RunningStore, Shopper, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

BANK = "locker-a"


def test_nothing_is_chosen_beforehand(li: Colleague) -> None:
    assert not re.search(r'name="reason" value="[a-z_]+" checked', li.page())
    assert re.search(r'name="reason" value="shopper_asks"', li.page())


def test_a_reason_is_stored_as_a_code_and_read_in_each_language(store: RunningStore, li: Colleague) -> None:
    assert li.does("take_out", "cart-05", reason="part_missing").ok
    assert store.bodies("device.taken_out.v1")[-1]["reason"] == "part_missing"
    assert "Out of order: Part missing" in li.page()
    li.headers["Accept-Language"] = "zh-CN"
    assert "停用中：缺零件" in li.page()
    assert li.does("put_back", "cart-05").ok


@pytest.fixture
def stuck(store: RunningStore) -> Iterator[str]:
    """A door that jams when somebody collects."""
    store.act(BANK, "jam-11")
    member = Shopper(store)
    member.register(store.code("poster-door"))
    member.scan(store.code(BANK))
    member.fill(store.code(BANK), do="deposit", size="L", door="11")
    wait(lambda: store.gateway.reads.one("SELECT 1 FROM locker_troubles WHERE door='11' AND trouble='jammed'"))
    yield "11"
    store.act(BANK, "fix")
    store.do(store.gateway.decide(locker_staff.set_usable, bank=BANK, door="11", staff="li", reason="", usable=True))


def test_a_stuck_door_offers_what_helps(li: Colleague, stuck: str) -> None:
    page = li.page()
    card = page[page.index(f'id="n-locker:{BANK}:{stuck}:jammed"') :].partition("</li>")[0]
    for do, words in (("open_door", "Open it again"), ("put_back", "It works again"), ("take_out", "Out of order")):
        assert f'name="do" value="{do}"' in card
        assert words in card
    assert "<details" not in card, "one tap each, no reason to choose"


def test_a_cart_that_failed_can_be_noted_as_seen_to(store: RunningStore, li: Colleague) -> None:
    member = Shopper(store)
    member.register(store.code("poster-door"))
    world = store.data / "devices" / "cart-05" / "world"
    (world / "mute").touch()
    wait(lambda: not (world / "mute").exists())
    assert member.unlock("cart-05").status_code == 502
    assert "Its lock does not respond" in li.page()
    store.act("cart-05", "fix")
    assert li.does("put_back", "cart-05").ok
    assert "Its lock does not respond" not in li.page()
    wait(lambda: 'value="unlock"' in member.scan(store.code("cart-05")).text)


def test_a_wrong_number_is_said_in_its_form_and_all_stays(store: RunningStore, li: Colleague) -> None:
    form = {"do": "fill", "target": BANK, "number": "A-77", "phone": "13800", "size": "L", "slip": "yes"}
    page = li.post(f"{store.base}/staff/act", data={**form, "request": str(uuid.uuid4())}, timeout=60).text
    assert 'id="fill" open' in page
    assert 'id="fill-err"' in page
    assert 'value="A-77"' in page
    assert 'value="13800" aria-invalid="true" aria-describedby="fill-err"' in page
    assert re.search(r'name="size" value="L" checked', page)


def test_no_raw_name_stands_in_a_chinese_journal(store: RunningStore, li: Colleague) -> None:
    assert li.does("take_out", "cart-05", reason="cleaning").ok
    assert li.does("put_back", "cart-05").ok
    store.do(store.gateway.decide(carts.on_state, cart="cart-05", lock="locked", docked=True))
    lines = Shopper(store, "zh-CN").api("GET", "/api/v1/store").json()["lines"]
    said = [line["sentence"] for line in lines if line["noun"] in ("staff", "device", "cart")]
    assert said
    assert not [sentence for sentence in said if re.search(r"take_out|put_back|cleaning|cart-\d\d", sentence)]
    assert any("停用 5号购物车" in sentence for sentence in said)
    assert not device_queries.out_of_order(store.gateway.reads, "cart-05")


def test_the_store_page_lists_what_is_wrong(store: RunningStore, li: Colleague) -> None:
    assert li.does("take_out", "cart-05", reason="broken").ok
    store.do(store.gateway.decide(carts.on_state, cart="cart-04", lock="jammed", docked=True))

    def listed() -> list[dict[str, str]]:
        wrong: list[dict[str, str]] = Shopper(store).api("GET", "/api/v1/store").json()["wrong"]
        return [each for each in wrong if each["device"] == "cart-04"]

    assert [each["sentence"] for each in wait(listed)] == ["Its lock is stuck."]
    page = Shopper(store).get(store.base, timeout=60).text
    assert 'href="/staff"' in page
    assert store.settings.gateway.cloud.url in page
    store.do(store.gateway.decide(carts.on_state, cart="cart-04", lock="locked", docked=True))
    assert li.does("put_back", "cart-05").ok
