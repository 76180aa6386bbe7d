"""The text of a matrix code's bytes. Chinese stores print GB18030 without saying so; the libraries guess Latin-1,
Shift-JIS or Big5 then.

The rule: what an ECI says; else strict UTF-8; else GB18030, unless the bytes are clearly Western, Cyrillic or Japanese.
"""

from __future__ import annotations

import re
from typing import Final

ECI: Final = {
    **dict.fromkeys((0, 2), "cp437"),
    1: "iso8859_1",
    **{number: f"iso8859_{number - 2}" for number in range(3, 19) if number != 14},
    20: "cp932",
    21: "cp1250",
    22: "cp1251",
    23: "cp1252",
    24: "cp1256",
    25: "utf-16-be",
    26: "utf-8",
    27: "ascii",
    28: "big5hkscs",
    29: "gb18030",
    30: "cp949",
    31: "gb18030",
    32: "gb18030",
    33: "utf-16-le",
    170: "ascii",
}
"""Codecs by AIM ECI assignment, 0 and 1 those of old writers. 29 is GB 2312, but writers use it for all of GB18030; so
they do with what Windows writes in Japan and Korea, and Hong Kong in Big5.
"""

_SWITCH: Final = re.compile(rb"\\(\d{6}|\\)")
_RUN: Final = re.compile(rb"[\x80-\xff]+")
_WESTERN: Final = re.compile(
    rb"(?<=[A-Za-z])[\xc0-\xd6\xd8-\xf6\xf8-\xff]{1,3}(?=[a-z])|(?<=[a-z])[\xdf-\xf6\xf8-\xff]{1,3}(?![\x80-\xff])"
)
"""Accented letters inside a word or at its end. A Chinese character between small Latin letters is rare."""
_CYRILLIC: Final = re.compile(rb"[\xa8\xab\xb8\xb9\xbb\xc0-\xff]+")
_EVERYDAY: Final = re.compile(rb"(?:[\xa1-\xd7][\xa1-\xfe])+")
"""GB 2312's signs and its first level: nine in ten characters of any Chinese text."""
_VOICED: Final = re.compile(rb"[\xb3\xb6-\xc4\xca-\xce]\xde|[\xca-\xce]\xdf")


def text_of(data: bytes) -> str:
    """Text of bytes of which nobody said what they are."""
    for codec in _candidates(data):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def text_with_switches(data: bytes) -> str:
    """Text of bytes with ECIs as readers transmit them: backslash and six digits switch, two backslashes are one."""
    codec, start, parts = "", 0, []
    waiting = b""
    for found in _SWITCH.finditer(data):
        waiting += data[start : found.start()]
        start = found.end()
        if found[1] == b"\\":
            waiting += b"\\"
            continue
        parts.append(_decode(waiting, codec))
        waiting, codec = b"", ECI.get(int(found[1]), "")
    parts.append(_decode(waiting + data[start:], codec))
    return "".join(parts)


def _decode(data: bytes, codec: str) -> str:
    if not codec:
        return text_of(data)
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return text_of(data)  # the code lies about itself


def _candidates(data: bytes) -> tuple[str, ...]:
    runs = _RUN.findall(data)
    if all(len(run) == 1 for run in runs) or _WESTERN.sub(b"", data).isascii():
        return ("utf-8", "cp1252", "latin-1")  # "café", "Größe"
    if _is_japanese(data):
        return ("utf-8", "shift_jis", "gb18030")
    if _CYRILLIC.sub(b"", data).isascii() and not any(_EVERYDAY.fullmatch(run) for run in runs):
        return ("utf-8", "cp1251", "gb18030")
    return ("utf-8", "gb18030")


def _is_japanese(data: bytes) -> bool:
    """Japanese double bytes are mostly characters that no everyday Chinese text (GB 2312) has. Half-width kana are
    everyday Chinese characters too, but no Chinese text has voiced marks behind just those kana that have them.
    """
    try:
        data.decode("shift_jis")
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    everyday = [_in_gb2312(character) for character in chinese if not character.isascii()]
    return sum(everyday) * 2 < len(everyday) or len(_VOICED.findall(data)) >= 2


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
