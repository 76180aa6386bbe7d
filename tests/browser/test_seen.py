"""A page in a real browser tells once that it is shown, with a script and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.running import wait

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.running import RunningStore


def scans(store: RunningStore, touchpoint: str) -> int:
    row = store.gateway.reads.one(
        "SELECT count(*) AS n FROM entries WHERE type='touchpoint.scanned.v1'"
        " AND json_extract(CAST(body AS TEXT), '$.touchpoint')=?",
        touchpoint,
    )
    return int(row["n"]) if row else 0


@pytest.mark.parametrize(("script", "touchpoint"), [(True, "shelf-fruit"), (False, "shelf-bakery")])
def test_a_page_that_is_looked_at_is_one_scan(
    store: RunningStore, browser: Browser, script: bool, touchpoint: str
) -> None:
    before = scans(store, touchpoint)
    context = browser.new_context(java_script_enabled=script)
    context.set_default_timeout(60_000)
    page = context.new_page()
    for _ in range(3):  # reloads within a minute are no new scans
        page.goto(f"{store.base}/t/{store.code(touchpoint)}", wait_until="networkidle")
    wait(lambda: scans(store, touchpoint) == before + 1)
    context.close()
    assert scans(store, touchpoint) == before + 1
