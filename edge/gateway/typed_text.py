"""What somebody entered with a keyboard of any country."""

from __future__ import annotations

import unicodedata


def normal_width(text: str) -> str:
    """The same with signs of the usual width: a Chinese keyboard may write digits and letters as wide as its words."""
    return unicodedata.normalize("NFKC", text)


def without_separators(text: str) -> str:
    """A code without the blanks and dashes that part its groups."""
    return "".join(each for each in normal_width(text) if not each.isspace() and unicodedata.category(each) != "Pd")


def digits(text: str) -> str:
    """The digits of a code, whatever stands between them."""
    return "".join(each for each in normal_width(text) if each.isascii() and each.isdigit())
