"""Numbers as a sentence holds them: `{used:share}`, `{free:bytes}`, `{up:span}`, `{took:1}`,
`{off:percent}`, `{days:day|days}`.

The sentence says how its value is written and its language with which marks, so no code makes text of a number itself.
A fraction is written as its language does also where the sentence says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Say = Callable[..., str]
"""Says a sentence of the number's language by its key."""

MINUS: Final = "\N{MINUS SIGN}"
"""What people read before a negative number; machines write a hyphen."""
_BYTES: Final = ((1e12, 1, "TB"), (1e9, 1, "GB"), (1e6, 1, "MB"), (1e3, 0, "kB"))
_SPANS: Final = ((86_400, "days"), (3600, "hours"), (60, "minutes"))


class InSentence:
    """A value that knows how its language writes it. A value that is no number stays as it is."""

    def __init__(self, value: Any, say: Say) -> None:
        self._value, self._say = value, say

    def __format__(self, way: str) -> str:
        value = self._value
        if "|" in way:
            one, other = way.split("|")
            return f"{self} {one if str(value) == '1' else other}"
        if not isinstance(value, int | float) or isinstance(value, bool):
            return str(value)
        if way in _WAYS:
            return _WAYS[way](value, self._say)
        return decimal(value, int(way), self._say) if way.isdecimal() else plain(value, self._say)


def decimal(value: float, places: int, say: Say) -> str:
    """A number with so many places: `0.532`, `0,532`."""
    whole, _, rest = f"{abs(value):.{places}f}".partition(".")
    sign = MINUS if round(value, places) < 0 else ""
    return sign + grouped(int(whole), say) + (say("number.decimal") + rest if rest else "")


def plain(value: float, say: Say) -> str:
    """A number with the places that it has, four at most: `15`, `12.5`, `12,5`."""
    text = str(value) if isinstance(value, int) else f"{round(value, 4) or 0:.4f}".rstrip("0").rstrip(".")
    return text.replace("-", MINUS).replace(".", say("number.decimal"))


def grouped(whole: int, say: Say) -> str:
    """A whole number with its thousands apart, where the language sets them apart."""
    return f"{whole:,}".replace(",", say("number.group"))


def share(part: float, say: Say, places: int = 0) -> str:
    """A part of one as percent: `53%`, `99,8 %`."""
    return say("number.percent", number=decimal(100 * part, places, say))


def percent(value: float, say: Say) -> str:
    """A number that is percent already, with the places that it has: `13%`, `9,5 %`."""
    return say("number.percent", number=plain(value, say))


def size(count: float, say: Say) -> str:
    """Bytes in the unit that people read: `1.2 GB`."""
    factor, places, unit = next((each for each in _BYTES if count >= each[0]), _BYTES[-1])
    return f"{decimal(count / factor, places, say)}\u00a0{unit}"


def span(seconds: float, say: Say) -> str:
    """How long that is, ahead or behind, in the largest unit of which there are two."""
    seconds = abs(seconds)
    for long, name in _SPANS:
        if seconds >= 2 * long:
            return say(f"it.span.{name}", n=int(seconds / long))
    return say("it.span.seconds", n=int(seconds))


_WAYS: Final[dict[str, Callable[[float, Say], str]]] = {"share": share, "percent": percent, "bytes": size, "span": span}
