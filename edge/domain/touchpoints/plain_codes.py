"""Codes that are none of the store's: what they are, by their looks. Nothing is opened, dialled, joined or kept.

Payment codes of WeChat and Alipay come first: whoever has their digits can take money for a minute.
"""

from __future__ import annotations

import re
from typing import Final

_FORMS: Final = tuple(
    (what, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for what, pattern in (
        # Alipay and WeChat Pay, merchant scan: 16 to 24 digits from 25-30, and 18 digits from 10-15.
        ("wechat_pay", r"1[0-5][0-9]{16}"),
        ("alipay", r"(?:2[5-9]|30)[0-9]{14,22}"),
        ("unionpay", r"62[0-9]{17}"),
        ("payment_link", r"(?:wxp|weixin|alipays?|upwapi)://.*|https?://(?:qr\.alipay|wx\.tenpay|qr\.95516)\.com/.*"),
        ("wechat_link", r"https?://(?:u\.wechat|weixin\.qq|work\.weixin\.qq|mp\.weixin\.qq)\.com/.*"),
        ("wifi", r"WIFI:.*"),
        ("contact", r"(?:BEGIN:VCARD|MECARD:|BIZCARD:).*"),
        ("calendar", r"BEGIN:(?:VEVENT|VCALENDAR).*"),
        ("one_time_password", r"otpauth://.*"),
        ("phone", r"tel:.*|(?:\+|00)?86[ -]?1[3-9][0-9]{9}|1[3-9][0-9]{9}"),
        ("message", r"(?:smsto|sms|mmsto|mms):.*"),
        ("mail", r"(?:mailto:|MATMSG:).*|[^@\s]{1,64}@[^@\s]{1,200}\.[a-z]{2,}"),
        ("place", r"geo:.*"),
        ("boarding_pass", r"M1[A-Z /]{20}.*"),
        ("id_card", r"[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9X]"),
        ("address", r"(?:https?://|www\.).*"),
        ("app", r"[a-z][a-z0-9+.-]{1,30}://.*"),
    )
)

PAYMENTS: Final = frozenset({"wechat_pay", "alipay", "unionpay", "payment_link"})
SECRET: Final = PAYMENTS | frozenset(
    {"wifi", "one_time_password", "contact", "phone", "message", "mail", "boarding_pass", "id_card"}
)
"""What is somebody's own: not shown on a screen that others see, and not repeated to anybody."""

LONGEST: Final = 300
"""As many characters as the forms need; what comes after makes no other kind."""


def what(text: str) -> str:
    """`wifi`, `phone`, `wechat_pay` …; `digits` or `text` where nothing else fits, `empty` where there is nothing."""
    start = text.strip()[:LONGEST]
    if not start:
        return "empty"
    for name, form in _FORMS:
        if form.fullmatch(start):
            return name
    return "digits" if start.isascii() and start.isdigit() else "text"
