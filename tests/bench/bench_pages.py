"""From a tap to the first paint of a member's pages: the real gateway, Chromium without its cache, a phone's window.

    python -m tests.bench.bench_pages [--quick]

First contentful paint as Chromium reports it, each page in turns with a bare page of one line that a server of a dozen
lines sends. What is loaded is counted with its styles, compressed, as it goes over the wire.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench.report import Goal, arguments, percentile, show
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper
from tests.web.test_basket import MILK, Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES: Final = ("/", "/basket", "/pay", "/wallet", "/points", "/orders", "/profile", f"/p/{MILK}")
MAX_MS, MAX_BYTES = 200, 30 * 1024
PATIENCE_S: Final = 30.0
PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
BYTES: Final = """performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
    .filter(each => each.initiatorType === 'navigation' || each.name.includes('.css'))
    .reduce((sum, each) => sum + each.transferSize, 0)"""


class Bare(BaseHTTPRequestHandler):
    """The floor: one line of text."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>bare</title><p>bare</p>")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main() -> None:
    from playwright.sync_api import sync_playwright

    rounds = 3 if arguments(__doc__).parse_args().quick else 15
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bare)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        broker = new_broker("mosquitto", Path(folder) / "broker")
        broker.start()
        store = RunningStore(broker, Path(folder), ())
        store.start()
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        shopper = _shopping(Shop(store, Path(folder)))
        found = _measured(browser, shopper, f"http://127.0.0.1:{server.server_port}/", rounds)
        browser.close()
        store.stop()
        broker.stop()
    server.shutdown()
    _say(found)


def _shopping(shop: Shop) -> Shopper:
    """A member with a basket whose price stands."""
    shop.sell("12.90")
    shopper = Shopper(shop.store, "zh-CN")
    shopper.register(shop.store.code("poster-door"))
    body = {"code": MILK, "how": "page", "quantity": 2, "request": str(uuid.uuid4())}
    shopper.api("POST", "/api/v1/basket/lines", body).raise_for_status()
    shopper.api("POST", "/api/v1/basket/hold", {}).raise_for_status()
    return shopper


def _measured(browser: Browser, shopper: Shopper, bare: str, rounds: int) -> dict[str, list[tuple[float, int]]]:
    """Milliseconds and bytes of each page, one after the other, again and again; each in a context of its own."""
    base = shopper.store.base
    cookies: Any = [{"name": each.name, "value": each.value, "url": base} for each in shopper.cookies]
    found: dict[str, list[tuple[float, int]]] = {page: [] for page in ("bare", *PAGES)}
    for _ in range(rounds):
        for name, made in found.items():
            context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
            context.add_cookies(cookies)
            page = context.new_page()
            page.goto(bare if name == "bare" else base + name, wait_until="load")
            made.append((_painted(page), page.evaluate(BYTES)))
            context.close()
    return found


def _painted(page: Page) -> float:
    """When it was painted first. Asked again and again: the pages' own policy lets nobody wait within them."""
    until = time.monotonic() + PATIENCE_S
    while (found := page.evaluate(PAINT)) is None:
        if time.monotonic() > until:
            raise TimeoutError(f"{page.url} was not painted within {PATIENCE_S} s")
        time.sleep(0.02)
    return float(found)


def _say(found: dict[str, list[tuple[float, int]]]) -> None:
    floor = percentile([ms for ms, _ in found["bare"]], 50)
    goals = [Goal("a bare page (the floor)", f"p50 {floor:.0f} ms", "1.00", None)]
    for name in PAGES:
        times, size = [ms for ms, _ in found[name]], max(size for _, size in found[name])
        middle, worst = percentile(times, 50), percentile(times, 95)
        said = f"p50 {middle:.0f} ms, p95 {worst:.0f} ms; {size / 1024:.1f} KiB with its styles"
        target = f"`{name}`: first paint < {MAX_MS} ms, ≤ {MAX_BYTES // 1024} KiB"
        goals.append(Goal(target, said, f"{middle / floor:.2f}", middle < MAX_MS and size <= MAX_BYTES))
    show("Pages", goals)


if __name__ == "__main__":
    sys.exit(main())
