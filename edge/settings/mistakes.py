"""Mistakes in settings, in words: the file, the line, what was expected, what was found and what was perhaps meant."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from edge.domain.setting import MONEY
from edge.errors import StorekeeperError
from edge.settings.expectations import Redacted, expectation, quoted
from edge.settings.mending import mend
from edge.settings.sections import file_model, settable
from edge.settings.texts import DECIMALS, spoken
from edge.settings.toml_files import BadToml, Mistake, read_toml
from edge.settings.toml_lines import TomlLines
from words.unseen import in_one_line

Model = TypeVar("Model", bound=BaseModel)


class SettingsError(StorekeeperError):
    """Every mistake in the settings, one a line, in the order of the files."""

    def __init__(self, folder: Path, mistakes: Iterable[Mistake]) -> None:
        self.folder = folder
        self.mistakes = sorted(dict.fromkeys(mistakes), key=_place)
        count = len(self.mistakes)
        head = f"{count} mistake{'' if count == 1 else 's'} in the settings in {folder}"
        super().__init__("\n".join([f"{head}:", *(f"  {mistake}" for mistake in self.mistakes)]))


SECRETS = frozenset({"password", "token", "wechat_secret", "crm_key", "headers"})
"""Keys whose values are never shown, nor what stands below them, however wrong they are."""
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
        mended: list[str] | None = None,
    ) -> None:
        """`context` is what values are checked by; a file that speaks no language by it, by its own. With `mended`,
        something stands in for a value that cannot be, as far as that goes, and is noted there.
        """
        self.name = path.name
        self.raw: dict[str, Any] = {}
        self.parsed = False
        self.model: Model | None = None
        self._lines = TomlLines("")
        self.context = spoken({}) | (context or {})
        try:
            self.raw, self._lines = read_toml(path)
            self.parsed = True
            prepare(self.raw)
            self.context = spoken(self.raw) | (context or {})
            while self.model is None:
                self.model = self._checked(model, mended)
        except BadToml as bad:
            mistakes.append(bad.mistake)
        except ValidationError as error:
            mistakes.extend(self._explain(model, found) for found in error.errors(include_url=False))

    def _checked(self, model: type[Model], mended: list[str] | None) -> Model | None:
        """The model; none where something was mended for the next look. Raises `ValidationError`."""
        try:
            # As JSON, so that nothing is taken for something else: no text for a number, no `true` for 1.
            return model.model_validate_json(json.dumps(self.raw, default=_json), context=self.context)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            instead = "" if mended is None else mend(self.raw, first)
            if mended is None or not instead:
                raise
            mended.append(f"{self._explain(model, first)}; {instead}")
            return None

    def mistake(self, path: tuple[str | int, ...], text: str) -> Mistake:
        """A mistake at the line of `path`."""
        return Mistake(self.name, self._lines.of(path), in_one_line(text))

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
            text = f"{_dotted(path)}: too few values; found {quoted(found['input'])}"
        elif found["type"] == "missing":
            text = f'"{key}" is missing' + (f" in {_table(path[:-1])}" if path[:-1] else "")
            path = path[:-1]
        else:
            if not SECRETS.isdisjoint(path):
                found = {**found, "input": Redacted()}
            said = expectation(found, self.context[DECIMALS] if self.is_money(model, whole) else None)
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
        annotation = args[get_origin(annotation) is dict]  # of a table by name what stands below the names
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
