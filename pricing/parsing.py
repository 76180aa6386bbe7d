"""Any bytes as the raw document: JSON whose texts and numbers every reader of JSON holds exactly."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

MAX_INTEGER: Final = (1 << 53) - 1
"""More than any price, quantity or instant; every reader of JSON still holds it exactly."""
LARGEST: Final = 16 << 20
"""Bytes of a document; one of a thousand lines and as many campaigns has less than one MiB."""
_LONGEST: Final = 4000
"""Letters of a text, and of a name."""
DEEPEST: Final = 32
"""Lists and objects within one another; a document has eight."""
_DIGITS: Final = 64
"""Of a whole number: what is longer is far too large, whatever comes behind."""


class Unreadable(ValueError):
    """A document that cannot be priced: `mistakes` has a sentence for each reason."""

    def __init__(self, found: list[str]) -> None:
        self.mistakes = [each.replace("\n", "\\n").replace("\r", "\\r") for each in found]
        super().__init__("; ".join(self.mistakes))


def parsed(text: bytes) -> dict[str, Any]:
    """The object that the text is. Raises `Unreadable`."""
    try:
        raw = json.loads(
            _decoded(text),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=lambda digits: int(digits[:_DIGITS]),
        )
    except UnicodeDecodeError as error:
        raise Unreadable([f"expected UTF-8; found another byte at {error.start}"]) from None
    except json.JSONDecodeError as error:
        raise Unreadable(
            [f"line {error.lineno}, column {error.colno}: expected JSON; {error.msg.lower().removesuffix(' at')}"]
        ) from None
    except _NoJson as error:
        raise Unreadable([str(error)]) from None
    except RecursionError:
        raise Unreadable([_TOO_DEEP]) from None
    if not isinstance(raw, dict):
        raise Unreadable([f"expected one object with products, basket and now; found {_kind(raw)}"])
    if wrong := list(_unheld(raw)):
        raise Unreadable(wrong)
    return raw


def _decoded(text: bytes) -> str:
    if len(text) > LARGEST:
        raise Unreadable([f"expected a document of at most {LARGEST >> 20} MiB; found a larger one"])
    if (zero := text.find(b"\0")) >= 0:
        raise Unreadable([f"expected UTF-8; found a zero byte at {zero}, as UTF-16 has them"])
    return text.decode("utf-8-sig")


def short(value: Any) -> str:
    """A value as it may stand in a sentence."""
    text = json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode()
    return text if len(text) <= 60 else text[:57] + "..."


_TOO_DEEP: Final = f"expected a document; found lists or objects that are nested more than {DEEPEST} deep"


class _NoJson(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise _NoJson(f"{short(twice)} stands twice in one object")
    return made


def _no_number(text: str) -> None:
    raise _NoJson(f"expected a number; found {text}")


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")


def _unheld(raw: dict[str, Any]) -> Iterator[str]:
    """What stands anywhere and cannot be held: half a letter, a number that is too large, a nest that is too deep."""
    left: list[tuple[str, int, Any]] = [("", 0, raw)]
    while left:
        where, deep, value = left.pop()
        if deep > DEEPEST:
            yield _TOO_DEEP
            return
        if isinstance(value, dict):
            for name, each in reversed(value.items()):
                if said := _too_much(name):
                    yield f"{where or 'the document'}: {said}"
                    continue
                left.append((f"{where}.{name}".lstrip("."), deep + 1, each))
        elif isinstance(value, list):
            left += [(f"{where}[{place}]", deep + 1, each) for place, each in reversed(list(enumerate(value)))]
        elif said := _too_much(value):
            yield f"{where}: {said}"


def _too_much(value: Any) -> str:
    if isinstance(value, str) and _half(value):
        return f"{_HALF} {short(value)}"
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"expected text of at most {_LONGEST} letters; found {len(value)}: {short(value)}"
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return f"expected {'at most ' if value > 0 else 'at least -'}{MAX_INTEGER}; found {short(value)}"
    return ""


_HALF: Final = "expected text; found half of a pair of UTF-16 in"


def _half(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)
