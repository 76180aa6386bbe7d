"""`/it`: for operators alone; what is wrong stands first, with what to do; it goes away when it is mended."""

from __future__ import annotations

import json
import re

import pytest

from device_drivers.host import entries
from tests.web.running import CONFIG, RunningStore, wait
from tests.web.test_operators import FROM_THE_WIFI, browser, operator, staff


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
