"""What fetches a page, and how often."""

from __future__ import annotations

import pytest

from edge.gateway.page_counts import HOUR_MS, HOURS, PageCounts, kind_of

HTML = "text/html,application/xhtml+xml"
WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36 MicroMessenger/8.0.47"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"user-agent": WECHAT, "accept": HTML}, "page"),
        ({"user-agent": "Mozilla/5.0 (iPhone) Safari/604.1", "accept": HTML}, "page"),
        ({"user-agent": WECHAT, "accept": HTML, "sec-purpose": "prefetch;prerender"}, "preview"),
        ({"user-agent": WECHAT, "accept": HTML, "purpose": "prefetch"}, "preview"),
        ({"user-agent": "WhatsApp/2.23.20.0", "accept": HTML}, "bot"),
        ({"user-agent": "facebookexternalhit/1.1", "accept": HTML}, "bot"),
        ({"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)", "accept": HTML}, "bot"),
        ({"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)", "accept": HTML}, "bot"),
        ({"user-agent": "Slackbot-LinkExpanding 1.0", "accept": HTML}, "bot"),
        ({"user-agent": "curl/8.1", "accept": "*/*"}, "program"),
        ({"user-agent": "python-requests/2.32", "accept": HTML}, "program"),
        ({"user-agent": WECHAT, "accept": "image/png"}, "program"),
        ({}, "program"),
    ],
)
def test_what_fetches_is_known_by_what_it_says(headers: dict[str, str], kind: str) -> None:
    assert kind_of(headers) == kind


def test_counts_by_the_hour_and_forgets_old_ones() -> None:
    counts = PageCounts()
    for hour in range(HOURS * 3):
        counts.note("cart-01", "page", hour * HOUR_MS)
        counts.note("cart-01", "bot", hour * HOUR_MS)
    last = HOURS * 3 - 1
    assert counts.hour(last * HOUR_MS) == {("cart-01", "page"): 1, ("cart-01", "bot"): 1}
    assert counts.hour((last - HOURS) * HOUR_MS) == {}
    assert counts.total["cart-01", "page"] == HOURS * 3


def test_a_clock_that_jumps_fills_no_memory() -> None:
    counts = PageCounts()
    for hour in range(1000, 0, -1):
        counts.note("cart-01", "page", hour * HOUR_MS)
    assert len(counts._hours) <= HOURS + 1
