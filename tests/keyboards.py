"""What other keyboards write for the signs of ours."""

from __future__ import annotations


def wide(text: str) -> str:
    """As a Chinese keyboard writes it that is set so: each sign as wide as a Chinese one."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
