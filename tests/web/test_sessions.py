"""Sessions are rows: they are listed, ended, and what a browser keeps of an ended one is worth nothing."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import pytest
from fastapi import Request
from itsdangerous import URLSafeTimedSerializer

from edge.gateway.sessions import Sessions
from edge.web.cookies import BROWSER_SECONDS, VISITOR, Cookies
from tests.web.running import RunningStore, Shopper, new_phone

if TYPE_CHECKING:
    from typing import Any


def register(store: RunningStore, shopper: Shopper, phone: str, *, marketing: bool = False) -> Any:
    body = {
        "code": store.code("poster-door"),
        "phone": phone,
        "consents": {"service": True, "marketing": marketing},
        "request": str(uuid.uuid4()),
    }
    return shopper.api("POST", "/api/v1/members", body)


def deposit(store: RunningStore, shopper: Shopper) -> Any:
    body = {"code": store.code("locker-a"), "size": "S", "request": str(uuid.uuid4())}
    answer = shopper.api("POST", "/api/v1/lockers/deposit", body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_typed_number_reaches_nothing_of_anybody(store: RunningStore) -> None:
    phone = new_phone()
    owner, stranger = Shopper(store), Shopper(store)
    first = register(store, owner, phone, marketing=True)
    parcel = deposit(store, owner)["parcel"]
    assert owner.unlock("cart-03").ok
    second = register(store, stranger, phone)
    assert second.json()["member"] != first.json()["member"]
    assert stranger.api("GET", "/api/v1/lockers/parcels").json() == []
    take = {"parcel": parcel, "request": str(uuid.uuid4())}
    assert stranger.api("POST", "/api/v1/lockers/collect", take).json()["code"] == "parcel_unknown"
    assert stranger.unlock("cart-04").ok, "the owner's ride is nobody else's limit"
    consent = "SELECT marketing FROM members WHERE member=?"
    assert store.gateway.reads.one(consent, first.json()["member"])["marketing"] == 1
    assert [each["id"] for each in owner.api("GET", "/api/v1/lockers/parcels").json()] == [parcel]
    for cart in ("cart-03", "cart-04"):
        store.bring_back(cart)


def test_the_answer_does_not_tell_whether_a_number_is_known(store: RunningStore) -> None:
    phone = new_phone()
    answers = [register(store, Shopper(store), phone) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {201}
    assert [sorted(answer.json()) for answer in answers] == [["member"], ["member"]]
    pages = [Shopper(store).register(store.code("poster-door"), phone) for _ in range(2)]
    assert [page.url.partition("?")[2] for page in pages] == ["done=registered", "done=registered"]


def test_a_session_that_was_left_is_worth_nothing(store: RunningStore, member: Shopper) -> None:
    kept = member.cookies["sk_member"]
    assert member.api("DELETE", "/api/v1/session").status_code == 204
    thief = Shopper(store)
    thief.cookies.set("sk_member", kept)
    assert thief.unlock("cart-03").json()["code"] == "not_registered"
    assert thief.api("GET", "/api/v1/sessions").json()["code"] == "not_registered"
    assert Shopper(store).api("DELETE", "/api/v1/session").status_code == 204, "a stranger may leave too"


def test_the_list_and_the_end_of_sessions(store: RunningStore) -> None:
    shopper = Shopper(store)
    shopper.headers["User-Agent"] = (
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
    )
    register(store, shopper, new_phone())
    (session,) = shopper.api("GET", "/api/v1/sessions").json()
    assert (session["agent"], session["here"], session["proven_ms"]) == ("Android · Chrome", True, None)
    other = Shopper(store)
    register(store, other, new_phone())
    path = f"/api/v1/sessions/{session['session']}"
    assert other.api("DELETE", path).json()["code"] == "not_found", "somebody else's"
    assert shopper.api("DELETE", path).status_code == 204
    assert shopper.api("GET", "/api/v1/sessions").status_code == 401
    form = {"do": "send_away", "name": session["session"]}
    twice = other.post(f"{store.base}/link", data=form, timeout=60)
    assert (twice.status_code, "logged out" in twice.text) == (200, True), "it is out already"
    assert other.api("DELETE", "/api/v1/sessions").status_code == 204
    assert other.api("GET", "/api/v1/sessions").status_code == 401


def test_cookies_of_the_form_before_count_as_none(store: RunningStore) -> None:
    """They named a member; whoever held one would be that member for 180 days."""
    import hashlib

    member = register(store, Shopper(store), new_phone()).json()["member"]
    key = store.gateway.parts.vault.derive("web sessions")
    options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    old = URLSafeTimedSerializer(key, salt="sk_member", signer_kwargs=options)
    shopper = Shopper(store)
    shopper.cookies.set("sk_member", old.dumps(member))
    assert shopper.unlock("cart-03").status_code == 401
    assert 'name="phone"' in shopper.scan(store.code("cart-03")).text


def test_a_members_code_dies_with_its_session(store: RunningStore, member: Shopper) -> None:
    page = member.get(f"{store.base}/wallet/code").text
    name = page.split('"pass": "')[1].split('"')[0]
    code = store.gateway.lookup.passes.code(name, _now())
    read = {"text": code}
    assert member.api("POST", "/api/v1/codes/read", read).json()["readings"][0]["refused"] == ""
    member.api("DELETE", "/api/v1/session")
    assert member.api("POST", "/api/v1/codes/read", read).json()["readings"][0]["refused"] == "code_unknown"


def _now() -> int:
    import time

    return time.time_ns() // 1_000_000


@pytest.mark.parametrize(("turned_s", "name"), [(0, "b1"), (-1, "b1"), (-30 * 3600, "b1"), (BROWSER_SECONDS + 5, None)])
def test_a_clock_that_is_set_back_logs_nobody_out(
    monkeypatch: pytest.MonkeyPatch, turned_s: int, name: str | None
) -> None:
    """A step of a second was enough: a cookie of a time to come was none."""
    cookies = Cookies(b"k" * 32, Sessions(None, 90))  # type: ignore[arg-type]
    cookie = f"{VISITOR}={cookies._visitor.dumps('b1')}"
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + turned_s)
    asking = Request({"type": "http", "headers": [(b"cookie", cookie.encode())]})
    assert cookies.browser(asking) == name
