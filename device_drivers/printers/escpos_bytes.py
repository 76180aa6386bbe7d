"""A laid-out slip as ESC/POS bytes. python-escpos makes styles, QR codes, cuts and pulses, and knows what each printer
lacks. Text is ours; so are bar codes and pictures, during which it talks to standard output.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from device_drivers.printers import document_layout as layout
from device_drivers.printers import document_picture as picture

if TYPE_CHECKING:
    from PIL import Image

    from device_drivers.printers.escpos_text import Alphabet

log = logging.getLogger(__name__)

BAND: Final = 24
"""Rows of a picture per command. A printer that was cut off inside a command waits for the rest of it, and small
commands have small rests.
"""
LINE_FEED: Final = {1: b"\x1b2", 2: b"\x1b3\x3c"}
"""Line spacing by size: the printer's own, and 60 dots."""
REAL_TIME: Final = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""How real-time commands begin. A printer obeys them also inside a picture."""


class Head(msgspec.Struct, frozen=True):
    """What the renderer must know of the printer."""

    profile: str
    """A profile of python-escpos."""
    dots: int
    alphabet: Alphabet
    cutter: str
    """`partial`, `full` or `none`."""
    drawer: int
    """The pin of the drawer's plug, 2 or 5; 0 without a drawer."""
    logos: Path | None


class SlipBytes(msgspec.Struct, frozen=True):
    """The bytes of a slip in two parts. What is on paper of `last` tells a whole slip from a torn one."""

    first: bytes
    last: bytes
    """The last thing with ink on it, and the cut."""


class Renderer:
    """Makes the bytes. For one thread at a time."""

    def __init__(self, head: Head, pen: picture.Pen | None) -> None:
        """`pen` draws what the printer has no letters for; without one, such letters come out as `?`."""
        self._head = head
        self._pen = pen
        self._escpos = new_escpos(head.profile)
        self._makers: Final = {
            layout.TextLine: self._line,
            layout.Qr: self._qr,
            layout.Bars: self._bars,
            layout.Rule: self._rule,
            layout.Logo: self._logo,
            layout.Feed: self._feed,
            layout.Cut: self._cut,
            layout.Drawer: self._drawer,
        }

    @property
    def _features(self) -> dict[str, bool]:
        features: dict[str, bool] = self._escpos.profile.profile_data["features"]
        return features

    def render(self, placed: list[layout.Placed]) -> SlipBytes:
        """The whole slip. Raises `BadDocument` for a logo that is no picture."""
        inked = [
            place for place, item in enumerate(placed) if not isinstance(item, layout.Feed | layout.Cut | layout.Drawer)
        ]
        last = inked[-1] if inked else 0
        parts = [self._bytes_of(item) for item in placed]
        opening = b"\x1b@" + self._head.alphabet.opening
        return SlipBytes(opening + b"".join(parts[:last]), b"".join(parts[last:]))

    def separation(self) -> bytes:
        """Ends what a broken-off job left on the paper, so that the next slip does not hang on it."""
        return b"\x1b@\n" + self._bytes_of(layout.Cut())

    def _bytes_of(self, item: layout.Placed) -> bytes:
        draw: Any = self._makers[type(item)]
        draw(item)
        out: bytes = self._escpos.output
        self._escpos.clear()
        return out

    def _raw(self, data: bytes) -> None:
        self._escpos._raw(data)  # noqa: SLF001 - its own documented way in for bytes (`Escpos._raw`)

    def _line(self, item: layout.TextLine) -> None:
        data = self._head.alphabet.encode(item.text)
        if data is None and self._pen is not None:
            self._picture(self._pen.line(item, self._head.dots))
            return
        if data is None:
            data = b"".join(
                self._head.alphabet.encode(text) or b"?" * columns for text, _, columns in layout.cells_of(item.text)
            )
        self._escpos.set(
            align=item.align,
            bold=item.bold,
            invert=item.reverse,
            custom_size=True,
            width=item.size,
            height=item.size,
        )
        self._raw(LINE_FEED[item.size] + data + b"\n")

    def _qr(self, item: layout.Qr) -> None:
        if not self._features.get("qrCode"):
            self._picture(picture.qr(item, self._head.dots))
            return
        from escpos.constants import QR_ECLEVEL_M

        self._escpos.set(align="center")
        self._raw(b"\x1bJ\x10")
        self._escpos.qr(item.data, ec=QR_ECLEVEL_M, size=item.module, native=True)
        self._raw(b"\x1bJ\x10")

    def _bars(self, item: layout.Bars) -> None:
        data = _bar_data(item)
        # Digits in pairs may be such a command too: 1620 is DLE DC4, and 01 behind it opens the drawer.
        obeyed = any(command in data for command in REAL_TIME)
        if not self._features.get("barcodeB") or item.module < 2 or obeyed:
            self._picture(picture.bars(item, self._head.dots, self._pen))
            return
        self._escpos.set(align="center", custom_size=True, width=1, height=1, bold=False, invert=False)
        height, module = bytes([item.height]), bytes([item.module])
        self._raw(LINE_FEED[1] + b"\x1bJ\x0c\x1dh" + height + b"\x1dw" + module + b"\x1df\x00\x1dH\x02")
        self._raw(data)

    def _logo(self, item: layout.Logo) -> None:
        png = picture.logo_bytes(item.name, item.png, self._head.logos)
        if png is None:
            log.warning("no logo %s.png in %s: the slip goes without", item.name, self._head.logos)
            return
        self._picture(picture.logo(png, self._head.dots))

    def _picture(self, drawn: Image.Image) -> None:
        self._escpos.set(align="left")
        across = drawn.width // 8
        data = harmless(_bits(drawn))
        for top in range(0, drawn.height, BAND):
            rows = data[top * across : (top + BAND) * across]
            size = across.to_bytes(2, "little") + (len(rows) // across).to_bytes(2, "little")
            self._raw(b"\x1dv0\x00" + size + rows)

    def _rule(self, item: layout.Rule) -> None:
        self._picture(picture.rule(item, self._head.dots))

    def _feed(self, item: layout.Feed) -> None:
        self._raw(LINE_FEED[1])
        self._escpos.print_and_feed(item.lines)

    def _drawer(self, _: layout.Drawer) -> None:
        if self._head.drawer:
            self._escpos.cashdraw(self._head.drawer)

    def _cut(self, _: layout.Cut) -> None:
        if self._head.cutter == "none":
            self._raw(LINE_FEED[1])
            self._escpos.print_and_feed(5)
        else:
            # Function B feeds as far as this printer's cutter is away, no further; python-escpos feeds six lines.
            self._raw(b"\x1dV" + (b"B" if self._head.cutter == "partial" else b"A") + b"\x10")


def new_escpos(profile: str) -> Any:
    """python-escpos, writing into memory. Raises `ValueError` for a profile that it does not know."""
    from escpos.capabilities import CAPABILITIES
    from escpos.printer import Dummy

    if profile not in CAPABILITIES["profiles"]:
        raise ValueError(f"profile {profile!r}: python-escpos knows {', '.join(sorted(CAPABILITIES['profiles']))}")
    return Dummy(profile=profile)


def _bar_data(item: layout.Bars) -> bytes:
    """`GS k`, the form with a length."""
    if item.symbology == "ean13":
        return b"\x1dkC\x0d" + item.data.encode("ascii")
    if layout.code128_set(item.data) == "C":
        data = b"{C" + bytes(int(item.data[at : at + 2]) for at in range(0, len(item.data), 2))
    else:
        data = b"{B" + item.data.replace("{", "{{").encode("ascii")
    return b"\x1dkI" + bytes([len(data)]) + data


def _bits(drawn: Image.Image) -> bytes:
    """Rows of whole bytes, where a set bit is black; Pillow has it the other way round."""
    return bytes(byte ^ 0xFF for byte in drawn.tobytes())


def harmless(data: bytes) -> bytes:
    """A picture's bytes without any that a printer would take for a real-time command: one dot more hides each."""
    for command in REAL_TIME:
        data = data.replace(command, bytes([command[0] | 0x08, command[1]]))
    return data
