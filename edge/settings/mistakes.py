"""Mistakes in settings, in words: the file, the line, what was expected, what was found and what was perhaps meant."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from edge.domain.setting import MONEY
from edge.errors import StorekeeperError
from edge.settings.sections import file_model, settable
from edge.settings.texts import spoken
from edge.settings.toml_files import BadToml, Mistake, read_toml
from edge.settings.toml_lines import TomlLines

Model = TypeVar("Model", bound=BaseModel)


class SettingsError(StorekeeperError):
    """Every mistake in the settings, one a line, in the order of the files."""

    def __init__(self, folder: Path, mistakes: Iterable[Mistake]) -> None:
        self.folder = folder
        self.mistakes = sorted(dict.fromkeys(mistakes), key=_place)
        count = len(self.mistakes)
        head = f"{count} mistake{'' if count == 1 else 's'} in the settings in {folder}"
        super().__init__("\n".join([f"{head}:", *(f"  {mistake}" for mistake in self.mistakes)]))


LOGINS = frozenset({"gateway", "doctor"})
"""MQTT users that are no devices."""
SECRETS = frozenset({"password", "token"})
"""Keys whose values are never shown, however wrong they are."""
_ORDER = {"store.toml": 0, "devices.toml": 1, "gateway.toml": 2}


def _place(mistake: Mistake) -> tuple[int, str, int]:
    return _ORDER.get(mistake.file, len(_ORDER)), mistake.file, mistake.line


class File(Generic[Model]):
    """One settings file: its raw content, and its model where that is valid. Adds what is wrong to `mistakes`."""

    def __init__(
        self,
        path: Path,
        model: type[Model],
        mistakes: list[Mistake],
        prepare: Callable[[dict[str, Any]], None] = lambda raw: None,  # noqa: ARG005 - the form of one
        context: dict[str, Any] | None = None,
    ) -> None:
        """`context` is what values are checked by; a file that speaks no language by it, by its own."""
        self.name = path.name
        self.raw: dict[str, Any] = {}
        self.parsed = False
        self.model: Model | None = None
        self._lines = TomlLines("")
        try:
            self.raw, self._lines = read_toml(path)
            self.parsed = True
            prepare(self.raw)
            # As JSON, so that nothing is taken for something else: no text for a number, no `true` for 1.
            written = json.dumps(self.raw, default=_json)
            self.model = model.model_validate_json(written, context=spoken(self.raw) | (context or {}))
        except BadToml as bad:
            mistakes.append(bad.mistake)
        except ValidationError as error:
            mistakes.extend(self._explain(model, found) for found in error.errors(include_url=False))

    def mistake(self, path: tuple[str | int, ...], text: str) -> Mistake:
        """A mistake at the line of `path`."""
        return Mistake(self.name, self._lines.of(path), text)

    def tables(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The tables `[[name]]` as written, valid or not, so that references are checked whatever else is wrong."""
        tables = self.raw.get(name)
        for index, table in enumerate(tables if isinstance(tables, list) else []):
            if isinstance(table, dict):
                yield index, table

    def ids(self, name: str) -> list[str]:
        """The ids of the tables `[[name]]`."""
        return [table["id"] for _, table in self.tables(name) if isinstance(table.get("id"), str)]

    def twice(self, name: str) -> Iterator[Mistake]:
        """A mistake for each of the tables `[[name]]` whose id an earlier one has."""
        first: dict[str, int] = {}
        for index, table in self.tables(name):
            identifier = table.get("id")
            if not isinstance(identifier, str):
                continue
            if identifier in first:
                line = self.mistake((name, first[identifier], "id"), "").line
                text = f'id: "{identifier}" is taken by line {line}; every one of [[{name}]] needs its own'
                yield self.mistake((name, index, "id"), text)
            first.setdefault(identifier, index)

    def place(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """Where in the file a place of the model stands."""
        return path

    def known(self, model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
        """The keys that a table of the model may have."""
        return _fields(model, path)

    def is_money(self, model: type[BaseModel], path: Sequence[str | int]) -> bool:
        """Whether a place of the model is declared as an amount of money."""
        return _is_money(model, path)

    def explained(self, found: Any) -> str | None:  # noqa: ARG002 - for files of other forms
        """What a mistake of this form is called that only such a file can have."""
        return None

    def _explain(self, model: type[BaseModel], found: Any) -> Mistake:
        whole = tuple(part for part in found["loc"] if part != "[key]")
        path = self.place(whole)
        key = str(path[-1]) if path else self.name
        if found["type"] == "extra_forbidden":
            text = f'unknown key "{key}"' + did_you_mean(key, self.known(model, whole[:-1]))
        elif own := self.explained(found):
            text = own
        elif found["type"] == "missing" and isinstance(path[-1], int):
            path = path[:-1]
            text = f"{_dotted(path)}: too few values; found {_shown(found['input'])}"
        elif found["type"] == "missing":
            text = f'"{key}" is missing' + (f" in {_table(path[:-1])}" if path[:-1] else "")
            path = path[:-1]
        else:
            if path and path[-1] in SECRETS:
                found = {**found, "input": _Unsaid()}
            said = _expectation(found, money=self.is_money(model, whole))
            text = f"{_dotted(path)}: {said}" if path else said
        return self.mistake(path, text)


def _json(value: Any) -> str:
    """A date or a time of TOML."""
    return str(value.isoformat())


def did_you_mean(value: object, known: Iterable[object]) -> str:
    """'; did you mean "x"?' where something known is near, else what is known, where that is short."""
    names = [str(name) for name in known]
    text = str(value)
    near = difflib.get_close_matches(text, names, n=1, cutoff=0.6)
    near = near or [name for name in names if text and name.startswith(text.lower())][:1]
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 16 else ""


def unknown(
    place: tuple[str | int, ...], what: str, names: Iterable[str], there: frozenset[str] | None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """A sentence, with its place, for each name that is not there. None: what is there cannot be told."""
    dotted = ".".join(map(str, place))
    for name in names:
        if there is not None and name not in there:
            yield place, f'{dotted}: there is no {what} "{name}"{did_you_mean(name, sorted(there))}'


def _fields(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Names of the fields of the model that `path` leads to."""
    current: Any = model
    for part in path:
        if isinstance(part, str) and part in current.model_fields:
            current = _inner(current.model_fields[part].annotation)
    return list(current.model_fields)


def _is_money(model: type[BaseModel], path: Sequence[str | int]) -> bool:
    """Whether a noun declares what `path` leads to as an amount of money."""
    current: Any = model
    for part in path[:-1]:
        if isinstance(part, str) and part in getattr(current, "model_fields", ()):
            current = _struct_or_model(current.model_fields[part].annotation)
    if current is None or not hasattr(current, "__struct_fields__"):
        return False
    return any(each.key == path[-1] and each.setting.unit is MONEY for each in settable(current))


def _inner(annotation: Any) -> Any:
    """The model inside `tuple[Model, ...]` and the like; that of a noun's struct is the one that the file has."""
    found = _struct_or_model(annotation)
    return found if hasattr(found, "model_fields") else file_model(found)


def _struct_or_model(annotation: Any) -> Any:
    """The table that an annotation names; none for a single value."""
    while not hasattr(annotation, "model_fields") and not hasattr(annotation, "__struct_fields__"):
        args = get_args(annotation)
        if not args:
            return None
        annotation = args[0]
    return annotation


def _table(path: Sequence[str | int]) -> str:
    names = ".".join(str(part) for part in path if isinstance(part, str))
    return f"[[{names}]]" if path and isinstance(path[-1], int) else f"[{names}]"


def _dotted(path: Sequence[str | int]) -> str:
    """The key as it is written below its table: `plan[2]`, `name.en`; without the table's own name."""
    below = list(path)
    if len(below) > 2 and isinstance(below[1], int):
        below = below[2:]
    text = ""
    for part in below:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


_SAID = {
    "listener": "expected address and port such as 127.0.0.1:8081",
    "id": 'expected 2 to 39 of a-z, 0-9 and "-", not starting with "-"',
    "colour": "expected a colour such as #EFE7DA",
    "driver": 'expected "family.name" such as "locks.simulated_cart"',
    "host": 'expected a name or an address such as "shop.local", without http:// and without a port',
    "address": "expected an address such as https://example.com",
}
_PATTERNS = {
    r"^(\[[0-9A-Fa": "listener",
    r"^[a-z0-9]": "id",
    r"^#": "colour",
    r"^(elsewhere": "driver",
    r"^[^\s/@:": "host",
    r"^https": "address",
}


def _expectation(found: Any, *, money: bool = False) -> str:
    """What was expected and what was found."""
    value, kind, hint = found["input"], found["type"], ""
    if kind == "value_error":
        return str(found["ctx"]["error"])
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
    elif kind in _KINDS:
        said, hint = f"expected {_KINDS[kind]}", _as_money(value, money=money) or _as_kind(kind, value)
    else:
        said = re.sub(r"^\w+ should (be|have)", "expected", found["msg"]).split(", unable")[0].split(", got")[0]
    return f"{said}; found {_shown(value)}{hint}"


_MOMENT = "a day such as 2026-12-31, or a time such as 2026-12-31T22:00:00"
_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
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


def _as_money(value: object, *, money: bool) -> str:
    """An amount in the smallest unit, as a suggestion for one that stands there with decimals."""
    if not money or not isinstance(value, float):
        return ""
    cents = round(value * 100, 6)
    return f"; amounts stand in the smallest unit, did you mean {cents:.0f}?" if cents.is_integer() else ""


def _as_kind(kind: str, value: object) -> str:
    """What stands there, written as it should be, as a suggestion."""
    if isinstance(value, str):
        wanted = _WITHOUT_QUOTES.get(kind)
        return (
            f"; did you mean {value.strip()}, without quotes?" if wanted and re.fullmatch(wanted, value.strip()) else ""
        )
    if kind == "string_type" and isinstance(value, int | float):
        return f'; did you mean "{_shown(value)}"?'
    if kind.startswith("int_") and isinstance(value, float) and value.is_integer():
        return f"; did you mean {value:.0f}?"
    return ""


def _as_id(value: str) -> str:
    """The nearest id that the contract allows, as a suggestion."""
    made = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    return f'; did you mean "{made}"?' if 2 <= len(made) <= 39 else ""


class _Unsaid:
    def __str__(self) -> str:
        return "a value that is not shown"


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    text = f'"{without_login(value)}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def without_login(url: str) -> str:
    """An address without the name and the password that may stand in it."""
    return re.sub(r"://[^/\s]*@", "://…@", url)


def check_references(store: File[Any], devices: File[Any], mistakes: list[Mistake]) -> None:
    """Duplicate ids, and zones, devices and prices that do not fit together."""
    zones = store.ids("zones")
    known = devices.ids("devices")
    for file, name in (
        (store, "zones"),
        (store, "touchpoints"),
        (store, "fixtures"),
        (store, "coupons"),
        (devices, "devices"),
    ):
        mistakes += file.twice(name)
    for file, name in ((store, "touchpoints"), (store, "coupons"), (devices, "devices")):
        if zones:
            _check_known(file, name, "zone", zones, mistakes)
    if devices.parsed:
        _check_known(store, "touchpoints", "device", known, mistakes)
        _check_known(store, "fixtures", "device", known, mistakes)
        _check_known(devices, "devices", "screen", known, mistakes)
    for key in ("attached_to", "beside"):
        _check_known(devices, "devices", key, _banks(devices), mistakes, "locker bank")
    _check_own_codes(store, devices, mistakes)
    _check_prices(store, mistakes)


def _check_prices(store: File[Any], mistakes: list[Mistake]) -> None:
    for index, coupon in store.tables("coupons"):
        price, was = coupon.get("price"), coupon.get("was")
        if isinstance(price, int) and isinstance(was, int) and price >= was:
            text = f"price: expected less than was ({was}); found {price}"
            mistakes.append(store.mistake(("coupons", index, "price"), text))


def _banks(devices: File[Any]) -> list[str]:
    return [str(table.get("id")) for _, table in devices.tables("devices") if table.get("kind") == "locker"]


def _check_known(
    file: File[Any], name: str, key: str, known: list[str], mistakes: list[Mistake], what: str | None = None
) -> None:
    for index, table in file.tables(name):
        value = table.get(key)
        if isinstance(value, str) and value not in known:
            text = f'{key}: there is no {what or key} "{value}"{did_you_mean(value, known)}'
            mistakes.append(file.mistake((name, index, key), text))


def _check_own_codes(store: File[Any], devices: File[Any], mistakes: list[Mistake]) -> None:
    for index, device in devices.tables("devices"):
        if device.get("id") in LOGINS:
            text = f'id: "{device["id"]}" is a login of the box itself; choose another'
            mistakes.append(devices.mistake(("devices", index, "id"), text))
    taken = set(devices.ids("devices"))
    for index, table in store.tables("touchpoints"):
        identifier = table.get("id")
        if isinstance(identifier, str) and identifier in taken:
            text = f'id: "{identifier}" is the name of a device, whose own code has it; choose another'
            mistakes.append(store.mistake(("touchpoints", index, "id"), text))
