"""WeChat Pay, by a stand-in that verifies by its own code: what is lost, late, doubled or forged costs nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from edge.domain.payments import queries
from edge.domain.payments.rules import Payment, PaymentRequest, PortRefund
from edge.gateway.payments import wechat
from edge.gateway.payments.port import PaymentInput
from edge.gateway.payments.wechat import SURE, WechatPort, order_of, payment_of
from edge.settings.payments import WechatSettings
from tests.conftest import need
from tests.edge.payments.wechat_pay import Levers, WechatPay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.edge.payments.conftest import Till


@pytest.fixture(scope="module")
def running() -> Iterator[WechatPay]:
    need("wechatpayv3")
    made = WechatPay()
    yield made
    made.stop()


@pytest.fixture
def other(running: WechatPay) -> WechatPay:
    running.levers = Levers()
    running.calls.clear()
    running.bad.clear()
    return running


class Shop:
    """A till whose port is WeChat Pay."""

    def __init__(self, till: Till, other: WechatPay) -> None:
        self.till, self.other = till, other
        self.port = WechatPort(WechatSettings(**other.keys(till.folder)), till.folder / "wechat", timeout_s=(60, 60))
        till.open([self.port, till.simulated])

    async def pay(self, way: str = "native", hand: PaymentInput | None = None) -> Payment:
        basket = await self.till.held()
        wanted = PaymentRequest(basket=basket, port="wechat", way=way, request=f"r-{basket}")  # type: ignore[arg-type]
        return await self.till.desk.pay(wanted, hand)

    async def look(self, payment: Payment) -> Payment:
        return await self.till.desk.look(payment.payment)


@pytest.fixture
def shop(till: Till, other: WechatPay) -> Shop:
    return Shop(till, other)


async def test_a_code_on_the_page_is_scanned_and_paid(shop: Shop, other: WechatPay) -> None:
    made = await shop.pay()
    assert made.state == "waiting"
    assert made.shows.startswith("weixin://wxpay/bizpayurl?pr=")
    assert (await shop.look(made)).state == "waiting"
    other.pay(order_of(made.payment))
    paid = await shop.look(made)
    assert (paid.state, paid.by) == ("paid", "port")
    assert paid.reference.startswith("42000")
    row = shop.till.journal.reads.one("SELECT payer FROM payments WHERE payment=short(?)", made.payment)
    assert row is not None
    assert len(row["payer"]) == 32
    bodies = b"".join(entry.body for entry in shop.till.journal.after(0, 1000))
    assert b"oUpF8" not in bodies, "the payer's name stands in no fact"
    assert other.bad == []


async def test_the_wallets_own_page_is_opened_with_the_merchants_signature(shop: Shop, other: WechatPay) -> None:
    import base64

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    made = await shop.pay("jsapi", PaymentInput(payer="oUpF8"))
    page = shop.port.wallet_page(made)
    message = "\n".join((page["appId"], page["timeStamp"], page["nonceStr"], page["package"])) + "\n"
    signature = base64.b64decode(page["paySign"])
    other.merchant.public_key().verify(signature, message.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert page["package"] == f"prepay_id={made.shows}"
    assert page["signType"] == "RSA"
    assert len(page["timeStamp"]) == 10, "seconds"


@pytest.mark.parametrize(
    ("code", "first", "then"),
    [("134567890123456781", "paid", "paid"), ("134567890123456782", "waiting", "paid"), ("1345", "unknown", "failed")],
)
async def test_a_code_from_the_phone(shop: Shop, other: WechatPay, code: str, first: str, then: str) -> None:
    made = await shop.pay("code", PaymentInput(code=code))
    assert made.state == first
    if first == "waiting":
        other.pay(order_of(made.payment))
    assert (await shop.look(made)).state == then


async def test_a_code_that_nobody_confirms_is_reversed(shop: Shop, other: WechatPay) -> None:
    made = await shop.pay("face", PaymentInput(code="134567890123456782"))
    assert (await shop.till.desk.close(made.payment, "till")).state == "closed"
    assert other.orders[order_of(made.payment)]["trade_state"] == "REVOKED"


async def test_a_lost_request_was_never_placed_and_ends_only_when_that_is_sure(shop: Shop, other: WechatPay) -> None:
    other.levers.drop_request = 1
    made = await shop.pay()
    assert (made.state, made.reason) == ("unknown", "no_answer")
    assert shop.port.off() == "offline"
    for _ in range(SURE - 1):
        assert (await shop.look(made)).state == "unknown"
    assert (await shop.look(made)).state == "closed"
    assert shop.port.off() == ""


async def test_a_lost_answer_after_the_deed_is_found_by_asking(shop: Shop, other: WechatPay) -> None:
    other.levers.drop_answer = 1
    made = await shop.pay("code", PaymentInput(code="134567890123456781"))
    assert made.state == "unknown"
    assert (await shop.look(made)).state == "paid"
    assert other.calls.count("POST codepay") == 1, "never asked for again"


async def test_an_answer_that_is_too_late_is_silence(shop: Shop, other: WechatPay) -> None:
    shop.port._timeout_s = (60, 0.5)
    other.levers.delay_s = 2.5
    made = await shop.pay("code", PaymentInput(code="134567890123456781"))
    assert (made.state, made.reason) == ("unknown", "no_answer")
    other.levers.delay_s = 0
    shop.port._timeout_s, shop.port._made = (60, 60), None
    await shop.till.until(lambda: order_of(made.payment) in other.orders)
    assert (await shop.look(made)).state == "paid"


@pytest.mark.parametrize("forge", ["signature", "body", "probe", "stale", "serial"])
async def test_an_answer_that_is_not_genuine_is_doubt(shop: Shop, other: WechatPay, forge: str) -> None:
    other.levers.forge = forge
    made = await shop.pay("code", PaymentInput(code="134567890123456781"))
    assert (made.state, made.reason) == ("unknown", "not_genuine")
    assert (await shop.look(made)).state == "unknown"
    other.levers.forge = ""
    assert (await shop.look(made)).state == "paid"


async def test_a_clock_that_is_off_is_doubt_and_says_so(shop: Shop, other: WechatPay) -> None:
    made = await shop.pay()
    other.levers.clock_s = 400
    assert (await shop.look(made)).reason == "sign_error"
    assert other.bad == ["timestamp"]


async def test_too_busy_or_failing_is_asked_again_under_the_same_name(
    shop: Shop, other: WechatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat, "RETRIES_S", (0.01, 0.01))
    other.levers.refuse = [(500, "SYSTEM_ERROR"), (429, "FREQUENCY_LIMITED")]
    made = await shop.pay()
    assert made.state == "waiting"
    assert other.calls == ["POST native"] * 3
    assert len(other.orders[order_of(made.payment)]) > 0


async def test_settings_that_wechat_refuses_end_the_attempt(shop: Shop, other: WechatPay) -> None:
    other.levers.refuse = [(403, "NO_AUTH")]
    made = await shop.pay()
    assert (made.state, made.reason) == ("failed", "no_auth")


async def test_one_refusal_ends_nothing_that_is_open(shop: Shop, other: WechatPay) -> None:
    made = await shop.pay()
    other.levers.refuse = [(404, "ORDER_NOT_EXIST"), (401, "SIGN_ERROR")]
    assert (await shop.look(made)).state == "unknown"
    assert (await shop.look(made)).state == "unknown"
    other.pay(order_of(made.payment))
    assert (await shop.look(made)).state == "paid"


async def test_what_has_no_code_of_wechats_ends_nothing(shop: Shop, other: WechatPay) -> None:
    """As an error page of something in between."""
    made = await shop.pay("code", PaymentInput(code="134567890123456782"))
    other.pay(order_of(made.payment))
    other.levers.refuse = [(404, "")] * (SURE + 1)
    for _ in range(SURE):
        assert (await shop.look(made)).state == "unknown"
    other.levers.refuse = []
    assert (await shop.look(made)).state == "paid"
    back = PortRefund(refund=payment_of("d" * 32) or "", payment=made.payment, amount=500, currency="CNY")
    other.levers.refuse = [(404, ""), (400, "")]
    assert [(await shop.port.refund(back, made)).state for _ in range(3)] == ["unknown", "unknown", "done"]


@pytest.mark.parametrize(("lever", "value", "reason"), [("amount", -1, "wrong_amount"), ("mchid", "1", "not_ours")])
async def test_another_amount_or_merchant_is_not_our_payment(
    shop: Shop, other: WechatPay, lever: str, value: Any, reason: str
) -> None:
    made = await shop.pay()
    other.pay(order_of(made.payment))
    setattr(other.levers, lever, value)
    found = await shop.look(made)
    assert (found.state, found.reason) == ("unknown", reason)


async def test_taking_back_asks_first_and_is_late_where_somebody_paid(shop: Shop, other: WechatPay) -> None:
    one, two = await shop.pay(), await shop.pay()
    other.pay(order_of(two.payment))
    assert (await shop.till.desk.close(one.payment, "shopper")).state == "closed"
    assert (await shop.till.desk.close(two.payment, "shopper")).state == "paid"
    assert other.orders[order_of(one.payment)]["trade_state"] == "CLOSED"


async def test_news_are_a_reason_to_ask_and_only_where_genuine(shop: Shop, other: WechatPay) -> None:
    made = await shop.pay()
    order = order_of(made.payment)
    other.pay(order)
    headers, body = other.notify(order)
    for _ in range(3):
        assert await shop.port.news(headers, body) == made.payment
    for forge in ("signature", "body", "probe", "stale", "serial"):
        other.levers.forge = forge
        assert await shop.port.news(*other.notify(order)) is None, forge
    other.levers.forge = ""
    assert await shop.port.news({}, b"") is None
    assert await shop.port.news(headers, b"{}") is None
    foreign = other.notify(order, out_trade_no="../../etc")
    assert await shop.port.news(*foreign) is None


async def test_certificates_are_fetched_where_there_is_no_public_key(till: Till, other: WechatPay) -> None:
    other.levers.certificates = True
    shop = Shop(till, other)
    made = await shop.pay()
    assert made.state == "waiting"
    other.pay(order_of(made.payment))
    other.levers.forge = "serial"
    assert (await shop.look(made)).state == "unknown"
    other.levers.forge = ""
    assert (await shop.look(made)).state == "paid"
    assert [path.suffix for path in (till.folder / "wechat").iterdir()] == [".pem"]


async def paid(shop: Shop, other: WechatPay) -> Payment:
    made = await shop.pay()
    other.pay(order_of(made.payment))
    return await shop.look(made)


async def test_money_goes_back_once_under_one_name(shop: Shop, other: WechatPay) -> None:
    done = await paid(shop, other)
    back = PortRefund(refund=payment_of("a" * 32) or "", payment=done.payment, amount=500, currency="CNY")
    other.levers.drop_answer = 1
    assert (await shop.port.refund(back, done)).state == "unknown"
    for _ in range(2):
        answer = await shop.port.refund(back, done)
        assert (answer.state, answer.reference[:5]) == ("done", "50000")
    assert len([each for each in other.refunds.values() if each["out_trade_no"] == order_of(done.payment)]) == 1
    more = PortRefund(refund=payment_of("b" * 32) or "", payment=done.payment, amount=536, currency="CNY")
    assert (await shop.port.refund(more, done)).state == "unknown", "more than was paid: not enough, asked again"


async def test_a_refund_hangs_and_then_finds_no_way(shop: Shop, other: WechatPay) -> None:
    done = await paid(shop, other)
    other.levers.refund = "PROCESSING"
    back = PortRefund(refund=payment_of("c" * 32) or "", payment=done.payment, amount=1035, currency="CNY")
    assert (await shop.port.refund(back, done)).state == "pending"
    assert (await shop.port.refund_state(back, done)).state == "pending"
    other.levers.refund = "ABNORMAL"
    assert (await shop.port.refund_state(back, done)).state == "abnormal"


async def test_a_payment_that_was_taken_back_and_paid_all_the_same_goes_back_by_itself(
    shop: Shop, other: WechatPay
) -> None:
    """The order was closed here, paid there, and its basket was paid otherwise meanwhile."""
    one = await shop.pay()
    await shop.till.desk.close(one.payment, "shopper")
    two = await shop.till.pay(one.basket, request="two")
    shop.till.simulated.act(two.payment, "pay")
    await shop.till.desk.look(two.payment)
    order = order_of(one.payment)
    other.orders[order]["trade_state"] = "NOTPAY"
    other.pay(order)
    await shop.till.desk._take(one, await shop.port.query(one))
    shop.till.desk.start()
    await shop.till.until(lambda: "given_back" in shop.till.facts())
    assert queries.surplus(shop.till.journal.reads) == []
    assert other.refunds[order]["amount"]["refund"] == 1035


async def test_nobody_listens(till: Till, other: WechatPay) -> None:
    keys = other.keys(till.folder) | {"url": "http://127.0.0.1:9"}
    port = WechatPort(WechatSettings(**keys), till.folder / "wechat", timeout_s=(1, 1))
    till.open([port])
    made = await till.pay(await till.held(), "wechat")
    assert (made.state, made.reason, port.off()) == ("unknown", "no_answer", "offline")
