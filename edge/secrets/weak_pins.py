"""PINs that people try first: rows and repeats, years and dates, ways over the keypad. Each is refused, and why."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

MIN_DIGITS: Final = 6
MAX_DIGITS: Final = 12
"""Digits of a PIN."""

LOVED: Final = (
    "520520 5201314 1314520 131452 112358 314159 271828 142857 159753 168168 888168 147852 159357 951753 753951 357159 "
    "456852 789654 741852 123654 147896 321654 654123 987456 110110 119119 101010 696969 007007 123581321 135790 097531"
)
"""Numbers that mean something, and walks over the keypad that no rule below finds."""

LINES: Final = ("123", "456", "789", "147", "258", "2580", "369", "159", "357")
"""Rows, columns and diagonals of the keypad."""


def weakness(pin: str) -> str:
    """Why somebody would guess this PIN early; empty where nothing is known against it."""
    if not (pin.isascii() and pin.isdigit() and MIN_DIGITS <= len(pin) <= MAX_DIGITS):
        return f"expected {MIN_DIGITS} to {MAX_DIGITS} digits"
    for found, why in _RULES:
        if found(pin):
            return why
    return ""


def _few(pin: str) -> bool:
    return len(set(pin)) <= 2


def _repeats(pin: str) -> bool:
    """The same again, such as 123123 or 4747474; one half is the other one turned round, such as 482284."""
    again = any(pin[size:] == pin[:-size] for size in range(1, len(pin) // 2 + 1))
    return again or pin == pin[::-1]


def _steps(pin: str) -> bool:
    """Always the same step: 345678, 890123, 135791, 112233, 102030, 101112, 123124."""
    runs = "".join(digit for digit, _ in itertools.groupby(pin))
    return (
        _evenly_spaced(runs, 1, 10, range(-4, 5))
        or (len(pin) % 2 == 0 and _evenly_spaced(pin, 2, 100, (1, -1, 2, -2, 5, -5, 10, -10, 11, -11)))
        or (
            len(pin) % 3 == 0
            and _evenly_spaced(pin, 3, 1000, (1, -1, 10, -10, 11, -11, 100, -100, 101, 110, 111, -111))
        )
    )


def _counts(pin: str) -> bool:
    """Numbers in one row that change by as much each time, double, or are squares: 246810, 9101112, 124816."""
    rows: list[Iterator[int]] = [
        itertools.count(first, step) for first in range(100) for step in range(-10, 11) if step
    ]
    rows += [(number * number for number in itertools.count(1)), (2**number for number in itertools.count())]
    return any(_row(numbers, len(pin)) == pin for numbers in rows)


def _row(numbers: Iterable[int], size: int) -> str:
    """So many digits of them, one after the other; fewer where they fall below none."""
    row = ""
    for number in numbers:
        if number < 0 or len(row) >= size:
            break
        row += str(number)
    return row[:size]


def _phone(pin: str) -> bool:
    """A mobile number as it is dialled in China or Germany."""
    return re.fullmatch(r"1[3-9][0-9]{9}|01[5-7][0-9]{8,9}", pin) is not None


def _evenly_spaced(digits: str, size: int, base: int, steps: range | tuple[int, ...]) -> bool:
    parts = [int(digits[at : at + size]) for at in range(0, len(digits), size)]
    found = {(after - before) % base for before, after in itertools.pairwise(parts)}
    return len(found) == 1 and any(found == {step % base} for step in steps)


def _year(pin: str) -> bool:
    """Begins or ends with a year that somebody was born in or lives in."""
    return any(1930 <= int(part) <= 2039 for part in (pin[:4], pin[-4:]))


def _date(pin: str) -> bool:
    """A day, however it is written; also without its century."""
    return any(_is_day(year, month, day) for year, month, day in _days(pin))


def _days(pin: str) -> Iterator[tuple[str, str, str]]:
    century = len(pin) - 4
    if century in (2, 4):
        yield pin[:century], pin[century : century + 2], pin[century + 2 :]
        yield pin[4:], pin[2:4], pin[:2]
        yield pin[4:], pin[:2], pin[2:4]
        yield pin[:century], pin[century + 2 :], pin[century : century + 2]


def _is_day(year: str, month: str, day: str) -> bool:
    full = int(year) if len(year) == 4 else 2000 + int(year)
    if len(year) == 4 and not 1900 <= full <= 2099:
        return False
    try:
        date(full, int(month), int(day))
    except ValueError:
        return False
    return True


def _keypad(pin: str) -> bool:
    """Stays in one line of the keypad, or goes along one line after another: 147258, 258085, 159357."""
    if any(set(pin) <= set(line) for line in LINES):
        return True
    thirds = [pin[at : at + 3] for at in range(0, len(pin), 3)]
    return all(any(third in line or third in line[::-1] for line in LINES) for third in thirds)


_RULES: Final = (
    (lambda pin: pin in LOVED.split(), "it is one of those that everybody knows"),
    (_few, "it has two different digits at most"),
    (_repeats, "it repeats itself"),
    (_steps, "its digits follow a simple order"),
    (_counts, "its digits follow a simple order"),
    (_year, "it holds a year"),
    (_date, "it is a date"),
    (_keypad, "it follows the lines of the keypad"),
    (_phone, "it is a mobile number"),
)
