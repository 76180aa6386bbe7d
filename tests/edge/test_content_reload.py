"""Playlists, pictures and films that come while the store runs: whole, or nothing of them."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import CouponWall, encode_desired
from edge.cli.screen_media import take
from edge.domain.playlists import queries
from edge.errors import JournalFull, Refusal
from edge.settings import file_sets
from edge.settings.mistakes import SettingsError
from edge.settings.settings import load
from kiosk_ui.content import Content
from tests.conftest import new_broker
from tests.web.running import CONFIG, RunningStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.bus.brokers import Broker
    from edge.settings.settings import Settings

GOOD = (CONFIG / "media" / "breakfast-de.jpg").read_bytes()
NEW = '\n[[playlists]]\nid = "summer"\npriority = 40\nitems = [{ id = "poster", picture = "summer.jpg" }]\n'


class OwnStore(RunningStore):
    """The example store by files of its own."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.config = Path(shutil.copytree(CONFIG, folder / "config"))
        super().__init__(broker, folder / "data", ())

    def _settings(self) -> Settings:
        mine = load(self.config)
        found = super()._settings()
        box = found.gateway.model_copy(update={"public_url": self.base})
        return found.model_copy(update={"gateway": box, "playing": mine.playing, "sha256": mine.sha256})

    def says(self, text: str) -> None:
        """This stands at the end of `playlists.toml` from now on."""
        path = self.config / "playlists.toml"
        path.write_bytes((CONFIG / "playlists.toml").read_bytes() + text.encode())

    def add(self, content: bytes, name: str = "summer.jpg") -> None:
        """As `storekeeper screens add` does."""
        (self.config.parent / name).write_bytes(content)
        list(take([self.config.parent / name], self.config))

    def take(self) -> bool:
        return self.do(self.gateway.content.take(file_sets.digest(file_sets.read(self.config))))

    def wall(self, screen: str = "screen-baby") -> CouponWall:
        return self.do(self._wall(screen))

    async def _wall(self, screen: str) -> CouponWall:
        gateway: Any = self.gateway
        device = next(each for each in gateway.layout.devices if each.id == screen)
        found = gateway.devices.signage._body(device, time.time_ns() // 1_000_000)
        assert isinstance(found, CouponWall)
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    folder = tmp_path_factory.mktemp("content")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = OwnStore(broker, folder)
    running.start()
    yield running
    running.stop()
    broker.stop()


@pytest.fixture
def store(running: OwnStore) -> OwnStore:
    """It plays what the example plays."""
    for name in ("store.toml", "playlists.toml", "media.toml"):
        shutil.copy(CONFIG / name, running.config)
    running.take()
    return running


def playing(store: OwnStore) -> list[str]:
    return [each.id for each in store.wall().playlists]


def test_a_new_picture_and_its_playlist_are_there_without_a_start(store: OwnStore) -> None:
    assert not store.take(), "nothing is new"
    store.add(GOOD + b"\0")
    store.says(NEW)
    before = store.gateway
    assert store.take()
    wall = store.wall()
    assert [each.id for each in wall.playlists] == ["day", "brand-milk", "night", "summer"]
    (file,) = wall.media
    path = store.gateway.devices.media.path(file.sha256)
    assert path is not None
    assert path.read_bytes() == GOOD + b"\0"
    assert store.gateway is before
    assert store.gateway.content.settings == file_sets.digest(file_sets.read(store.config))
    # The same name with another picture, and then none of it.
    store.add(GOOD + b"\0\0")
    assert store.take()
    assert store.wall().media != wall.media
    assert not path.exists(), "what no playlist can show any more leaves the disk"
    store.says("")
    assert store.take()
    assert playing(store) == ["day", "brand-milk", "night"]


def test_a_file_that_is_not_whole_changes_nothing(store: OwnStore) -> None:
    store.add(GOOD + b"\0")
    store.says(NEW)
    before = store.gateway.content.settings
    for cut in (b"", GOOD[:5000], GOOD, GOOD.replace(b"a", b"b", 1) + b"\0"):
        (store.config / "media" / "summer.jpg").write_bytes(cut)
        with pytest.raises(Refusal, match=r"not whole in media/ beside the settings: summer\.jpg"):
            store.take()
    assert playing(store) == ["day", "brand-milk", "night"]
    assert "summer" not in queries.known(store.gateway.reads)
    assert store.gateway.content.settings == before
    assert not list((store.data / "media").glob("*.new"))
    # The rest of it arrives.
    (store.config / "media" / "summer.jpg").write_bytes(GOOD + b"\0")
    assert store.take()
    assert playing(store)[-1] == "summer"


def test_what_else_changed_waits_for_a_start_and_mistakes_are_said(store: OwnStore) -> None:
    store.says('\n[[playlists]]\nid = "x"\nitems = [{ show = "ofers" }]\n')
    with pytest.raises(Refusal, match=r"playlists\.toml"):
        store.take()
    store.says("\n# a remark\n")
    path = store.config / "store.toml"
    path.write_bytes(path.read_bytes() + b"\n# another\n")
    with pytest.raises(Refusal, match="storekeeper apply"):
        store.take()
    with pytest.raises(Refusal, match="another folder"):
        store.do(store.gateway.content.take("0" * 64))


def test_what_cannot_be_written_down_is_not_half_taken(store: OwnStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(GOOD + b"\0")
    store.says(NEW)
    content: Any = store.gateway.content

    async def full(*_: object) -> None:
        raise JournalFull("no space")

    monkeypatch.setattr(content, "_decide", full)
    tags = store.gateway.devices.playlists.playing
    with pytest.raises(JournalFull):
        store.take()
    assert store.gateway.devices.playlists.playing is tags
    monkeypatch.undo()
    assert store.take()
    assert playing(store)[-1] == "summer"


def many(count: int, pages: int = 8) -> str:
    """Playlists of brands' pages, each of some kilobytes."""
    page = '{{ id = "p{n}", show = "page", title = {{ zh-CN = "{t}", en = "{t}", de = "{t}" }} }}'
    items = ", ".join(page.format(n=number, t="Long words. " * 12) for number in range(pages))
    return "".join(f'\n[[playlists]]\nid = "m{number}"\nitems = [{items}]\n' for number in range(count))


def test_playlists_that_no_message_holds_reach_the_screens(store: OwnStore, tmp_path: Path) -> None:
    store.add(GOOD + b"\0")
    store.says(NEW + many(24))
    assert store.take()
    wall = store.wall()
    assert (wall.playlists, wall.media) == ((), ())
    assert wall.repertoire is not None
    assert wall.repertoire.bytes > 64 * 1024 > len(encode_desired(wall))
    whole, media = threading.Event(), queue.Queue[Any]()
    kiosk = Content(tmp_path, media.put, whole.set)
    kiosk.start()
    try:
        kiosk.keep(wall)
        kiosk.want(kiosk.whole(wall))
        assert whole.wait(60)
        shown = kiosk.whole(wall)
        assert [each.id for each in shown.playlists] == ["day", "brand-milk", "night", "summer", *many_ids(24)]
        kiosk.want(shown)
        (poster,) = shown.media
        while poster.sha256 not in media.get(timeout=60):
            pass
        # More than that, and nobody to ask: those before stay.
        store.says(NEW + many(25))
        assert store.take()
        alone = msgspec.structs.replace(store.wall(), service=None)
        assert alone.repertoire != wall.repertoire
        kiosk.keep(alone)
        kiosk.want(kiosk.whole(alone))
        assert kiosk.whole(alone).playlists == shown.playlists
        # Few enough again: in the message, as ever.
        store.says("")
        assert store.take()
        assert kiosk.whole(store.wall()).playlists == store.wall().playlists != ()
    finally:
        kiosk.stop()
    woken = Content(tmp_path, media.put)
    last = woken.start()
    woken.stop()
    assert last == alone
    assert woken.whole(last).playlists == shown.playlists, "after a power cut, without a network"


def many_ids(count: int) -> list[str]:
    return [f"m{number}" for number in range(count)]


def test_more_than_a_store_may_play_is_a_mistake(store: OwnStore) -> None:
    store.says(many(36, 14))
    with pytest.raises(SettingsError, match="at most 262144 bytes"):
        load(store.config)
