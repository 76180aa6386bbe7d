"""What a decoder found in a picture (`Read`), whichever library it is from."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

Format = Literal[
    "ean13", "ean8", "upca", "upce", "code128", "itf", "databar", "databar-exp", "databar-ltd", "qr", "datamatrix"
]
"""The kinds of code that a camera looks for."""
Engine = Literal["zxing", "zbar", "opencv"]
"""Whose eyes: zxing-cpp, libzbar0 by pyzbar, `cv2.barcode`."""
Quad = tuple[tuple[float, float], ...]
"""Corners of what was read, in pixels, around it. A linear code's is as thick as the rows that were read, not as the
bars are high; a single row has two different corners, or none."""
Key = tuple[str, str]
"""Of a code: see `Read.key`."""

RETAIL: Final = frozenset({"ean13", "ean8", "upca", "upce"})
MATRIX: Final = frozenset({"qr", "datamatrix"})
"""Formats with error correction: what came out went in."""
SHORT: Final = frozenset({"upce", "ean8", "itf"})
"""Formats so short, or so weakly checked, that a part of another code is read as one."""
_GS1: Final = {"code128": "]C1", "qr": "]Q3", "datamatrix": "]d2"}
_NAMES: Final = {"code128": "gs1-128", "qr": "gs1-qr", "datamatrix": "gs1-datamatrix"}


class Read(msgspec.Struct, frozen=True):
    """One code in one picture, as one decoder reads it."""

    format: Format
    text: str
    """EAN and UPC: the GTIN with its check digit, 13 digits (EAN-8: 8; UPC-E written out as the UPC-A it stands for).
    GS1: element strings, FNC1 as 0x1D.
    """
    raw: bytes
    identifier: str
    """AIM identifier (ISO/IEC 15424): `]E0`, `]C1`, `]Q3` …"""
    quad: Quad
    engine: Engine
    stage: str = ""
    rows: float | None = None
    """libzbar0's quality: how many rows agreed; None from the other two."""

    @property
    def gs1(self) -> bool:
        """Whether it holds GS1 element strings."""
        return self.identifier == "]e0" or _GS1.get(self.format) == self.identifier

    @property
    def symbology(self) -> str:
        """As scanners with a cable name it (`codes.scanned`), and `upca` or `upce` where that is known."""
        if self.format.startswith("databar"):
            return "gs1-databar"
        return _NAMES[self.format] if self.gs1 else self.format

    @property
    def key(self) -> Key:
        """Equal for two reads of the same code: an EAN-13 with a leading zero is the UPC-A."""
        return ("ean", self.text.zfill(13)) if self.format in RETAIL else (self.format, self.text)


def named(format: Format, text: str) -> Format:
    """`upca` for an EAN-13 that begins with zero."""
    return "upca" if format == "ean13" and text.startswith("0") else format


def checked(digits: str) -> bool:
    """Whether the last digit is the GS1 check digit of the others."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def plain(read: Read) -> dict[str, Any]:
    """For logs and benches."""
    return {"format": read.format, "text": read.text, "engine": read.engine, "stage": read.stage, "rows": read.rows}
