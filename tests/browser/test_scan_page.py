"""The scan page in real Chromium, with a film of a code as its camera. With PICTURES set, each page is photographed."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge.products.importing import import_file
from edge.products.references import store_of
from tests.browser.test_accessibility import faults
from tests.browser.test_lockers import photograph
from tests.conftest import need, new_broker
from tests.web.running import CONFIG, RunningStore, wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import NewPage

FILM = "film.y4m"
WIDTH, HEIGHT, FRAMES = 640, 480, 12
LARGE = (960, 720)
MILK = "9521101500219"
ELSEWHERE = "store.example"
"""A name that is not this machine's own: a page from there over plain HTTP may use no camera."""


@dataclass
class Camera:
    """What the phone's camera sees: the film lies in one file, which Chromium opens anew for each recording."""

    film: Path

    def shows(self, text: str, symbology: str, **options: Any) -> None:
        """Points the camera at a code of this text, held a little crooked and not quite still."""
        code = _drawn(text, symbology, **options)
        self._write([_held(code, step) for step in range(FRAMES)])

    def shows_slanted(self, text: str, symbology: str) -> list[Any]:
        """Points the camera at a large, sharp code at the slant at which a decoder reads a wrong one beside it."""
        import cv2
        import numpy as np

        code = _drawn(text, symbology)
        height, width = code.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 5.5, 0.96)
        turn[:, 2] += (LARGE[0] / 2 - width / 2, LARGE[1] / 2 - height / 2)
        frames = []
        for step in range(4):
            turn[:, 2] += 0.7
            slanted = cv2.warpAffine(code, turn, LARGE, flags=cv2.INTER_AREA, borderValue=235) * 0.9 + 10
            noise = np.random.default_rng(step).normal(0, 2.5, slanted.shape)
            frames.append(np.clip(slanted + noise, 0, 255).astype(np.uint8))
        self._write(frames)
        return frames

    def shows_nothing(self) -> None:
        """A shelf without a code."""
        import numpy as np

        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        grey = (120 + 60 * np.sin(rows / 23) * np.cos(columns / 37)).astype(np.uint8)
        self._write([grey] * FRAMES)

    def _write(self, frames: list[Any]) -> None:
        height, width = frames[0].shape
        grey = bytes([128]) * (width * height // 2)
        with self.film.open("wb") as film:
            film.write(f"YUV4MPEG2 W{width} H{height} F15:1 Ip A1:1 C420mpeg2\n".encode())
            for frame in frames:
                film.write(b"FRAME\n" + frame.tobytes() + grey)


def _drawn(text: str, symbology: str, **options: Any) -> Any:
    """The code alone, black on white, with its quiet zone: grey levels, HxW."""
    import numpy as np
    import segno
    import zxingcpp

    if "encoding" in options:
        modules = segno.make(text, mode="byte", eci=False, micro=False, **options).matrix_iter(scale=4, border=4)
        return np.array([[0 if dark else 255 for dark in row] for row in modules], np.uint8)
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, symbology), **options)
    return np.array(code.to_image(scale=4))


def _held(code: Any, step: int) -> Any:
    """The code as a hand holds it: turned by some degrees, grey, soft, with the camera's noise. Grey levels, HxW."""
    import cv2
    import numpy as np

    height, width = code.shape
    scale = min(440 / width, 300 / height)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 4 + step / 4, scale)
    turn[:, 2] += (WIDTH / 2 - width / 2 + step, HEIGHT / 2 - height / 2 - step / 2)
    held = cv2.warpAffine(code, turn, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=235)
    noise = np.random.default_rng(step).normal(0, 6, held.shape)
    return np.clip(cv2.GaussianBlur(held, (3, 3), 0) * 0.75 + 30 + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    need("cv2")
    need("zxingcpp")
    return Camera(tmp_path_factory.mktemp("camera") / FILM)


@pytest.fixture(scope="module")
def browser(camera: Camera) -> Iterator[Browser]:
    """Chromium with a film as its camera, in the place of the plain one."""
    need("chromium")
    need("playwright")
    from playwright.sync_api import sync_playwright

    camera.shows_nothing()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={camera.film}",
                f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
            ],
            timeout=120_000,
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store with the example's products, in the place of the one without."""
    folder = tmp_path_factory.mktemp("scanning")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = RunningStore(broker, folder, ())
    box = running.settings.gateway
    named = box.model_copy(update={"http": box.http.model_copy(update={"hosts": (ELSEWHERE,)})})
    running.settings = running.settings.model_copy(update={"gateway": named})
    running.start()
    outcome = import_file(CONFIG / "products.jsonl", running.gateway.lookup.products.folder, store_of(running.settings))
    assert outcome.built
    running.do(running.gateway.lookup.switch.activate(outcome.built.version, "test"))
    yield running
    running.stop()
    broker.stop()


@pytest.fixture
def scan_page(store: RunningStore, phone: NewPage) -> Callable[..., Page]:
    """`scan_page("en")`: the page on a new phone that lets it use the camera."""

    def opened(language: str = "zh-CN", *, allowed: bool = True, script: str = "", **options: Any) -> Page:
        page = phone(language, permissions=["camera"] if allowed else [], **options)
        if script:
            page.add_init_script(script)
        page.goto(f"{store.base}/scan")
        return page

    return opened


def asked(page: Page) -> list[dict[str, str]]:
    """What the page asks the store about; filled as it does."""
    seen: list[dict[str, str]] = []
    page.on("request", lambda r: seen.append(r.post_data_json) if "/codes/read?" in r.url else None)
    return seen


def scanned(page: Page) -> str:
    """Opens the camera and waits for what it says."""
    page.tap("#open")
    page.wait_for_selector("#found .read")
    return page.inner_text("#found")


# Chromium on Linux has no BarcodeDetector: this stands in for a phone's. `seen` is what its frames show, in order.
NATIVE = """
window.seen = [];
window.BarcodeDetector = class {
  static getSupportedFormats() {
    return Promise.resolve(
      ['ean_13', 'ean_8', 'upc_a', 'upc_e', 'code_128', 'itf', 'qr_code', 'data_matrix', 'aztec']);
  }
  detect() {
    const code = window.seen.shift();
    window.looked = (window.looked || 0) + 1;
    const place = {x: 0, y: 0, width: 300, height: 90};
    return Promise.resolve([].concat(code || []).map(each => ({boundingBox: place, ...each})));
  }
};
"""


HIDE = """() => {
  Object.defineProperty(document, 'hidden', {value: true, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
  delete document.hidden;
}"""


@pytest.mark.parametrize(
    ("language", "product", "hold"), [("zh-CN", "鲜牛奶", "放进框内"), ("en", "Fresh milk", "Hold the code")]
)
def test_a_barcode_held_to_the_phone_says_what_it_is(
    store: RunningStore, scan_page: Callable[..., Page], camera: Camera, language: str, product: str, hold: str
) -> None:
    camera.shows(MILK, "EAN13")
    page = scan_page(language)
    found = faults(page)
    photograph(page, f"scan-idle-{language}")
    sent: list[tuple[str, str, str | None]] = []
    page.on("request", lambda request: sent.append((request.method, request.url, request.post_data)))
    assert product in scanned(page)
    photograph(page, f"scan-found-{language}")
    found += faults(page)
    assert not found
    # Nothing leaves the phone but what the code says; nothing comes but from the store.
    assert [json.loads(body) for _, _, body in sent if body] == [{"text": MILK, "symbology": "ean13"}]
    assert all(url.startswith(f"{store.base}/") for _, url, _ in sent)
    assert len(sent) == 4
    page.tap("#found a.btn")
    page.wait_for_url(f"**/p/0{MILK}*")
    assert product in page.inner_text("main, h1")
    page = scan_page(language, script=NATIVE)
    page.tap("#open")
    page.wait_for_selector(f"#tell:has-text('{hold}')")
    wait(lambda: page.evaluate("document.querySelector('video').currentTime > 0"))
    photograph(page, f"scan-live-{language}")
    assert not faults(page)


def test_a_stickers_code_leads_to_its_page(store: RunningStore, scan_page: Callable[..., Page], camera: Camera) -> None:
    camera.shows(f"{store.base}/t/{store.code('cart-01')}", "QRCode")
    page = scan_page("en")
    assert "Cart 1" in scanned(page)
    page.tap("#found a.btn")
    page.wait_for_url("**/t/cart-01.*")


@pytest.mark.parametrize(
    ("text", "symbology", "options", "said"),
    [
        ("96385074", "EAN8", {}, {"text": "96385074", "symbology": "ean8"}),
        ("036000291452", "UPCA", {}, {"text": "0036000291452", "symbology": "ean13"}),
        ("04252614", "UPCE", {}, {"text": "0042100005264", "symbology": "ean13"}),
        ("15400141288763", "ITF", {}, {"text": "15400141288763", "symbology": "itf"}),
        (
            "(01)06901234567892(10)AB(21)7",
            "Code128",
            {"gs1": True},
            {"text": "010690123456789210AB\x1d217", "symbology": "gs1-128"},
        ),
        (
            "(01)06901234567892(10)AB(21)7",
            "DataMatrix",
            {"gs1": True},
            {"text": "010690123456789210AB\x1d217", "symbology": "gs1-datamatrix"},
        ),
        ("0106901234567892", "DataBarOmni", {}, {"text": "0106901234567892", "symbology": "gs1-databar"}),
        ("牛奶在左边", "QRCode", {"encoding": "gb18030"}, {"text": "牛奶在左边", "symbology": "qr"}),
        ("牛奶在左边", "QRCode", {"encoding": "utf-8"}, {"text": "牛奶在左边", "symbology": "qr"}),
    ],
)
def test_what_the_store_is_asked_about_each_sort_of_code(
    sorts: Page, camera: Camera, text: str, symbology: str, options: dict[str, Any], said: dict[str, str]
) -> None:
    camera.shows(text, symbology, **options)
    with sorts.expect_request("**/codes/read?*") as request:
        sorts.tap("#open")
    assert request.value.post_data_json == said
    sorts.wait_for_selector("#found .read")


@pytest.fixture(scope="module")
def sorts(browser: Browser, store: RunningStore) -> Iterator[Page]:
    """One phone for every sort of code: the decoder is loaded once."""
    context = browser.new_context(permissions=["camera"], has_touch=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{store.base}/scan")
    yield page
    context.close()


def test_one_frame_is_enough_for_a_qr_code_and_not_for_a_barcode(
    scan_page: Callable[..., Page], camera: Camera
) -> None:
    camera.shows_nothing()
    page = scan_page(script=NATIVE)
    said = asked(page)
    page.evaluate("seen.push({format: 'ean_13', rawValue: '6901234567892'})")
    page.evaluate("seen.push({format: 'upc_e', rawValue: '04252614'}, {format: 'upc_e', rawValue: '04252614'})")
    page.tap("#open")
    wait(lambda: page.evaluate("window.looked > 6"))
    assert not said
    page.evaluate("seen.push({format: 'qr_code', rawValue: 'WIFI:S:x;;'})")
    page.wait_for_selector("#found .read")
    assert said == [{"text": "WIFI:S:x;;", "symbology": "qr"}]


def test_a_ghost_of_a_barcode_is_never_believed(scan_page: Callable[..., Page], camera: Camera) -> None:
    camera.shows_nothing()
    page = scan_page(script=NATIVE)
    said = asked(page)
    ghost = {"format": "ean_13", "rawValue": "2981231561202"}
    thin = {**ghost, "boundingBox": {"x": 0, "y": 40, "width": 300, "height": 20}}
    real = {"format": "ean_13", "rawValue": "6901234567892"}
    # Beside the real one it is the smaller part; alone in a frame it is one voice against more.
    # On a slow machine looks of long ago do not count: there are more of the real one than are needed.
    page.evaluate("codes => { seen.push(...codes) }", [[thin, real], ghost, [thin, real], ghost, *[[real]] * 12])
    page.tap("#open")
    page.wait_for_selector("#found .read")
    assert said == [{"text": "6901234567892", "symbology": "ean13"}]


def test_a_film_that_makes_the_decoder_see_ghosts(scan_page: Callable[..., Page], camera: Camera) -> None:
    import zxingcpp

    frames = camera.shows_slanted("6901234567892", "EAN13")
    seen = {code.text for frame in frames for code in zxingcpp.read_barcodes(frame)}
    assert seen > {"6901234567892"}, "the decoder no longer sees ghosts: choose another film"
    page = scan_page()
    said = asked(page)
    scanned(page)
    assert said == [{"text": "6901234567892", "symbology": "ean13"}]


def test_a_shelf_without_a_code_says_nothing(scan_page: Callable[..., Page], camera: Camera) -> None:
    camera.shows_nothing()
    page = scan_page()
    said = asked(page)
    page.tap("#open")
    wait(lambda: page.evaluate("document.querySelector('video').currentTime > 1.5"))
    assert not said
    assert page.is_visible("#finder.live")


def test_the_camera_goes_out_with_success_with_the_button_and_when_the_page_is_hidden(
    scan_page: Callable[..., Page], camera: Camera
) -> None:
    camera.shows_nothing()
    page = scan_page("en", script=NATIVE)
    off = "track.readyState === 'ended' && !document.querySelector('video').srcObject"
    for end in (
        "document.getElementById('open').click()",
        HIDE,
        "seen.push({format: 'qr_code', rawValue: 'x'})",
    ):
        page.tap("#open")
        wait(lambda: page.evaluate("!!document.querySelector('video').srcObject"))
        page.evaluate("window.track = document.querySelector('video').srcObject.getVideoTracks()[0]")
        assert page.evaluate("track.readyState") == "live"
        page.wait_for_selector("#tell:has-text('Hold the code')")
        page.evaluate(end)
        wait(lambda: page.evaluate(off))
    page.wait_for_selector("#found .read")


def test_the_light_where_the_camera_has_one(scan_page: Callable[..., Page], camera: Camera) -> None:
    camera.shows_nothing()
    # No camera of a test machine has a light.
    light = """
        MediaStreamTrack.prototype.getCapabilities = () => ({torch: true});
        MediaStreamTrack.prototype.applyConstraints = function (wanted) {
            window.wanted = wanted.advanced[0]; return Promise.resolve();
        };"""
    page = scan_page("en", script=NATIVE + light)
    page.tap("#open")
    page.tap("#torch")
    page.wait_for_selector("#torch[aria-pressed=true]")
    assert page.evaluate("wanted") == {"torch": True}
    page.tap("#torch")
    page.wait_for_selector("#torch[aria-pressed=false]")
    assert page.evaluate("wanted") == {"torch": False}


@pytest.mark.parametrize(
    ("language", "why"), [("zh-CN", "没有获得相机权限"), ("en", "This page may not use the camera")]
)
def test_a_shopper_who_says_no_goes_on_with_digits(scan_page: Callable[..., Page], language: str, why: str) -> None:
    page = scan_page(language, allowed=False)
    assert not page.is_visible("#instead")
    page.tap("#open")
    page.wait_for_selector("#instead:visible")
    assert why in page.inner_text("#tell")
    photograph(page, f"scan-denied-{language}")
    assert not faults(page)
    page.fill("#text", "690 1234567892")
    page.tap("#type button")
    page.wait_for_selector("#found .read")


@pytest.mark.parametrize(("language", "why"), [("zh-CN", "不能在网页里用相机"), ("en", "can't use the camera")])
def test_without_encryption_the_page_says_what_to_do_instead(
    store: RunningStore, phone: NewPage, language: str, why: str
) -> None:
    page = phone(language)
    base = store.base.replace("127.0.0.1", ELSEWHERE)
    page.goto(f"{base}/wallet")
    page.goto(f"{base}/scan")
    assert not page.evaluate("isSecureContext")
    assert why in page.inner_text("#instead")
    assert not page.is_visible("#camera")
    photograph(page, f"scan-insecure-{language}")
    assert not faults(page)


def test_the_way_to_the_page_is_shown_where_there_is_a_camera(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    page.goto(f"{store.base}/wallet")
    page.tap(".bar a[href='/scan']")
    page.wait_for_selector("#camera:visible")


def test_no_other_page_may_use_the_camera(store: RunningStore, phone: NewPage, camera: Camera) -> None:
    camera.shows_nothing()
    page = phone("en", permissions=["camera"])
    page.goto(f"{store.base}/wallet")
    asking = "navigator.mediaDevices.getUserMedia({video: true}).then(() => 'lent', error => error.name)"
    assert page.evaluate(asking) == "NotAllowedError"


def test_a_decoder_that_does_not_come_is_said_and_asked_for_again(
    scan_page: Callable[..., Page], camera: Camera
) -> None:
    camera.shows("6901234567892", "EAN13")
    page = scan_page("en")
    page.route("**/*.wasm", lambda route: route.abort())
    page.tap("#open")
    page.wait_for_selector("#tell.bad")
    assert "could not be loaded" in page.inner_text("#tell")
    page.unroute("**/*.wasm")
    assert "product" in scanned(page)


def test_a_store_that_cannot_be_reached_is_said_and_asked_again(scan_page: Callable[..., Page], camera: Camera) -> None:
    camera.shows("6901234567892", "EAN13")
    page = scan_page("en")
    page.route("**/codes/read?*", lambda route: route.abort())
    page.tap("#open")
    page.wait_for_selector("#tell.bad")
    assert "No connection" in page.inner_text("#tell")
    page.unroute("**/codes/read?*")
    assert "product" in scanned(page)


def test_without_a_script_digits_do(store: RunningStore, phone: NewPage) -> None:
    page = phone("en", java_script_enabled=False)
    page.goto(f"{store.base}/scan")
    assert page.is_visible("#instead")
    assert not page.is_visible("#camera")
    page.fill("#text", store.code("cart-02"))
    page.tap("#type button")
    page.wait_for_selector("#found .read")
    assert "Cart 2" in page.inner_text("#found")
    page.tap("#found a.btn")
    page.wait_for_url("**/t/cart-02.*")


def test_nothing_is_loaded_before_the_camera_is_asked_for(store: RunningStore, phone: NewPage) -> None:
    page = phone()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2].split(".")[0]))
    answer = page.goto(f"{store.base}/scan")
    page.wait_for_load_state("networkidle")
    assert answer is not None
    assert len(answer.body()) < 20 * 1024
    assert [name for name in loaded if name != "data:,"] == ["scan", "scan"]
