"""What is seen while nobody touches, of each kind of item, and what this kiosk has of its own to show it."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import CouponWall, Named, Service, WallCoupon, Zone, encode_desired
from device_drivers.contract.playlists import (
    Good,
    GuideItem,
    MediaFile,
    OffersItem,
    Opening,
    PageItem,
    PictureItem,
    Playlist,
    ProductItem,
    TodayItem,
    VideoItem,
)
from kiosk_ui import flow
from kiosk_ui.last_desired import LastDesired
from kiosk_ui.media import MediaCache
from kiosk_ui.screen import Moment
from kiosk_ui.screens.wall.attract import AttractView
from kiosk_ui.session import House
from tests.kiosk_ui.wire import ALL, begin, take

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 25, 2, 32, tzinfo=UTC)
"""Wednesday, 10:32 in Shanghai."""
SHA = "a" * 64
HOURS = Opening(week=(*["08:00-22:00"] * 5, "22:00-03:00", ""), on={"2026-12-25": ""})


def wall(*items: Any, **more: Any) -> CouponWall:
    coupon = WallCoupon(
        id="milk", title={"zh-CN": "牛奶", "en": "Milk"}, price=1290, was=1990, url="http://x/t/1",
        code_until=NOW + timedelta(seconds=30),
    )  # fmt: skip
    made = CouponWall(
        schema=1,
        zone=Zone("baby", {"zh-CN": "母婴", "en": "Baby"}),
        store=Named({"zh-CN": "鲜汇生活", "en": "Fresh Life"}),
        languages=("zh-CN", "en", "de"),
        coupons=(coupon,),
        playlists=(Playlist(id="day", items=items),) if items else (),
        hours=HOURS,
        timezone="Asia/Shanghai",
        leased_until=NOW + timedelta(days=1),
        service=Service("http://127.0.0.1:9", "own"),
    )
    return msgspec.structs.replace(made, **more)


def seen(body: CouponWall, now: datetime = NOW, **more: Any) -> AttractView:
    state = msgspec.structs.replace(take(begin(), body), **more)
    found = flow.view(state, state.backdrop, Moment(1.0, now))
    assert isinstance(found, AttractView)
    return found


def test_a_picture_is_shown_only_where_it_is_whole() -> None:
    body = wall(PictureItem(id="pic", media={"zh-CN": SHA}))
    assert seen(body).slide.headline == "欢迎光临"
    assert seen(body, media={SHA: "/x/a.png"}).slide.picture == "/x/a.png"
    film = wall(VideoItem(id="film", media={"zh-CN": SHA}, still={"zh-CN": "b" * 64}))
    assert seen(film, media={SHA: "/x/a.mp4", "b" * 64: "/x/b.png"}).slide.picture == "/x/b.png", "no films here"
    assert seen(film, media={SHA: "/x/a.mp4"}).slide.headline == "欢迎光临"
    playing = seen(film, media={SHA: "/x/a.mp4"}, films=True)
    assert (playing.slide.film, playing.slide.since % 10) == ("/x/a.mp4", 0.0)


def test_what_is_said_to_be_on_the_glass_is_what_is_seen_of_a_film() -> None:
    film = wall(VideoItem(id="film", media={"zh-CN": SHA}, still={"zh-CN": "b" * 64}))
    both = {SHA: "/x/a.mp4", "b" * 64: "/x/b.png"}

    def said(**more: Any) -> str | None:
        state = msgspec.structs.replace(take(begin(), film), **more)
        found = state.backdrop.screen.on_glass(flow.context(state, state.backdrop, Moment(1.0, NOW)))
        return found and found.content

    assert said(media=both, films=True) == SHA
    assert said(media=both) == "b" * 64, "a kiosk that plays no films shows the still"
    assert said(media={"b" * 64: "/x/b.png"}, films=True) == "b" * 64, "the film is not whole yet, or cannot be played"
    assert said(media={SHA: "/x/a.mp4"}) is None, "the house's own page"


def test_page_guide_and_product() -> None:
    page = seen(wall(PageItem(id="p", title={"en": "Fresh"}, brand={"en": "Meadow"}, url="http://x"))).slide
    assert (page.chip, page.headline, page.card and page.card.url) == ("Meadow", "Fresh", "http://x")
    guide = seen(wall(GuideItem(id="g", title={"en": "How"}, steps=({"en": "one"}, {"en": "two"})))).slide
    assert guide.steps == ("one", "two")
    good = Good("1", {"en": "Milk"}, 990, currency="CNY", place={"en": "A1"}, until=NOW + timedelta(hours=1))
    product = wall(ProductItem(id="p", gtins=("1",)), goods=(good,))
    assert str(seen(product).slide.price) == "¥9.90"
    assert seen(product, NOW + timedelta(hours=2)).slide.price is None, "a price of yesterday is none"


def test_what_is_withdrawn_is_gone_with_the_next_picture() -> None:
    body = wall(PictureItem(id="pic", ms=600_000, media={"zh-CN": SHA}))
    state = msgspec.structs.replace(take(begin(), body), media={SHA: "/x/a.png"})
    assert flow.view(state, state.backdrop, Moment(1.0, NOW)).slide.picture
    for gone in (SHA, "day", "day/pic"):
        after = take(state, msgspec.structs.replace(body, withdrawn=(gone,)))
        assert getattr(flow.view(after, after.backdrop, Moment(1.0, NOW)).slide, "picture", "") == ""
    lapsed = wall(PictureItem(id="pic", recall=True, media={"zh-CN": SHA}), leased_until=NOW)
    assert getattr(seen(lapsed, media={SHA: "/x/a.png"}).slide, "picture", "") == "", "it was called back by silence"


def test_two_screens_beside_each_other_show_the_same() -> None:
    body = wall(OffersItem(id="offers", ms=20_000), TodayItem(id="t"), GuideItem(id="g", title={}, steps=({},)))
    woke_later = take(begin(5000.0), body)
    for second in range(0, 120, 3):
        now = NOW + timedelta(seconds=second)
        other = flow.view(woke_later, woke_later.backdrop, Moment(9000.0 + second, now))
        assert seen(body, now) == other


def test_a_kiosk_that_lost_everything_shows_its_store() -> None:
    state = flow.begin(ALL, 0.0, House({"en": "Fresh Life", "de": "Frisch & Gut"}, ("de", "en")))
    view = flow.view(state, state.backdrop, Moment(1.0, NOW))
    assert isinstance(view, AttractView)
    assert (view.store, view.slide.headline) == ("Frisch & Gut", "Willkommen")


# --- what is on the disk ---


def test_what_was_told_last_is_there_after_a_restart(tmp_path: Path) -> None:
    body = wall(TodayItem(id="t"))
    LastDesired(tmp_path).keep(body)
    assert LastDesired(tmp_path).load() == body
    (tmp_path / "last-told.json").write_bytes(encode_desired(body)[:-40])
    assert LastDesired(tmp_path).load() is None, "half of it is nothing"
    assert LastDesired(tmp_path / "nowhere").load() is None


def test_codes_alone_do_not_wear_out_the_disk(tmp_path: Path) -> None:
    now, path = [0.0], tmp_path / "last-told.json"
    told = LastDesired(tmp_path, lambda: now[0])
    body = wall(TodayItem(id="t"))
    told.keep(body)
    before = path.stat().st_mtime_ns
    other = msgspec.structs.replace(body.coupons[0], url="http://x/t/2")
    told.keep(msgspec.structs.replace(body, coupons=(other,), leased_until=NOW + timedelta(days=2)))
    assert path.stat().st_mtime_ns == before
    told.keep(msgspec.structs.replace(body, withdrawn=(SHA,)))
    found = told.load()
    assert isinstance(found, CouponWall)
    assert found.withdrawn == (SHA,)
    now[0] = 4000.0
    told.keep(msgspec.structs.replace(body, withdrawn=(SHA,), leased_until=NOW + timedelta(days=2)))
    again = told.load()
    assert isinstance(again, CouponWall)
    assert again.leased_until == NOW + timedelta(days=2), "once an hour"


class Files:
    """A gateway that serves files, cut off or damaged on demand."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        files = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                files.asked.append((name, self.headers.get("Authorization", "")))
                content = files.content.get(name, b"")
                self.send_response(200 if content else 404)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.service = Service(f"http://127.0.0.1:{self.server.server_port}", "own-code")


@pytest.fixture
def files() -> Iterator[Files]:
    found = Files()
    yield found
    found.server.shutdown()
    found.server.server_close()


def a_file(content: bytes) -> MediaFile:
    return MediaFile(hashlib.sha256(content).hexdigest(), "image/png", len(content), 100, 100)


class Told:
    """What a cache said last; waits for what stays."""

    def __init__(self) -> None:
        self.media: dict[str, str] = {}
        self._changed = threading.Condition()

    def __call__(self, media: Any) -> None:
        with self._changed:
            self.media = dict(media)
            self._changed.notify_all()

    def until(self, hashes: set[str]) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: set(self.media) == hashes, 60)


def test_a_file_is_shown_only_whole_and_leaves_when_it_is_withdrawn(tmp_path: Path, files: Files) -> None:
    good, cut = b"\x89PNG" + b"x" * 300_000, b"y" * 5000
    one, two = a_file(good), a_file(cut)
    files.content = {one.sha256: good, two.sha256: cut[:-1] + b"z"}
    told = Told()
    cache = MediaCache(tmp_path / "media", told)
    cache.start()
    body = wall(media=(one, two), service=files.service)
    cache.want(body)
    assert told.until({one.sha256}), "the damaged one is not shown"
    # The damaged one is fetched again and again: what has not arrived lies under another ending.
    assert [path.name for path in (tmp_path / "media").glob("*.png")] == [f"{one.sha256}.png"]
    assert files.asked[0] == (one.sha256, "Bearer own-code")
    cache.want(msgspec.structs.replace(body, withdrawn=(one.sha256,)))
    assert not (tmp_path / "media" / f"{one.sha256}.png").exists(), "before it returns"
    assert told.until(set())
    cache.stop()


def test_what_is_withdrawn_and_restored_during_a_download_is_fetched_again(tmp_path: Path, files: Files) -> None:
    good = b"\x89PNG" + b"x" * 3000
    one = a_file(good)
    files.content = {one.sha256: good}
    told = Told()
    cache = MediaCache(tmp_path / "media", told)  # its thread does not run: it is busy with something else
    body = wall(media=(one,), service=files.service)
    cache.want(body)
    assert cache._once()
    cache.want(msgspec.structs.replace(body, withdrawn=(one.sha256,)))
    cache.want(body)
    assert cache._once()
    assert (tmp_path / "media" / f"{one.sha256}.png").read_bytes() == good
    assert set(told.media) == {one.sha256}


def test_after_a_power_cut_what_is_whole_is_shown_without_a_network(tmp_path: Path) -> None:
    good, bad = b"g" * 4000, b"b" * 4000
    one, two = a_file(good), a_file(bad)
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / f"{one.sha256}.png").write_bytes(good)
    (folder / f"{two.sha256}.png").write_bytes(bad[:2000] + b"\0" * 2000)
    (folder / f"{one.sha256}.new").write_bytes(b"half")
    told = Told()
    cache = MediaCache(folder, told)
    cache.start()
    cache.want(wall(media=(one, two)))
    assert told.until({one.sha256})
    cache.stop()
