"""Staff, managers, operators and programs: what opens to whom, how a login ends, what guessing costs."""

from __future__ import annotations

import uuid

import pytest
import requests

from edge.secrets import operators, tills
from edge.secrets.staff_pins import put, read, remove, write
from tests.web.conftest import MANAGER_PIN, PASSWORD, STAFF_PIN
from tests.web.running import RunningStore

INSIDE = ("/api/v1/store", "/api/v1/journal", "/api/v1/devices", "/api/v1/lockers", "/openapi.json", "/metrics")
FROM_THE_WIFI = {"X-Forwarded-For": "192.168.1.7"}
"""What a request has that came through something: nobody at this machine sends it."""


def browser(**headers: str) -> requests.Session:
    session = requests.Session()
    session.headers.update({"Accept-Language": "en", **headers})
    return session


def staff(
    store: RunningStore, name: str = "li", pin: str = STAFF_PIN, session: requests.Session | None = None
) -> requests.Session:
    session = session or browser()
    session.last = session.post(  # type: ignore[attr-defined]
        f"{store.base}/staff/login", data={"name": name, "pin": pin}, timeout=60, allow_redirects=False
    )
    return session


def operator(store: RunningStore, base: str = "", password: str = PASSWORD, **headers: str) -> requests.Session:
    session = browser(**headers)
    session.last = session.post(  # type: ignore[attr-defined]
        f"{base or store.base}/operator/login", data={"name": "chen", "password": password}, timeout=60,
        allow_redirects=False,
    )  # fmt: skip
    return session


def status(session: requests.Session, url: str, **how: object) -> int:
    return session.get(url, timeout=60, allow_redirects=False, **how).status_code  # type: ignore[arg-type]


def test_staff_see_the_inside_and_no_codes(real: RunningStore) -> None:
    for name, pin in (("li", STAFF_PIN), ("wang", MANAGER_PIN), ("小李", STAFF_PIN)):
        li = staff(real, name, pin)
        assert {path: status(li, real.base + path) for path in INSIDE} == dict.fromkeys(INSIDE, 200)
        assert status(li, f"{real.base}/staff") == 200
        assert "d-locker-a" in li.get(real.base, timeout=60).text
        assert status(li, f"{real.base}/api/v1/touchpoints/cart-01/code") == 403
        assert status(li, f"{real.base}/api/v1/devices/screen-baby/snapshot") == 204
        ended = li.post(f"{real.base}/operator/end", data={"session": "x"}, timeout=60, allow_redirects=False)
        assert ended.status_code == 403


def test_an_operator_sees_everything_and_acts_on_nothing(real: RunningStore) -> None:
    chen = operator(real)
    assert {path: status(chen, real.base + path) for path in INSIDE} == dict.fromkeys(INSIDE, 200)
    assert chen.get(f"{real.base}/api/v1/touchpoints/cart-01/code", timeout=60).json()["code"] == real.code("cart-01")
    act = {"do": "test_print", "target": "printer-1", "request": str(uuid.uuid4())}
    assert chen.post(f"{real.base}/staff/act", data=act, timeout=60).status_code == 401
    body = {"version": "0" * 12}
    answer = chen.post(f"{real.base}/api/v1/catalogue/activate", json=body, timeout=60)
    assert answer.json()["code"] == "catalogue_unknown"
    assert staff(real).post(f"{real.base}/api/v1/catalogue/activate", json=body, timeout=60).status_code == 403


def test_operators_come_over_loopback_or_https_alone(real: RunningStore) -> None:
    refused = operator(real, **FROM_THE_WIFI).last  # type: ignore[attr-defined]
    assert (refused.status_code, refused.json()["code"]) == (403, "not_private")
    assert status(browser(**FROM_THE_WIFI), f"{real.base}/operator") == 403
    chen = operator(real)
    assert status(chen, f"{real.base}/api/v1/devices") == 200
    assert status(chen, f"{real.base}/api/v1/devices", headers=FROM_THE_WIFI) == 401


def test_the_inside_has_its_own_listener(apart: RunningStore) -> None:
    chen = operator(apart, apart.within)
    assert status(chen, f"{apart.within}/api/v1/devices") == 200
    assert status(chen, f"{apart.base}/api/v1/devices") == 404
    assert status(browser(), f"{apart.base}/operator") == 404
    assert "d-locker-a" not in chen.get(apart.base, timeout=60).text
    assert "d-locker-a" in chen.get(apart.within, timeout=60).text
    assert status(staff(apart), f"{apart.base}/staff") == 200


def test_sessions_are_listed_and_ended(real: RunningStore) -> None:
    li, chen = staff(real), operator(real)
    page = chen.get(f"{real.base}/operator", timeout=60).text
    assert "小李" in page
    for row in real.gateway.reads.all("SELECT session FROM staff_sessions WHERE staff='li'"):
        assert chen.post(f"{real.base}/operator/end", data={"session": row["session"]}, timeout=60).status_code == 200
    assert status(li, f"{real.base}/api/v1/devices") == 401
    assert status(chen, f"{real.base}/api/v1/devices") == 200
    chen.post(f"{real.base}/operator/logout", timeout=60)
    assert status(chen, f"{real.base}/api/v1/devices") == 401


@pytest.mark.parametrize("act", [None, "/staff/board"])
def test_whoever_is_removed_is_out_at_once(real: RunningStore, act: str | None) -> None:
    path = real.data / "secrets" / "staff.toml"
    put(path, "zhou", "Zhou", "staff", "604831")
    zhou = staff(real, "zhou", "604831")
    kept = dict(zhou.cookies)
    assert status(zhou, f"{real.base}/staff/board") == 200
    assert remove(path, "zhou")
    assert status(zhou, real.base + (act or "/api/v1/devices")) == 401
    form = {"do": "test_print", "target": "printer-1", "request": str(uuid.uuid4())}
    assert zhou.post(f"{real.base}/staff/act", data=form, timeout=60).status_code == 401
    put(path, "zhou", "Zhou", "staff", "604831")  # the same PIN again is a new one
    again = browser()
    again.cookies.update(kept)
    assert status(again, f"{real.base}/staff/board") == 401
    remove(path, "zhou")


def test_an_operator_who_is_removed_is_out_at_once(real: RunningStore) -> None:
    path = operators.file_of(real.data)
    operators.put(path, "guo", "Guo", PASSWORD)
    session = browser()
    session.post(f"{real.base}/operator/login", data={"name": "guo", "password": PASSWORD}, timeout=60)
    assert status(session, f"{real.base}/api/v1/devices") == 200
    assert operators.remove(path, "guo")
    assert status(session, f"{real.base}/api/v1/devices") == 401


def test_a_program_reads_metrics_and_nothing_else(real: RunningStore) -> None:
    token = tills.add(operators.tokens_of(real.data), "prometheus")
    program = browser(Authorization=f"Bearer {token}", **FROM_THE_WIFI)
    assert status(program, f"{real.base}/metrics") == 200
    for path in set(INSIDE) - {"/metrics"}:
        assert status(program, real.base + path) == 401
    assert tills.remove(operators.tokens_of(real.data), "prometheus")
    assert status(program, f"{real.base}/metrics") == 401


def test_a_pin_is_no_password_and_a_password_no_pin(real: RunningStore) -> None:
    session = browser()
    wrong = session.post(f"{real.base}/operator/login", data={"name": "li", "password": STAFF_PIN}, timeout=60)
    assert wrong.status_code == 401
    assert staff(real, "chen", PASSWORD).last.status_code in (400, 401)  # type: ignore[attr-defined]


def test_names_are_shown_to_browsers_that_know_them_alone(real: RunningStore) -> None:
    page = browser().get(f"{real.base}/staff", timeout=60).text
    assert "小李" not in page
    assert "Wang" not in page
    li = staff(real)
    li.post(f"{real.base}/staff/logout", timeout=60)
    page = li.get(f"{real.base}/staff", timeout=60).text
    assert "小李" in page
    assert "Wang" not in page


def guess(store: RunningStore, name: str, times: int, session: requests.Session | None = None) -> list[int]:
    session = session or browser()
    return [staff(store, name, f"9{n:05d}", session).last.status_code for n in range(times)]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("long_waits")
def test_a_known_browser_is_not_locked_out_by_others(real: RunningStore) -> None:
    put(real.data / "secrets" / "staff.toml", "hu", "Hu", "staff", "837291")
    hu = staff(real, "hu", "837291")
    hu.post(f"{real.base}/staff/logout", timeout=60)
    assert guess(real, "hu", 4) == [401, 401, 429, 429]
    assert staff(real, "hu", "837291").last.status_code == 429  # type: ignore[attr-defined]
    assert staff(real, "hu", "837291", hu).last.status_code == 303  # type: ignore[attr-defined]
    # Her honest login has not opened the way for whoever guesses.
    assert guess(real, "hu", 1) == [429]
    # And guesses at her own browser wait by themselves.
    assert guess(real, "hu", 4, hu) == [401, 401, 429, 429]
    remove(real.data / "secrets" / "staff.toml", "hu")


@pytest.mark.usefixtures("long_waits")
def test_a_name_that_nobody_has_is_answered_alike(real: RunningStore) -> None:
    put(real.data / "secrets" / "staff.toml", "ma", "Ma", "staff", "837291")
    asked = {name: [staff(real, name, "900001").last for _ in range(4)] for name in ("ma", "nobody-here")}  # type: ignore[attr-defined]
    ours, theirs = ([(each.status_code, each.text.replace(name, "")) for each in asked[name]] for name in asked)
    assert [code for code, _ in ours] == [code for code, _ in theirs] == [401, 401, 429, 429]
    assert {fact["staff"] for fact in real.bodies("staff.login_failed.v1")} >= {"ma"}
    assert "nobody-here" not in {fact["staff"] for fact in real.bodies("staff.login_failed.v1")}
    remove(real.data / "secrets" / "staff.toml", "ma")


@pytest.mark.usefixtures("long_waits")
def test_pins_tried_on_an_operator_s_name_lock_no_operator_out(real: RunningStore) -> None:
    """Anybody in the WiFi reaches the login of staff; a colleague may be called as an operator is."""
    team, path = real.data / "secrets" / "staff.toml", operators.file_of(real.data)
    operators.put(path, "shen", "Shen", PASSWORD)
    assert guess(real, "shen", 4) == [401, 401, 429, 429]
    assert "shen" not in {fact["staff"] for fact in real.bodies("staff.login_failed.v1")}
    put(team, "fang", "Shen", "staff", "837291")
    session = browser()
    form = {"name": "shen", "password": PASSWORD}
    done = session.post(f"{real.base}/operator/login", data=form, timeout=60, allow_redirects=False)
    assert done.status_code == 303
    remove(team, "fang")
    operators.remove(path, "shen")


def test_no_fact_holds_an_address(real: RunningStore) -> None:
    put(real.data / "secrets" / "staff.toml", "he", "He", "staff", "837291")
    guess(real, "he", 1)
    assert "127.0.0.1" not in str(real.bodies("staff.login_failed.v1"))
    assert [fact["place"][:8] for fact in real.bodies("staff.login_failed.v1") if fact["staff"] == "he"] == ["address:"]
    remove(real.data / "secrets" / "staff.toml", "he")


def test_an_old_pin_works_and_is_named(real: RunningStore) -> None:
    path = real.data / "secrets" / "staff.toml"
    put(path, "xu", "Xu", "staff", "837291")
    entries = read(path)
    write(path, entries)
    text = path.read_text("utf-8")
    head, old = text.split("[xu]")
    path.write_text(head + "[xu]" + old.replace("rules = 2\n", "", 1), "utf-8")
    xu = staff(real, "xu", "837291")
    assert '">Your PIN is an old one' in xu.get(f"{real.base}/staff", timeout=60).text
    assert '">Your PIN is an old one' not in staff(real).get(f"{real.base}/staff", timeout=60).text
    remove(path, "xu")


def test_a_damaged_list_lets_nobody_in_and_breaks_nothing(real: RunningStore) -> None:
    path = operators.file_of(real.data)
    good = path.read_bytes()
    path.write_text("half a docu[ment", "utf-8")
    assert status(browser(), f"{real.base}/staff") == 200
    assert status(browser(), f"{real.base}/operator") == 200
    path.write_bytes(good)
    assert operator(real).last.status_code == 303  # type: ignore[attr-defined]


def test_a_demo_is_open_to_its_own_machine_alone(store: RunningStore) -> None:
    codes = "/api/v1/touchpoints/cart-01/code"
    for path in (*INSIDE, codes):
        assert status(browser(), store.base + path) == 200
        assert status(browser(**FROM_THE_WIFI), store.base + path) == 401
    away = browser(**FROM_THE_WIFI)
    assert "<b>2580</b>" not in away.get(f"{store.base}/staff", timeout=60).text
    assert "<b>2580</b>" in browser().get(f"{store.base}/staff", timeout=60).text
    assert away.post(f"{store.base}/api/v1/demo/internet", json={"connected": True}, timeout=60).status_code == 401
