"""Where a line may end, in any language: words stay whole, Chinese breaks anywhere but around punctuation.

How wide something is, says whoever sets it: columns on paper, pixels on glass.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import math
import unicodedata
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

NARROW: Final = frozenset(bytes(range(0x80, 0x100)).decode("cp858"))
"""Letters that Western code pages print in one column: é, ü, ñ, €, £ … Quotes and dashes that Chinese fonts draw two
columns wide are not among them, and count two.
"""
NOT_FIRST: Final = frozenset("，。！？、：；）》」』】〉…—～％·”’›,.!?:;)]}%")
"""A line does not begin with one of these (GB/T 15834)."""
NOT_LAST: Final = frozenset("（《「『【〈￥“‘$€£([{")
"""Nor does it end with one of these."""
UNITS: Final = frozenset(
    {"g", "kg", "mg", "l", "ml", "cl", "dl", "m", "cm", "mm", "km", "h", "min", "s", "st", "stück", "pieces"}
)
"""What stays with the number before it, in small letters."""
LONGEST_NUMBER: Final = 6
"""So many digits may count something; what is longer is a code, as a barcode is."""
UNPAUSED: Final = 0.3
"""What a line costs that ends within a phrase: as much as two lines of which one is 2.2 times as long as the other."""
FIRST_EMOJI: Final = "\U0001f000"
"""From here on pictures stand, flags among them, drawn as wide as Chinese."""

_ZERO_WIDTH_JOINER: Final = "\u200d"


class Cluster(msgspec.Struct, frozen=True):
    """What a reader takes for one character, and how wide it is."""

    text: str
    width: int


@functools.lru_cache(maxsize=4096)
def columns(character: str) -> int:
    """Of one code point on a grid: a Latin letter takes one column, a Chinese character two, an accent none."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    wide = unicodedata.east_asian_width(character)
    if wide in ("W", "F") or character >= FIRST_EMOJI:
        return 2
    return 2 if wide == "A" and character not in NARROW else 1


def columns_of(cluster: str) -> int:
    """Of what a reader takes for one character, on a grid; at least one."""
    return max(1, *map(columns, cluster)) if len(cluster) > 1 else columns(cluster) or 1


def clusters(text: str, measure: Callable[[str], int] = columns_of) -> list[Cluster]:
    """The text in composed form (NFC), cut into what must stay together."""
    parts: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if parts and _continues(parts[-1], character):
            parts[-1] += character
        else:
            parts.append(character)
    return [Cluster(part, measure(part)) for part in parts]


def _continues(before: str, character: str) -> bool:
    """Whether `character` belongs to the cluster before it: accents, variation selectors, joined emoji, flags."""
    if columns(character) == 0 or before.endswith(_ZERO_WIDTH_JOINER):
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff":  # skin tones
        return True
    return len(before) == 1 and all("\U0001f1e6" <= letter <= "\U0001f1ff" for letter in before + character)


def wrap(text: str, width: int, measure: Callable[[str], int] = columns_of) -> list[str]:
    """Lines no wider than `width`, which is as wide as any character; at least one, which may be empty."""
    return [line for part in text.split("\n") for line in _wrap_paragraph(clusters(part, measure), width)]


def balanced(text: str, width: int, measure: Callable[[str], int] = columns_of) -> list[str]:
    """As many lines as `wrap` makes, but about equally long, ending where a reader pauses: for what stands centred."""
    return [line for part in text.split("\n") for line in _balance_paragraph(clusters(part, measure), width)]


def _balance_paragraph(parts: list[Cluster], width: int) -> list[str]:
    needed = _wrap_paragraph(parts, width)
    ends = [*(end for end in range(1, len(parts)) if _may_end(parts, end)), len(parts)]
    sums = list(itertools.accumulate((part.width for part in parts), initial=0))
    equal = max(1, sums[-1]) / len(needed)

    @functools.cache
    def best(start: int, lines: int) -> tuple[float, list[str]]:
        """What it costs to set the rest in so many lines, and these."""
        found: tuple[float, list[str]] = (math.inf, [])
        for end in ends[bisect.bisect(ends, start) :] if lines > 1 else ends[-1:]:
            if (wide := sums[end] - sums[start]) > width:
                break
            line = _join(parts[start:end]).strip(" ")
            cost = (wide / equal - 1) ** 2 + (0 if _pauses(parts, end) else UNPAUSED)
            rest, after = best(end, lines - 1) if lines > 1 else (0.0, [])
            found = min(found, (cost + rest, [line, *after]))
        return found

    cost, lines = best(0, len(needed))
    return lines if cost < math.inf else needed


def _pauses(parts: list[Cluster], end: int) -> bool:
    """Whether a line that ends here ends at a space, behind punctuation or with the text."""
    return end == len(parts) or " " in (parts[end - 1].text, parts[end].text) or parts[end - 1].text in NOT_FIRST


def _wrap_paragraph(rest: list[Cluster], width: int) -> list[str]:
    lines: list[str] = []
    while True:
        count = _fitting(rest, width)
        if count == len(rest):
            return [*lines, _join(rest)]
        end = _break(rest, count)
        lines.append(_join(rest[:end]).rstrip(" "))
        rest = rest[end:]
        while rest and rest[0].text == " ":
            rest = rest[1:]


def _join(parts: list[Cluster]) -> str:
    return "".join(part.text for part in parts)


def _fitting(parts: list[Cluster], width: int) -> int:
    """How many clusters fit; at least one, so that wrapping always gets on."""
    used = 0
    for count, part in enumerate(parts):
        used += part.width
        if used > width:
            return max(1, count)
    return len(parts)


def _break(parts: list[Cluster], count: int) -> int:
    """The best place for a line end at or before `count`; `count` itself where there is none."""
    for end in range(count, 0, -1):
        if _may_end(parts, end):
            return end
    return count


def _may_end(parts: list[Cluster], end: int) -> bool:
    """Whether a line may end before the cluster at `end`: not before a full stop, nor between 5 and 号 or ml."""
    begins = next((part.text for part in parts[end:] if part.text != " "), " ")
    if begins in NOT_FIRST or (_counts(parts, end) and (columns(begins[0]) == 2 or _word(parts, end) in UNITS)):
        return False
    return _may_break(parts[end - 1].text, parts[end].text)


def _word(parts: list[Cluster], end: int) -> str:
    """The word that follows, in small letters; empty where a sign follows."""
    after = itertools.dropwhile(lambda text: text == " ", (part.text for part in parts[end:]))
    return "".join(itertools.takewhile(str.isalpha, after)).casefold()


def _counts(parts: list[Cluster], end: int) -> bool:
    """Whether a number stands before `end` that counts what follows: 05 号, 1,234 元."""
    before = (part.text for part in parts[end - 1 :: -1])
    number = itertools.takewhile(lambda text: text.isdigit(), itertools.dropwhile(lambda text: text == " ", before))
    return 1 <= len(list(itertools.islice(number, LONGEST_NUMBER + 1))) <= LONGEST_NUMBER


def _may_break(before: str, after: str) -> bool:
    if before in NOT_LAST:
        return False
    if " " in (before, after):
        return True
    return not (columns(before[0]) == 1 and columns(after[0]) == 1 and before != "-")
