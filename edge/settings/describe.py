"""The settings as a person reads them: every key with its default, its range and its sentence, from the declarations.

`docs/settings.md` is made of this (`storekeeper settings describe`); a test holds that it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin

import msgspec
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from edge.settings.describe_values import INLINE, as_toml, kind_of
from edge.settings.sections import file_type, settable
from edge.settings.sentences import sentences
from words.languages import Wording


class SettingRow(NamedTuple):
    """One setting."""

    key: str
    default: str
    """As TOML; `REQUIRED` where the file must say it, empty where it may be left out."""
    takes: str
    """What may stand there: kind, range and unit."""
    sentence: str


class SettingTable(NamedTuple):
    """One table of a file."""

    name: str
    """With its brackets: `[store]`, `[[zones]]`; empty for what stands above the first."""
    owner: str
    """The noun that declares it; empty where it belongs to the box."""
    sentence: str
    lines: list[SettingRow]


REQUIRED: Final = "needed"
_WORDS: Final = {
    int: "whole number",
    float: "number",
    bool: "true or false",
    dict: "table",
    Wording: "text in each language",
}
_RANGE: Final = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def tables(model: type[BaseModel], name: str = "", sentence: str = "", *, many: bool = False) -> Iterator[SettingTable]:
    """The table of a model, and those inside it."""
    lines: list[SettingRow] = []
    inner: list[SettingTable] = []
    for python_name, field in model.model_fields.items():
        key = field.alias or python_name
        full = f"{name}.{key}" if name else key
        below, several = _struct_of(field.annotation)
        if field.discriminator is not None:
            for kind in get_args(field.annotation):
                (word,) = get_args(kind.model_fields[field.discriminator].annotation)
                inner += tables(kind, full, f'`{field.discriminator} = "{word}"`: {kind.__doc__ or ""}')
        elif below is None or issubclass(below, INLINE):
            lines.append(_line(key, field))
        elif issubclass(below, msgspec.Struct):
            inner += noun_tables(below, full, field.description or "", many=several)
        else:
            inner += tables(below, full, field.description or "", many=several)
    if lines:
        yield SettingTable(_bracketed(name, many=many), "", _plain(sentence), lines)
    yield from inner


def noun_tables(
    struct: type[msgspec.Struct], name: str, sentence: str = "", *, many: bool = False
) -> Iterator[SettingTable]:
    """The table that a noun, or a driver, declares by a struct, and those inside it."""
    said = sentences(struct)
    lines: list[SettingRow] = []
    inner: list[SettingTable] = []
    for each in settable(struct):
        below, _ = _struct_of(each.kind)
        if below is not None and issubclass(below, msgspec.Struct):
            inner += noun_tables(below, f"{name}.{each.key}", said.get(each.field.name, ""))
            continue
        takes = _joined(kind_of(file_type(each)), each.setting.range.items(), each.setting.unit.word)
        default = REQUIRED if each.required else as_toml(each.default())
        lines.append(SettingRow(each.key, default, takes, said.get(each.field.name, "")))
    yield SettingTable(_bracketed(name, many=many), _owner(struct), sentence or _plain(struct.__doc__ or ""), lines)
    yield from inner


def driver_table(declared: type[msgspec.Struct], name: str) -> SettingTable:
    """The settings that a driver declares, with the bounds of its own `msgspec.Meta`."""
    said = sentences(declared)
    lines = []
    for field in msgspec.structs.fields(declared):
        metas = [each for each in get_args(field.type)[1:] if isinstance(each, msgspec.Meta)]
        bounds = [(key, getattr(meta, key)) for meta in metas for key in _RANGE if getattr(meta, key) is not None]
        made = field.default_factory
        value = field.default if made is msgspec.NODEFAULT else made()
        default = REQUIRED if field.required else as_toml(value)
        lines.append(
            SettingRow(field.name, default, _joined(kind_of(field.type), bounds, ""), said.get(field.name, ""))
        )
    return SettingTable(name, "", _plain(declared.__doc__ or ""), lines)


def markdown(found: Iterable[SettingTable]) -> str:
    """Tables as Markdown."""
    parts = []
    for table in found:
        head = f"### `{table.name}`\n\n" if table.name else ""
        owner = f" Belongs to `{table.owner}`." if table.owner else ""
        said = f"{table.sentence}{owner}\n\n" if table.sentence else ""
        rows = [f"| `{line.key}` | {_code(line.default)} | {line.takes} | {line.sentence} |" for line in table.lines]
        parts.append(head + said + "\n".join(["| key | default | takes | |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _line(key: str, field: FieldInfo) -> SettingRow:
    metadata = [*field.metadata, *_inner_metadata(field.annotation)]
    bounds = [(name, bound) for each in metadata for name in _RANGE if (bound := getattr(each, name, None)) is not None]
    default = REQUIRED if field.is_required() else as_toml(field.default)
    return SettingRow(key, default, _joined(kind_of(field.annotation), bounds, ""), _plain(field.description or ""))


def _inner_metadata(annotation: Any) -> list[Any]:
    """The bounds of a value that may be left out: `Annotated[int, Field(ge=1)] | None`."""
    found = [each for part in get_args(annotation) if get_origin(part) is Annotated for each in get_args(part)[1:]]
    return [bound for each in found if isinstance(each, FieldInfo) for bound in each.metadata]


def _joined(kind: str, bounds: Iterable[tuple[str, Any]], unit: str) -> str:
    said = [f"{_RANGE[name]} {bound:,}" for name, bound in bounds]
    return ", ".join([f"{kind} {unit}".strip() if unit.startswith("of ") else kind, *said]) + (
        f" ({unit})" if unit and not unit.startswith("of ") else ""
    )


def _struct_of(annotation: Any) -> tuple[type[BaseModel | msgspec.Struct] | None, bool]:
    """The table that an annotation names, and whether there may be many of it."""
    several = get_origin(annotation) is tuple
    while not isinstance(annotation, type):
        args = get_args(annotation)
        if not args:
            return None, False
        annotation = args[0]
    return (annotation, several) if issubclass(annotation, BaseModel | msgspec.Struct) else (None, False)


def _bracketed(name: str, *, many: bool = False) -> str:
    return name and (f"[[{name}]]" if many else f"[{name}]")


def _owner(struct: type[msgspec.Struct]) -> str:
    """The noun whose folder the struct stands in."""
    package, _, rest = struct.__module__.partition(".domain.")
    return rest.partition(".")[0] if rest else package.rpartition(".")[2]


def _code(default: str) -> str:
    return default if default == REQUIRED else f"`{default}`" if default else ""


def _plain(text: str) -> str:
    return " ".join(text.split())
