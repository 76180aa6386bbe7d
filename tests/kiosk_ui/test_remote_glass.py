"""The glass at a distance: who may look, what is handed out, which touches are passed on."""

from __future__ import annotations

import http.client
import io
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from kiosk_ui.picture import Frame
from kiosk_ui.remote_glass import FILE, Finger, RemoteGlass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Kiosk:
    """A glass in a folder, and what became of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.looks = 0
        self.fingers: list[Finger] = []
        self.glass = RemoteGlass(folder, self._look, self.fingers.extend)
        self.glass.start()
        self.where = json.loads((folder / FILE).read_text("utf-8"))

    def _look(self) -> None:
        self.looks += 1
        self.glass.drawn(Frame(40, 60, bytes([200, 30, self.looks, 255]) * 2400))

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.where["port"], timeout=60)
        headers = {"Authorization": f"Bearer {self.where['key'] if key is None else key}"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        found = answer.status, int(answer.getheader("X-Number", "0")), answer.read()
        connection.close()
        return found


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    monkeypatch.setattr("kiosk_ui.remote_glass.WATCHED_S", 3600.0)  # who looks goes on looking
    made = Kiosk(tmp_path / "screen")
    yield made
    made.glass.stop()


def test_a_picture_is_taken_for_who_looks(kiosk: Kiosk) -> None:
    assert not kiosk.glass.watched
    status, number, jpeg = kiosk.ask("GET", "/0")
    assert (status, number, kiosk.looks) == (200, 1, 1)
    picture = Image.open(io.BytesIO(jpeg))
    assert (picture.format, picture.size) == ("JPEG", (40, 60))
    assert kiosk.glass.watched
    again = kiosk.ask("GET", f"/{number}")
    assert again == (200, 1, jpeg)  # nothing newer: the same once more, so that a watcher sees that it lives
    kiosk.glass.drawn(Frame(40, 60, bytes([0, 0, 0, 255]) * 2400))
    assert kiosk.ask("GET", f"/{number}")[1] == 2


def test_only_who_read_its_file_may_look_or_touch(kiosk: Kiosk) -> None:
    assert stat.S_IMODE((kiosk.folder / FILE).stat().st_mode) == 0o600
    for key in ("", "x" * 32, "ключ"):
        with_key = key.encode().decode("latin-1")
        assert kiosk.ask("GET", "/0", key=with_key)[0] == 404
        assert kiosk.ask("POST", "/", [[0, "down", 0.5, 0.5]], key=with_key)[0] == 404
    assert not kiosk.fingers


def test_touches_arrive_in_their_order(kiosk: Kiosk) -> None:
    said = [[0, "down", 0.25, 0.5], [0, "move", 0.5, 0.5], [0, "up", 1, 0]]
    assert kiosk.ask("POST", "/", said)[0] == 204
    assert kiosk.fingers == [Finger(0, "down", 0.25, 0.5), Finger(0, "move", 0.5, 0.5), Finger(0, "up", 1, 0)]


@pytest.mark.parametrize("said", [[[0, "down", 1.1, 0]], [[0, "lick", 0, 0]], [[10, "up", 0, 0]], {"x": 1}, [[0]] * 3])
def test_what_is_no_touch_touches_nothing(kiosk: Kiosk, said: Any) -> None:
    assert kiosk.ask("POST", "/", said)[0] == 400
    assert not kiosk.fingers


def test_who_stops_is_found_no_more(tmp_path: Path) -> None:
    made = Kiosk(tmp_path)
    made.glass.stop()
    assert not (tmp_path / FILE).exists()
    with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the system likes
        made.ask("GET", "/0")
