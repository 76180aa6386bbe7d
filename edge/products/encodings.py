"""In which encoding a file of products is written: whatever Excel, WPS, a till or an editor writes.

UTF-8 is known by its bytes. Every other encoding without a mark is a guess from the words that it would give, held
against those of encodings that are not read (`edge.products.spelling`). Where no guess is good, or one of these is
better, the lines that are no UTF-8 are told one by one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from edge.products.spelling import WORDS, Judge, japanese, korean, script, simplified, traditional, western

CHUNK: Final = 16 * 1024
SAMPLE: Final = 64 * 1024
"""Bytes of lines that are no UTF-8, as far as a guess needs them."""
SURE: Final = 0.75
"""Mean worth of a foreign letter below which a guess is no good."""
SURE_OF_FEW: Final = 0.9
"""The same of fewer than `FEW` Chinese characters: two bytes of another encoding give one that nobody writes."""
FEW: Final = 3
TELLING: Final = 8
"""Different Chinese characters from which on it is certain: fewer are as good Korean or Japanese."""
SHOWN: Final = 5
"""Words of a doubtful file that are shown."""
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER: Final = {"big5": "big5hkscs"}
"""What Windows calls Big5 has more letters (粧 of cosmetics), and what Hong Kong writes more again."""
WIDE: Final = frozenset(encoding for _, encoding in _MARKS) - {"utf-8"}
"""Encodings whose lines do not end in one byte."""


class Encoding:
    """How the bytes of a file become text."""

    def __init__(self, name: str, mark: int = 0, doubt: str = "") -> None:
        self.name = name
        self.mark = mark
        """Bytes of the byte order mark."""
        self.doubt = doubt
        """What it reads of too few characters to be certain: a person sees whether that is what was written."""

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
        return _with_euro(line) if self.name == "gb18030" else line.decode(_WIDER.get(self.name, self.name))


def detect(path: Path) -> Encoding:
    """The encoding of a whole file. Raises `OSError`."""
    with path.open("rb") as file:
        start = file.read(CHUNK)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                if encoding != "utf-8":
                    return Encoding(encoding, len(mark))
                return _by_lines(file, len(mark))
        wide = _wide(start)
        if wide:
            return Encoding(wide)
        return _by_lines(file, 0)


def _wide(start: bytes) -> str:
    """UTF-16 without its mark: every second byte of digits, separators and line ends is zero."""
    nulls = [start[place:4096:2].count(0) for place in (0, 1)]
    if max(nulls) * 20 < len(start[:4096]) or min(nulls) * 5 > max(nulls):
        return ""
    return "utf-16-le" if nulls[1] > nulls[0] else "utf-16-be"


def _by_lines(file: BinaryIO, begin: int) -> Encoding:
    """UTF-8, or what most of the lines that are none are written in."""
    file.seek(begin)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        file.seek(begin)
        return _guessed(file, begin)
    return Encoding("utf-8", begin)


def _guessed(file: BinaryIO, begin: int) -> Encoding:
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
        return Encoding("utf-8", begin)
    worth = {name: _worth(sample, name, *judge) for name, judge in _JUDGES.items()}
    best = max(worth, key=lambda name: worth[name])
    # A word that stands in every line is one chance, not a thousand.
    apart = list({line.translate(None, b"0123456789"): line for line in sample}.values())
    others = (_worth(apart, name, *judge) for name, judge in _OTHERS.items())
    if worth[best] < SURE or worth[best] < max(others):
        return Encoding("utf-8", begin)
    return Encoding(best, begin, "" if best in WESTERN else _doubt(sample, Encoding(best)))


def _doubt(sample: list[bytes], encoding: Encoding) -> str:
    """The words that all was told from, where that is little."""
    words: dict[str, None] = {}
    for line in sample:
        with suppress(UnicodeDecodeError):
            words |= dict.fromkeys(WORDS.findall(encoding.decode(line)))
    return ", ".join(list(words)[:SHOWN]) if len(set("".join(words))) < TELLING else ""


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


def _worth(sample: list[bytes], encoding: str, judge: Judge, least: int) -> float:
    """How likely the letters are that an encoding gives: the mean over all foreign ones; 0 of fewer than `least`."""
    total, count = 0.0, 0
    for line in sample:
        try:
            worth, letters = judge(Encoding(encoding).decode(line))
        except UnicodeDecodeError:
            # A name that was cut within a letter, or one wrong byte, makes a line of any encoding bad.
            worth, letters = -1.0, 1
        total, count = total + worth, count + letters
    mean = total / count if count >= least else 0.0
    return mean if count >= FEW or mean >= SURE_OF_FEW or judge is western else 0.0


_JUDGES: Final[dict[str, tuple[Judge, int]]] = {
    "gb18030": (simplified, 1),
    "cp1252": (western, 1),
    "big5": (traditional, 1),
    "mac-roman": (western, 4),
    "cp850": (western, 4),
}
"""Without a mark, the best of these, of so many foreign letters at least; of two that are as good, the first."""
WESTERN: Final = frozenset(name for name, (judge, _) in _JUDGES.items() if judge is western)
_CYRILLIC: Final = script("а-яА-ЯёЁіІїЇєЄґҐ")
_THAI: Final = "(?:[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e30-\u0e39\u0e45\u0e47-\u0e4d]*)+"
_OTHERS: Final[dict[str, tuple[Judge, int]]] = {
    "cp1251": (_CYRILLIC, 6),
    **dict.fromkeys(("koi8-r", "cp866"), (_CYRILLIC, 8)),
    "cp1253": (script("\u0386-\u03ce"), 6),
    "cp1255": (script("\u05d0-\u05ea"), 6),
    "cp1256": (script("\u0621-\u06d2"), 6),
    "cp874": (script("", _THAI), 14),
    "cp932": (japanese, 3),
    "euc-jp": (japanese, 3),
    "euc-kr": (korean, 8),
}
"""Encodings that are not read. Where one of them fits better, none that is read is taken."""


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
