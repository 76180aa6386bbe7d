"""Element strings: application identifiers with their values, as scanners send them and as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from gs1.checks import CHECKS
from gs1.forms import Component, Form, forms

FNC1: Final = "\x1d"
_BRACKET: Final = re.compile(r"\(([0-9]{2,4})\)((?:\\\(|[^(])*)")
_LETTERS: Final = {
    "N": re.compile(r"[0-9]*"),
    "X": re.compile(r"[!-\"%-?A-Z_a-z]*"),
    "Y": re.compile(r"[#\-/0-9A-Z]*"),
    "Z": re.compile(r"[A-Za-z0-9_\-]*=*"),
}
"""The character sets 82, 39 and 64 of the General Specifications."""


class BadElements(ValueError):
    """It breaks a rule of GS1's; the text says which."""


class Element(msgspec.Struct, frozen=True):
    """One application identifier and its value."""

    ai: str
    value: str


class Elements:
    """Reads and writes element strings."""

    def __init__(self) -> None:
        self.forms = forms()

    def form(self, start: str) -> Form | None:
        """The form of the AI that a string begins with."""
        return next((self.forms[start[:n]] for n in (2, 3, 4) if start[:n] in self.forms), None)

    def scanned(self, data: str) -> list[Element]:
        """Of what a reader sent, separators as they are. Raises `BadElements`."""
        found: list[Element] = []
        rest = data.removeprefix(FNC1)
        while rest:
            form = self.form(rest)
            if form is None:
                raise BadElements(f"no application identifier: {rest[:4]!r}")
            body = rest[len(form.ai) :]
            if form.ends_itself:
                value, rest = body[: form.most], body[form.most :]
            else:
                value, _, rest = body.partition(FNC1)
            rest = rest.lstrip(FNC1)  # some printers write two
            found.append(self.checked(Element(form.ai, value)))
        if not found:
            raise BadElements("nothing in it")
        return found

    def bracketed(self, text: str, *, unknown: bool = False) -> list[Element]:
        r"""Of text such as `(01)…(10)…`, with `\(` for a bracket in a value. Raises `BadElements`."""
        found: list[Element] = []
        place = 0
        while place < len(text):
            match = _BRACKET.match(text, place)
            if match is None:
                raise BadElements(f"expected an AI in brackets at {place}")
            found.append(self.checked(Element(match[1], match[2].replace("\\(", "(")), unknown=unknown))
            place = match.end()
        if not found:
            raise BadElements("nothing in it")
        return found

    def checked(self, element: Element, *, unknown: bool = False) -> Element:
        """The same, its value good for its AI. Raises `BadElements`."""
        form = self.forms.get(element.ai)
        if form is not None:
            _check(form, element.value)
        elif not unknown or not element.value or not _LETTERS["X"].fullmatch(element.value):
            raise BadElements(f"({element.ai}): no application identifier")
        return element

    def written(self, elements: Iterable[Element]) -> str:
        """As a reader would send them, FNC1 first."""
        data, ended = "", True
        for element in elements:
            form = self.forms.get(element.ai)
            data += ("" if ended else FNC1) + element.ai + element.value
            ended = form is not None and form.ends_itself
        return FNC1 + data

    def together(self, elements: Sequence[Element]) -> None:
        """Whether they may stand on one item. Raises `BadElements`."""
        values: dict[str, str] = {}
        for element in elements:
            if values.setdefault(element.ai, element.value) != element.value:
                raise BadElements(f"({element.ai}) twice, with two values")
        for ai in values:
            if ai in self.forms:
                _beside(self.forms[ai], values)
        _signed_key(values)


def _beside(form: Form, ais: Iterable[str]) -> None:
    """What one AI asks of the others."""
    for group in form.needs:
        if not any(_matches(other, pattern) for other in ais for pattern in group):
            raise BadElements(f"({form.ai}) goes with {' or '.join(group)}")
    for other in ais:
        if other != form.ai and any(_matches(other, pattern) for pattern in form.bars):
            raise BadElements(f"({form.ai}) does not go with ({other})")


def _signed_key(values: dict[str, str]) -> None:
    """A digital signature (8030) is of one thing, so its key must be one that has a serial number."""
    if "8030" not in values:
        return
    for ai, bare in (("253", 13), ("255", 13), ("8003", 14)):
        if len(values.get(ai, "")) == bare:
            raise BadElements(f"(8030) goes with a ({ai}) that has a serial number")
    for ai, serial in (("01", "21"), ("8006", "21"), ("8010", "8011")):
        if ai in values and serial not in values:
            raise BadElements(f"(8030) with ({ai}) needs ({serial})")


def _matches(ai: str, pattern: str) -> bool:
    return len(ai) == len(pattern) and all(want in ("n", have) for have, want in zip(ai, pattern, strict=True))


def _check(form: Form, value: str) -> None:
    rest = value
    for number, part in enumerate(form.parts):
        rest = _check_part(form, part, rest, last=number == len(form.parts) - 1)
    if rest:
        raise BadElements(f"({form.ai}): {len(rest)} characters too many")


def _check_part(form: Form, part: Component, rest: str, *, last: bool) -> str:
    piece = rest if last else rest[: part.most]
    if not piece and part.optional:
        return ""
    if not part.least <= len(piece) <= part.most:
        raise BadElements(f"({form.ai}): expected {part.least} to {part.most} of {part.letters}, found {len(piece)}")
    if not _LETTERS[part.letters].fullmatch(piece):
        raise BadElements(f"({form.ai}): a character that may not stand there")
    for name in part.checks:
        wrong = CHECKS[name](piece)
        if wrong:
            raise BadElements(f"({form.ai}): {wrong}")
    return rest[len(piece) :]
