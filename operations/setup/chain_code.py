"""The chain's enrolment code: what head office knows of a store, as one line that a file, a mail or a QR code carries.

`storekeeper://enrol/1?store=s014&name.en=Fresh+Life&languages=zh-CN,en&region=CN&currency=CNY&address=…&cloud=…&token=…`

The form is fixed; until the chain makes these codes, somebody writes them by hand. What setup's own flags say counts
before it. It holds a token: it is read from a file or standard input, never from the command line.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from edge.settings.mistakes import did_you_mean
from operations.setup.answers import BadAnswer
from words.languages import known

SCHEME, HOST, VERSION = "storekeeper", "enrol", "1"
KEYS: Final = ("store", "name", "languages", "region", "currency", "timezone", "address", "manager", "cloud", "token")
NEEDED: Final = ("store",)


class ChainCode(msgspec.Struct, frozen=True):
    """What it says."""

    values: dict[str, str]
    names: tuple[str, ...] = ()
    """As `--name` takes them."""

    def get(self, key: str) -> str | None:
        """One value."""
        return self.values.get(key)


def read(text: str) -> ChainCode:
    """Raises `BadAnswer`."""
    parts = urlsplit(text.strip())
    if (parts.scheme, parts.netloc, parts.path) != (SCHEME, HOST, f"/{VERSION}"):
        raise BadAnswer(f"code: expected {SCHEME}://{HOST}/{VERSION}?store=…&name=…; found something else")
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise BadAnswer("code: expected key=value and & between them behind the question mark") from None
    values: dict[str, str] = {}
    names: list[str] = []
    for key, value in pairs:
        plain, _, tag = key.partition(".")
        if plain == "name" and value:
            names.append(f"{_tag(tag)}={value}" if tag else value)
        elif key not in KEYS or key in values or not value:
            raise BadAnswer(_mistake(key, values, value))
        else:
            values[key] = value
    if lacking := [key for key in NEEDED if key not in values]:
        raise BadAnswer(f"code: {', '.join(lacking)} is missing")
    return ChainCode(values, tuple(names))


def _tag(tag: str) -> str:
    if tag not in known():
        raise BadAnswer(f"code: name.{tag}: no language{did_you_mean(tag, known())}")
    return tag


def _mistake(key: str, values: dict[str, str], value: str) -> str:
    if key in values:
        return f"code: {key} stands there twice"
    return (
        f"code: {key} is empty"
        if key in KEYS and not value
        else f"code: nothing is called {key}{did_you_mean(key, KEYS)}"
    )
