"""Why something is refused, hidden or priced so: the rule, where it stands, clock and versions; and nothing moves."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.campaigns.facts import CampaignPaused, CampaignPublished, CampaignResumed
from edge.domain.ledger.facts import MallOffered
from edge.errors import JournalFull
from edge.journal.pulse import Pulse
from pricing.campaigns import Budget, Campaign, Condition, Off, Selector
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper
from tests.web.test_basket import APPLES, BREAD, MILK, Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.journal import Fact, Tx


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("why")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = RunningStore(broker, folder, ("cart-01", "locker-a"))
    store.start()
    opened = Shop(store, folder)
    opened.sell("12.90")
    yield opened
    store.stop()
    broker.stop()


def why(phone: Shopper, of: str, **query: Any) -> Any:
    told = phone.get(f"{phone.store.base}/api/v1/why/{of}", params=query, timeout=60)
    assert told.status_code == 200, told.text
    return told.json()


def seen(phone: Shopper, path: str, **query: Any) -> str:
    page = phone.get(f"{phone.store.base}{path}", params=query, timeout=60)
    assert page.status_code == 200, page.text
    return page.text


def state(shop: Shop, *facts: Fact) -> None:
    def emit(tx: Tx) -> None:
        for fact in facts:
            tx.emit(fact)

    shop.store.do(shop.store.gateway.decide(emit))


def journal(shop: Shop) -> int:
    row = shop.store.gateway.reads.one("SELECT max(sequence) AS n FROM entries")
    assert row is not None
    return int(row["n"])


def test_what_would_be_refused_is_told_with_its_rule_and_moves_nothing(shop: Shop) -> None:
    stranger, anna = Shopper(shop.store), Shopper(shop.store)
    cart, bank, shelf = (shop.store.code(name) for name in ("cart-01", "locker-a", "shelf-fruit"))
    assert anna.register(shop.store.code("poster-door")).ok
    before = journal(shop)
    told = why(stranger, "unlock", code=cart)
    assert (told["allowed"], told["code"], told["layer"]) == (False, "not_registered", "person")
    assert told["rule"]
    assert told["sentence"]
    assert told["timezone"] == "Asia/Shanghai"
    assert told["versions"]["software"]
    assert told["versions"]["campaigns"]
    assert why(anna, "unlock", code=cart)["allowed"]
    assert why(anna, "deposit", code=bank, size="S")["allowed"]
    assert why(anna, "claim", code=shelf, coupon="no-such")["code"] == "coupon_unknown"
    assert journal(shop) == before
    assert anna.unlock("cart-01").ok
    again = why(anna, "unlock", code=shop.store.code("cart-02"))
    assert (again["code"], again["layer"]) == ("already_has_cart", "house")
    assert "cart" in again["inputs"]


def test_nothing_is_allowed_that_the_storage_would_not_take(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    carl = Shopper(shop.store)
    assert carl.register(shop.store.code("poster-door")).ok
    # As after a write that found no space; the journal's own look would find it there again.
    monkeypatch.setattr(Pulse, "landed", lambda _: None)
    monkeypatch.setattr(shop.store.gateway.journal.pulse, "held_up", JournalFull("no space"))
    told = why(carl, "deposit", code=shop.store.code("locker-a"), size="S")
    assert (told["allowed"], told["code"]) == (False, "disk_full")
    assert "full" in told["sentence"]
    monkeypatch.undo()
    assert why(carl, "deposit", code=shop.store.code("locker-a"), size="S")["allowed"]


def test_a_refusal_leads_there_by_one_tap(shop: Shop) -> None:
    ben = Shopper(shop.store)
    assert ben.register(shop.store.code("poster-door")).ok
    assert ben.unlock("cart-03").status_code in (409, 502, 504)
    page = ben.fill(shop.store.code("cart-03"), do="unlock", request=str(uuid.uuid4()))
    link = re.search(r'href="(/why/unlock[^"]+)"', page.text)
    assert link, page.text
    assert "How it was worked out" in seen(ben, link[1].replace("&amp;", "&"))


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_each_coupon_says_whether_it_is_shown_here(shop: Shop, language: str) -> None:
    made = [
        Campaign(id="shown", benefit=Off(100), when=Condition(goods=Selector(products=(MILK,))), claim=True),
        Campaign(id="away", benefit=Off(100), when=Condition(zones=("baby",)), claim=True),
        Campaign(id="beside", benefit=Off(100), when=Condition(touchpoints=("poster-door",)), claim=True),
        Campaign(id="gone", benefit=Off(100), when=Condition(zones=("fresh",)), claim=True, budget=Budget(uses=0)),
        Campaign(id="old", benefit=Off(100), when=Condition(until_ms=1), claim=True),
        Campaign(id="idle", benefit=Off(100), when=Condition(goods=Selector(products=("09999999999994",))), claim=True),
        Campaign(id="halted", benefit=Off(100), claim=True),
        Campaign(id="points-only", benefit=Off(100), claim=True),
    ]
    state(shop, *(CampaignPublished(campaign=each, version="why") for each in made))
    state(shop, CampaignPaused(campaign="halted", by="li", reason="test"))
    state(shop, MallOffered(item="points-only", campaign="points-only", points=100, stock=5))
    phone, code = Shopper(shop.store, language), shop.store.code("shelf-fruit")
    told = {each["about"]: each for each in why(phone, "offers", code=code)}
    codes = {
        name: told[name]["code"] for name in ("shown", "away", "beside", "gone", "old", "idle", "halted", "points-only")
    }
    assert codes == {
        "shown": "", "away": "coupon_elsewhere", "beside": "coupon_elsewhere", "gone": "coupon_gone",
        "old": "coupon_ended", "idle": "no_effect", "halted": "paused", "points-only": "coupon_given",
    }  # fmt: skip
    assert all(each["sentence"] and each["rule"] for each in told.values() if not each["allowed"])
    assert told["shown"]["sentence"] == {"zh-CN": "在这里显示。", "en": "Shown here.", "de": "Hier zu sehen."}[language]
    page = seen(phone, "/why/offers", code=code)
    assert told["shown"]["sentence"] in page
    assert page.count(told["away"]["sentence"]) == 1, "what keeps two of them away is said once"
    assert {"zh-CN": "母婴", "en": "Mother &amp; baby", "de": "Mutter &amp; Kind"}[language] in page
    assert "/why/offers" in phone.scan(code).text
    state(shop, CampaignResumed(campaign="halted", by="li"))


def test_a_price_a_line_and_an_offer_are_explained_on_the_phone(shop: Shop) -> None:
    tenth = Campaign(id="tenth", benefit=Off(100), stage="basket", words={"en": "1 off"})
    fruit = Condition(goods=Selector(products=(APPLES,)), min_spend=90_000)
    far = Campaign(id="far", benefit=Off(900), when=fruit, stage="basket", words={"en": "9 off"})
    state(shop, *(CampaignPublished(campaign=each, version="w") for each in (tenth, far)))
    anna = Shopper(shop.store)
    assert anna.register(shop.store.code("poster-door")).ok
    for gtin in (MILK, BREAD):
        body = {"code": gtin, "how": "page", "quantity": 1, "request": str(uuid.uuid4())}
        line = anna.api("POST", "/api/v1/basket/lines", body).json()["line"]
    assert "/why/price" in seen(anna, "/basket")
    total = seen(anna, "/why/price")
    assert "1 off" in total
    assert "20.80" in total.replace("¥", "")
    assert "Bread" in seen(anna, "/why/price", name=line)
    lacking = seen(anna, "/why/price", name="far")
    assert "9 off" in lacking
    assert "min_spend" in lacking
    assert "¥9.00 off · on Apples · from ¥900.00" in lacking
    assert anna.get(f"{anna.store.base}/why/price", params={"name": "nothing"}, timeout=60).status_code == 404
    assert Shopper(shop.store).get(f"{anna.store.base}/why/price", timeout=60).status_code == 404
