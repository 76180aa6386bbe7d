"""The camera driver on folders of pictures, a film, and cameras on a real network: MJPEG, one that hangs, one that is
not there.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import shutil
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")
pytest.importorskip("zxingcpp")
pytest.importorskip("biip")

from device_drivers.contract import Show, Snapshot, WallScene  # noqa: E402
from device_drivers.driver import Outcome, Reason  # noqa: E402 - after the parts that may be missing
from device_drivers.scanners import camera  # noqa: E402
from device_drivers.scanners.announcing import SNAPSHOT_BYTES, Health, gs1, snapshot  # noqa: E402
from device_drivers.scanners.decode import reads  # noqa: E402
from tests.device_drivers.scanners.films import code_free, scenery, shown  # noqa: E402
from tests.device_drivers.scanners.written import written  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.device_drivers.conftest import Heard

GTIN = "6901234567892"
GS1 = "(01)06901234567892(10)AB(21)7"
PATIENT = {"within_s": 3600.0, "forget_s": 3600.0}
"""A busy machine sees few pictures of a film; it begins again, and each code is said once all the same."""


@pytest.fixture
def running(heard: Heard, tmp_path: Path) -> Iterator[Any]:
    started: list[camera.Driver] = []

    def run(url: Any, **settings: Any) -> camera.Driver:
        chosen = msgspec.convert({"url": str(url), "patience_s": 60.0, "votes": PATIENT} | settings, camera.Settings)
        started.append(camera.Driver(chosen, tmp_path))
        started[-1].start(heard)
        return started[-1]

    yield run
    for driver in started:
        driver.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An EAN-13, nothing for a while, a GS1 Data Matrix."""
    place = tmp_path / "film"
    place.mkdir()
    empty = scenery(np.random.default_rng(1), striped=False)
    code, matrix = written("EAN13", GTIN), written("DataMatrix", GS1, gs1=True)
    pictures = [shown(code, at=(0.45 + n / 100, 0.5)) for n in range(8)]
    pictures += [empty] * 8 + [shown(matrix, at=(0.4 + n / 100, 0.5), wide=0.3) for n in range(8)]
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(place / f"{number:03}.png"), picture)
    return place


def test_what_is_published_of_a_code(running: Any, heard: Heard, folder: Path) -> None:
    running(folder, frames_s=10.0, repeat=True)
    heard.until(lambda: len(heard.events) == 2)
    first, second = sorted((data for _, data in heard.events), key=lambda data: data["symbology"])
    assert {"symbology": "ean13", "text": GTIN, "bytes": GTIN.encode().hex()}.items() <= first.items()
    assert first["frames"] >= 2
    assert first["first_seen_at"] <= first["seen_at"] <= first["sent_at"]
    assert all(0 <= part <= 1 for corner in first["place"] for part in corner)
    assert {"symbology": "gs1-datamatrix", "text": "010690123456789210AB\x1d217"}.items() <= second.items()
    assert list(msgspec.to_builtins(second["gs1"])) == [
        {"ai": "01", "value": "06901234567892"},
        {"ai": "10", "value": "AB"},
        {"ai": "21", "value": "7"},
    ]
    assert len(msgspec.json.encode(first)) < 1000, "a code, not a picture"


def test_gone_and_found_again(running: Any, heard: Heard, folder: Path, tmp_path: Path) -> None:
    driver = running(folder, repeat=True)
    heard.until(lambda: GTIN in heard.texts())
    shutil.move(folder, tmp_path / "away")
    heard.until(lambda: driver.state().online is False)
    count = len(heard.events)
    shutil.move(tmp_path / "away", folder)
    heard.until(lambda: GTIN in heard.texts()[count:])


def test_a_picture_only_for_who_asks(running: Any, heard: Heard, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "LOOK_S", 60.0)
    driver = running(folder, repeat=True)
    heard.until(lambda: driver.state().online is True)
    result = driver.carry_out(Snapshot(), time.monotonic() + 60)  # as the agent calls it
    assert result.outcome == Outcome.DONE
    png = base64.b64decode(result.observed["png"])
    assert len(result.observed["png"]) <= 48 * 1024
    assert cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED).shape[1] >= 160
    assert driver._picture is None
    assert driver.carry_out(Show(WallScene())).reason == Reason.BAD_ARGS
    with pytest.raises(ValueError, match="nothing to show"):
        driver.apply(b"{}")


def test_noise_alone_still_fits_a_reply() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1080, 1920, 3), np.uint8)
    assert len(snapshot(noise)) <= SNAPSHOT_BYTES


class Mjpeg(BaseHTTPRequestHandler):
    """What a cheap network camera serves."""

    pictures: Any = ()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        with contextlib.suppress(OSError):
            for picture in self.pictures:
                jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
                self.wfile.write(b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
                self.wfile.write(jpeg + b"\r\n")

    def log_message(self, *said: object) -> None:
        """Silent."""


@pytest.fixture
def mjpeg() -> Iterator[str]:
    Mjpeg.pictures = itertools.cycle([shown(written("EAN13", GTIN))])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mjpeg)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/stream.mjpg"
    server.shutdown()
    server.server_close()


def test_a_stream_of_jpegs(running: Any, heard: Heard, mjpeg: str) -> None:
    running(mjpeg)
    heard.until(lambda: heard.texts()[:1] == [GTIN])


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_one_that_accepts_and_says_nothing_is_opened_again(running: Any, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        driver = running(f"{scheme}://user:secret@127.0.0.1:{server.getsockname()[1]}/stream", patience_s=0.5)
        with server.accept()[0], server.accept()[0]:  # the second time is the proof
            assert driver.state().online is False
            assert driver.carry_out(Snapshot()).reason == Reason.OFFLINE


def test_the_password_of_a_camera_is_not_logged(running: Any, heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    running(f"http://user:secret@127.0.0.1:{port}/stream", patience_s=0.5)
    heard.until(lambda: any("no pictures" in record.getMessage() for record in caplog.records) or False)
    assert "secret" not in caplog.text


def test_health_is_said_when_it_changes_and_not_at_every_picture() -> None:
    health, said = Health(), []
    dark = np.full((480, 640, 3), 8, np.uint8)
    pictures = itertools.chain(code_free(150, seed=2), [dark] * 300)
    for number, picture in enumerate(pictures):
        if camera_state := health.frame(picture, health._began + number / 15, 0.004):
            said.append(camera_state)
    assert [state.trouble for state in said] == [None, "covered"]


class TestCatalogue:
    def test_one_gtin_a_line(self, tmp_path: Path) -> None:
        (tmp_path / "gtins").write_text("6901234567892\n\n96385074\n")
        assert camera.gtins(tmp_path / "gtins") == {"06901234567892", "00000096385074"}

    @pytest.mark.parametrize("line", ["6901234567893", "abc", "12345", "６９０１２３４５６７８９２"])
    def test_a_line_that_is_none_is_named(self, tmp_path: Path, line: str) -> None:
        (tmp_path / "gtins").write_text(f"6901234567892\n{line}\n", encoding="utf-8")
        with pytest.raises(ValueError, match="line 2"):
            camera.Driver(camera.Settings("x", catalogue=str(tmp_path / "gtins")), tmp_path)


def test_element_strings_that_break_the_rules_are_left_out() -> None:
    (found,) = reads(shown(written("Code128", "(01)06901234567892(10)AB", gs1=True)))
    assert [(element.ai, element.value) for element in gs1(found) or ()] == [("01", "06901234567892"), ("10", "AB")]
    broken = msgspec.structs.replace(found, text="01069012345")
    assert gs1(broken) is None
    assert gs1(msgspec.structs.replace(found, identifier="]C0")) is None
