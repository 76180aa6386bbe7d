"""Text as the bytes that make an ESC/POS printer set it right, or the word that it cannot.

A Chinese printer takes every byte from 0x80 up for half a Chinese character as long as its Chinese mode is on, and it
is on when the printer wakes up; a Western printer takes them for letters of the code page chosen last. So each run of
letters here switches to the mode it needs, and the mode is off at the end of the line.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

import msgspec

from device_drivers.printers.document_wrap import width

CHINESE_ON: Final = b"\x1c&"
CHINESE_OFF: Final = b"\x1c."
PLAINER: Final = {"\N{NO-BREAK SPACE}": " ", "\N{MINUS SIGN}": "-"}
"""What no printer has, and what it sets in its place."""

_Mode = Literal["ascii", "page", "chinese"]


class Alphabet(msgspec.Struct, frozen=True):
    """What letters the printer has."""

    chinese: bool
    """GB18030, as far as its two-byte part: that is where printers have glyphs."""
    page: str | None
    """A Python codec such as `cp858`; None where its upper half is not to be used."""
    page_number: int = 0
    """What `ESC t` calls that page on this printer."""

    @property
    def opening(self) -> bytes:
        """What a job begins with: Chinese mode off, code page chosen."""
        off = CHINESE_OFF if self.chinese else b""
        return off + (b"\x1bt" + bytes([self.page_number]) if self.page else b"")

    def encode(self, text: str) -> bytes | None:
        """The bytes of one line; None where a letter is missing, and the line has to be drawn.

        Each letter takes as many columns on paper as `document_wrap.width` says, whatever else it could be encoded in.
        """
        out, mode = bytearray(), "ascii"
        for character in unicodedata.normalize("NFC", text):
            found = self._find(character)
            if found is None:
                return None
            needs, letter = found
            if (needs == "chinese") != (mode == "chinese"):
                out += CHINESE_ON if needs == "chinese" else CHINESE_OFF
            mode = needs
            out += letter
        return bytes(out + CHINESE_OFF if mode == "chinese" else out)

    def _find(self, character: str) -> tuple[_Mode, bytes] | None:
        character = PLAINER.get(character, character)
        if " " <= character <= "~":
            return "ascii", character.encode("ascii")
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            return None
        if width(character) == 1:
            letter = _encoded(character, self.page, 1) if self.page else None
            return ("page", letter) if letter else None
        letter = _encoded(character, "gb18030", 2) if self.chinese else None
        return ("chinese", letter) if letter else None


def _encoded(character: str, codec: str, size: int) -> bytes | None:
    try:
        letter = character.encode(codec)
    except UnicodeEncodeError:
        return None
    return letter if len(letter) == size else None
