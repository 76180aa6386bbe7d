"""What a value of the settings was expected to be, what was found, and what was perhaps meant."""

from __future__ import annotations

import difflib
import re
from typing import Any

from edge.settings.model import NOT_PLAIN

_SAID = {
    "listener": "expected address and port such as 127.0.0.1:8081",
    "id": 'expected 2 to 39 of a-z, 0-9 and "-", not starting with "-"',
    "file name": 'expected a name of a-z, 0-9, ".", "_" and "-", such as breakfast-en.jpg',
    "door": 'expected a door such as "05": 1 to 8 letters and digits',
    "hash": "expected a SHA-256: 64 of 0-9 and a-f",
    "domain": "expected a full name such as shop.example.com",
    "colour": "expected a colour such as #EFE7DA",
    "driver": 'expected "family.name" such as "locks.simulated_cart"',
    "host": 'expected a name or an address such as "shop.local", without http:// and without a port',
    "address": "expected an address such as https://example.com",
    "target": 'expected a folder such as "/mnt/copies", a stick such as "usb:COPIES", or "restic:/srv/copies"',
    "six digits": "expected six digits",
    "merchant": "expected 8 to 10 digits",
    "app": 'expected "wx" and 16 of 0-9 and a-z',
    "serial": "expected 16 to 40 of 0-9 and A-F",
    "public key": "expected PUB_KEY_ID_ and 10 to 60 letters and digits",
    "prefix": 'expected 1 to 40 letters, digits, "_" and "-"',
    "letters": "expected letters and digits",
    "token": "expected letters, digits and signs, without blanks",
}
_PATTERNS = {
    r"^(\[[0-9A-Fa": "listener",
    r"^[a-z0-9][a-z0-9._": "file name",
    r"^[a-z0-9]": "id",
    r"^#": "colour",
    r"^[0-9A-Za-z]{1,8}$": "door",
    r"^[0-9a-f]{64}$": "hash",
    r"^(\*\.": "domain",
    r"^[a-z][a-z0-9_]*\.": "driver",
    r"^(elsewhere": "driver",
    r"^[^\s/@:": "host",
    r"^https": "address",
    r"^(/": "target",
    r"^[0-9]{6}$": "six digits",
    r"^[0-9]{8,10}$": "merchant",
    r"^wx": "app",
    r"^[0-9A-F]{16": "serial",
    r"^PUB_KEY_ID_": "public key",
    r"^[A-Za-z0-9.:_-]{1,253}$": "host",
    r"^[A-Za-z0-9_-]{1,40}$": "prefix",
    r"^[0-9A-Za-z]*$": "letters",
    r"^[!-~]*$": "token",
}


def expectation(found: Any, decimals: int | None = None) -> str:
    """What was expected and what was found; of an amount of money in a currency with so many decimals."""
    value, kind, hint = found["input"], found["type"], ""
    if kind == "value_error":
        return str(found["ctx"]["error"])
    if told := _of_text(found):
        return told
    if kind in ("literal_error", "union_tag_invalid"):
        value = found["ctx"].get("tag", value)
        choices = re.findall(r"'([^']*)'", found["ctx"].get("expected") or found["ctx"]["expected_tags"])
        said = "expected one of " + ", ".join(choices)
        near = difflib.get_close_matches(str(value), choices, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
    elif kind == "string_pattern_mismatch":
        pattern = found["ctx"]["pattern"]
        name = next((name for start, name in _PATTERNS.items() if pattern.startswith(start)), "")
        said = _SAID.get(name, f"expected text like {pattern}")
        hint = _as_id(value) if name == "id" else ""
    elif kind == "too_short" and found["ctx"]["actual_length"] == 0:
        return "expected at least one"
    elif kind == "too_long" and isinstance(value, list):
        said = f"expected at most {found['ctx']['max_length']} values"
    elif kind in _KINDS:
        said, hint = f"expected {_KINDS[kind]}", _as_money(value, decimals) or _as_kind(kind, value)
    else:
        said = re.sub(r"^\w+ should (be|have)", "expected", found["msg"]).split(", unable")[0].split(", got")[0]
    return f"{said}; found {quoted(value)}{hint}"


def _of_text(found: Any) -> str:
    """What is wrong with a text that is one; empty where it is something else."""
    value = found["input"]
    if found["type"] == NOT_PLAIN:
        return f"{found['msg']}" + ("" if isinstance(value, Redacted) else f" in {found['ctx']['where']}")
    if found["type"] == "string_too_long":
        told = quoted(value) if isinstance(value, Redacted) else f"{len(value)}: {quoted(value)}"
        return f"expected at most {found['ctx']['max_length']} letters; found {told}"
    return ""


_MOMENT = "a day such as 2026-12-31, or a time such as 2026-12-31T22:00:00"
_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "string_type": "text in quotes",
    "path_type": "text in quotes",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "tuple_type": "a list in [ ]",
    "timezone_aware": _MOMENT,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
}
_WITHOUT_QUOTES = {
    "int_type": r"[+-]?\d{1,18}",
    "float_type": r"[+-]?\d{1,12}(\.\d{1,9})?",
    "bool_type": "true|false",
    "tuple_type": r"\[.*\]",
}


def _as_money(value: object, decimals: int | None) -> str:
    """An amount in the smallest unit, as a suggestion for one that stands there with decimals."""
    if decimals is None or not isinstance(value, float):
        return ""
    cents = round(value * 10**decimals, 6)
    return f"; amounts stand in the smallest unit, did you mean {cents:.0f}?" if cents.is_integer() else ""


def _as_kind(kind: str, value: object) -> str:
    """What stands there, written as it should be, as a suggestion."""
    if isinstance(value, str):
        wanted = _WITHOUT_QUOTES.get(kind)
        return (
            f"; did you mean {value.strip()}, without quotes?" if wanted and re.fullmatch(wanted, value.strip()) else ""
        )
    if kind == "string_type" and isinstance(value, int | float):
        return f'; did you mean "{quoted(value)}"?'
    if kind.startswith("int_") and isinstance(value, float) and value.is_integer():
        return f"; did you mean {value:.0f}?"
    return ""


def _as_id(value: str) -> str:
    """The nearest id that the contract allows, as a suggestion."""
    made = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    return f'; did you mean "{made}"?' if 2 <= len(made) <= 39 else ""


class Redacted:
    """Stands for a secret, in what was found."""

    def __str__(self) -> str:
        return "a value that is not shown"


def quoted(value: object) -> str:
    """What was found, as a sentence quotes it."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    text = f'"{without_login(value)}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def without_login(url: str) -> str:
    """An address without the name and the password that may stand in it."""
    return re.sub(r"://[^/\s]*@", "://…@", url)
