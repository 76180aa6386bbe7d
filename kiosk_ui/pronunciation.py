"""What is written, as it is said: a voice reads signs and figures its own way, or not at all."""

from __future__ import annotations

import re
from typing import Final

from kiosk_ui import texts

PRICE: Final = re.compile(r"(?:¥\s?(?P<before>\d[\d,.]*\d|\d))|(?:(?P<after>\d[\d,.]*\d|\d)\s?¥)")
EURO: Final = re.compile(r"(?P<amount>\d[\d.,]*\d|\d)\s?€")
LESS: Final = re.compile(r"[-\N{MINUS SIGN}](?P<percent>\d+)\s?%")
CODE: Final = re.compile(r"(?<![\d.,])\d{5,}(?![\d.,]*\d)")
"""A number so long is said digit by digit: a code, not an amount."""
PAUSES: Final = re.compile(r"\s*[·|•–—›‹\n]\s*|\s{2,}")
TIMES: Final = re.compile(r"\s*×\s*(?=\d)|(?<=\d)\s*×\s*")
UNHEARD: Final = re.compile(r"[\N{BLACK RIGHT-POINTING TRIANGLE}\N{BLACK SMALL SQUARE}…✓✗★☆▸▾▴]")
JOINT: Final = {"zh": "，"}
"""What stands for a short pause; a comma elsewhere."""


def aloud(text: str, language: str) -> str:
    """The text for a voice of this language."""
    said = PRICE.sub(lambda found: _money(found["before"] or found["after"], language), text)
    said = EURO.sub(lambda found: texts.say(language, "access.aloud.euro", amount=found["amount"]), said)
    said = LESS.sub(lambda found: texts.say(language, "access.aloud.less", percent=found["percent"]), said)
    said = CODE.sub(lambda found: " ".join(found[0]), said)
    said = TIMES.sub(texts.say(language, "access.aloud.times"), said)
    said = UNHEARD.sub("", said)
    return PAUSES.sub(joint(language), said).strip(" ，,")


def joint(language: str) -> str:
    """A short pause."""
    return JOINT.get(language.partition("-")[0], ", ")


def joined(parts: list[str], language: str) -> str:
    """Several texts in a row, each said once, with a pause between."""
    whole = [part for part in dict.fromkeys(aloud(each, language) for each in parts) if part]
    return joint(language).join(whole)


def sign_by_sign(code: str) -> str:
    """A code that is short enough to be taken for an amount: its signs are said one by one."""
    return " ".join(code.replace(" ", ""))


def _money(amount: str, language: str) -> str:
    return texts.say(language, "access.aloud.yuan", amount=amount)
