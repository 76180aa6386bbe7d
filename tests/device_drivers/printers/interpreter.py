"""A printer's head on paper: ESC/POS commands in, a picture of the slip out, one pixel per dot. It raises on everything
that it does not know, on text that runs over the edge, and on bytes that its font has no letter for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import qrcode
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from tests.device_drivers.printers.language import Command, NotEscPos, commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FONT = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 7)
CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
"""`ESC t` of an Epson."""
LETTER = 12
HEIGHT = 24
TO_THE_CUTTER = 110
"""Dots from the head to the cutter."""


class BadSlip(AssertionError):
    """The bytes are ESC/POS, and what they would put on paper is wrong."""


@dataclass
class Style:
    """What letters look like from here on."""

    align: int = 0
    bold: bool = False
    across: int = 1
    down: int = 1
    reverse: bool = False


@dataclass
class Segment:
    """Letters of one style on a line."""

    text: str
    style: Style
    dots: int


@dataclass
class Slip:
    """What came out, from one cut to the next."""

    lines: list[str] = field(default_factory=list)
    pictures: list[Image.Image] = field(default_factory=list)
    cut: bool = False

    def image(self) -> Image.Image:
        whole = Image.new("1", (self.pictures[0].width, sum(part.height for part in self.pictures)), 1)
        top = 0
        for part in self.pictures:
            whole.paste(part, (0, top))
            top += part.height
        return whole


class Interpreter:
    """One printer, with paper `dots` wide. `chinese`: it has GB18030, and its Chinese mode is on when it wakes up."""

    def __init__(self, dots: int, *, chinese: bool = True, torn: bool = False) -> None:
        """`torn`: the line broke now and then, so half letters are no mistake."""
        self.dots = dots
        self.torn = torn
        self.chinese = chinese
        self.slips = [Slip()]
        self.drawer = 0
        self._font = {size: ImageFont.truetype(FONT[0], 22 * size, index=FONT[1]) for size in (1, 2)}
        self._reset()

    def _reset(self) -> None:
        self._style = Style()
        self._line: list[Segment] = []
        self._kanji = self.chinese
        self._page = 0
        self._spacing = 34
        self._bars = {"h": 162, "w": 3, "H": 0}
        self._qr: dict[str, Any] = {"size": 3, "ec": 48, "data": b""}

    def run(self, tape: Iterable[Command]) -> list[Slip]:
        """Every slip, the last one perhaps not cut yet."""
        letters = b""
        for command in tape:
            if command.name == b"":  # text may have come in pieces, cut in the middle of a letter
                letters += command.data
                continue
            if letters and command.name not in (b"\x10\x04", b"\x00"):
                self._text(letters)
                letters = b""
            self._do(command)
        self._text(letters)
        return [slip for slip in self.slips if slip.pictures]

    def _do(self, command: Command) -> None:
        action = self._actions().get(command.name)
        if action is None:
            raise NotEscPos(f"{command!r} is not expected on a slip")
        action(command.data)

    def _actions(self) -> dict[bytes, Callable[[bytes], None]]:
        return {
            b"\x00": lambda _: None, b"\x0a": lambda _: self._feed_line(), b"\x1b@": lambda _: self._reset(),
            b"\x1bE": self._set_bold, b"\x1ba": self._set_align, b"\x1d!": self._set_size, b"\x1dB": self._set_reverse,
            b"\x1b!": self._set_mode,
            b"\x1bM": self._only(0), b"\x1bt": self._set_page, b"\x1b2": lambda _: self._set_spacing(b"\x22"),
            b"\x1b3": self._set_spacing, b"\x1bd": lambda data: [self._feed_line() for _ in range(data[0])],
            b"\x1bJ": lambda data: (self._flush(), self._blank(data[0])),
            b"\x1c&": lambda _: self._set_kanji(on=True), b"\x1c.": lambda _: self._set_kanji(on=False),
            b"\x1dV": self._cut, b"\x1dv0": self._raster, b"\x1bp": self._open_drawer,
            b"\x1dh": self._remember("h"), b"\x1dw": self._remember("w"), b"\x1dH": self._remember("H"),
            b"\x1df": self._only(0), b"\x1dk": self._barcode, b"\x1d(k": self._two_dimensional,
            b"\x1dr": lambda _: None, b"\x1dI": lambda _: None, b"\x1d(H": lambda _: None, b"\x10\x04": lambda _: None,
            b"\x10\x14": lambda _: None,
        }  # type: ignore[dict-item,return-value]  # fmt: skip

    def _only(self, value: int) -> Callable[[bytes], None]:
        def check(data: bytes) -> None:
            if data[0] not in (value, value + 48):
                raise NotEscPos(f"parameter {data[0]}: only {value} is expected")

        return check

    def _remember(self, name: str) -> Callable[[bytes], None]:
        return lambda data: self._bars.__setitem__(name, data[0])

    # --- how letters look ---

    def _set_bold(self, data: bytes) -> None:
        self._style = Style(**{**vars(self._style), "bold": bool(data[0] & 1)})

    def _set_align(self, data: bytes) -> None:
        if self._line:
            raise BadSlip("ESC a works at the beginning of a line only")
        self._style = Style(**{**vars(self._style), "align": data[0] % 48})

    def _set_size(self, data: bytes) -> None:
        across, down = (data[0] >> 4) + 1, (data[0] & 7) + 1
        self._style = Style(**{**vars(self._style), "across": across, "down": down})

    def _set_mode(self, data: bytes) -> None:
        mode = data[0]
        if mode & 0b01000110 or mode & 1:
            raise NotEscPos(f"ESC ! {mode:#x}")
        size = {"across": 1 + bool(mode & 0x20), "down": 1 + bool(mode & 0x10)}
        self._style = Style(**{**vars(self._style), **size, "bold": bool(mode & 8)})

    def _set_reverse(self, data: bytes) -> None:
        self._style = Style(**{**vars(self._style), "reverse": bool(data[0] & 1)})

    def _set_page(self, data: bytes) -> None:
        if data[0] not in CODE_PAGES:
            raise NotEscPos(f"code page {data[0]}")
        self._page = data[0]

    def _set_spacing(self, data: bytes) -> None:
        self._spacing = data[0]

    def _set_kanji(self, *, on: bool) -> None:
        if not self.chinese:
            raise BadSlip("a printer without Chinese was sent FS & or FS .")
        self._kanji = on

    # --- letters ---

    def _text(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            size = self._size_of_letter(data, at)
            letter = self._letter(data[at : at + size])
            dots = LETTER * self._style.across * (2 if size > 1 else 1)
            self._line.append(Segment(letter, self._style, dots))
            at += size
        if sum(part.dots for part in self._line) > self.dots:
            raise BadSlip(f"runs over the edge: {''.join(part.text for part in self._line)!r}")

    def _size_of_letter(self, data: bytes, at: int) -> int:
        if data[at] < 0x80 or not self._kanji:
            return 1
        return 4 if at + 1 < len(data) and 0x30 <= data[at + 1] <= 0x39 else 2

    def _letter(self, data: bytes) -> str:
        if data == b"\x7f":
            raise BadSlip("DEL in a text")
        codec = "ascii" if data[0] < 0x80 else "gb18030" if self._kanji else CODE_PAGES[self._page]
        try:
            return data.decode(codec)
        except UnicodeDecodeError as error:
            if self.torn:
                return "\ufffd"
            raise BadSlip(f"{data!r} is no letter in {codec}") from error

    def _feed_line(self) -> None:
        height = max([self._spacing, *(HEIGHT * part.style.down for part in self._line)])
        self._here().lines.append("".join(part.text for part in self._line))
        picture = Image.new("1", (self.dots, height), 1)
        draw = ImageDraw.Draw(picture)
        draw.fontmode = "1"
        total = sum(part.dots for part in self._line)
        left = {0: 0, 1: (self.dots - total) // 2, 2: self.dots - total}[self._line[0].style.align if self._line else 0]
        tallest = max([HEIGHT, *(HEIGHT * part.style.down for part in self._line)])
        for part in self._line:
            self._draw(draw, part, left, tallest)
            left += part.dots
        self._line = []
        self._place(picture)

    def _draw(self, draw: ImageDraw.ImageDraw, part: Segment, left: int, tallest: int) -> None:
        size = part.style.down
        if part.style.across != size or size > 2:
            raise BadSlip("only 1 x 1 and 2 x 2 are drawn")
        if part.style.reverse:
            draw.rectangle((left, tallest - HEIGHT * size, left + part.dots - 1, tallest - 1), fill=0)
        ink = 1 if part.style.reverse else 0
        for nudge in (0, 1) if part.style.bold else (0,):
            where = (left + part.dots / 2 + nudge, tallest - 4 * size)
            draw.text(where, part.text, font=self._font[size], fill=ink, anchor="ms")

    def _flush(self) -> None:
        if self._line:
            self._feed_line()

    def _blank(self, height: int) -> None:
        self._place(Image.new("1", (self.dots, height), 1))

    def _place(self, picture: Image.Image) -> None:
        self._here().pictures.append(picture)

    def _here(self) -> Slip:
        if self.slips[-1].cut:
            self.slips.append(Slip())
        return self.slips[-1]

    # --- pictures and codes ---

    def _raster(self, data: bytes) -> None:
        if self._line:
            raise BadSlip("a picture in the middle of a line")
        across, down = data[1] + 256 * data[2], data[3] + 256 * data[4]
        if across * 8 > self.dots:
            raise BadSlip(f"a picture of {across * 8} dots")
        inverted = bytes(byte ^ 0xFF for byte in data[5:])
        self._centred(Image.frombytes("1", (across * 8, down), inverted))

    def _centred(self, picture: Image.Image) -> None:
        whole = Image.new("1", (self.dots, picture.height), 1)
        space = self.dots - picture.width
        if space < 0:
            raise BadSlip(f"{picture.width} dots on {self.dots}")
        whole.paste(picture, ({0: 0, 1: space // 2, 2: space}[self._style.align], 0))
        self._place(whole)

    def _barcode(self, data: bytes) -> None:
        self._flush()
        kind, body = data[0], data[2:] if data[0] >= 65 else data[1:]
        text, form = _barcode_text(kind, body)
        code = zxingcpp.create_barcode(text, form)
        drawn = Image.fromarray(code.to_image(scale=1, add_quiet_zones=False)).convert("1")
        row = drawn.crop((0, 0, drawn.width, 1))
        picture = row.resize((row.width * self._bars["w"], self._bars["h"]), Image.Resampling.NEAREST)
        self._centred(picture)
        if self._bars["H"] == 2:
            self._line = [Segment(letter, Style(align=self._style.align), LETTER) for letter in text]
            self._feed_line()

    def _two_dimensional(self, data: bytes) -> None:
        kind, function, body = data[0], data[1], data[2:]
        if kind != 49:
            raise NotEscPos(f"GS ( k {kind}: no QR code")
        match function:
            case 65 if body == b"2\x00":
                pass
            case 67:
                self._qr["size"] = body[0]
            case 69:
                self._qr["ec"] = body[0]
            case 80 if body[:1] == b"0":
                self._qr["data"] = body[1:]
            case 81 if body == b"0":
                self._print_qr()
            case _:
                raise NotEscPos(f"GS ( k, function {function}, {body!r}")

    def _print_qr(self) -> None:
        self._flush()
        level = {48: 1, 49: 0, 50: 3, 51: 2}[self._qr["ec"]]
        code = qrcode.QRCode(error_correction=level, box_size=self._qr["size"], border=0)
        code.add_data(qrcode.util.QRData(self._qr["data"], mode=qrcode.util.MODE_8BIT_BYTE))
        code.make()
        self._centred(code.make_image().get_image().convert("1"))

    # --- the end ---

    def _cut(self, data: bytes) -> None:
        self._flush()
        if data[0] in (65, 66):
            self._blank(data[1] + TO_THE_CUTTER)
        if self.slips[-1].pictures:
            self.slips[-1].cut = True

    def _open_drawer(self, _: bytes) -> None:
        self.drawer += 1


def _barcode_text(kind: int, body: bytes) -> tuple[str, zxingcpp.BarcodeFormat]:
    if kind in (2, 67):
        return body.decode("ascii"), zxingcpp.BarcodeFormat.EAN13
    if kind != 73:
        raise NotEscPos(f"GS k {kind}")
    code_set, symbols = body[:2], body[2:]
    if code_set == b"{C":
        if any(symbol > 99 for symbol in symbols):
            raise NotEscPos(f"code set C with {symbols!r}")
        return "".join(f"{symbol:02d}" for symbol in symbols), zxingcpp.BarcodeFormat.Code128
    if code_set == b"{B":
        return symbols.decode("ascii").replace("{{", "{"), zxingcpp.BarcodeFormat.Code128
    raise NotEscPos(f"Code 128 begins with {code_set!r}")


def slips_of(data: bytes, dots: int, *, chinese: bool = True) -> list[Slip]:
    """What a printer would make of these bytes."""
    return Interpreter(dots, chinese=chinese).run(commands(data))
