"""A scan is a fact once a page was shown to somebody; what fetches pages for itself is counted, and writes nothing."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
import requests

from tests.web.running import RunningStore, Shopper


def scans(store: RunningStore) -> list[dict[str, Any]]:
    """Every scan that is a fact."""
    return store.bodies("touchpoint.scanned.v1")


def view_of(page: requests.Response) -> str:
    found = re.search(r'data-seen="([^"]+)"', page.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"User-Agent": "curl/8.1", "Accept": "*/*"},
        {"User-Agent": "WhatsApp/2.23", "Accept": "text/html"},
        {"User-Agent": "Mozilla/5.0 Chrome/120", "Accept": "text/html", "Sec-Purpose": "prefetch"},
        {"User-Agent": "Mozilla/5.0 Chrome/120", "Accept": "text/html"},
    ],
)
def test_fetching_a_page_three_hundred_times_writes_nothing(store: RunningStore, headers: dict[str, str]) -> None:
    before = len(scans(store))
    for _ in range(60):
        requests.get(f"{store.base}/t/{store.code('shelf-fruit')}", headers=headers, timeout=60).raise_for_status()
    requests.head(f"{store.base}/t/{store.code('shelf-fruit')}", headers=headers, timeout=60)
    assert len(scans(store)) == before
    metrics = requests.get(f"{store.base}/metrics", timeout=60).text
    assert "storekeeper_code_pages_total{kind=" in metrics


def test_a_page_that_was_shown_is_one_scan_with_its_visitor_and_member(store: RunningStore, member: Shopper) -> None:
    before = len(scans(store))
    page = member.get(f"{store.base}/t/{store.code('shelf-fruit')}", timeout=60)
    for _ in range(20):
        dot = member.get(f"{store.base}{view_of(page)}", timeout=60)
        assert (dot.status_code, dot.headers["content-type"]) == (200, "image/gif")
        assert dot.headers["cache-control"] == "no-store"
    found = scans(store)
    assert len(found) == before + 1
    assert found[-1]["touchpoint"] == "shelf-fruit"
    assert found[-1]["visitor"]
    assert found[-1]["member"]


def test_a_view_counts_in_its_own_browser_alone(store: RunningStore, shopper: Shopper) -> None:
    page = shopper.get(f"{store.base}/t/{store.code('shelf-fruit')}", timeout=60)
    before = len(scans(store))
    other = Shopper(store)
    other.get(f"{store.base}/t/{store.code('shelf-fruit')}", timeout=60)
    for phone in (other, Shopper(store)):
        assert phone.get(f"{store.base}{view_of(page)}", timeout=60).status_code == 200
    for view in ("x", "shelf-fruit.1.v.aaaaaaaaaaaaaaaa", store.code("shelf-fruit")):
        assert shopper.get(f"{store.base}/seen/{view}", timeout=60).status_code == 200
    shopper.get(f"{store.base}{view_of(page)}", headers={"Sec-Purpose": "prefetch"}, timeout=60)
    assert len(scans(store)) == before
    shopper.get(f"{store.base}{view_of(page)}", timeout=60)
    assert len(scans(store)) == before + 1


def test_a_thousand_new_names_write_no_more_than_the_bound(
    store: RunningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked of the bound here is that a fact a page needs a request more, and that those are counted."""
    bounds = store.settings.bounds.scanning
    assert bounds.touchpoint
    now = time.monotonic()
    monkeypatch.setattr(store.gateway.people.bounds, "_clock", lambda: now)  # nobody waits until more are let in
    before = len(scans(store))
    asked = bounds.touchpoint.burst + 40
    for _ in range(asked):
        Shopper(store).scan(store.code("shelf-bakery"))
    assert 0 < len(scans(store)) - before <= bounds.touchpoint.burst
