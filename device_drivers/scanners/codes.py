"""From the bytes of a scanner to a code: where one ends, what kind it is, and its text. Pure."""

from __future__ import annotations

import re
from typing import Final

from device_drivers.contract import Scanned

MAX_CODE: Final = 8192
"""A code is at most so many bytes long; the largest QR code holds 2,953. More is a stuck key or a wrong baud rate."""

_AIM: Final = re.compile(rb"\]([A-Za-z])([0-9A-Za-z])")
_KINDS: Final = {
    "A": "code39",
    "C": "code128",
    "C1": "gs1-128",
    "E": "ean13",
    "E4": "ean8",
    "F": "codabar",
    "G": "code93",
    "I": "itf",
    "L": "pdf417",
    "Q": "qr",
    "Q3": "gs1-qr",
    "d": "datamatrix",
    "d2": "gs1-datamatrix",
    "e": "gs1-databar",
    "z": "aztec",
}
"""By letter of the AIM identifier (ISO/IEC 15424), and by letter and modifier where that makes a difference."""


class Assembler:
    """Cuts a stream of bytes into codes: at an end, or at a silence where a scanner is set to send none.

    Whoever reads late has heard no silence: a code that lay there in two parts is one.
    """

    def __init__(self, ends: bytes, silence_s: float) -> None:
        self._ends = frozenset(ends)
        self._silence_s = silence_s
        self._part = bytearray()
        self._spoilt = False
        self._last = 0.0

    def take(self, data: bytes, now: float) -> list[bytes]:
        """The codes that are complete with these bytes."""
        codes: list[bytes] = []
        self._last = now
        for byte in data:
            if byte in self._ends:
                codes += self._cut()
            elif len(self._part) < MAX_CODE:
                self._part.append(byte)
            else:
                self._spoilt = True
        return codes

    def idle(self, now: float) -> list[bytes]:
        """The code that has been lying there without an end; nothing more had come by `now`."""
        return self._cut() if now - self._last >= self._silence_s else []

    def spoil(self) -> None:
        """Something got lost: what is there so far is no code. A code with a hole is worse than none."""
        self._spoilt = True

    def _cut(self) -> list[bytes]:
        part, good = bytes(self._part), not self._spoilt
        self._part.clear()
        self._spoilt = False
        return [part] if part and good else []


def scanned(code: bytes, encodings: tuple[str, ...] = ("utf-8",)) -> Scanned:
    """The event: `symbology` by its AIM identifier (none without one), `text`, and `bytes` in hex where none of the
    encodings fits, or the code holds a NUL, which no text of the contract may.
    """
    symbology = None
    if found := _AIM.match(code):
        letter, modifier = found[1].decode(), found[2].decode()
        symbology = _KINDS.get(letter + modifier) or _KINDS.get(letter)
        if symbology:
            code = code[found.end() :]
    for encoding in encodings:
        try:
            text = code.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return Scanned(text, symbology)
        return Scanned(text.replace("\0", "\ufffd"), symbology, code.hex())
    return Scanned(code.decode("utf-8", "replace").replace("\0", "\ufffd"), symbology, code.hex())
