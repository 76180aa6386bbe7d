"""WeChat Pay, version 3: a code that the phone scans, the wallet's own page, or a code from the shopper's phone.

The library signs and verifies; what it leaves open is closed here. It gets time-outs and runs on a thread. Answers and
news older than five minutes count as not genuine, as do the probes by which WeChat Pay tests whether anybody looks. An
answer that does not verify is never "not paid": money may have moved. Refusals carry no signature that is checked, so
one alone ends nothing that somebody may have paid; one without WeChat Pay's code is somebody else's, and says nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from edge.domain.payments.rules import Payment, PortRefund, RefundAnswer
from edge.gateway.payments import wechat_library
from edge.gateway.payments.port import PaymentInput, PortAnswer, digest
from edge.settings.payments import WechatSettings

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = (3, 8)
"""To connect, and to answer."""
RETRIES_S: Final = (0.5, 1.5)
"""How long to wait before the same order is placed again under the same name, where it was told to."""
AWAY_S: Final = 30.0
"""After WeChat Pay could not be reached it is not on offer for so long, unless it answers something else meanwhile."""
SURE: Final = 3
"""So many answers that there is no such order are believed."""

STATES: Final[dict[str, str]] = {
    "SUCCESS": "paid",
    "REFUND": "paid",
    "NOTPAY": "waiting",
    "USERPAYING": "waiting",
    "ACCEPT": "waiting",
    "CLOSED": "closed",
    "REVOKED": "closed",
    "PAYERROR": "failed",
}
BACKS: Final[dict[str, str]] = {
    "SUCCESS": "done",
    "PROCESSING": "pending",
    "ABNORMAL": "abnormal",
    "CLOSED": "abnormal",
}
LATER: Final = (429, 500, 502, 503, 504)

Reply = tuple[int, Any]
"""Status and body of an answer; status 0 for silence, -1 for an answer that is not genuine."""


class WechatPort:
    """One merchant."""

    name = "wechat"
    asks = True

    def __init__(
        self,
        settings: WechatSettings,
        folder: Path,
        clock: Callable[[], float] = time.time,
        timeout_s: tuple[float, float] = TIMEOUT_S,
    ) -> None:
        """`folder` keeps the certificates of a merchant who has no public key."""
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._timeout_s = timeout_s
        self._made: Any = None
        self._away_until = 0.0
        self._missing: dict[str, int] = {}

    @property
    def appid(self) -> str:
        """The application whose names of payers it takes."""
        return self._settings.appid

    def off(self) -> str:
        return "offline" if time.monotonic() < self._away_until else ""

    async def ask(self, payment: Payment, hand: PaymentInput) -> PortAnswer:
        if payment.way in ("code", "face"):
            return await self._ask_code(payment, hand)
        more: dict[str, Any] = {"time_expire": _moment(payment.until_ms), "pay_type": wechat_library.kind("NATIVE")}
        if payment.way == "jsapi":
            more |= {"payer": {"openid": hand.payer}, "pay_type": wechat_library.kind("JSAPI")}
        status, body = await self._order(payment, hand, more)
        for pause in RETRIES_S:
            if status not in LATER:
                break
            await asyncio.sleep(pause)
            status, body = await self._order(payment, hand, more)
        shows = str(body.get("code_url") or body.get("prepay_id") or "")
        if status == 200 and shows:
            return PortAnswer(state="waiting", shows=shows, answer=_digest(body))
        if 400 <= status < 500 and status != 429 and body.get("code") != "OUT_TRADE_NO_USED":
            log.error("wechat.refused", status=status, code=body.get("code"))
            # Nobody was shown anything to pay with.
            return PortAnswer(state="failed", reason=_error_code(body), answer=_digest(body))
        return _doubt(status, body)

    async def _order(self, payment: Payment, hand: PaymentInput, more: dict[str, Any]) -> Reply:
        return await self._call(
            "pay",
            description=self._settings.description or hand.text or payment.basket,
            out_trade_no=order_of(payment.payment),
            amount={"total": payment.amount, "currency": payment.currency},
            **more,
        )

    async def _ask_code(self, payment: Payment, hand: PaymentInput) -> PortAnswer:
        """A code from the shopper's phone: it may be paid whatever the answer is, so only a query ends it."""
        more = {
            "payer": {"auth_code": hand.code},
            "scene_info": {"store_info": {"id": payment.device or "store"}},
            "pay_type": wechat_library.kind("CODEPAY"),
        }
        status, body = await self._order(payment, hand, more)
        if status == 200 and body.get("trade_state") == "SUCCESS":
            return self._transaction(payment, body)
        return PortAnswer(state="waiting", answer=_digest(body)) if status == 202 else _doubt(status, body)

    async def query(self, payment: Payment) -> PortAnswer:
        status, body = await self._call("query", out_trade_no=order_of(payment.payment))
        if status == 404 and _error_code(body):
            return await self._not_there(payment, body)
        if status == 200:
            self._missing.pop(payment.payment, None)
        return self._transaction(payment, body) if status == 200 else _doubt(status, body)

    async def _not_there(self, payment: Payment, body: dict[str, Any]) -> PortAnswer:
        """There is no such order, it says. Said often enough, and closed to be sure, it was never placed."""
        count = self._missing[payment.payment] = self._missing.get(payment.payment, 0) + 1
        if count < SURE:
            return _doubt(404, body)
        status, said = await self._call("close", out_trade_no=order_of(payment.payment))
        sure = status == 204 or (status == 404 and _error_code(said))
        if not sure:
            return _doubt(status, body)
        self._missing.pop(payment.payment, None)
        return PortAnswer(state="closed", reason="never_placed")

    def _transaction(self, payment: Payment, found: dict[str, Any]) -> PortAnswer:
        ours = (found.get("out_trade_no"), found.get("mchid"), found.get("appid"))
        if ours != (order_of(payment.payment), self._settings.mchid, self._settings.appid):
            return PortAnswer(state="unknown", reason="not_ours", answer=_digest(found))
        state = STATES.get(str(found.get("trade_state")))
        money = found.get("amount") or {}
        if state is None or (state == "paid" and not isinstance(money.get("total"), int)):
            return PortAnswer(state="unknown", reason="port_error", answer=_digest(found))
        return PortAnswer(
            state=state,  # type: ignore[arg-type]
            reason=str(found.get("trade_state", "")).lower() if state in ("closed", "failed") else "",
            reference=str(found.get("transaction_id") or ""),
            amount=money.get("total") if state == "paid" else None,
            currency=str(money.get("currency") or "") if state == "paid" else "",
            payer=str((found.get("payer") or {}).get("openid") or ""),
            answer=_digest(found),
        )

    async def close(self, payment: Payment) -> PortAnswer:
        """Asks first: who was quicker has paid. Only an order that nobody has paid is closed."""
        now = await self.query(payment)
        if now.state != "waiting":
            return now
        verb = "codepay_reverse" if payment.way in ("code", "face") else "close"
        status, body = await self._call(verb, out_trade_no=order_of(payment.payment))
        if status == 204 or (status == 200 and verb != "close"):
            return PortAnswer(state="closed")
        return _doubt(status, body) if status <= 0 else await self.query(payment)

    async def refund(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        status, body = await self._call(
            "refund",
            out_refund_no=order_of(back.refund),
            out_trade_no=order_of(payment.payment),
            amount={"refund": back.amount, "total": payment.amount, "currency": payment.currency},
        )
        if status in (400, 404) and _error_code(body):
            return RefundAnswer(state="abnormal", reason=_error_code(body), answer=_digest(body))
        return self._refund_answer(back, status, body)

    async def refund_state(self, back: PortRefund, payment: Payment) -> RefundAnswer:
        status, body = await self._call("query_refund", out_refund_no=order_of(back.refund))
        return await self.refund(back, payment) if status == 404 else self._refund_answer(back, status, body)

    def _refund_answer(self, back: PortRefund, status: int, body: dict[str, Any]) -> RefundAnswer:
        state = BACKS.get(str(body.get("status"))) if status == 200 else None
        money = body.get("amount") or {}
        ours = body.get("out_refund_no") == order_of(back.refund) and money.get("refund") == back.amount
        if state is None or not ours:
            return RefundAnswer(state="unknown", reason=_error_code(body) or "no_answer")
        return RefundAnswer(
            state=state,  # type: ignore[arg-type]
            reason=str(body.get("status", "")).lower() if state == "abnormal" else "",
            reference=str(body.get("refund_id") or ""),
            answer=_digest(body),
        )

    async def news(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The payment that genuine news are about: a reason to ask now. None for whatever is not genuine."""
        try:
            told = await asyncio.to_thread(self._library().callback, dict(headers), body.decode())
            found = told["resource"]["out_trade_no"] if told else None
        except Exception as error:  # noqa: BLE001 - the library raises whatever a stranger's bytes make of it
            log.warning("wechat.news_not_genuine", error=type(error).__name__)
            return None
        return payment_of(str(found)) if found else None

    def wallet_page(self, payment: Payment) -> dict[str, str]:
        """What the wallet's own page is opened with, signed by the merchant. Its answer proves nothing."""
        stamp, nonce = str(int(self._clock())), order_of(payment.payment)[:32]
        package = f"prepay_id={payment.shows}"
        signed = self._library().sign([self._settings.appid, stamp, nonce, package])
        return {
            "appId": self._settings.appid,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signed,
        }

    async def _call(self, verb: str, **values: Any) -> Reply:
        status, text = await asyncio.to_thread(self._called, verb, values)
        self._away_until = time.monotonic() + AWAY_S if status == 0 else 0.0
        try:
            body = json.loads(text) if text else {}
        except ValueError:
            body = {}
        return status, body if isinstance(body, dict) else {}

    def _called(self, verb: str, values: dict[str, Any]) -> tuple[int, str]:
        try:
            status, text = getattr(self._library(), verb)(**values)
        except OSError as error:  # what `requests` raises of connections and time-outs
            log.warning("wechat.away", error=type(error).__name__)
            return 0, ""
        except Exception as error:  # noqa: BLE001 - the library raises nothing narrower
            log.error("wechat.not_genuine", verb=verb, error=str(error)[:200])  # noqa: TRY400 - its words say it all
            return -1, ""
        return status, text.decode(errors="replace") if isinstance(text, bytes) else text

    def _library(self) -> Any:
        """Made when it is first needed: with certificates it asks for them at once."""
        if self._made is None:
            self._made = wechat_library.made(self._settings, self._folder, self._clock, self._timeout_s)
        return self._made


def order_of(name: str) -> str:
    """Our name as WeChat Pay takes it: 32 letters and digits."""
    return name.replace("-", "")


def payment_of(order: str) -> str | None:
    """The same the other way; none for what is none of ours."""
    if len(order) != 32 or not order.isalnum():
        return None
    return f"{order[:8]}-{order[8:12]}-{order[12:16]}-{order[16:20]}-{order[20:]}"


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat()


def _error_code(body: dict[str, Any]) -> str:
    return str(body.get("code") or "")[:64].lower()


def _doubt(status: int, body: dict[str, Any]) -> PortAnswer:
    reason = {0: "no_answer", -1: "not_genuine"}.get(status) or _error_code(body) or "port_error"
    return PortAnswer(state="unknown", reason=reason, answer=_digest(body) if body else "")


def _digest(body: dict[str, Any]) -> str:
    return digest(json.dumps(body, sort_keys=True, ensure_ascii=False))
