"""A basket goes from a screen to a phone and back by its code: plain forms, one taker, a word for whoever is late."""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets import parking
from edge.domain.baskets.rules import Good, Owner
from edge.domain.codes.readings import Scan
from edge.errors import Refusal
from tests.keyboards import wide
from tests.web.running import Shopper
from tests.web.test_basket import BREAD, MILK, Shop, add, anna, basket, shop

if TYPE_CHECKING:
    from edge.gateway.handover import OfferedBasket

__all__ = ["anna", "shop"]


def gathered(shop: Shop, *gtins: str) -> tuple[Owner, OfferedBasket]:
    """A screen's session with these goods, and the code that it shows."""
    owner = Owner(session=f"screen/screen-baby/{uuid.uuid4().hex}")
    name = str(uuid.uuid4())
    gateway = shop.store.gateway
    for gtin in gtins:
        good = Good(gtin, price=1200, how="scanner", at="screen-baby")
        wanted = {"owner": owner, "basket": name, "good": good, "request": str(uuid.uuid4())}
        shop.store.do(gateway.decide(baskets.add_at, **wanted))
    return owner, shop.store.do(gateway.handover.offer_at(owner, "screen-baby"))


def take(shopper: Shopper, shop: Shop, code: str, **form: str) -> Any:
    return shopper.post(f"{shop.store.base}/b/{code}", data={"do": "take", "request": str(uuid.uuid4()), **form})


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", text, flags=re.DOTALL))


def test_a_phone_takes_it_and_the_next_reads_who_has_it(shop: Shop, anna: Shopper) -> None:
    add(anna, how="search", code=MILK)
    _, offered = gathered(shop, MILK, BREAD)
    address = f"{shop.store.base}/b/{offered.code}"
    page = anna.get(address)
    assert page.status_code == 200
    assert "2 items from the screen" in words(page.text)
    assert len(basket(anna)["lines"]) == 1  # looking takes nothing
    taken = take(anna, shop, offered.code)
    assert taken.url.endswith("/basket?done=took_changed")
    assert "Some prices have changed" in words(taken.text)
    assert [(line["name"], line["quantity"], line["was"]) for line in basket(anna)["lines"]] == [
        ("Milk", 2, None),
        ("Bread", 1, None),
    ]
    assert anna.get(address).url.endswith("/basket")
    assert take(anna, shop, offered.code).url.endswith("/basket?done=took")
    ben = Shopper(shop.store)
    for late in (ben.get(address), take(ben, shop, offered.code)):
        assert "Another phone took it" in words(late.text)
    assert basket(ben)["lines"] == []


def test_what_is_left_to_pay_is_one_tap_away(shop: Shop, anna: Shopper) -> None:
    _, offered = gathered(shop, BREAD)
    assert take(anna, shop, offered.code, to="pay").url.endswith("/basket?done=took_changed#pay")


def test_a_code_that_was_altered_or_is_over_is_told_apart(shop: Shop, anna: Shopper) -> None:
    _, offered = gathered(shop, MILK)
    gateway = shop.store.gateway
    altered = offered.code[:-1] + ("a" if offered.code[-1] != "a" else "b")
    for wrong in (altered, shop.store.code("cart-01"), "basket.x.b.y"):
        page = anna.get(f"{shop.store.base}/b/{wrong}")
        assert page.status_code in (403, 404), wrong
    seed = gateway.handover.seed_of_digits(f" {offered.digits[:2]} {offered.digits[2:]}")
    assert gateway.handover.seed_of_digits(wide(offered.digits)) == seed
    with pytest.raises(Refusal, match="basket_gone"):
        gateway.handover.seed_of_digits("no digits")
    shop.store.do(gateway.handover.take_at(Owner(session="till/3/8"), seed))
    late = anna.get(f"{shop.store.base}/b/{offered.code}")
    assert "taken to the till" in words(late.text)


def test_a_phones_basket_goes_to_a_screen(shop: Shop, anna: Shopper) -> None:
    assert anna.get(f"{shop.store.base}/handover").url.endswith("/basket")
    add(anna, how="search", code=MILK)
    page = anna.post(f"{shop.store.base}/handover", data={"do": "park", "request": str(uuid.uuid4())})
    digits = re.search(r'class="digits">(\d{4})<', page.text)
    assert digits
    seed = shop.store.gateway.handover.seed_of_digits(digits[1])
    code = shop.store.gateway.handover.code(seed)
    read = shop.store.gateway.lookup.code_reader.read(Scan(f"http://x/b/{code}"), int(time.time() * 1000))
    assert (read[0].kind, read[0].basket, read[0].next.href) == ("basket", seed, f"/b/{code}")
    here = Owner(session=f"screen/screen-baby/{uuid.uuid4().hex}")
    assert shop.store.do(shop.store.gateway.handover.take_at(here, seed)).pieces == 1
    assert "It is at the screen" in words(anna.get(f"{shop.store.base}/handover").text)
    assert basket(anna)["lines"] == []
    back = shop.store.do(shop.store.gateway.decide(parking.park_at, owner=here, seed="x", place="screen-baby"))
    take(anna, shop, shop.store.gateway.handover.code(back.seed))
    assert [line["name"] for line in basket(anna)["lines"]] == ["Milk"]


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_its_pages_are_in_every_language(shop: Shop, language: str) -> None:
    shopper = Shopper(shop.store, language)
    _, offered = gathered(shop, MILK)
    page = shopper.get(f"{shop.store.base}/b/{offered.code}", headers={"Accept-Language": language})
    assert (page.status_code, len(page.content) < 30 * 1024) == (200, True)
    assert "handover." not in words(page.text)
