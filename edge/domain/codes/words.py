"""What a shopper is told of a code, in each language: what it is, why the store thinks so, and what to do."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.codes.readings import Reading
from gs1.trade import Trade
from words.languages import Words


class Told(msgspec.Struct, frozen=True):
    """One reading in words."""

    title: Words
    text: Words
    reason: Words
    label: Words
    """Of the button; empty where there is nothing to press."""


def _w(chinese: str, english: str) -> Words:
    return {"zh-CN": chinese, "en": english}


KINDS: Final[dict[str, tuple[Words, Words]]] = {
    "touchpoint": (
        _w("本店二维码", "A code of this store"),
        _w("点开看看这里有什么。", "Open it to see what is here."),
    ),
    "badge": (
        _w("导购员工牌", "A promoter's badge"),
        _w("点开看导购为您准备的优惠。", "Open it for the promoter's offers."),
    ),
    "coupon": (_w("优惠券", "A coupon"), _w("点开领取这张券。", "Open it to save this coupon.")),
    "parcel": (
        _w("取件码", "A collect code"),
        _w("在储物柜前使用，柜门会打开。", "Use it at the lockers: the door opens."),
    ),
    "member": (_w("会员码", "A member's code"), _w("会员码有效。", "This member's code is good.")),
    "slip": (
        _w("本店小票", "A slip of this store"),
        _w("有问题请把小票给店员。", "For questions, show it to our staff."),
    ),
    "product": (
        _w("商品", "A product"),
        _w("这件商品不在本店目录里，请问店员。", "It is not in this store's list. Please ask our staff."),
    ),
    "payment": (
        _w("付款码", "A payment code"),
        _w("请在收银台出示，不要给别人看。", "Show it at the checkout, and to nobody else."),
    ),
    "unknown": (_w("不认识的码", "An unknown code"), _w("请问店员。", "Please ask our staff.")),
}
"""By kind: title and sentence."""

SORTS: Final[dict[str, tuple[Words, Words]]] = {
    "wechat_pay": (_w("微信付款码", "A WeChat payment code"), KINDS["payment"][1]),
    "alipay": (_w("支付宝付款码", "An Alipay payment code"), KINDS["payment"][1]),
    "unionpay": (_w("云闪付付款码", "A UnionPay payment code"), KINDS["payment"][1]),
    "payment_link": (
        _w("收款码", "A code that asks for money"),
        _w("本店不用这样的码收款，请到收银台付款。", "This store takes no money that way. Please pay at the checkout."),
    ),
    "wechat_link": (
        _w("微信链接", "A WeChat link"),
        _w("不是本店的，没有打开。", "It is not from this store, so it was not opened."),
    ),
    "wifi": (
        _w("无线网络", "A WiFi network"),
        _w("是别人的网络，没有连接，也没有记下密码。", "It was not joined, and its password was not kept."),
    ),
    "contact": (_w("名片", "A contact card"), _w("没有保存。", "It was not kept.")),
    "calendar": (_w("日程", "A calendar entry"), _w("没有保存。", "It was not kept.")),
    "one_time_password": (
        _w("动态口令密钥", "A key for one-time passwords"),
        _w("请收好，不要给别人看；没有保存。", "Keep it to yourself; it was not kept here."),
    ),
    "phone": (_w("电话号码", "A phone number"), _w("没有拨打，也没有保存。", "It was not called and not kept.")),
    "message": (_w("短信", "A text message"), _w("没有发送。", "It was not sent.")),
    "mail": (_w("邮件地址", "A mail address"), _w("没有发送，也没有保存。", "Nothing was sent, and it was not kept.")),
    "place": (_w("地图位置", "A place on the map"), _w("没有打开。", "It was not opened.")),
    "boarding_pass": (_w("登机牌", "A boarding pass"), _w("没有保存。", "It was not kept.")),
    "id_card": (
        _w("证件号码", "An identity number"),
        _w("请收好，不要给别人看；没有保存。", "Keep it to yourself; it was not kept here."),
    ),
    "address": (
        _w("别人的网址", "A web address of someone else"),
        _w("不是本店的，没有打开。", "It is not from this store, so it was not opened."),
    ),
    "app": (
        _w("应用链接", "A link into an app"),
        _w("不是本店的，没有打开。", "It is not from this store, so it was not opened."),
    ),
    "digits": (
        _w("没有找到对应的商品", "No product has this number"),
        _w("本店没有这个码，可以问店员。", "This store does not know it. Please ask our staff."),
    ),
    "text": (
        _w("一段文字", "Some text"),
        _w("本店没有这个码，可以问店员。", "This store does not know it. Please ask our staff."),
    ),
    "bytes": (
        _w("一段数据", "Some data"),
        _w("本店没有这个码，可以问店员。", "This store does not know it. Please ask our staff."),
    ),
    "empty": (_w("空码", "An empty code"), _w("请再扫一次。", "Please scan once more.")),
    "coupon": (_w("厂家优惠券", "A manufacturer's coupon"), _w("请在收银台出示。", "Show it at the checkout.")),
    "refund": (_w("退款单", "A refund receipt"), _w("请在收银台出示。", "Show it at the checkout.")),
    "isbn": (
        _w("图书", "A book"),
        _w("这本书不在本店目录里，请问店员。", "It is not in this store's list. Please ask our staff."),
    ),
    "issn": (
        _w("报刊", "A newspaper or magazine"),
        _w("不在本店目录里，请问店员。", "It is not in this store's list. Please ask our staff."),
    ),
    "ismn": (
        _w("乐谱", "Sheet music"),
        _w("不在本店目录里，请问店员。", "It is not in this store's list. Please ask our staff."),
    ),
    "in_store": (
        _w("散装称重或店内商品", "An item weighed or labelled in a store"),
        _w("这个标签本店不认识，请问店员。", "This store does not know this label. Please ask our staff."),
    ),
    "sscc": (_w("物流箱码", "A shipping label"), _w("是给仓库用的。", "It is for the warehouse.")),
    "gln": (_w("地点编码", "A location number"), _w("是给仓库用的。", "It is for the warehouse.")),
    "asset": (_w("周转物编码", "An asset's label"), _w("是给员工用的。", "It is for our staff.")),
    "card": (
        _w("别家的会员卡", "A membership card of another company"),
        _w("在本店不能用。", "It is not used in this store."),
    ),
    "document": (_w("单据编码", "A document's number"), _w("请交给店员。", "Please give it to our staff.")),
    "gs1": (
        _w("商品行业编码", "A trade code"),
        _w("里面没有商品号码。请问店员。", "It names no product. Please ask our staff."),
    ),
}
"""By sort, where that says more than the kind."""

OTHERS: Final = frozenset({"unknown", "payment", "product"})
"""Kinds that come in sorts."""
GOODS: Final = frozenset({"isbn", "issn", "ismn", "in_store"})
"""Sorts of products that have words of their own."""

REFUSED: Final[dict[str, tuple[Words, Words]]] = {
    "code_expired": (
        _w("码已过期", "This code has expired"),
        _w("请出示或扫描现在的码。", "Please use the code that is shown now."),
    ),
    "code_used": (
        _w("码已用过", "This code was used already"),
        _w("会员码每次都会换新，请出示新的。", "A member's code changes each time. Please show the new one."),
    ),
    "code_tampered": (
        _w("这个码不是本店的", "This code is not genuine"),
        _w(
            "请扫描屏幕、推车或货架上的码，并告诉店员。",
            "Please scan the code on the screen, cart or shelf itself, and tell our staff.",
        ),
    ),
    "code_unknown": (
        _w("本店没有这个码", "This store does not know this code"),
        _w("请再扫一次，或问店员。", "Please scan once more, or ask our staff."),
    ),
    "bad_gs1": (
        _w("条码内容有误", "This bar code is faulty"),
        _w("条码里的数据不合规范，请问店员。", "Its data breaks the rules of such codes. Please ask our staff."),
    ),
}

REASONS: Final[dict[str, Words]] = {
    "our_signature": _w("签名是本店的。", "It carries this store's signature."),
    "our_form": _w("样子像本店的码。", "It has the form of this store's codes."),
    "our_page": _w("是本店商品页的网址。", "It is the address of a product's page in this store."),
    "slip_printed": _w("本店打印过这个号码。", "This store printed this number."),
    "check_digit": _w("校验位正确。", "Its check digit is right."),
    "coupon_prefix": _w("这段号码留给优惠券。", "Numbers that begin so are reserved for coupons."),
    "refund_prefix": _w("这段号码留给退款单。", "Numbers that begin so are reserved for refunds."),
    "in_store_rule": _w("符合本店的店内码规则。", "It follows this store's rule for its own labels."),
    "gs1_elements": _w("内容符合 GS1 规范。", "It follows the GS1 standard."),
    "digital_link": _w("是 GS1 数字链接。", "It is a GS1 Digital Link."),
    "bad_gs1": _w("像 GS1 条码，但不合规范。", "It looks like a GS1 code, but breaks its rules."),
    "payment_form": _w("样子像付款码；号码没有保存。", "It has the form of a payment code; its digits were not kept."),
    "looks_like": _w("只凭样子判断。", "Judged by its looks alone."),
    "too_long": _w("比任何码都长。", "It is longer than any code."),
}
"""Why a reading is believed."""

LABELS: Final[dict[str, Words]] = {
    "open": _w("打开", "Open"),
    "look": _w("看商品", "See the product"),
    "collect": _w("取件", "Collect"),
    "claim": _w("领取", "Save it"),
    "greet": _w("我的优惠券", "My coupons"),
    "show_at_till": _w("", ""),
    "scan_again": _w("", ""),
    "ask_staff": _w("", ""),
    "nothing": _w("", ""),
}
"""By `Next.do`: what stands on the button."""


def tell(reading: Reading) -> Told:
    """A reading in words."""
    title, text = KINDS[reading.kind]
    if reading.refused:
        title, text = REFUSED[reading.refused]
    elif reading.what in (GOODS if reading.kind == "product" else SORTS) and reading.kind in OTHERS:
        title, text = SORTS[reading.what]
    if reading.kind == "product" and reading.next.do == "look":
        text = _goods(reading.trade)
    if reading.title and not reading.refused:
        title = reading.title
    return Told(title, text, REASONS[reading.reason], LABELS[reading.next.do])


def _goods(trade: Trade | None) -> Words:
    """What the code adds to the product: weight, price, pieces, batch, dates."""
    if trade is None:
        return _w("", "")
    parts: list[tuple[str, str]] = []
    if trade.weight_g is not None:
        kilos = f"{trade.weight_g / 1000:.3f} kg"
        parts.append((f"重量 {kilos}", f"weight {kilos}"))
    if trade.price is not None:
        money = f"{trade.price / 100:.2f}"
        parts.append((f"价格 {money}", f"price {money}"))
    if trade.count is not None:
        parts.append((f"{trade.count} 件", f"{trade.count} pieces"))
    if trade.batch:
        parts.append((f"批号 {trade.batch}", f"batch {trade.batch}"))
    if trade.best_before:
        parts.append((f"最佳食用期 {trade.best_before}", f"best before {trade.best_before}"))
    if trade.use_by:
        parts.append((f"保质期至 {trade.use_by}", f"use by {trade.use_by}"))
    return _w("，".join(part[0] for part in parts), ", ".join(part[1] for part in parts))
