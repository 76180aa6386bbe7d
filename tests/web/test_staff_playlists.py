"""`/staff/playlists`: what plays and why; what staff takes off is on no screen any more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import CouponWall
from edge.domain.playlists import queries
from tests.conftest import new_broker
from tests.web.running import CONFIG, Colleague, RunningStore

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = "/staff/playlists"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store of its own that plays what the example plays."""
    folder = tmp_path_factory.mktemp("playlists")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = RunningStore(broker, folder, ())
    running.start()
    yield running
    running.stop()
    broker.stop()


def test_a_stranger_sees_nothing_and_takes_nothing_off(store: RunningStore) -> None:
    stranger = Colleague(store)
    assert stranger.get(store.base + AT, timeout=60).status_code == 401
    form = {"do": "withdraw", "content": "day/offers", "reason": "wrong"}
    assert stranger.post(store.base + AT, data=form, timeout=60).status_code == 401
    assert queries.withdrawn(store.gateway.reads) == []


def test_staff_sees_what_plays_and_takes_it_off(store: RunningStore, li: Colleague) -> None:
    page = li.get(store.base + AT, timeout=60).text
    assert "Why this?" in page
    assert "priority 30" in page
    form = {"do": "withdraw", "content": "brand-milk/page", "reason": "wrong", "other": ""}
    done = li.post(store.base + AT, data=form, timeout=60)
    assert "It is off every screen that can be reached." in done.text
    (gone,) = queries.withdrawn(store.gateway.reads)
    assert (gone.content, gone.by, gone.reason) == ("brand-milk/page", "li", "内容有误")
    told = li.get(store.base + "/api/v1/content", timeout=60).json()
    assert told["withdrawn"][0]["content"] == "brand-milk/page"
    assert all(
        {"brand-milk": "withdrawn"}.items() <= {each["playlist"]: each["verdict"] for each in screen["why"]}.items()
        for screen in told["screens"].values()
    )
    li.post(store.base + AT, data={"do": "restore", "content": "brand-milk/page"}, timeout=60)
    assert queries.withdrawn(store.gateway.reads) == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "withdraw", "content": "nothing", "reason": "wrong"}, 404),
        ({"do": "withdraw", "content": "day", "reason": ""}, 422),
        ({"do": "burn", "content": "day", "reason": "wrong"}, 400),
    ],
)
def test_a_wrong_form_gets_its_page_with_a_sentence(
    store: RunningStore, li: Colleague, form: dict[str, str], status: int
) -> None:
    answer = li.post(store.base + AT, data=form, timeout=60)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert queries.withdrawn(store.gateway.reads) == []


def test_a_screen_is_told_of_its_own_playlists_and_of_what_is_gone(store: RunningStore, li: Colleague) -> None:
    li.post(store.base + AT, data={"do": "withdraw", "content": "day/today", "reason": "over"}, timeout=60)
    wall = store.do(_wall(store, "screen-baby"))
    assert [playlist.id for playlist in wall.playlists] == ["day", "brand-milk", "night"], "breakfast is elsewhere"
    assert [item.id for item in wall.playlists[0].items] == ["offers", "product", "lockers"]
    assert wall.withdrawn == ("day/today",)
    assert wall.timezone == "Asia/Shanghai"
    assert wall.hours.week == (*["08:00-22:00"] * 6, "09:00-21:00")
    assert wall.leased_until is not None
    fresh = store.do(_wall(store, "screen-fresh"))
    assert {each.type for each in fresh.media} == {"image/jpeg"}
    assert wall.media == (), "only what it shows"
    li.post(store.base + AT, data={"do": "restore", "content": "day/today"}, timeout=60)


async def _wall(store: RunningStore, screen: str) -> CouponWall:
    gateway: Any = store.gateway
    device = next(each for each in gateway.layout.devices if each.id == screen)
    body = gateway.devices.signage._body(device, time.time_ns() // 1_000_000)
    assert isinstance(body, CouponWall)
    return body


def test_the_files_lie_on_the_box_by_their_hash(store: RunningStore) -> None:
    media = store.gateway.devices.media
    for sha256 in store.settings.playing.media:
        path = media.path(sha256)
        assert path is not None
        assert path.read_bytes() == (CONFIG / "media" / store.settings.playing.names[sha256]).read_bytes()
    assert media.path("0" * 64) is None
    assert media.missing == ()
