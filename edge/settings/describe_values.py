"""One value of the settings in words: what may stand there, and how a default is written."""

from __future__ import annotations

import enum
import json
import types
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec
from pydantic import AwareDatetime, BaseModel

from edge.settings.bounds import ActBounds, Bound
from edge.settings.quotas import Quota
from words.languages import Wording

INLINE: Final = (ActBounds, Bound, Quota)
"""Tables that are written in one line."""
_WORDS: Final = {
    int: "whole number",
    float: "number",
    bool: "true or false",
    dict: "table",
    Wording: "text in each language",
    AwareDatetime: "day or time",
}


def kind_of(annotation: Any) -> str:
    """What may stand there, in words."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Annotated, Union, types.UnionType):
        return kind_of(next(each for each in args if each is not type(None)))
    if origin is tuple:
        return f"list of {kind_of(args[0])}" if args[1:] == (...,) else f"list of {len(args)} numbers"
    if choices := _choices(annotation):
        return "one of " + ", ".join(f"`{each}`" for each in choices)
    if isinstance(annotation, type) and issubclass(annotation, (*INLINE, msgspec.Struct)):
        names = annotation.__struct_fields__ if hasattr(annotation, "__struct_fields__") else annotation.model_fields
        return f"{{ {', '.join(names)} }}"
    return _WORDS.get(origin or annotation, "text")


def _choices(annotation: Any) -> list[Any]:
    """The words that are known, where only these are."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    is_enum = isinstance(annotation, type) and issubclass(annotation, enum.Enum)
    return [each.value for each in annotation] if is_enum else []


def as_toml(value: Any) -> str:
    """A default as the file would say it; empty for none."""
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(as_toml(each) for each in value)}]"
    if isinstance(value, Mapping):
        said = [f"{key} = {as_toml(each)}" for key, each in value.items() if each is not None]
        return f"{{ {', '.join(said)} }}" if said else ""
    if value is None:
        return ""
    plain = value if isinstance(value, bool | int | str) else f"{value:g}" if isinstance(value, float) else str(value)
    return str(plain) if isinstance(value, float) else json.dumps(plain, ensure_ascii=False)
