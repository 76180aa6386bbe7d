"""A shopper's home, and who finds it where."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest

from tests.web.running import Shopper, wait
from words.languages import known
from words.sentences import say

if TYPE_CHECKING:
    from tests.web.running import RunningStore

LIGHT = 30 * 1024
"""A page with its styles, as it goes over the air."""
WAYS = ("/basket", "/wallet", "/points", "/orders", "/search", "/help")


def test_a_stranger_is_told_where_to_begin(store: RunningStore) -> None:
    page = Shopper(store).get(f"{store.base}/home?lang=en", timeout=60).text
    assert "<h1>Welcome</h1>" in page
    assert 'href="/scan"' in page
    assert 'id="pass"' not in page


@pytest.mark.parametrize(
    "path", ["/home", "/wallet", "/wallet/code", "/profile", "/points", "/orders", "/me/reminders"]
)
def test_a_stranger_finds_the_ways_in_on_every_page_of_a_member(store: RunningStore, path: str) -> None:
    """Of most, the one key led to an old phone; the member code's page had none."""
    for language in known():
        page = Shopper(store).get(f"{store.base}{path}?lang={language}", timeout=60).text
        main = page.partition("<main>")[2].partition("</main>")[0]
        assert '<a class="btn" href="/scan">' in main
        assert '<a class="btn two" href="/link">' in main
        assert main.index("/scan") < main.index("/link")


@pytest.mark.parametrize("path", ["/coupons/nobody", "/orders/nobody"])
def test_nobody_tries_again_what_is_not_there(store: RunningStore, path: str) -> None:
    page = Shopper(store).get(f"{store.base}{path}?lang=en", headers={"Accept": "text/html"}, timeout=60)
    assert page.status_code == 404
    assert say("en", "help.not_found") in page.text


def test_a_member_has_everything_at_home(store: RunningStore, member: Shopper) -> None:
    page = member.get(f"{store.base}/?lang=en", timeout=60).text
    assert re.search(r"<h1>Good (morning|afternoon|evening)<small", page)
    assert 'id="pass"' in page
    assert 'src="/wallet/code.svg' in page, "and without a script"
    for way in WAYS:
        assert f'href="{way}"' in page, way
    assert re.findall(r'<nav class="bar".*?</nav>', page, re.DOTALL)[0].count("<a ") == 5


def test_the_bar_is_the_same_everywhere_and_says_where_one_is(store: RunningStore, member: Shopper) -> None:
    order = ["/", "/scan", "/basket", "/wallet", "/me"]
    for path, lit in (("/", 0), ("/search", 0), ("/scan", 1), ("/basket", 2), ("/wallet", 3), ("/me", 4), ("/link", 4)):
        page = member.get(store.base + path, timeout=60).text
        bar = re.findall(r'<nav class="bar".*?</nav>', page, re.DOTALL)[0]
        assert re.findall(r'<a href="([^"]+)"', bar) == order, path
        assert ["aria-current" in each for each in bar.split("<a ")[1:]].index(True) == lit, path
        assert bar.count("aria-current") == 1, path


def test_a_parcel_is_at_home_until_it_is_collected(store: RunningStore, member: Shopper) -> None:
    code = store.code("locker-a")
    opened = member.fill(code, do="deposit", size="S")
    wait(lambda: "is open." in member.get(opened.url, timeout=60).text)
    door = re.findall(r"<h1>Locker (\d+) is open", member.get(opened.url, timeout=60).text)[0]
    store.use_door("locker-a", door, "fill")
    shown = f'<span class="item-pic"><b>{door}</b>'
    wait(lambda: shown in member.get(f"{store.base}/", timeout=60).text)
    assert shown in member.get(f"{store.base}/offline", timeout=60).text


@pytest.mark.parametrize("language", known())
@pytest.mark.parametrize(
    "path", ["/", "/search?q=niunai", "/offline", "/wallet", "/basket", "/me", "/help", "/scan", "/points", "/orders"]
)
def test_a_page_is_light(store: RunningStore, member: Shopper, path: str, language: str) -> None:
    answer = member.get(store.base + path, headers={"Accept-Language": language}, timeout=60)
    assert len(gzip.compress(answer.content, 5)) <= LIGHT, path
    assert 'rel="stylesheet"' not in answer.text


def test_who_looks_after_the_store_finds_its_page_and_the_home_too(store: RunningStore) -> None:
    desk = Shopper(store)
    assert 'class="ways"' in desk.get(f"{store.base}/", timeout=60).text
    assert 'class="ways"' in desk.get(f"{store.base}/store", timeout=60).text
    home = desk.get(f"{store.base}/home", timeout=60).text
    assert 'action="/search"' in home
    assert '<a href="/home" aria-current="page">' in home
