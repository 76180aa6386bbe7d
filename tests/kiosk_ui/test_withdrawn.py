"""What is withdrawn in mid-item is off the glass of a real kiosk, and stays off after a kill without a network."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from edge.domain.playlists import decisions
from edge.gateway import device_views
from tests.conftest import new_broker
from tests.kiosk_ui.fleet import POSTER, Applied, kiosk, leave, screen_store
from tests.web.running import wait

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kiosk_ui.fleet import ScreenStore

SCREEN = "screen-window"
ALONE = """
import sys
from pathlib import Path
from kiosk_ui import app as kiosk_app
folder = Path(sys.argv[2])
options = kiosk_app.Options(device=sys.argv[1], port=1, folder=folder, offscreen=True)
kiosk_app.prepare(options, offscreen=True)
from kivy.clock import Clock
from kiosk_ui.window import Kiosk

app = Kiosk(options, offscreen=True)

looks = [0]

def look(_dt):
    view = app.backdrop.view
    looks[0] += 1
    # What is there whole comes in a moment; what is not there never does.
    picture = getattr(view.slide, "picture", "")
    if picture or looks[0] == 40:
        print(type(view.slide).__name__, "picture", picture, flush=True)
        app.stop()

Clock.schedule_interval(look, 0.1)
app.run()
"""


def poster_is_seen(store: ScreenStore) -> bool:
    """Whether the ground is the poster's cream, from edge to edge; all else of the house is green."""
    time.sleep(0.5)
    picture = store.do(store.gateway.devices.snapshot(SCREEN))
    if picture is None:
        return False
    found = Image.open(io.BytesIO(picture)).convert("RGB")
    red, _, _ = found.getpixel((found.width // 20, found.height // 2))  # type: ignore[misc]
    return bool(red > 200)


def alone(folder: Path) -> str:
    """What a kiosk shows that wakes without gateway and broker."""
    command = [sys.executable, "-c", ALONE, SCREEN, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def test_withdrawn_in_mid_item_and_never_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_views, "SNAPSHOT_TTL_MS", 60_000)  # a busy machine draws slowly
    broker = new_broker("mosquitto", tmp_path / "broker")
    broker.start()
    port = int(broker.url.rpartition(":")[2])
    store = screen_store(broker, tmp_path / "store", (SCREEN,))
    store.start()
    sha256 = next(each for each, name in store.settings.playing.names.items() if name == POSTER)
    folder = tmp_path / "kiosk"
    window = kiosk(SCREEN, port, folder)
    heard = Applied(port)
    try:
        heard.after(0, {SCREEN}, 300)
        file = folder / "media" / f"{sha256}.jpg"
        wait(file.exists, 300)
        wait(lambda: poster_is_seen(store), 300)
        begun = time.time()
        now_ms = int(begun * 1000)
        assert store.do(store.gateway.decide(decisions.withdraw, content=sha256, by="wang", reason="wrong"))
        revision = heard.after(now_ms, {SCREEN})[SCREEN]
        while file.exists():  # that one was on its way before: it did not know yet
            revision = heard.after(revision, {SCREEN})[SCREEN]
        print(f"off the glass after {time.time() - begun:.3f} s")
        assert not poster_is_seen(store)
        assert not file.exists()
        window.kill()
        window.wait()
    finally:
        leave(window)
        heard.close()
        store.stop()
        broker.stop()
    said = alone(folder)
    assert said.startswith("DaySlide"), said
    assert said.rstrip().endswith("picture"), said


@pytest.mark.skipif(not os.environ.get("STOREKEEPER_ROUNDS"), reason="long; what it needs is tried in test_attract.py")
def test_a_screen_plays_its_last_playlist_without_gateway_and_network(tmp_path: Path) -> None:
    broker = new_broker("mosquitto", tmp_path / "broker")
    broker.start()
    port = int(broker.url.rpartition(":")[2])
    store = screen_store(broker, tmp_path / "store", (SCREEN,))
    store.start()
    folder = tmp_path / "kiosk"
    window, heard = kiosk(SCREEN, port, folder), Applied(port)
    try:
        heard.after(0, {SCREEN})
        wait(lambda: list((folder / "media").glob("*.jpg")))
        window.kill()
        window.wait()
    finally:
        leave(window)
        heard.close()
        store.stop()
        broker.stop()
    said = alone(folder)
    assert said.startswith("IdeaSlide"), said
    assert said.rstrip().endswith(".jpg"), said
