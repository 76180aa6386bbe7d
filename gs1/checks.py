"""What the parts of element strings are checked for: check digits, dates, countries, currencies. Empty text is good."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Final

from gs1.coupon_codes import coupon, offer
from gs1.trade import checks as sum_is_right
from words.countries import COUNTRIES

_COUNTRIES: Final = """
004 008 010 012 016 020 024 028 031 032 036 040 044 048 050 051 052 056 060 064 068 070 072 074 076 084 086 090 092 096
100 104 108 112 116 120 124 132 136 140 144 148 152 156 158 162 166 170 174 175 178 180 184 188 191 192 196 203 204 208
212 214 218 222 226 231 232 233 234 238 239 242 246 248 250 254 258 260 262 266 268 270 275 276 288 292 296 300 304 308
312 316 320 324 328 332 334 336 340 344 348 352 356 360 364 368 372 376 380 384 388 392 398 400 404 408 410 414 417 418
422 426 428 430 434 438 440 442 446 450 454 458 462 466 470 474 478 480 484 492 496 498 499 500 504 508 512 516 520 524
528 531 533 534 535 540 548 554 558 562 566 570 574 578 580 581 583 584 585 586 591 598 600 604 608 612 616 620 624 626
630 634 638 642 643 646 652 654 659 660 662 663 666 670 674 678 682 686 688 690 694 702 703 704 705 706 710 716 724 728
729 732 740 744 748 752 756 760 762 764 768 772 776 780 784 788 792 795 796 798 800 804 807 818 826 831 832 833 834 840
850 854 858 860 862 876 882 887 894
"""
"""ISO 3166-1, numeric."""

_CURRENCIES: Final = """
008 012 032 036 044 048 050 051 052 060 064 068 072 084 090 096 104 108 116 124 132 136 144 152 156 170 174 188 192 203
208 214 222 230 232 238 242 262 270 292 320 324 328 332 340 344 348 352 356 360 364 368 376 388 392 396 398 400 404 408
410 414 417 418 422 426 430 434 446 454 458 462 480 484 496 498 504 512 516 524 532 533 548 554 558 566 578 586 590 598
600 604 608 634 643 646 654 682 690 694 702 704 706 710 728 748 752 756 760 764 776 780 784 788 800 807 818 826 834 840
858 860 882 886 901 924 925 926 927 928 929 930 931 932 933 934 936 938 940 941 943 944 946 947 948 949 950 951 952 953
955 956 957 958 959 960 961 962 963 964 965 967 968 969 970 971 972 973 975 976 977 978 979 980 981 984 985 986 990 994
997 999
"""
"""ISO 4217, numeric."""

_SET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PAIRS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_PERCENT: Final = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")


def day_of(text: str, *, last: bool = False) -> dt.date | None:
    """YYMMDD as a date: the century is the one that puts it within 51 years back and 49 ahead of now (section 7.12).

    `last`: day 00 is the last of its month.
    """
    this = dt.datetime.now(dt.UTC).year
    short, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    gap = short - this % 100
    year = this - this % 100 + short + (-100 if gap >= 51 else 100 if gap <= -50 else 0)
    try:
        if last and day == 0 and 1 <= month <= 12:
            ahead = dt.date(year + month // 12, month % 12 + 1, 1)
            return ahead - dt.timedelta(days=1)
        return dt.date(year, month, day)
    except ValueError:
        return None


def _day(text: str) -> str:
    return "" if day_of(text) is not None else "no such day"


def _date(text: str) -> str:
    try:
        dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return "no such day"
    return ""


def _pair(text: str) -> str:
    """The two check letters of a Global Model Number (section 7.9.5)."""
    if len(text) < 3:
        return "too short for its check letters"
    body = text[:-2]
    total = sum(_SET_82.index(letter) * prime for letter, prime in zip(reversed(body), _PRIMES, strict=False)) % 1021
    return "" if text[-2:] == _PAIRS[total >> 5] + _PAIRS[total & 31] else "wrong check letters"


def _key(text: str) -> str:
    return "" if len(text) >= 4 and text[:4].isdigit() else "begins with no company prefix"


def _padding(text: str) -> str:
    """Base64 for URLs, filled up with at most two signs to a multiple of three (section 7.11)."""
    pads = len(text) - len(text.rstrip("="))
    return "" if pads == 0 or (pads <= 2 and len(text) % 3 == 0) else "wrong padding"


def _iban(text: str) -> str:
    if len(text) < 5 or not text.isalnum() or not text.isascii() or text.upper() != text:
        return "no IBAN"
    if text[:2] not in COUNTRIES:
        return "an IBAN of no country"
    return (
        "" if int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1 else "wrong IBAN check digits"
    )


def _piece(text: str) -> str:
    number, total = int(text[:2]), int(text[2:])
    return "" if 0 < number <= total else "no such piece"


def _position(text: str) -> str:
    match = re.fullmatch(r"([1-9])/([1-9])", text)
    return "" if match and int(match[1]) <= int(match[2]) else "no place in a sequence"


def _clock(text: str) -> str:
    return "" if int(text[:2]) < 24 and int(text[2:4] or 0) < 60 else "no such time"


def _minutes(text: str) -> str:
    halves = [text[:2], text[2:]] if len(text) != 3 else ["99"]
    return "" if all(int(half or 0) < 60 for half in halves) and len(text) in (0, 2, 4) else "no such time"


def _check(condition: Callable[[str], bool], wrong: str) -> Callable[[str], str]:
    return lambda text: "" if condition(text) else wrong


CHECKS: Final[dict[str, Callable[[str], str]]] = {
    "sum": _check(sum_is_right, "wrong check digit"),
    "key": _key,
    "pair": _pair,
    "padding": _padding,
    "day": _day,
    "day0": _check(lambda text: day_of(text, last=True) is not None, "no such day"),
    "date": _date,
    "hhmm": _clock,
    "hhmm9": lambda text: "" if text == "9999" else _clock(text),
    "hour": lambda text: _day(text[:6]) or _clock(text[6:]),
    "minutes": _minutes,
    "country": _check(lambda text: text in _COUNTRIES, "no country"),
    "country999": _check(lambda text: text == "999" or text in _COUNTRIES, "no country"),
    "countries": _check(
        lambda text: len(text) % 3 == 0 and all(text[at : at + 3] in _COUNTRIES for at in range(0, len(text), 3)),
        "no list of countries",
    ),
    "land": _check(lambda text: text in COUNTRIES, "no country"),
    "currency": _check(lambda text: text in _CURRENCIES, "no currency"),
    "percent": _check(lambda text: _PERCENT.fullmatch(text) is not None, "a percent sign without its two digits"),
    "latitude": _check(lambda text: int(text) <= 1_800_000_000, "no latitude"),
    "longitude": _check(lambda text: int(text) <= 3_600_000_000, "no longitude"),
    "yesno": _check(lambda text: text in "01", "neither 0 nor 1"),
    "hyphen": _check(lambda text: text == "-", "no minus sign"),
    "importer": _check(lambda text: text.isalnum() or text in "-_", "no importer index"),
    "nonzero": _check(lambda text: text.strip("0") != "", "zero"),
    "zero": _check(lambda text: text == "0", "not zero"),
    "nozero": _check(lambda text: not text.startswith("0"), "begins with zero"),
    "winding": _check(lambda text: text in "019", "no winding direction"),
    "piece": _piece,
    "iban": _iban,
    "sex": _check(lambda text: text in "0129", "no code of ISO 5218"),
    "position": _position,
    "coupon": coupon,
    "offer": offer,
}
"""By name: what is wrong with a part, or empty text."""
