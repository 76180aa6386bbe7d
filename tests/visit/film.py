"""A shopper's whole visit, from the poster at the door to the exit, as pictures: `python -m tests.visit.film`.

Opens a demo store of its own, walks through it with real Chromium as a phone, and writes `docs/visit.md` and its
pictures. Whatever a page shows is what the store made of the steps before it; nothing is staged.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests
from playwright.sync_api import Page, sync_playwright

from edge.secrets.staff_pins import DEMO
from tests.faults.house import ROOT, until
from tests.visit.conftest import PHONE, Demo
from words.sentences import say

PICTURES: Final = ROOT / "docs" / "img" / "visit"
PAGE: Final = ROOT / "docs" / "visit.md"
LANGUAGE: Final = "zh-CN"
MILK, BREAD = "09521101500219", "09521101500417"
HEAD: Final = """# A visit

From the poster at the door to the exit, on one phone, in a demo store. `python -m tests.visit.film` walks through it
in real Chromium and writes this page; every figure is what the store made of the steps before. Simulated are the
devices, and the money.
"""


class Visit:
    """One shopper with one phone. `base` is the store."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.order = ""

    def scan(self, touchpoint: str) -> None:
        """Opens what is printed there."""
        code = self.asked(f"/api/v1/touchpoints/{touchpoint}/code")["code"]
        self.page.goto(f"{self.base}/t/{code}")

    def asked(self, path: str) -> Any:
        """What the store answers to the one who plays with it."""
        return requests.get(f"{self.base}{path}", timeout=60).json()

    def act(self, device: str, action: str) -> None:
        """What happens to a simulated device."""
        requests.post(f"{self.base}/api/v1/demo/devices/{device}/{action}", timeout=60).raise_for_status()

    def go(self, path: str) -> None:
        """Opens a page of the phone."""
        self.page.goto(f"{self.base}{path}")

    def put(self, code: str) -> None:
        """Puts a good into the basket, as its page does."""
        self.go(f"/p/{code}")
        self.page.click("form[action='/basket'] .btn")


def door(v: Visit) -> None:
    v.scan("poster-door")


def register(v: Visit) -> None:
    v.page.fill("#phone", f"138{uuid.uuid4().int % 10**8:08d}")
    v.page.check("[name=service]")
    v.page.click("#reg .btn")
    v.page.wait_for_selector("#reg", state="detached")
    v.go("/")
    v.page.wait_for_selector("#code[data-code]")


def cart(v: Visit) -> None:
    v.scan("cart-01")
    v.page.tap("#go button")
    v.page.wait_for_selector("#steps li:last-child.on")


def search(v: Visit) -> None:
    v.go("/search?q=niunai")


def product(v: Visit) -> None:
    v.go(f"/p/{MILK}?from=shelf-dairy")


def offers(v: Visit) -> None:
    v.scan("shelf-dairy")
    if not v.page.locator(".offer").count():
        v.page.goto(f"{v.page.url.partition('?')[0]}?offers=1")


def wallet(v: Visit) -> None:
    claim = v.page.locator("button:has-text('领取'), form button.small")
    if claim.count():
        claim.first.click()
    v.go("/wallet")


def basket(v: Visit) -> None:
    for code in (MILK, MILK, BREAD):
        v.put(code)
    v.go("/basket")


def pay(v: Visit) -> None:
    v.page.click(".pay .btn, .sumbar .btn")
    v.page.wait_for_url("**/pay**")


def asked(v: Visit) -> None:
    v.page.click("form:has(input[name=port][value=simulated]) button")
    v.page.wait_for_url("**p=*")


def order(v: Visit) -> None:
    v.page.click("form:has(input[value=play_pay]) button")
    v.page.wait_for_url("**/orders/*")
    v.order = v.page.url.rpartition("/")[2].partition("?")[0]


def points(v: Visit) -> None:
    v.go("/points")


def back(v: Visit) -> None:
    v.go("/home")
    ride = v.page.get_attribute("a.own", "href")
    v.act("cart-01", "return")
    done = say(LANGUAGE, "shopper.cart_back")
    until(lambda: v.go(ride or "/") or v.page.inner_text("h1") == done, 60)


def staff(v: Visit) -> None:
    _, name, _, pin = DEMO[0]
    v.page.context.request.post(f"{v.base}/staff/login", form={"name": name, "pin": pin})
    v.go(f"/staff/orders/{v.order}")


def refund(v: Visit) -> None:
    v.page.fill("[name=units-0]", "1")
    v.page.fill("[name=reason]", "买多了")
    v.page.click("button[value=refund]")
    v.page.wait_for_url("**done=refund*")
    v.go(f"/orders/{v.order}")
    v.page.evaluate("scrollTo(0, 380)")


STEPS: Final[tuple[tuple[Callable[[Visit], None], str], ...]] = (
    (door, "The poster at the door. One number, one consent, and what is in it for the shopper."),
    (register, "Home: the own code, what is under way, offers near by. One bar on every page."),
    (cart, "A cart, unlocked by one tap; each step as the lock reports it."),
    (search, "Search hears: `niunai` finds 牛奶, with price, unit price and the shelf."),
    (product, "A product: price, promotion, where it stands, what goes with it."),
    (offers, "At the shelf: its offers."),
    (wallet, "The wallet: what is usable now, and what is not yet, each with its reason."),
    (basket, "The basket: every discount under its line by name, and what is missing to the next one."),
    (pay, "Ways to pay."),
    (asked, "Waiting for the money; the page says what to do and until when."),
    (order, "Paid: the code for the exit first, then what was paid and why."),
    (points, "Points: what they are worth, what they came from, when they end."),
    (staff, "At the exit, or when something does not suit: the order on a colleague's phone."),
    (refund, "A carton came back: what was paid for it and no more; coupons and points go back by the same share."),
    (back, "The cart is back in its dock: the ride has an end."),
)


@contextmanager
def store(base: str) -> Iterator[str]:
    """The store to walk through: one that runs, or a demo of our own."""
    if base:
        yield base
        return
    folder = Path(tempfile.mkdtemp(prefix="visit-"))
    demo = Demo(folder)
    demo.start()
    try:
        yield demo.base
    finally:
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)


def film(base: str, pictures: Path) -> list[tuple[str, str]]:
    """Walks through it. Returns each picture with its caption."""
    pictures.mkdir(parents=True, exist_ok=True)
    taken = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(**PHONE, locale=LANGUAGE)
        visit = Visit(context.new_page(), base)
        for number, (step, caption) in enumerate(STEPS, 1):
            step(visit)
            name = f"{number:02d}-{step.__name__}.jpg"
            visit.page.screenshot(path=pictures / name, type="jpeg", quality=80)
            taken.append((name, caption))
        browser.close()
    return taken


def written(taken: list[tuple[str, str]]) -> str:
    """The page of the pictures, three in a row."""
    lines = [HEAD]
    for at in range(0, len(taken), 3):
        row = taken[at : at + 3]
        lines.append("| " + " | ".join(f"{at + n}" for n in range(1, len(row) + 1)) + " |")
        lines.append("|" + "---|" * len(row))
        lines.append("| " + " | ".join(f'<img src="img/visit/{name}" width="240" alt="">' for name, _ in row) + " |")
        lines.append("| " + " | ".join(caption for _, caption in row) + " |\n")
    return "\n".join(lines)


def main() -> None:
    """Films it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="", help="a demo store that runs, in place of a new one")
    parser.add_argument("--pictures", type=Path, default=PICTURES)
    asked = parser.parse_args()
    with store(asked.base) as base:
        page = written(film(base, asked.pictures))
    if asked.pictures == PICTURES:
        PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
