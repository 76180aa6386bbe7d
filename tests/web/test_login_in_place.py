"""Whoever is not logged in gets the login where the page would stand, and then that page."""

from __future__ import annotations

import pytest
import requests

from tests.web.conftest import PASSWORD, STAFF_PIN
from tests.web.running import RunningStore
from tests.web.test_operators import FROM_THE_WIFI, staff

STAFF = (
    "/staff/orders", "/staff/campaigns", "/staff/doors", "/staff/screens", "/staff/results", "/staff/pickups",
    "/staff/playlists", "/staff/orders/O-1", "/staff/camera",
)  # fmt: skip
OPERATORS = ("/it", "/it/reconciliation", "/it/rehearsal", "/it/recorder", "/it/exposure", "/setup", "/store")


def person(**headers: str) -> requests.Session:
    session = requests.Session()
    session.headers.update({"Accept": "text/html", "Accept-Language": "en", **headers})
    return session


def login(session: requests.Session, store: RunningStore, section: str, **form: str) -> requests.Response:
    known = {"name": "li", "pin": STAFF_PIN} if section == "staff" else {"name": "chen", "password": PASSWORD}
    where = f"{store.base}/{section}/login"
    return session.post(where, data=known | form, timeout=60, allow_redirects=False)


@pytest.mark.parametrize("path", STAFF)
def test_a_page_for_staff_is_there_after_the_pin(real: RunningStore, path: str) -> None:
    asked = person().get(f"{real.base}{path}?day=2026-11-01", timeout=60)
    assert asked.status_code == 401
    assert 'name="pin"' in asked.text
    assert f'name="to" value="{path}?day=2026-11-01"' in asked.text
    assert f'href="{path}?day=2026-11-01&amp;lang=de"' in asked.text
    assert "went wrong" not in asked.text


def test_a_page_for_operators_is_there_after_the_password(real: RunningStore) -> None:
    session = person()
    for path in OPERATORS:
        asked = session.get(real.base + path, timeout=60)
        assert (asked.status_code, 'name="password"' in asked.text) == (401, True), path
        assert f'name="to" value="{path}"' in asked.text
    there = login(session, real, "operator", to="/it/recorder")
    assert (there.status_code, there.headers["location"]) == (303, "/it/recorder")
    assert {session.get(real.base + path, timeout=60).status_code for path in OPERATORS} == {200}


def test_what_was_sent_without_a_login_says_so_and_leads_back(real: RunningStore) -> None:
    sent = person(Referer=f"{real.base}/staff/campaigns").post(f"{real.base}/staff/campaigns", data={}, timeout=60)
    assert (sent.status_code, 'name="to" value="/staff/campaigns"' in sent.text) == (401, True)
    assert "Please log in with your PIN." in sent.text
    for strange in ("http://evil.example/staff", "http://[::", "http://[x]/staff"):
        elsewhere = person(Referer=strange).post(f"{real.base}/staff/campaigns", data={}, timeout=60)
        assert (elsewhere.status_code, 'name="to"' in elsewhere.text) == (401, False)


def test_a_wrong_pin_keeps_the_way_back_and_no_way_leads_out_of_the_store(real: RunningStore) -> None:
    wrong = login(person(), real, "staff", name="nobody", pin="0000", to="/staff/orders")
    assert (wrong.status_code, 'name="to" value="/staff/orders"' in wrong.text) == (401, True)
    assert 'href="/staff/orders?lang=de"' in wrong.text
    for way in ("//evil.example", "/\\evil.example", "https://evil.example", "/staff:x", "/staff\r\nX: 1", "it"):
        for section in ("staff", "operator"):
            assert login(person(), real, section, to=way).status_code == 400, way


def test_staff_who_open_a_page_for_operators_are_told_what_it_needs(real: RunningStore) -> None:
    li = staff(real)
    refused = li.get(f"{real.base}/it", headers={"Accept": "text/html"}, timeout=60)
    assert (refused.status_code, 'name="password"' in refused.text) == (403, True)
    assert "This needs an operator." in refused.text


def test_a_password_is_asked_for_where_nobody_listens_alone(real: RunningStore) -> None:
    """Over the store's own network by http: no form for a password, and the store page by PIN."""
    away = person(**FROM_THE_WIFI)
    refused = away.get(f"{real.base}/it", timeout=60)
    assert (refused.status_code, 'name="password"' in refused.text) == (403, False)
    by_pin = away.get(f"{real.base}/store", timeout=60)
    assert (by_pin.status_code, 'name="pin"' in by_pin.text) == (401, True)


def test_what_is_not_there_leads_staff_to_their_board_and_shoppers_to_a_code(real: RunningStore) -> None:
    for path, way in (
        ("/staff/nothing", "/staff"),
        ("/it/nothing", "/it"),
        ("/nothing", "/scan"),
        ("/staffing", "/scan"),
    ):
        gone = person().get(real.base + path, timeout=60)
        assert (gone.status_code, f'class="btn" href="{way}"' in gone.text) == (404, True), path


def test_a_program_gets_its_problem_as_before(real: RunningStore) -> None:
    for path, code in (("/staff/orders", "staff_only"), ("/it", "login_needed")):
        answer = requests.get(real.base + path, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
