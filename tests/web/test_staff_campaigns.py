"""`/staff/campaigns`: seen by all of the staff, stopped by a manager, tried by anybody of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edge.domain.campaigns import queries
from edge.domain.campaigns.facts import CampaignPaused, CampaignPublished, CampaignWithdrawn
from edge.domain.campaigns.rules import CampaignStatus
from edge.domain.coupons.facts import CouponClaimed
from edge.products.importing import import_file
from edge.products.references import store_of
from edge.products.versions import folder_of
from edge.settings.settings import Settings, load
from edge.web.pages.staff_campaigns.views import state_of
from pricing.campaigns import Budget, Campaign, Condition, Off
from tests.conftest import new_broker
from tests.web.running import CONFIG, Colleague, RunningStore

if TYPE_CHECKING:
    from collections.abc import Iterator


class EveryCampaign(RunningStore):
    """Also with those that hold on some days alone: here each day is one that a test names."""

    def _settings(self) -> Settings:
        return super()._settings().model_copy(update={"campaigns": load(CONFIG).campaigns})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store of its own that sells what the example sells."""
    folder = tmp_path_factory.mktemp("campaigns")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = EveryCampaign(broker, folder, ())
    running.start()
    outcome = import_file(CONFIG / "products.jsonl", folder_of(folder), store_of(running.settings))
    assert outcome.built is not None
    running.do(running.gateway.lookup.switch.activate(outcome.built.version, "test"))
    yield running
    running.stop()
    broker.stop()


AT = "/staff/campaigns"
YOGHURT = "9521101500271"


def colleague(store: RunningStore, name: str, pin: str, language: str = "en") -> Colleague:
    found = Colleague(store, language)
    assert found.come(name, pin).status_code == 200
    return found


@pytest.fixture
def manager(store: RunningStore) -> Iterator[Colleague]:
    found = colleague(store, "wang", "1470")
    yield found
    found.close()


def in_force(store: RunningStore) -> set[str]:
    return {each.id for each in queries.in_force(store.gateway.reads)}


def test_a_stranger_sees_nothing_and_stops_nothing(store: RunningStore) -> None:
    stranger = Colleague(store)
    assert stranger.get(store.base + AT, timeout=60).status_code == 401
    form = {"do": "stop", "campaign": "spend-100", "reason": "price"}
    assert stranger.post(store.base + AT, data=form, timeout=60).status_code == 401
    assert "spend-100" in in_force(store)


def test_staff_sees_every_campaign_and_a_manager_stops_one(
    store: RunningStore, li: Colleague, manager: Colleague
) -> None:
    page = li.get(store.base + AT, timeout=60).text
    assert re.findall(r'id="c-([a-z0-9-]+)"', page)
    assert set(re.findall(r'id="c-([a-z0-9-]+)"', page)) == in_force(store)
    assert "the second one half price" in page
    refused = li.post(store.base + AT, data={"do": "stop", "campaign": "spend-100", "reason": "price"}, timeout=60)
    assert refused.status_code == 403
    assert "spend-100" in in_force(store)
    stopped = manager.post(store.base + AT, data={"do": "stop", "campaign": "spend-100", "reason": "stock"}, timeout=60)
    assert "It gives nothing from now on" in stopped.text
    assert "spend-100" not in in_force(store)
    first = re.search(r'id="c-([a-z0-9-]+)"', stopped.text)
    assert first is not None
    assert first[1] == "spend-100", "what is stopped stands first"
    manager.post(store.base + AT, data={"do": "resume", "campaign": "spend-100"}, timeout=60)
    assert "spend-100" in in_force(store)


def test_what_was_stopped_and_stands_in_no_file_any_more_goes_on_for_whoever_has_a_coupon_of_it(
    store: RunningStore, manager: Colleague
) -> None:
    gone = Campaign("gone", Off(500), claim=True)
    coupon = CouponClaimed(coupon="gone#1", campaign="gone", member="m1", touchpoint="baby-01", request="r")
    for fact in (
        CampaignPublished(campaign=gone, version="v"),
        coupon,
        CampaignPaused(campaign="gone", by="wang", reason="price"),
        CampaignWithdrawn(campaign="gone"),
    ):
        store.do(store.gateway.decide(lambda tx, fact=fact: tx.emit(fact)))
    assert 'id="c-gone"' in manager.get(store.base + AT, timeout=60).text
    page = manager.post(store.base + AT, data={"do": "resume", "campaign": "gone"}, timeout=60)
    assert page.status_code == 200
    card = page.text.split('id="c-gone"')[1].split("</li>")[0]
    assert "It stands in no file any more" in card
    assert 'name="do" value="stop"' in card, "for as long as somebody has a coupon of it"
    page = manager.post(store.base + AT, data={"do": "stop", "campaign": "gone", "reason": "price"}, timeout=60)
    assert "It gives nothing from now on" in page.text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "stop", "campaign": "nothing", "reason": "price"}, 404),
        ({"do": "stop", "campaign": "spend-100", "reason": ""}, 422),
        ({"do": "burn", "campaign": "spend-100", "reason": "price"}, 400),
    ],
)
def test_a_wrong_form_gets_its_page_with_a_sentence(
    store: RunningStore, manager: Colleague, form: dict[str, str], status: int
) -> None:
    answer = manager.post(store.base + AT, data=form, timeout=60)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "spend-100" in in_force(store)


def try_it(store: RunningStore, who: Colleague, **asked: str) -> str:
    return who.get(store.base + AT, params=asked, timeout=60).text


def test_a_basket_is_tried_and_nothing_of_it_is_kept(store: RunningStore, li: Colleague) -> None:
    before = store.gateway.reads.one("SELECT count(*) AS n FROM baskets")
    page = try_it(store, li, goods=f"{YOGHURT} 2")
    assert "Second yoghurt half price −¥6.45" in page
    assert "¥19.35" in page
    assert "What does not, and why" in page
    assert "<b>¥10 off from ¥100</b><span>Spend ¥74.20 more</span>" in page
    after = store.gateway.reads.one("SELECT count(*) AS n FROM baskets")
    assert (before["n"] if before else None) == (after["n"] if after else None)


def test_a_coupon_and_a_day_are_tried(store: RunningStore, li: Colleague) -> None:
    without = try_it(store, li, goods="9521101500615 1")
    assert "15% off coffee −" not in without
    assert "15% off coffee −¥10.20" in try_it(store, li, goods="9521101500615 1", coupons="1")
    assert "Member day −¥3.40" in try_it(store, li, goods="9521101500615", member="1", when="2026-12-08T12:00")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"goods": "milk"}, "Line 1: expected a barcode and perhaps a number"),
        ({"goods": f"{YOGHURT}\n9521101500272"}, "Line 2: expected a barcode"),
        ({"goods": "4006381333931"}, "Line 1: there is no product 4006381333931 with a price."),
        (
            {"goods": YOGHURT, "when": "tomorrow"},
            "Expected a day and a time such as 2026-12-24T18:00; found “tomorrow”.",
        ),
        ({"goods": YOGHURT, "when": "0001-01-01T00:00+14:00"}, "found “0001-01-01T00:00+14:00”."),
        ({"goods": YOGHURT, "when": "9999-12-31T23:59"}, "found “9999-12-31T23:59”."),
        ({"goods": f"{YOGHURT} 2\n" * 60}, "At most 50 lines."),
        ({"goods": "  ", "when": "2026-12-08T12:00"}, "Type at least one barcode."),
    ],
)
def test_what_cannot_be_tried_is_told(store: RunningStore, li: Colleague, asked: dict[str, str], said: str) -> None:
    page = try_it(store, li, **asked)
    assert said in page
    assert 'id="bill"' not in page


@pytest.mark.parametrize("language", ["zh-CN", "en", "de"])
def test_every_language_is_whole_and_light(store: RunningStore, language: str) -> None:
    who = colleague(store, "li", "2580", language)
    answer = who.get(store.base + AT, params={"goods": f"{YOGHURT} 2"}, timeout=60)
    assert f'<html lang="{language}">' in answer.text
    assert not re.search(
        r"campaigns\.[a-z_]+<|offer_rule\.|\{[a-z_]+\}", re.sub(r"<style.*?</style>", "", answer.text, flags=re.DOTALL)
    )
    assert int(answer.headers["Content-Length"]) < 30_000


NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    ("campaign", "more", "state"),
    [
        (Campaign("a", Off(1)), {}, "running"),
        (Campaign("a", Off(1)), {"paused": True}, "stopped"),
        (Campaign("a", Off(1), Condition(until_ms=NOW)), {}, "ended"),
        (Campaign("a", Off(1), Condition(from_ms=NOW + 1)), {}, "waiting"),
        (Campaign("a", Off(1), Condition(month_days=(1,))), {}, "not_now"),
        (Campaign("a", Off(1), budget=Budget(uses=5)), {"uses": 5}, "used_up"),
        (Campaign("a", Off(1), budget=Budget(amount=500)), {"amount": 500}, "used_up"),
    ],
)
def test_where_a_campaign_stands(campaign: Campaign, more: dict[str, int], state: str) -> None:
    usual: dict[str, object] = {
        "paused": False,
        "paused_by": "",
        "paused_why": "",
        "changed_ms": 0,
        "uses": 0,
        "amount": 0,
    }
    assert state_of(CampaignStatus(campaign=campaign, **usual | more), "Asia/Shanghai", NOW) == state  # type: ignore[arg-type]
