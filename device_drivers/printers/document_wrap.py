"""Text on a grid: how wide it is, where a line may end. A Latin letter takes one column, a Chinese character two."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

import msgspec

NARROW: Final = frozenset(bytes(range(0x80, 0x100)).decode("cp858"))
"""Letters that Western code pages print in one column: é, ü, ñ, €, £ … Quotes and dashes that Chinese fonts draw two
columns wide are not among them, and count two.
"""
NOT_FIRST: Final = frozenset("，。！？、：；）》」』】〉…—～％·”’,.!?:;)]}%")
"""A line does not begin with one of these (GB/T 15834)."""
NOT_LAST: Final = frozenset("（《「『【〈￥“‘$€£([{")
"""Nor does it end with one of these."""

FIRST_EMOJI: Final = "\U0001f000"
"""From here on pictures stand, flags among them, drawn as wide as Chinese."""

_ZERO_WIDTH_JOINER: Final = "\u200d"


class Cluster(msgspec.Struct, frozen=True):
    """What a reader takes for one character, and its columns."""

    text: str
    columns: int


@functools.lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    wide = unicodedata.east_asian_width(character)
    if wide in ("W", "F") or character >= FIRST_EMOJI:
        return 2
    return 2 if wide == "A" and character not in NARROW else 1


def _continues(before: str, character: str) -> bool:
    """Whether `character` belongs to the cluster before it: accents, variation selectors, joined emoji, flags."""
    if _columns(character) == 0 or before.endswith(_ZERO_WIDTH_JOINER):
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff":  # skin tones
        return True
    return len(before) == 1 and all("\U0001f1e6" <= letter <= "\U0001f1ff" for letter in before + character)


_PLAIN: Final = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
}
_MARKS: Final = "[\u2018\u2019\u201c\u201d\u2013\u2014\u2026]+"
_BESIDE_LATIN: Final = re.compile(rf"(?<=[0-9A-Za-z\u00c0-\u024f]){_MARKS}|{_MARKS}(?=[0-9A-Za-z\u00c0-\u024f])")


_MAX_MARKS: Final = 4
"""Accents on one letter: no script needs more, and a name with fifty of them is a joke on its neighbours."""


def _is_picture(character: str) -> bool:
    """Emoji, and what only belongs to them; receipt printers have none, and fonts draw boxes for them."""
    return (
        "\U0001f000" <= character <= "\U0001faff"
        or "\U000e0000" <= character <= "\U000e01ef"
        or (character in "\ufe0e\ufe0f\u20e3")
    )


def _invisible(character: str) -> bool:
    """Controls, direction marks, private and unassigned letters: nothing that a reader would miss."""
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs") and character not in "\n\u200c\u200d"


def without_pictures(text: str) -> str:
    """The text without emoji and without what nobody sees; `*` where nothing is left of it."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if not _is_picture(character) and not _invisible(character) and marks <= _MAX_MARKS:
            kept.append(character)
    rest = _JOINER.sub("", "".join(kept))
    if rest == text:
        return text
    return _GAP.sub(" ", rest).strip(" ") or "*"


_JOINER: Final = re.compile(
    "(?<![\u0590-\u109f\u1780-\u18af])[\u200c\u200d]+|[\u200c\u200d]+(?![\u0590-\u109f\u1780-\u18af])"
)
"""Joiners that join no letters of a script that has them."""
_GAP: Final = re.compile(" {2,}")


def plain(text: str) -> str:
    """The text in composed form (NFC) without emoji, with quotes and dashes beside Latin letters as a typewriter has
    them: receipt printers have the others in Chinese fonts alone, two columns wide. What it returned, it returns
    unchanged.
    """
    composed = unicodedata.normalize("NFC", without_pictures(text))
    return _BESIDE_LATIN.sub(lambda found: "".join(_PLAIN[mark] for mark in found.group()), composed)


def clusters(text: str) -> list[Cluster]:
    """The text in composed form (NFC), cut into what must stay together."""
    parts: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if parts and _continues(parts[-1], character):
            parts[-1] += character
        else:
            parts.append(character)
    return [Cluster(part, max(1, *map(_columns, part)) if len(part) > 1 else _columns(part) or 1) for part in parts]


def width(text: str) -> int:
    """Columns of a text on one line."""
    return sum(cluster.columns for cluster in clusters(text))


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` (at least 2) columns; at least one, which may be empty.

    Latin words stay whole where they fit a line, Chinese may break anywhere but around punctuation.
    """
    lines: list[str] = []
    for paragraph in plain(text).split("\n"):
        lines += _wrap_paragraph(clusters(paragraph), columns)
    return lines


def balanced(text: str, columns: int) -> list[str]:
    """As many lines as `wrap` makes, but about equally long, ending where a reader pauses: for what stands centred."""
    lines: list[str] = []
    for paragraph in plain(text).split("\n"):
        needed = wrap(paragraph, columns)
        narrower = range(max(2, width(paragraph) // len(needed)), columns)
        tries = [tried for within in narrower if len(tried := wrap(paragraph, within)) == len(needed)]
        lines += max(tries or [needed], key=functools.partial(_pauses, paragraph))
    return lines


def _pauses(paragraph: str, lines: list[str]) -> int:
    """How many of the lines end at a space or behind punctuation."""
    pauses, at = 0, 0
    for line in lines[:-1]:
        at = paragraph.index(line, at) + len(line)
        pauses += paragraph[at] == " " or line[-1] in NOT_FIRST
    return pauses


def _wrap_paragraph(rest: list[Cluster], columns: int) -> list[str]:
    lines: list[str] = []
    while True:
        count = _fitting(rest, columns)
        if count == len(rest):
            return [*lines, _join(rest)]
        end = _break(rest, count)
        lines.append(_join(rest[:end]).rstrip(" "))
        rest = rest[end:]
        while rest and rest[0].text == " ":
            rest = rest[1:]


def _join(parts: list[Cluster]) -> str:
    return "".join(part.text for part in parts)


def _fitting(parts: list[Cluster], columns: int) -> int:
    """How many clusters fit; at least one, so that wrapping always gets on."""
    used = 0
    for count, part in enumerate(parts):
        used += part.columns
        if used > columns:
            return max(1, count)
    return len(parts)


def _break(parts: list[Cluster], count: int) -> int:
    """The best place for a line end at or before `count`; `count` itself where there is none."""
    for end in range(count, 0, -1):
        begins = next((part.text for part in parts[end:] if part.text != " "), " ")
        if begins not in NOT_FIRST and _may_break(parts[end - 1].text, parts[end].text):
            return end
    return count


def _may_break(before: str, after: str) -> bool:
    if before in NOT_LAST:
        return False
    if " " in (before, after):
        return True
    return not (_columns(before[0]) == 1 and _columns(after[0]) == 1 and before != "-")
