"""The three decoders behind one shape: a view of the picture in, `Read`s in the picture's own coordinates out.

What each library is known to raise ends here, by name. libzbar0 may be missing; then `zbar` finds nothing and
`ZBAR_MISSING` says why.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import zxingcpp
from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from device_drivers.scanners.charsets import text_of, text_with_switches
from device_drivers.scanners.reads import Read, checked, named

if TYPE_CHECKING:
    from device_drivers.scanners.reads import Format
    from device_drivers.scanners.views import View

log = logging.getLogger(__name__)

ZBAR_MISSING: str | None
"""Why libzbar0 cannot be used; None where it can."""
try:
    from pyzbar import pyzbar
    from pyzbar.pyzbar_error import PyZbarError
except ImportError as error:  # pyzbar's own way to say that the shared library is not installed
    ZBAR_MISSING = str(error)
else:
    ZBAR_MISSING = None

_F = zxingcpp.BarcodeFormat
FRAMED: Final[Any] = [_F.EANUPC, _F.Code128, _F.ITF]
"""Linear codes with quiet zones, which tell bars from ground. A DataBar has none: seen inverted, it is another one."""
LINEAR: Final[Any] = [*FRAMED, _F.DataBar, _F.DataBarLtd, _F.DataBarExp]
ALL: Final[Any] = [*LINEAR, _F.DataMatrix, _F.QRCode]
_FORMATS: Final[dict[str, Format]] = {
    "EAN13": "ean13",
    "UPCA": "ean13",
    "EAN8": "ean8",
    "UPCE": "upce",
    "Code128": "code128",
    "ITF": "itf",
    "ITF14": "itf",
    "DataMatrix": "datamatrix",
    "QRCode": "qr",
    "QRCodeModel1": "qr",
    "QRCodeModel2": "qr",
    "DataBarLtd": "databar-ltd",
    "DataBarExp": "databar-exp",
    "DataBarExpStk": "databar-exp",
    "DataBar": "databar",
    "DataBarOmni": "databar",
    "DataBarStk": "databar",
    "DataBarStkOmni": "databar",
}
_ZBAR: Final[dict[str, Format]] = {
    "EAN13": "ean13",
    "EAN8": "ean8",
    "UPCA": "ean13",
    "UPCE": "upce",
    "CODE128": "code128",
    "QRCODE": "qr",
}
"""Its ITF and DataBar are left off: ghosts, and an assertion on stderr."""
_OPENCV: Final[dict[str, Format]] = {"EAN_13": "ean13", "EAN_8": "ean8", "UPC_A": "ean13"}
_WITH_ECI: Final = frozenset({"]Q2", "]Q4", "]Q6", "]d4", "]d5", "]d6"})
_LEAST_ITF: Final = 6
"""Digits; shorter ones are parts of others."""


def zxing(view: View, stage: str, *, formats: Any = ALL, thorough: bool = True, **options: Any) -> list[Read]:
    """zxing-cpp. `thorough` also looks sideways, smaller and inverted; `options` are its own."""
    how = {"try_rotate": thorough, "try_downscale": thorough, "try_invert": thorough} | options
    try:
        found = zxingcpp.read_barcodes(view.gray, formats=formats, text_mode=zxingcpp.TextMode.HexECI, **how)
    except ValueError:  # an empty picture
        return []
    return [read for code in found if (read := _from_zxing(code, view, stage))]


def _from_zxing(code: Any, view: View, stage: str) -> Read | None:
    kind = _FORMATS.get(code.format.name)
    if kind is None or not code.bytes:
        return None
    at = code.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    quad = view.back(tuple((corner.x, corner.y) for corner in corners))
    identifier = code.symbology_identifier
    text = _zxing_text(code.bytes, identifier, code.text)
    if (kind == "itf" and len(text) < _LEAST_ITF) or (kind == "databar-exp" and not _begins_with_an_ai(text)):
        return None
    return Read(named(kind, text), text, code.bytes, identifier, quad, "zxing", stage)


def _begins_with_an_ai(text: str) -> bool:
    """DataBar Expanded holds element strings and nothing else."""
    try:
        GS1ApplicationIdentifier.extract(text)
    except ParseError:
        return False
    return True


def _zxing_text(raw: bytes, identifier: str, hexadecimal: str) -> str:
    if identifier[1:2] not in "Qd":
        return raw.decode("latin-1")
    if identifier in _WITH_ECI:
        return text_with_switches(bytes.fromhex(hexadecimal)[3:])
    return text_of(raw)


def zbar(view: View, stage: str, *, matrix: bool = True) -> list[Read]:
    """libzbar0."""
    if ZBAR_MISSING is not None:
        return []
    symbols = [pyzbar.ZBarSymbol[name] for name in _ZBAR if matrix or name != "QRCODE"]
    try:
        found = pyzbar.decode(np.ascontiguousarray(view.gray), symbols=symbols)
    except (ValueError, ZeroDivisionError, PyZbarError):
        # A structured-append QR code has no valid orientation for pyzbar; an empty picture divides by zero.
        return []
    return [read for code in found if (read := _from_zbar(code, view, stage))]


def _from_zbar(code: Any, view: View, stage: str) -> Read | None:
    kind = _ZBAR.get(code.type)
    if kind is None or not code.data or not code.data.isascii():  # it guesses a charset, and the bytes are gone
        return None
    text = code.data.decode("ascii")
    if kind in ("ean13", "upce"):
        text = text.zfill(13)
    if kind == "upce" and len(text.lstrip("0")) <= 8:
        return None
    quad = view.back(tuple((float(corner.x), float(corner.y)) for corner in code.polygon))
    return Read(named(kind, text), text, code.data, _identifier(kind), quad, "zbar", stage, float(code.quality))


def opencv(view: View, stage: str) -> list[Read]:
    """`cv2.barcode`: EAN-13, EAN-8 and UPC-A."""
    try:
        ok, texts, kinds, quads = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(view.gray)
    except (cv2.error, UnicodeDecodeError):
        return []
    if not ok:
        return []
    reads = []
    for digits, name, corners in zip(texts, kinds, quads, strict=False):
        kind = _OPENCV.get(name)
        if digits and kind and checked(digits):
            text = digits.zfill(13) if kind == "ean13" else digits
            quad = view.back(tuple((float(x), float(y)) for x, y in corners))
            reads.append(Read(named(kind, text), text, text.encode(), _identifier(kind), quad, "opencv", stage))
    return reads


def _identifier(kind: Format) -> str:
    return {"code128": "]C0", "qr": "]Q1", "ean8": "]E4"}.get(kind, "]E0")
