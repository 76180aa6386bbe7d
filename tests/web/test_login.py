"""Ways in that somebody else vouches for: WeChat's page, asked by a stand-in of our own, and signed links."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from edge.gateway import identities
from edge.settings.aliases import AliasSettings
from tests.web.running import Shopper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.running import RunningStore

KEY = "a key of a customer system, long enough"


class WeChat:
    """Answers `/sns/oauth2/access_token` as WeChat's document says: a code is good once, its secret must be right."""

    def __init__(self) -> None:
        self.appid = "wxstore"
        self.codes: dict[str, dict[str, Any]] = {}
        self.broken = b""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = stand_in.broken or json.dumps(stand_in.answer(urlsplit(self.path))).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, asked: Any) -> dict[str, Any]:
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if asked.path != "/sns/oauth2/access_token" or query.get("grant_type") != "authorization_code":
            return {"errcode": 40002, "errmsg": "invalid grant_type"}
        if (query.get("appid"), query.get("secret")) != (self.appid, "s3cret"):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        found = self.codes.pop(query.get("code", ""), None)
        return found or {"errcode": 40029, "errmsg": "invalid code"}


@pytest.fixture
def wechat(store: RunningStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[WeChat]:
    monkeypatch.setattr(identities, "PATIENCE_S", 60.0)
    stand_in, web = WeChat(), store.gateway.people
    settings = AliasSettings(
        wechat_appid="wxstore", wechat_secret="s3cret", wechat_api=stand_in.url, wechat_page=stand_in.url, crm_key=KEY
    )
    before = web.identities.settings
    web.identities.take(settings)
    yield stand_in
    web.identities.take(before)
    stand_in.server.shutdown()


def begin(shopper: Shopper) -> str:
    """The state that WeChat is given to bring back."""
    there = shopper.get(f"{shopper.store.base}/login/wechat", allow_redirects=False, timeout=60)
    query = parse_qs(urlsplit(there.headers["Location"]).query)
    assert query["appid"] == ["wxstore"]
    assert query["redirect_uri"][0].endswith("/login/wechat/back")
    return query["state"][0]


def back(shopper: Shopper, code: str, state: str) -> Any:
    return shopper.get(f"{shopper.store.base}/login/wechat/back", params={"code": code, "state": state}, timeout=60)


def test_two_phones_of_one_wechat_are_one_person(store: RunningStore, wechat: WeChat) -> None:
    first, second, third = Shopper(store), Shopper(store), Shopper(store)
    assert first.register(store.code("poster-door")).ok
    assert second.register(store.code("poster-door")).ok
    wechat.codes |= {f"c{n}": {"openid": f"open-{n}", "unionid": "union-1", "access_token": "x"} for n in (1, 2, 3)}
    assert "Joined. You are recognised from now on." in back(first, "c1", begin(first)).text
    first.post(f"{store.base}/points", data={"do": "check_in"}, timeout=60)
    assert back(second, "c2", begin(second)).ok
    assert second.api("GET", "/api/v1/points").json()["points"] == 5, "what one has, the other has"
    assert "WeChat" in back(third, "c3", begin(third)).text, "a phone without a session is let in"
    assert third.api("GET", "/api/v1/points").json()["points"] == 5
    page = first.post(f"{store.base}/profile", data={"do": "give_up", "kind": "wechat"}, timeout=60)
    assert "Parted. Nothing of it is kept." in page.text


def test_a_code_of_somebody_else_s_visit_is_refused(store: RunningStore, wechat: WeChat) -> None:
    shopper = Shopper(store)
    assert shopper.register(store.code("poster-door")).ok
    wechat.codes["evil"] = {"openid": "open-evil"}
    begin(shopper)
    refused = back(shopper, "evil", "another-state")
    assert "Please begin anew" in refused.text
    assert "evil" in wechat.codes, "it was not even asked for"
    assert "Please begin anew" in back(shopper, "used-up", begin(shopper)).text


def test_an_answer_that_is_none_joins_nobody(store: RunningStore, wechat: WeChat) -> None:
    shopper = Shopper(store)
    assert shopper.register(store.code("poster-door")).ok
    for broken in (b"<html>", b'{"openid": 7}', b"[]"):
        wechat.broken = broken
        assert "does not answer" in back(shopper, "c", begin(shopper)).text
    wechat.broken = b""
    assert "no-such" not in shopper.get(f"{store.base}/profile", timeout=60).text


def signed(store: RunningStore, name: str, until: int) -> dict[str, str]:
    said = f"{store.gateway.layout.store.id}|{name}|{until}".encode()
    signature = hmac.new(KEY.encode(), said, hashlib.sha256).hexdigest()
    return {"id": name, "until": str(until), "signature": signature}


@pytest.mark.usefixtures("wechat")
def test_a_signed_link_joins_by_a_tap_alone(store: RunningStore) -> None:
    shopper, other = Shopper(store), Shopper(store)
    assert shopper.register(store.code("poster-door")).ok
    good = signed(store, "C-1001", int(time.time()) + 600)
    page = shopper.get(f"{store.base}/login/crm", params=good, timeout=60)
    assert "Join this phone with your customer account?" in page.text
    assert "Parted" not in page.text
    assert "Customer account" not in shopper.get(f"{store.base}/profile", timeout=60).text
    assert "Customer account" in shopper.post(f"{store.base}/profile", data={"do": "crm", **good}, timeout=60).text
    assert "Customer account" in shopper.post(f"{store.base}/profile", data={"do": "crm", **good}, timeout=60).text
    assert other.get(f"{store.base}/login/crm", params=good, timeout=60).ok
    refused = other.post(f"{store.base}/profile", data={"do": "crm", **good}, timeout=60)
    assert "Please begin anew" in refused.text, "it is good once"
    again = signed(store, "C-1001", int(time.time()) + 601)
    assert other.get(f"{store.base}/login/crm", params=again, timeout=60).ok
    for _ in range(2):
        other.cookies.pop("sk_member", None)  # tapped twice: the second left before the first was answered
        assert "Customer account" in other.post(f"{store.base}/profile", data={"do": "crm", **again}, timeout=60).text


@pytest.mark.usefixtures("wechat")
@pytest.mark.parametrize("wrong", ["id", "until", "signature", "late", "far"])
def test_a_link_that_was_changed_or_is_late_joins_nobody(store: RunningStore, wrong: str) -> None:
    shopper = Shopper(store)
    assert shopper.register(store.code("poster-door")).ok
    ahead = {"late": -5, "far": 3600}.get(wrong, 600)
    sent = signed(store, "C-2002", int(time.time()) + ahead)
    if wrong in sent:
        sent[wrong] = {"id": "C-2003", "until": str(int(sent["until"]) + 1), "signature": "é" * 8}[wrong]
    page = shopper.post(f"{store.base}/profile", data={"do": "crm", **sent}, timeout=60)
    assert "Please begin anew" in page.text
