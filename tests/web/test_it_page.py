"""`/it`: for operators alone; what is wrong stands first, with what to do; it goes away when it is mended."""

from __future__ import annotations

import json
import re

import pytest

from device_drivers.host import entries
from operations.diagnosis.books import report as books
from operations.diagnosis.books.report import Count, Difference, ReconciliationReport
from tests.web.running import CONFIG, RunningStore, Shopper, wait
from tests.web.test_operators import FROM_THE_WIFI, browser, operator, staff
from words.languages import Language, in_language, known
from words.sentences import say


def test_nobody_but_an_operator_sees_it(real: RunningStore) -> None:
    li = staff(real)
    for page in ("it", "it/board", "it/findings.json"):
        assert browser().get(f"{real.base}/{page}", timeout=60).status_code == 401
        assert li.get(f"{real.base}/{page}", timeout=60).status_code == 403
        assert browser(**FROM_THE_WIFI).get(f"{real.base}/{page}", timeout=60).status_code == 401


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "No backup was ever made"), ("de", "Sicherung gemacht"), ("zh-CN", "从来没有做过备份")],
)
def test_it_says_what_is_wrong_and_what_to_do(real: RunningStore, language: str, said: str) -> None:
    page = operator(real, **{"Accept-Language": language}).get(f"{real.base}/it", timeout=60)
    assert page.status_code == 200
    assert said in page.text
    todos = re.findall(r'<li class="(?:bad|note)">.*?</li>', page.text, re.DOTALL)
    assert todos
    assert all('<div class="do">' in todo for todo in todos)
    assert "{" not in re.sub(r"<(style|script).*?</\1>", "", page.text, flags=re.DOTALL)


def test_a_device_that_goes_stands_there_and_goes_away_again(store: RunningStore) -> None:
    session = browser()

    def todos() -> list[str]:
        return re.findall(r'<li class="(?:bad|note)">.*?</li>', session.get(f"{store.base}/it/board").text, re.DOTALL)

    assert not any("Cart 5" in todo for todo in todos())
    store._host.agents.pop("cart-05").stop()
    try:
        wait(lambda: any("Cart 5" in todo and "power" in todo for todo in todos()))
        row = re.search(r"<tr><th[^>]*>Cart 5.*?</tr>", session.get(f"{store.base}/it").text, re.DOTALL)
        assert row is not None
        assert 'class="pill bad"' in row[0]
    finally:
        known = [each for each in entries(CONFIG / "devices.toml") if getattr(each, "id", "") == "cart-05"]
        store._host.start(known)
    wait(lambda: not any("Cart 5" in todo for todo in todos()))


def test_programs_get_the_findings(real: RunningStore) -> None:
    found = json.loads(operator(real).get(f"{real.base}/it/findings.json", timeout=60).content)
    assert {each["part"] for each in found} >= {"clock", "disk", "sync", "devices", "backup", "certificates"}


@pytest.mark.parametrize("language", known())
def test_the_books_name_what_happened_and_by_whom_in_words(store: RunningStore, language: Language) -> None:
    """Most kinds of facts, and devices, stood there by their ids alone; that nobody asked the cloud was English."""
    kinds = ["basket.line_added.v1", "game.opened.v1", "device.came_online.v1"]
    found = ReconciliationReport(
        day="2026-11-27", from_ms=0, to_ms=1, at_ms=0, took_s=0.1, facts=9, on_the_way=0, cloud="not asked", devices=[],
        counts=[Count(kind, None, 3, None) for kind in kinds],
        differences=[Difference("missing_on_device", "x/1", device="cart-01")],
    )  # fmt: skip
    books.keep(store.gateway.settings.gateway.data, found)
    page = Shopper(store).get(f"{store.base}/it/reconciliation?day=2026-11-27&lang={language}", timeout=60).text
    for kind in kinds:
        assert f'<th scope="row">{kind}' not in page
        assert f"<small>{kind}</small>" in page
    assert say(language, "it.books.not_asked") in page
    cart = store.gateway.layout.device("cart-01")
    assert cart is not None
    label = in_language(cart.label, language)
    assert say(language, "it.books.missing_on_device", device=label) in page


def test_the_part_that_moves_speaks_as_the_page_does_and_chooses_for_no_other(real: RunningStore) -> None:
    person = operator(real, **{"Accept-Language": "en"})
    assert person.get(f"{real.base}/it?lang=zh-CN", timeout=60).headers["Set-Cookie"].startswith("sk_lang=zh-CN")
    [script] = re.findall(r'src="([^"]*it[^"]*\.js)"', person.get(f"{real.base}/it", timeout=60).text)
    assert "/it/board?lang=" in person.get(f"{real.base}{script}", timeout=60).text
    part = person.get(f"{real.base}/it/board?lang=de", timeout=60)
    assert part.headers["Content-Language"] == "de"
    assert "Set-Cookie" not in part.headers
    assert person.get(f"{real.base}/it", timeout=60).headers["Content-Language"] == "zh-CN"
