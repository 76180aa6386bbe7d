"""Element strings as people and readers write them where they cannot write FNC1, and addresses as they arrive."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from gs1.trade import gtin14

FNC1: Final = "\x1d"
_WORDS: Final = re.compile(
    r"<(?:GS|FNC1|F1|0x1D|29|GS1)>|\{(?:GS|FNC1|GS1|29)\}|\[(?:GS|FNC1|FNC 1)\]|\((?:GS|FNC1)\)|\u241d|\^\]|"
    r"~d029|\\x\{1D\}|\\x1D|\\u001D|"
    r"\\029|\\035|\\F(?:NC1)?|%1D|&#29;|&#x1D;|\u21d4|\xe8(?=[0-9])",
    re.IGNORECASE,
)
"""Spelled separators. Some could stand in a value by the letter of the standard; nobody's batch is called `<GS>`."""
_SIGNS: Final = re.compile(rf"[^!-\"%-?A-Z_a-z#{FNC1}]")
"""Signs that stand in no value: readers are set up to send one for FNC1, or keyboards make one of it."""
_MANY: Final = re.compile(f"{FNC1}{{2,}}")
_TILDES: Final = tuple(map(re.compile, ("~1", "~F1", "~F")))
_BRACKETS: Final = re.compile(r"[\[({<]\s*([0-9]{2,4})\s*[\])}>]")
_AROUND: Final = re.compile(r"\s*(\([0-9]{2,4}\))\s*")
_WRAPPED: Final = re.compile(r"^(?:[\s<(\[{\"'“‘「『《〈【〔（]|url\s*:)+", re.IGNORECASE)
_BEHIND: Final = re.compile(r"[\s>)\]}\"'.,;:!?]+$")
_SAID: Final = re.compile(r"[，。；：！？、…》〉」』】〕）”’].*$", re.DOTALL)
"""What an app writes behind a code, from the first sign that stands in no address on."""
_ADDRESS: Final = re.compile(
    r"(?:https?://|[a-z0-9.-]+\.[a-z]{2,}/(?:[^?#\s]*/)?(?:01|8006|00|414|gtin)/)", re.IGNORECASE
)


_NUMBER: Final = re.compile(r"[^\w+\x1d]*([0-9](?:[ -]?[0-9]){7,13})[^\w]*")
"""A plus before it makes a phone number of it."""


def strings(text: str) -> Iterator[str]:
    """The ways to read a text as an element string, the likeliest first: separators as FNC1, AIs in round brackets."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = _MANY.sub(FNC1, _WORDS.sub(FNC1, text))
    if _BRACKETS.match(text.removeprefix(FNC1)):
        text = _BRACKETS.sub(r"(\1)", text).removeprefix(FNC1)
        yield _AROUND.sub(r"\1", text.replace(FNC1, "")).strip()
        return
    yield text
    if _SIGNS.search(text):
        yield _MANY.sub(FNC1, _SIGNS.sub(FNC1, text))
        for tilde in _TILDES:
            yield _MANY.sub(FNC1, _SIGNS.sub(FNC1, tilde.sub(FNC1, text)))


def bracketed(text: str) -> bool:
    """Whether it begins with an application identifier in brackets."""
    return _BRACKETS.match(unicodedata.normalize("NFKC", text[:12])) is not None


def number(text: str) -> str:
    """The digits that a text is, without what keyboards and apps put around them; the text where it is no number."""
    plain = unicodedata.normalize("NFKC", _SAID.sub("", text))
    bare = _NUMBER.fullmatch("".join(sign for sign in plain if unicodedata.category(sign) != "Cf"))
    digits = re.sub("[ -]", "", bare[1]) if bare else ""
    # In groups, as it stands under the bars; of other numbers in groups nine in ten have no check digit.
    return digits if bare and (digits == bare[1] or gtin14(digits)) else text


def address(text: str) -> str:
    """The web address that a text is, without what people and apps put around it; empty where it is none.

    Its path ends in no slash, and its scheme is there and small.
    """
    bare = _BEHIND.sub("", _SAID.sub("", _WRAPPED.sub("", text.strip("\ufeff\u200b\u2060 "))))
    if not _ADDRESS.match(bare):
        return ""
    scheme, mark, rest = bare.partition("://")
    if not mark:
        scheme, rest = "https", bare
    path = re.match(r"[^?#]*", rest)
    end = path.end() if path else 0
    return f"{scheme.lower()}://{rest[:end].rstrip('/')}{rest[end:]}"
