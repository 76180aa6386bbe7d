"""The slips that a store prints, in Chinese and English, as JSON: what the gateway would send."""

from __future__ import annotations

from typing import Any

STORE = {"zh-CN": "鲜汇生活", "en": "Fresh Life"}
COPY = {"zh-CN": "副本", "en": "COPY"}
Lines = list[dict[str, Any]]


def _text(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "text", "text": text, **more}


def _pair(left: str, right: str, **more: Any) -> dict[str, Any]:
    return {"kind": "columns", "cells": [{"text": left}, {"text": right}], **more}


def _row(name: str, *cells: tuple[str, int], **more: Any) -> dict[str, Any]:
    fixed = [{"text": text, "align": "right", "width": width} for text, width in cells]
    return {"kind": "columns", "cells": [{"text": name}, *fixed], **more}


def _head(language: str, title: str) -> Lines:
    return [
        _text(STORE[language], align="center", bold=True, size=2),
        _text(title, align="center"),
        {"kind": "rule"},
    ]


def locker(language: str) -> Lines:
    zh = language == "zh-CN"
    return [
        *_head(language, "储物柜取件凭条" if zh else "Locker slip"),
        _text("A07", align="center", bold=True, size=2),
        _text("取件码" if zh else "Collect code", align="center"),
        _text("482 915", align="center", bold=True, size=2),
        {"kind": "qr", "data": "https://s.example/t/K7QX4M9T2B", "size": 7},
        _text(
            "扫码或在柜屏输入取件码开门。" if zh else "Scan it, or type the code at the locker's screen.",
            align="center",
        ),
        {"kind": "rule", "style": "dashed"},
        _pair("存入时间" if zh else "Stored", "2026-11-22 18:36"),
        _pair("免费至" if zh else "Free until", "2026-11-22 22:00"),
        _text("凭码即可开门，请勿示人。" if zh else "Keep this slip: whoever has the code can open the door."),
    ]


def coupon(language: str) -> Lines:
    zh = language == "zh-CN"
    return [
        *_head(language, "优惠券" if zh else "Coupon"),
        _text("每日鲜全脂牛奶 950\u00a0ml" if zh else "Whole milk, fresh today, 950\u00a0ml", align="center"),
        _text("￥12.90", align="center", bold=True, size=2),
        _text("原价 ￥19.80" if zh else "instead of ￥19.80", align="center"),
        {"kind": "barcode", "symbology": "ean13", "data": "6901234567892", "height": 72},
        {"kind": "rule", "style": "dashed"},
        _text(
            "今日有效，每人限用一次，结账时自动抵扣。"
            if zh
            else "Valid today, once per person. It applies itself at checkout.",
            align="center",
        ),
    ]


def pick_list(language: str) -> Lines:
    zh = language == "zh-CN"
    rows = [
        ("A-03", "每日鲜全脂牛奶 950\u00a0ml" if zh else "Whole milk, fresh today, 950\u00a0ml", "2"),
        ("B-11", "有机小番茄（盒装 250\u00a0g）" if zh else "Organic cherry tomatoes, 250\u00a0g box", "1"),
        ("C-07", "Crème brûlée 香草焦糖布丁" if zh else "Crème brûlée, vanilla", "3"),
        ("D-01", "婴儿纸尿裤 M 号 64 片" if zh else "Nappies, size M, 64 pieces", "1"),
    ]
    lines: Lines = [
        *_head(language, "拣货单" if zh else "Pick list"),
        _text("#1042", align="center", bold=True, size=2),
        _pair("下单" if zh else "Ordered", "18:20"),
        _pair("取货" if zh else "Pick-up", "19:00–19:30"),
        {"kind": "rule", "style": "dashed"},
    ]
    for shelf, name, count in rows:
        lines.append({"kind": "columns", "cells": [
            {"text": "[ ]", "width": 3}, {"text": name}, {"text": f"×{count}", "align": "right", "width": 3},
        ]})  # fmt: skip
        lines.append(_text(f"    {shelf}"))
    return [
        *lines,
        {"kind": "rule", "style": "dashed"},
        _pair("件数" if zh else "Pieces", "7", bold=True),
        {"kind": "barcode", "symbology": "code128", "data": "ORDER-1042", "height": 56},
    ]


def receipt(language: str) -> Lines:
    zh = language == "zh-CN"
    rows = [
        ("每日鲜全脂牛奶 950\u00a0ml" if zh else "Whole milk, 950\u00a0ml", "2", "12.90", "25.80"),
        ("全麦吐司（切片）" if zh else "Wholemeal toast, sliced", "1", "9.90", "9.90"),
        ("阳光玫瑰葡萄" if zh else "Shine Muscat grapes", "0.482", "39.80", "19.18"),
        ("Café crème à l’ancienne 250\u00a0g", "1", "45.00", "45.00"),
    ]
    names = ("商品", "数量", "单价", "金额") if zh else ("Item", "Qty", "Price", "Sum")
    return [
        *_head(language, "静安区南京西路 100 号" if zh else "100 Nanjing Road West"),
        _pair("2026-11-22 18:36:07", "No. 000417"),
        {"kind": "rule", "style": "dashed"},
        _row(names[0], (names[1], 5), (names[2], 7), (names[3], 8), bold=True),
        *(_row(name, (count, 5), (price, 7), (total, 8)) for name, count, price, total in rows),
        {"kind": "rule", "style": "dashed"},
        {
            "kind": "totals",
            "rows": [
                {"label": "小计" if zh else "Subtotal", "amount": "￥99.88"},
                {"label": "会员优惠券" if zh else "Member coupon", "amount": "-￥6.90"},
                {"label": "应付" if zh else "Total", "amount": "￥92.98", "strong": True},
                {"label": "微信支付" if zh else "WeChat Pay", "amount": "￥92.98"},
            ],
        },
        {"kind": "rule"},
        {"kind": "qr", "data": "https://s.example/r/000417-9F3K", "size": 5},
        _text("扫码开具电子发票" if zh else "Scan for the invoice", align="center"),
        _text("谢谢光临，欢迎再来！" if zh else "Thank you. See you soon!", align="center"),
    ]


def closing(language: str) -> Lines:
    zh = language == "zh-CN"
    counts = [
        ("新会员" if zh else "Registrations", "37", "37"),
        ("购物车开锁" if zh else "Carts unlocked", "212", "212"),
        ("优惠券领取" if zh else "Coupons claimed", "158", "158"),
        ("小票打印" if zh else "Slips printed", "341", "340"),
    ]
    return [
        *_head(language, "日结报告" if zh else "Closing report"),
        _pair("营业日" if zh else "Day", "2026-11-22"),
        _pair("打印" if zh else "Printed", "22:04:31"),
        {"kind": "rule", "style": "dashed"},
        _row("", ("门店" if zh else "Store", 7), ("云端" if zh else "Cloud", 7), bold=True),
        *(_row(name, (here, 7), (there, 7)) for name, here, there in counts),
        {"kind": "rule", "style": "dashed"},
        _text(
            "差异：1 张小票尚未上传，恢复联网后自动补齐。"
            if zh
            else "Difference: 1 slip has not been uploaded yet; it follows by itself.",
            bold=True,
        ),
        {
            "kind": "totals",
            "rows": [
                {"label": "应收" if zh else "Gross", "amount": "￥18,204.60"},
                {"label": "优惠" if zh else "Discounts", "amount": "-￥1,120.35"},
                {"label": "实收" if zh else "Net", "amount": "￥17,084.25", "strong": True},
            ],
        },
        {"kind": "feed", "lines": 1},
        _pair("店长签字" if zh else "Signature", "____________________"),
    ]


SAMPLES = {"locker": locker, "coupon": coupon, "pick-list": pick_list, "receipt": receipt, "closing": closing}


def document(name: str, language: str, **more: Any) -> dict[str, Any]:
    """One of the slips, as the gateway sends it."""
    return {"language": language, "lines": SAMPLES[name](language), **more}
