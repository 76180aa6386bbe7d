"""A parcel's visit to a bank of lockers, on a phone. With PICTURES set to a folder, each page is photographed there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.large_text import faults_at_200_percent
from tests.web.running import RunningStore, new_phone, wait

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import NewPage

BANK = "locker-a"


def photograph(page: Page, name: str) -> None:
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, animations="disabled")


def door_of(page: Page) -> str:
    return page.inner_text("#badge b")


@pytest.mark.parametrize(
    ("language", "kept", "gone"), [("zh-CN", "取件码在下面", "已取走"), ("en", "Your code is below", "Thank you")]
)
def test_a_parcel_from_deposit_to_collection(
    store: RunningStore, phone: NewPage, language: str, kept: str, gone: str
) -> None:
    page = phone(language, bypass_csp=True)
    page.goto(f"{store.base}/t/{store.code(BANK)}")
    photograph(page, f"locker-stranger-{language}")
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.tap("form:has(#phone) button")
    page.wait_for_url(re.compile("done="))
    photograph(page, f"locker-choose-{language}")
    page.tap(".sizes label:nth-child(2)")
    page.tap("form:has(.sizes) button")
    page.wait_for_selector("#badge.yes")
    door = door_of(page)
    photograph(page, f"locker-open-{language}")
    store.use_door(BANK, door, "fill")
    page.wait_for_selector(f"text={kept}")
    page.wait_for_load_state("networkidle")
    photograph(page, f"locker-kept-{language}")
    page.tap("summary")
    page.tap("details form button")
    page.wait_for_selector("details[open] .code")
    page.wait_for_load_state("networkidle")
    photograph(page, f"locker-shared-{language}")
    assert faults_at_200_percent(page) == []
    page.reload()
    page.tap(".parcel form:has([value=take]) button")
    page.wait_for_selector("#badge.yes")
    store.use_door(BANK, door, "empty")
    page.wait_for_selector(f"text={gone}")
    photograph(page, f"locker-collected-{language}")


def test_a_jammed_door_on_the_phone(store: RunningStore, phone: NewPage) -> None:
    page = phone("en")
    page.goto(f"{store.base}/t/{store.code(BANK)}")
    page.fill("#phone", new_phone())
    page.check("[name=service]")
    page.tap("form:has(#phone) button")
    page.wait_for_url(re.compile("done="))
    for door in range(1, 13):
        store.act(BANK, f"jam-{door:02d}")
    page.tap("form:has(.sizes) button")
    page.wait_for_selector("#say.bad")
    assert "it is stuck" in page.inner_text("#say")
    photograph(page, "locker-jammed-en")
    store.act(BANK, "fix")
    page.tap("form:has(.sizes) button")
    page.wait_for_selector("#badge.yes")
    door = door_of(page)
    store.act(BANK, f"close-{door}")
    page.wait_for_selector("text=Did you put something in?")
    photograph(page, "locker-unsure-en")
    with page.expect_navigation():  # Chromium may wait for ever to close a page that is on its way to another
        page.tap("form:has([value=empty]) button")
    wait(
        lambda: (
            store.gateway.reads.one("SELECT parcel FROM doors WHERE bank=? AND door=?", BANK, door)["parcel"] is None
        )
    )
