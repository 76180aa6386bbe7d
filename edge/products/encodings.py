"""In which encoding a file of products is written: whatever Excel, WPS, a till or an editor writes.

UTF-8 is known by its bytes. Every other encoding without a mark is a guess from the letters that it would give: nearly
all of a Chinese name are characters that people use, nearly all foreign letters of a German or French one are small
letters between others. Where no guess is good, the lines that are no UTF-8 are told one by one.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

CHUNK: Final = 16 * 1024
SAMPLE: Final = 64 * 1024
"""Bytes of lines that are no UTF-8, as far as a guess needs them."""
SURE: Final = 0.5
"""Mean worth of a foreign letter below which a guess is no good."""
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE: Final = frozenset(encoding for _, encoding in _MARKS) - {"utf-8"}
"""Encodings whose lines do not end in one byte."""


class Encoding:
    """How the bytes of a file become text."""

    def __init__(self, name: str, mark: int = 0) -> None:
        self.name = name
        self.mark = mark
        """Bytes of the byte order mark."""

    @property
    def said(self) -> str:
        """What a person calls it."""
        return self.name.removesuffix("-le").removesuffix("-be")

    def chunks(self, file: BinaryIO, size: int) -> Iterator[bytes]:
        """The file behind its mark, in an encoding whose lines end in one byte. Damage shows as U+FFFD."""
        file.seek(self.mark)
        decoder = codecs.getincrementaldecoder(self.name)("replace") if self.name in WIDE else None
        while chunk := file.read(size):
            yield decoder.decode(chunk).encode() if decoder else chunk
        if decoder and (rest := decoder.decode(b"", final=True)):
            yield rest.encode()

    def decode(self, line: bytes) -> str:
        """A line of `chunks`. Raises `UnicodeDecodeError`."""
        if self.name in WIDE or self.name == "utf-8":
            return line.decode()
        return _with_euro(line) if self.name == "gb18030" else line.decode(self.name)


def detect(path: Path) -> Encoding:
    """The encoding of a whole file. Raises `OSError`."""
    with path.open("rb") as file:
        start = file.read(CHUNK)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                if encoding != "utf-8":
                    return Encoding(encoding, len(mark))
                file.seek(0)
                return Encoding(_by_lines(file), len(mark))
        wide = _wide(start)
        if wide:
            return Encoding(wide)
        file.seek(0)
        return Encoding(_by_lines(file))


def _wide(start: bytes) -> str:
    """UTF-16 without its mark: every second byte of digits, separators and line ends is zero."""
    nulls = [start[place:4096:2].count(0) for place in (0, 1)]
    if max(nulls) * 20 < len(start[:4096]) or min(nulls) * 5 > max(nulls):
        return ""
    return "utf-16-le" if nulls[1] > nulls[0] else "utf-16-be"


def _by_lines(file: BinaryIO) -> str:
    """UTF-8, or what most of the lines that are none are written in."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        file.seek(0)
        return _guessed(file)
    return "utf-8"


def _guessed(file: BinaryIO) -> str:
    good = bad = 0
    sample: list[bytes] = []
    size = 0
    for line in _foreign(file):
        try:
            good += _is_surely_utf8(line.decode())
        except UnicodeDecodeError:
            bad += 1
            if size < SAMPLE:
                sample.append(line)
                size += len(line)
    if good >= bad:
        return "utf-8"
    worth = {name: _worth(sample, name, judge) for name, judge in _JUDGES.items()}
    best = max(worth, key=lambda name: worth[name])
    return best if worth[best] >= SURE else "utf-8"


def _is_surely_utf8(text: str) -> bool:
    """Whether a line that reads as UTF-8 hardly is something else: 元 in GBK is the two bytes of one letter, too."""
    foreign = [letter for letter in text if not letter.isascii()]
    return len(foreign) > 2 or any(letter >= "\u0800" or "\u00c0" <= letter <= "\u00ff" for letter in foreign)


def _foreign(file: BinaryIO) -> Iterator[bytes]:
    """Lines that are not all ASCII; of a very long one its pieces."""
    rest = b""
    while chunk := file.read(CHUNK):
        *lines, rest = re.split(rb"[\r\n]", rest + chunk)
        yield from (line for line in lines if not line.isascii())
        if len(rest) > CHUNK:
            rest = b""
    if rest and not rest.isascii():
        yield rest


def _worth(sample: list[bytes], encoding: str, judge: Callable[[str, str, str], float]) -> float:
    """How likely the letters are that an encoding gives: the mean over all foreign ones."""
    total, count = 0.0, 0
    for line in sample:
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            # A name that was cut within a letter, or one wrong byte, makes a line of any encoding bad.
            total, count = total - 1.0, count + 1
            continue
        for place, letter in enumerate(text):
            if not letter.isascii():
                total += judge(text[place - 1 : place], letter, text[place + 1 : place + 2])
                count += 1
    return total / count if count else 0.0


def _simplified(_: str, letter: str, __: str) -> float:
    written = letter.encode("gb18030")
    if len(written) != 2:
        return -1.0
    first, second = written
    if first < 0xA1 or second < 0xA1 or first > 0xF7:
        return -0.4  # beyond GB2312: rare in names
    return 1.0 if 0xB0 <= first <= 0xD7 else 0.4 if first > 0xD7 else _sign(letter)


def _traditional(_: str, letter: str, __: str) -> float:
    try:
        first, _second = letter.encode("big5")
    except (UnicodeEncodeError, ValueError):
        return -1.0
    return 0.95 if 0xA4 <= first <= 0xC6 else 0.1 if first > 0xC6 else _sign(letter) - 0.05


_CHINESE_SIGNS: Final = frozenset(
    "（）！：；，。、·℃【】《》〈〉「」『』×～—…“”‘’￥％＋－／＆＊＃①②③④⑤⑥⑦⑧⑨⑩★☆●◆■▲→ⅠⅡⅢ〇"
)


def _sign(letter: str) -> float:
    """Of signs, those that stand in names; letters and digits of full width too."""
    return 0.75 if letter in _CHINESE_SIGNS or "０" <= letter <= "ｚ" else -0.2


_USUAL: Final = frozenset("éèàêçüöäßâîôûœ")
_SMALL: Final = _USUAL | frozenset("áãåæëìíïñóòõøúùÿ")
_LARGE: Final = frozenset(letter.upper() for letter in _SMALL if letter not in "ßÿ")
_SIGNS: Final = frozenset("°€£¥§®™©²³½¼¾«»·•×–—’‘“”„…`´µº\u00a0ª")


def _western(before: str, letter: str, after: str) -> float:
    if letter in _SMALL:
        return (1.0 if letter in _USUAL else 0.6) if before.isalpha() or after.isalpha() else 0.3
    if letter in _LARGE:
        # A capital stands at the front of a word, or in a word of capitals.
        usual = 0.9 if letter.lower() in _USUAL else 0.4
        return -0.5 if before.islower() else usual if after.isalpha() or before.isupper() else 0.1
    if letter in _SIGNS:
        inside = before.isalpha() and after.isalpha()
        return (0.7 if letter in "’´" else -0.5) if inside else 0.55
    return -0.5 if unicodedata.category(letter)[0] == "L" else -0.3


_JUDGES: Final[dict[str, Callable[[str, str, str], float]]] = {
    "gb18030": _simplified,
    "cp1252": _western,
    "big5": _traditional,
    "mac-roman": _western,
    "cp850": _western,
}
"""Without a mark, the best of these; of two that are as good, the first."""


def _with_euro(line: bytes) -> str:
    """GB18030 as Windows writes it: a single 0x80 is the sign of the euro."""
    parts: list[str] = []
    while True:
        try:
            return "".join([*parts, line.decode("gb18030")])
        except UnicodeDecodeError as error:
            if line[error.start] != 0x80:
                raise
            parts += [line[: error.start].decode("gb18030"), "\u20ac"]
            line = line[error.start + 1 :]
