"""Signs that are not seen as what they are: they move a cursor, hide letters or turn them round."""

from __future__ import annotations

import re
from typing import Final

UNSEEN: Final = (
    "\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f"  # C0 but tab, newline and ESC; DEL; C1
    "\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # marks of direction, and of nothing
    "\U000e0000-\U000e007f\ud800-\udfff"  # tags, halves of surrogate pairs
)
"""For the brackets of a regular expression; without tab, newline and ESC."""
_IN_TEXT: Final = re.compile(f"[{UNSEEN}\x1b]")

_IN_LINE: Final = re.compile(f"[{UNSEEN}\x1b\n\t]")


def plain(text: str) -> str:
    """The text with everything escaped that is not seen as what it is. Newlines and tabs stay."""
    return _IN_TEXT.sub(escaped, text)


def in_one_line(text: str) -> str:
    """As `plain`, with newlines and tabs escaped too."""
    return _IN_LINE.sub(escaped, text)


def seen(text: str) -> str:
    """The text without all of them: what somebody pasted, as they saw it."""
    return _IN_TEXT.sub("", text)


def escaped(found: re.Match[str]) -> str:
    """A sign as its escape (u202e after a backslash), which JSON reads as the same character."""
    point = ord(found[0])
    if point < 0x10000:
        return f"\\u{point:04x}"
    point -= 0x10000
    return f"\\u{0xD800 + (point >> 10):04x}\\u{0xDC00 + (point & 0x3FF):04x}"
