"""Codes that are none of the store's: what they are, by their looks. Nothing is opened, dialled, joined or kept.

Payment codes of WeChat and Alipay come first: whoever has their digits can take money for a minute. Before them is
only the number of a citizen of China, some of which begin as WeChat's codes do: a day of birth and a check digit tell.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_CITIZEN: Final = re.compile(r"([1-9][0-9]{5}((?:19|20)[0-9]{6})[0-9]{3})([0-9X])", re.IGNORECASE)

_FORMS: Final = tuple(
    (what, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for what, pattern in (
        # Alipay and WeChat Pay, merchant scan: 16 to 24 digits from 25-30, and 18 digits from 10-15.
        ("wechat_pay", r"1[0-5][0-9]{16}"),
        ("alipay", r"(?:2[5-9]|30)[0-9]{14,22}"),
        ("unionpay", r"62[0-9]{17}"),
        # EMVCo, consumer-presented: "85 05 CPV01" in Base64.
        ("payment_code", r"hQVDUFYwM.*"),
        # EMVCo, merchant-presented, as PIX, PayNow, BharatQR and stickers on tills have it.
        ("payment_link", r"000201(?:01021[12])?(?:0[2-9]|[1-4][0-9]|5[01])[0-9]{2}.*"),
        # On invoices: SEPA, Switzerland, Croatia, Slovenia, Czechia and Slovakia, Russia.
        ("payment_link", r"(?:BCD\s+00[12]|SPC\s+0[12]00|HRVHUB30|UPNQR)\s.*|SPD\*[0-9.]+\*.*|ST0001[12][^A-Z0-9].*"),
        ("payment_link", r"(?:(?:payto|bank|upi|wxp|alipay(?:s|qr)?|upwapi)://|weixin://wxpay/).*"),
        ("payment_link", r"(?:bitcoin|lightning|ethereum|litecoin|monero|dogecoin|solana):.*"),
        ("payment_link", r"bc1[qp][ac-hj-np-z02-9]{38,58}|lnbc[0-9]+[munp]?1[ac-hj-np-z02-9]{50,}"),
        ("payment_link", r"https?://(?:qr\.alipay|wx\.tenpay|qr\.95516)\.com(?:[/?#].*)?"),
        ("payment_link", r"https?://(?:www\.)?paypal\.(?:me|com/(?:paypalme|qrcodes))(?:[/?#].*)?"),
        ("wechat_link", r"weixin://.*|https?://(?:u\.wechat|(?:work\.|mp\.)?weixin\.qq)\.com(?:[/?#].*)?"),
        # The EU's certificates, SMART Health Cards, Germany's prescriptions and medication plans.
        ("health", r'(?:HC1:|shc:/|\{\s*"urls"\s*:\s*\[\s*"Task/|<MP\s).*'),
        ("wifi", r"(?:WIFI|DPP):.*"),
        ("contact", r"(?:BEGIN:VCARD|MECARD:|BIZCARD:).*"),
        ("calendar", r"BEGIN:(?:VEVENT|VCALENDAR).*"),
        ("one_time_password", r"otpauth(?:-migration)?://.*"),
        ("phone", r"tel:.*|(?:0086|86)[ -]?1[3-9][0-9]{9}|1[3-9][0-9]{9}|\+[1-9][0-9 ()/.-]{5,22}[0-9]"),
        ("message", r"(?:smsto|sms|mmsto|mms):.*"),
        ("mail", r"(?:mailto:|MATMSG:).*|[^@\s]{1,64}@[^@\s]{1,200}\.[a-z]{2,}"),
        ("place", r"geo:.*"),
        ("boarding_pass", r"M[1-4](?=.{1,18}/)[A-Z /]{20}.*"),
        # China's number of a citizen; the back of a driving licence of North America.
        ("id_card", r"[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9X]|@\s*(?:ANSI|AAMVA)\s?[0-9]{6}.*"),
        ("address", r"(?:https?://|www\.).*"),
        ("app", r"(?:[a-z][a-z0-9+.-]{1,30}://|FIDO:/|LPA:1\$).*"),
    )
)

PAYMENTS: Final = frozenset({"wechat_pay", "alipay", "unionpay", "payment_code", "payment_link"})
"""What pays, and what asks for money (`payment_link`), whether or not it is a link."""

LONGEST: Final = 300
"""As many characters as the forms need; what comes after makes no other kind."""


def what(text: str) -> str:
    """`wifi`, `phone`, `wechat_pay` …; `digits` or `text` where nothing else fits, `empty` where there is nothing."""
    start = text.strip()[:LONGEST]
    if not start:
        return "empty"
    if is_citizen(start):
        return "id_card"
    for name, form in _FORMS:
        if form.fullmatch(start):
            return name
    return "digits" if start.isascii() and start.isdigit() else "text"


def is_citizen(text: str) -> bool:
    """Whether it is the number of a citizen of China (GB 11643): place, a day of birth, and the check digit of ISO 7064
    MOD 11-2. Of payment codes with 18 digits one in some 20,000 is by chance.
    """
    found = _CITIZEN.fullmatch(text.strip())
    if found is None:
        return False
    digits, born, check = found.groups()
    try:
        date(int(born[:4]), int(born[4:6]), int(born[6:]))
    except ValueError:
        return False
    rest = 0
    for digit in digits:
        rest = (rest + int(digit)) * 2 % 11
    return (rest + (10 if check in "Xx" else int(check))) % 11 == 1
