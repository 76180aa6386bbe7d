"""Phone numbers as people write them: what a person would read as the number is the number, the rest is refused.

Digits of every script, spaces, dashes and brackets of every kind, invisible marks, a label before and a note behind are
what people write, paste and dictate. A letter never becomes a digit, however alike they look: whoever wrote it did not
write that number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, NoReturn

import phonenumbers
from phonenumbers import PhoneNumberType

from edge.errors import Refusal

LONGEST: Final = 200
"""Characters with a label and a note; what is longer is no phone number."""
NOTE: Final = 6
"""Digits that a note beside a number may have: a room, a floor. More would be a number of its own."""

MOBILE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
"""Some countries give landlines and mobile phones numbers of one kind."""

_LIKE_DIGITS: Final = {
    sign: digit
    for digit, signs in (
        ("0", "OoQD\u041e\u043e\u039f\u03bf"),
        ("1", "lIi\u0406\u0456\u0399\u03b9"),
        ("2", "Zz"),
        ("5", "Ss"),
        ("6", "bG"),
        ("8", "B"),
        ("9", "gq"),
    )
    for sign in signs
}
"""Letters that are typed for digits, Cyrillic and Greek ones too."""
_BLANKS: Final = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs that show nothing."""
_CHINESE: Final = str.maketrans("〇零一二三四五六七八九幺洞拐两壹贰叁肆伍陆柒捌玖", "001234567891072123456789")
_SPOKEN: Final = re.compile(rf"[{''.join(map(chr, _CHINESE))}](?:[\s\-,，、。.]*[{''.join(map(chr, _CHINESE))}]){{6,}}")
"""Chinese numerals are digits where nearly a whole number of them stands together, and words otherwise."""
_RUN: Final = re.compile(r"(?:\+[\W_]*)?\d(?:[\W_]*\d)*")
"""Digits with anything between them but letters."""
_APART: Final = re.compile(r"(?=\+)|(?<=[\d\s)）\]])[\s,;/|()（）\[\]#:、]+|[,;/|()（）\[\]#:、]+\s*")
_BETWEEN: Final = re.compile(r"\d[\W_]*([^\W\d_]+)[\W_]*\d")
_TOUCHING: Final = re.compile(r"\d-?[^\W\d_]|[^\W\d_]-?\d")
_DECIMALS: Final = re.compile(r"\s*\+?\d{7,15}\.0{1,3}\s*")
_SHORTENED: Final = re.compile(r"\s*\d(?:[.,]\d+)?E\+?\d{1,2}\s*", re.IGNORECASE)


class _Group(NamedTuple):
    """Digits without a wide gap; `before` and `after` are the gaps around them."""

    digits: str
    before: str
    after: str


def parse_phone(text: str, region: str = "CN") -> str:
    """The mobile number in E.164, however it was written. `region` is where one without a country code belongs.

    Raises `Refusal("bad_phone")`; its `reason` says what is wrong: `empty`, `letters`, `short`, `long`, `landline`,
    `service`, `two`, `shortened` or `unknown`.
    """
    if len(text) > LONGEST:
        _refuse("long", found=sum(sign.isdecimal() for sign in text))
    if _SHORTENED.fullmatch(text):
        _refuse("shortened")
    clean = _clean(text)
    if _DECIMALS.fullmatch(clean):
        clean = clean.partition(".")[0]
    found, left = _read(clean, region)
    if not found:
        _explain(clean, region)
    if len(found) > 1 or left > NOTE:
        _refuse("two")
    if left:
        _refuse("long", found=sum(sign.isdecimal() for sign in clean), **_expected(region))
    kind = _kind(found[0])
    if kind not in MOBILE:
        _refuse("landline" if kind == PhoneNumberType.FIXED_LINE else "service")
    return found[0]


def _read(clean: str, region: str) -> tuple[list[str], int]:
    """Every number in the text, in E.164, and the most digits beside them that no note explains."""
    found: list[str] = []
    most = 0
    for run in _RUN.finditer(clean):
        numbers, left = _numbers(run[0], region, clean[run.end() : run.end() + 1])
        most = max(most, left)
        if numbers:
            _touched(clean, run)
        found += numbers
    return list(dict.fromkeys(found)), most


def _clean(text: str) -> str:
    """The same in plain signs: digits of every script as ours, dashes as `-`, without what cannot be seen."""
    signs = []
    for sign in unicodedata.normalize("NFKC", text):
        digit = unicodedata.digit(sign, None)
        kind = unicodedata.category(sign)
        if digit is not None:
            signs.append(str(digit))
        elif sign in _BLANKS or kind in ("Cf", "Mn", "Me", "Cs", "Co", "Cn") or (kind == "Cc" and not sign.isspace()):
            continue
        elif sign == "\N{HEAVY PLUS SIGN}":
            signs.append("+")
        else:
            signs.append("-" if kind == "Pd" or sign in "−ー~" else " " if sign.isspace() else sign)
    return _SPOKEN.sub(lambda match: match[0].translate(_CHINESE), "".join(signs)).strip()


def _numbers(run: str, region: str, behind: str) -> tuple[list[str], int]:
    """The numbers that a run of digits holds, in E.164, and how many digits are neither theirs nor a short note's.

    `behind`: the letter after it, which makes a note of the last digits: `13800138000 2F`.
    """
    whole = _valid(run, region) or _valid(run.replace("(0)", ""), region)
    if whole:
        return [whole], 0
    groups = list(_groups(run))
    if behind and behind not in _LIKE_DIGITS and groups[-1].before:
        groups[-1] = groups[-1]._replace(before=behind)
    found: list[str] = []
    left = place = 0
    while place < len(groups):
        number, end = _beginning(groups, place, region)
        if number:
            found.append(number)
        else:
            digits = sum(len(group.digits.lstrip("+")) for group in groups[place:end])
            # A room or a floor behind a comma or a bracket, or `1:` before the number, is no part of it.
            apart = (groups[place].before if found else groups[place].after).strip()
            if digits > NOTE or not apart:
                left += digits
        place = end
    if not found and left <= NOTE:
        left = 0  # a room of its own
    return found, left


def _beginning(groups: Sequence[_Group], place: int, region: str) -> tuple[str | None, int]:
    """The number that begins with this group, and the place behind it, or behind what is none."""
    for end in range(len(groups), place, -1):
        number = _valid("".join(group.digits for group in groups[place:end]), region)
        if number:
            return number, end
    # Digits behind a country code are no number without it.
    return None, len(groups) if groups[place].digits.startswith("+") else place + 1


def _groups(run: str) -> Iterator[_Group]:
    place, before = 0, ""
    for gap in _APART.finditer(run):
        digits = _digits(run[place : gap.start()])
        if digits.strip("+"):
            yield _Group(digits, before, gap[0])
            before = gap[0]
        else:
            before += gap[0]
        place = gap.end()
    if _digits(run[place:]).strip("+"):
        yield _Group(_digits(run[place:]), before, "")


def _digits(text: str) -> str:
    """Digits, and a plus before them."""
    plus = "+" if "+" in text[: re.search(r"\d|$", text).start()] else ""  # type: ignore[union-attr]
    return plus + "".join(sign for sign in text if sign.isdecimal())


def _valid(text: str, region: str) -> str | None:
    """The number in E.164 where there is such a number in the world: a mobile one rather than another.

    Visitors write `00` for a plus where that dials nobody abroad, and many leave the plus of their own country out.
    """
    digits = _digits(text)
    ways = [digits]
    if digits.startswith("00"):
        ways.append("+" + digits[2:])
    elif digits.startswith(str(phonenumbers.country_code_for_region(region))):
        ways.append("+" + digits)
    found = [number for way in ways if (number := _in_the_world(way, region))]
    return next((number for number in found if _kind(number) in MOBILE), found[0] if found else None)


def _in_the_world(digits: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def example(region: str) -> str:
    """A mobile number as people of the region write one, and as nobody has it; empty where its plan names none."""
    found = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.NATIONAL) if found else ""


def _kind(number: str) -> int:
    return phonenumbers.number_type(phonenumbers.parse(number, None))


def _touched(clean: str, run: re.Match[str]) -> None:
    """Refuses a number with letters at its end that may be meant as digits: `13800138000O` has twelve of them."""
    before = re.search(r"[^\W\d_]*$", clean[: run.start()])
    after = re.match(r"[^\W\d_]*", clean[run.end() :])
    for word in (before, after):
        if word and word[0] and all(sign in _LIKE_DIGITS for sign in word[0]):
            _refuse("letters", letter=word[0][0])


def _explain(clean: str, region: str) -> NoReturn:
    """Says why there is no number in it."""
    digits = [_digits(run[0]) for run in _RUN.finditer(clean)]
    if not digits:
        words = "".join(clean.split())
        alike = len(words) > NOTE and all(sign in _LIKE_DIGITS for sign in words)
        _refuse("letters", letter=words[0]) if alike else _refuse("empty")
    inside = _BETWEEN.search(clean) or _TOUCHING.search(clean)
    as_digits = "".join(_LIKE_DIGITS.get(sign, sign) for sign in clean)
    if inside or any(_valid(run[0], region) for run in _RUN.finditer(as_digits)):
        signs = [sign for sign in (inside[0] if inside else clean) if not sign.isdecimal() and not sign.isspace()]
        _refuse("letters", letter=next(filter(str.isalpha, signs), signs[0] if signs else ""))
    longest = max(digits, key=len)
    if _in_the_world("+" + longest.lstrip("+0"), region):
        _refuse("unknown")  # of another country, without its plus
    found, expected = len(longest.lstrip("+")), _expected(region, longest)
    if "expected" in expected and found < expected["least"]:
        _refuse("short", found=found, expected=expected["expected"])
    if "expected" in expected and found > expected["most"]:
        _refuse("long", found=found, expected=expected["expected"])
    _refuse("unknown")


def _expected(region: str, digits: str = "") -> dict[str, Any]:
    """How many digits a mobile number of the region has: as a person is told, the fewest and the most that may stand.

    With a country code of another country nothing is promised.
    """
    own = phonenumbers.country_code_for_region(region)
    if digits.startswith("+") and not digits.startswith(f"+{own}"):
        return {}
    about = phonenumbers.PhoneMetadata.metadata_for_region(region)
    lengths = about.mobile.possible_length if about and about.mobile else ()
    if not lengths:
        return {}
    code = len(str(own)) if digits.startswith("+") else 0
    told = str(min(lengths)) if min(lengths) == max(lengths) else f"{min(lengths)}–{max(lengths)}"
    return {"expected": told, "least": min(lengths) + code, "most": max(lengths) + code}


def _refuse(reason: str, **details: Any) -> NoReturn:
    details = {name: value for name, value in details.items() if name not in ("least", "most")}
    raise Refusal("bad_phone", reason=reason, **details)
