"""GS1 Digital Links: addresses that hold element strings, `https://id.example.com/01/09520123456788/10/ABC?17=301231`.

biip reads 98 of the GS1 syntax engine's 118 vectors right; `tests/gs1/test_vectors.py` names the others. What it gets
wrong is the reason for this file: the key is the last one of the path, attributes may not repeat what the path says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from gs1.elements import BadElements, Element, Elements
from gs1.forms import Form

_ADDRESS: Final = re.compile(
    r"(?:https?|HTTPS?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)(?P<port>:[0-9]{1,5})?"
    r"(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?"
)
_ALLOWED: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_GTINS: Final = frozenset({"01", "02"})
_ROOT: Final = "https://id.gs1.org"

NAMES: Final = {
    "sscc": "00", "gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "tpx": "235", "gdti": "253", "gcn": "255",
    "ginc": "401", "gsin": "402", "gln": "414", "glnx": "254", "party": "417", "refno": "8020", "grai": "8003",
    "giai": "8004", "itip": "8006", "cpid": "8010", "cpsn": "8011", "gmn": "8013", "gsrnp": "8017", "gsrn": "8018",
    "srin": "8019",
}  # fmt: skip
"""The old short names of the keys, from before version 1.2 of the standard; printed codes live long."""


class Links:
    """Reads and writes Digital Links. `loose` also takes GTINs without their leading zeros and the old short names."""

    def __init__(self, elements: Elements, *, unknown: bool = False) -> None:
        self._elements = elements
        self._unknown = unknown

    def read(self, address: str, *, zeros: bool = False, names: bool = False) -> list[Element]:
        """The elements: key, qualifiers, then attributes. Raises `BadElements`.

        `zeros`: GTINs may lack their leading zeros; `names`: AIs may be old short names.
        """
        found = _ADDRESS.fullmatch(address)
        if found is None or not _ALLOWED.fullmatch(address):
            raise BadElements("no web address")
        path = found["path"].split("/")[1:]
        if names:
            path = [NAMES.get(word, word) for word in path]
        start, key = self._key(path)
        pairs = list(zip(path[start::2], path[start + 1 :: 2], strict=True))
        self._qualifiers(key, [ai for ai, _ in pairs[1:]])
        pairs += self._attributes(found["query"] or "", key, [ai for ai, _ in pairs])
        return [self._element(ai, value, zeros=zeros) for ai, value in pairs]

    def write(self, elements: Sequence[Element], stem: str = "") -> str:
        """The address of these elements. Raises `BadElements` where none of them is a key."""
        values = {element.ai: element.value for element in elements}
        for ai in values:
            if ai in _NEVER or (ai not in self._elements.forms and not self._unknown):
                raise BadElements(f"({ai}) may not stand in an address")
        key = next((ai for ai in values if (form := self._elements.forms.get(ai)) and form.link is not None), None)
        if key is None:
            raise BadElements("none of them is a key")
        order = self._order(self._elements.forms[key], values)
        path = "".join(f"/{ai}/{_escaped(values[ai])}" for ai in (key, *order))
        left = [ai for ai in values if ai not in (key, *order)]
        left.sort(key=lambda ai: not (ai in self._elements.forms and self._elements.forms[ai].ends_itself))
        if any(ai in self._all_qualifiers(key) and ai in _EXCLUSIVE for ai in left):
            raise BadElements("two sequences of qualifiers at once")
        query = "&".join(f"{ai}={_escaped(values[ai])}" for ai in left)
        return f"{(stem or _ROOT).rstrip('/')}{path}{'?' + query if query else ''}"

    def _key(self, path: list[str]) -> tuple[int, Form]:
        """Where the key stands: the last pair of segments that is one, counted from the end."""
        for start in range(len(path) - 2, -1, -2):
            form = self._elements.forms.get(path[start])
            if form is not None and form.link is not None and start + 1 < len(path):
                return start, form
        raise BadElements("no key in its path")

    def _qualifiers(self, key: Form, ais: list[str]) -> None:
        if ais and not any(_in_order(ais, order) for order in key.link or ()):
            raise BadElements(f"({key.ai}) is not followed by {'/'.join(ais)}")

    def _attributes(self, query: str, key: Form, path: list[str]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for word in filter(None, re.split("[&;]", query)):
            ai, equals, value = word.partition("=")
            if not equals or not ai.isdigit():
                continue  # the standard leaves room for other words
            if ai not in self._elements.forms and not self._unknown:
                raise BadElements(f"({ai}): no application identifier")
            if ai in path or ai in [earlier for earlier, _ in found] or ai in _NEVER:
                raise BadElements(f"({ai}) may not stand there")
            if any(_in_order(_with(path[1:], ai, order), order) for order in key.link or () if ai in order):
                raise BadElements(f"({ai}) belongs into the path")
            found.append((ai, value.replace("+", "%20")))
        return found

    def _element(self, ai: str, value: str, *, zeros: bool) -> Element:
        plain = _unescaped(value)
        if ai in _GTINS and zeros and plain.isdigit() and len(plain) in (8, 12, 13):
            plain = plain.zfill(14)
        return self._elements.checked(Element(ai, plain), unknown=self._unknown)

    def _order(self, form: Form, values: dict[str, str]) -> list[str]:
        """The qualifiers that are there, of the sequence that takes the most of them."""
        return max(([ai for ai in order if ai in values] for order in form.link or ((),)), key=len, default=[])

    def _all_qualifiers(self, key: str) -> set[str]:
        return {ai for order in self._elements.forms[key].link or () for ai in order}


_NEVER: Final = frozenset({"8200"})
"""An address within an address."""
_EXCLUSIVE: Final = frozenset({"235"})


def _in_order(ais: list[str], order: Sequence[str]) -> bool:
    places = [order.index(ai) for ai in ais if ai in order]
    return len(places) == len(ais) and places == sorted(set(places))


def _with(ais: list[str], ai: str, order: Sequence[str]) -> list[str]:
    """These qualifiers and one more, in the order of a sequence that has them all."""
    return sorted([*ais, ai], key=order.index) if all(each in order for each in ais) else ["-"]


def _escaped(value: str) -> str:
    return quote(value, safe="-._~!$'()*,;:@")


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value)
