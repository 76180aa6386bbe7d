"""Paying within WeChat and by a code that a till or a device has: real routes, WeChat Pay and its page as stand-ins."""

from __future__ import annotations

import html
import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from edge.domain.payments import queries
from edge.gateway.payments.wechat import WechatPort, order_of
from edge.settings.aliases import AliasSettings
from edge.settings.payments import WechatSettings
from tests.conftest import need
from tests.edge.payments.wechat_pay import APPID, WechatPay
from tests.web.running import Shopper
from tests.web.test_login import WeChat
from tests.web.test_payments import hold, till

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import requests

    from tests.web.running import RunningStore

__all__ = ["till"]

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


@pytest.fixture
def bank(store: RunningStore, tmp_path: Path) -> Iterator[WechatPay]:
    """WeChat Pay, and a store that takes it."""
    need("wechatpayv3")
    made = WechatPay()
    ports: dict[str, Any] = store.gateway.desk.ports  # type: ignore[assignment]
    ports["wechat"] = WechatPort(WechatSettings(**made.keys(tmp_path)), tmp_path / "wechat", timeout_s=(60, 60))
    yield made
    del ports["wechat"]
    made.stop()


@pytest.fixture
def wechat(store: RunningStore) -> Iterator[WeChat]:
    """Its page, for the account that the merchant's payers are known to."""
    stand_in, identities = WeChat(), store.gateway.people.identities
    stand_in.appid, before = APPID, identities.settings
    identities.take(
        AliasSettings(wechat_appid=APPID, wechat_secret="s3cret", wechat_api=stand_in.url, wechat_page=stand_in.url)
    )
    yield stand_in
    identities.take(before)
    stand_in.server.shutdown()


@pytest.fixture
def anna(store: RunningStore) -> Shopper:
    """Within WeChat, with a basket whose price stands."""
    shopper = Shopper(store)
    assert shopper.register(store.code("poster-door")).ok
    shopper.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"
    hold(store, shopper)
    return shopper


def there(shopper: Shopper) -> str:
    """The state that WeChat is given to bring back."""
    answer = shopper.get(f"{shopper.store.base}/pay/wechat", allow_redirects=False, timeout=60)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["redirect_uri"][0].endswith("/pay/wechat/back")
    return query["state"][0]


def back(shopper: Shopper, code: str, state: str) -> requests.Response:
    return shopper.get(f"{shopper.store.base}/pay/wechat/back", params={"code": code, "state": state}, timeout=60)


def test_the_sheet_opens_over_the_page_and_its_answer_is_asked_for(
    store: RunningStore, bank: WechatPay, wechat: WeChat, anna: Shopper
) -> None:
    assert 'href="/pay/wechat"' in anna.get(f"{store.base}/pay", timeout=60).text
    wechat.codes["c1"] = {"openid": OPENID}
    state = there(anna)
    page = back(anna, "c1", state)
    payment = parse_qs(urlsplit(page.url).query)["p"][0]
    (order,) = bank.orders.values()
    assert order["asked"]["payer"] == {"openid": OPENID}
    sheet = json.loads(html.unescape(re.findall(r'data-with="([^"]+)"', page.text)[0]))
    assert sheet["appId"] == APPID
    assert sheet["package"] == f"prepay_id=wx{order_of(payment)}"
    assert "<svg" not in page.text.split('id="pay"')[1].split("</section>")[0], "what opens a sheet is no code to scan"
    assert "Please begin anew" in back(anna, "c1", state).text, "what was brought back is used up"
    assert len(bank.orders) == 1
    bank.pay(order_of(payment))
    store.do(store.gateway.desk.look(payment))
    assert anna.get(f"{store.base}/pay/now", params={"p": payment}, timeout=60).json() == {"state": "paid"}


@pytest.mark.usefixtures("bank")
def test_a_code_from_elsewhere_and_another_browser_open_no_sheet(
    store: RunningStore, wechat: WeChat, anna: Shopper
) -> None:
    wechat.codes["evil"] = {"openid": "o-evil"}
    there(anna)
    assert "Please begin anew" in back(anna, "evil", "another-state").text
    assert "evil" in wechat.codes, "it was not even asked for"
    anna.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/140"
    assert 'href="/pay/wechat"' not in anna.get(f"{store.base}/pay", timeout=60).text
    assert anna.get(f"{store.base}/pay/wechat", timeout=60).url == f"{store.base}/pay"


def test_the_number_of_an_identity_card_is_sent_to_nobody(
    store: RunningStore, bank: WechatPay, anna: Shopper, till: requests.Session
) -> None:
    basket = str(anna.api("GET", "/api/v1/basket").json()["basket"])
    body = {"basket": basket, "code": "11010519491231002X", "request": str(uuid.uuid4())}
    for code in ("11010519491231002X", "11010519491231002x", "130102199003070337"):
        refused = till.post(f"{store.base}/api/v1/payments/by-code", json={**body, "code": code}, timeout=60)
        assert (refused.status_code, refused.json()["code"]) == (422, "no_payment_code")
        assert code not in refused.text
    assert bank.orders == {}
    assert queries.of_request(store.gateway.reads, body["request"]) is None


def test_a_face_pays_by_the_code_of_its_device_where_its_owner_agreed(
    store: RunningStore, bank: WechatPay, anna: Shopper, till: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    basket = str(anna.api("GET", "/api/v1/basket").json()["basket"])
    asked = {"basket": basket, "code": "134567890123456781", "source": "face"}

    def show(**more: Any) -> requests.Response:
        body = {**asked, "request": str(uuid.uuid4()), **more}
        return till.post(f"{store.base}/api/v1/payments/by-code", json=body, timeout=60)

    assert show(agreed=True).json()["code"] == "payment_off"
    monkeypatch.setitem(store.gateway.parts.settings.gateway.payments.__dict__, "face", True)
    assert show().json()["code"] == "consent_missing"
    assert bank.orders == {}
    paid = show(agreed=True).json()
    assert paid["state"] == "paid", paid
    known = queries.payment(store.gateway.reads, paid["payment"])
    assert known is not None
    assert known.way == "face"
    assert show(agreed=True).json()["code"] == "payment_over"
