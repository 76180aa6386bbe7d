"""Paying within WeChat: its page says who the payer is to it, and its own sheet opens over `/pay`.

The payer's name at WeChat is used for the one payment and kept nowhere; what is paid, WeChat Pay is asked about.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from edge.domain.baskets import queries as baskets
from edge.gateway.payments.wechat import WechatPort
from edge.web.actions import paying, wechat_login
from edge.web.actions.shopping import require_caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import APIRouter
    from starlette.requests import Request

    from edge.domain.payments.rules import Payment
    from edge.web.web import Web

PATH: Final = "/pay/wechat"
_NAMES: Final = uuid.UUID("0d8f2b1e-4c1c-4f3a-9b55-1f2f7c0a6b77")


def opens(web: Web, request: Request) -> bool:
    """Whether WeChat's own sheet can open here: within WeChat, for the account that its payers are known to."""
    port = web.desk.ports.get("wechat")
    inside = "MicroMessenger" in request.headers.get("user-agent", "")
    known = isinstance(port, WechatPort) and port.appid == web.identities.settings.wechat_appid
    return inside and known and web.identities.offers_wechat


def sheet(web: Web, payment: Payment) -> Mapping[str, str] | None:
    """What the sheet is opened with for a payment that waits for it; none for any other."""
    port = web.desk.ports.get("wechat")
    if payment.way != "jsapi" or payment.state != "waiting" or not isinstance(port, WechatPort):
        return None
    return port.wallet_page(payment)


def add_routes(routes: APIRouter, web: Web) -> None:
    """There and back."""

    def may(request: Request) -> bool:
        return opens(web, request) and web.caller(request) is not None

    async def pay(request: Request, code: str, state: str) -> Response:
        """The payment is asked for, once for each time that the phone went there."""
        caller = require_caller(web.caller(request))
        name, basket = str(uuid.uuid5(_NAMES, state)), baskets.of_member(web.reads, caller.member)
        if basket is None:
            payment = paying.asked_before(web, caller.member, name)
        else:
            payer = await web.identities.openid(code)
            wanted = paying.payment_request(web, basket, "wechat", name, way="jsapi")
            payment = await web.desk.pay(wanted, paying.payment_input(web, payer=payer))
        return RedirectResponse(f"/pay?p={payment.payment}", 303)

    wechat_login.add_routes(routes, web, PATH, opens=may, otherwise="/pay", arrived=pay)
