"""Makes the table of a settings file from the struct that a noun declares its settings by (`edge.domain.setting`).

The file's keys, units and ranges are read from the struct, checked by pydantic like every other table, and become the
struct again: what is not set has the struct's own default.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Annotated, Any, Final, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo
from pydantic import BaseModel, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema

from edge.domain.setting import Setting
from edge.settings import forms
from edge.settings.extensions import ExtensionNouns
from edge.settings.model import SettingsModel

M = TypeVar("M", bound=BaseModel)


class Declared:
    """Marks a field of a settings model as a noun's struct: `Annotated[CartRules, DECLARED]`."""

    def __get_pydantic_core_schema__(self, source: type[msgspec.Struct], handler: GetCoreSchemaHandler) -> CoreSchema:
        table = handler.generate_schema(file_model(source))
        # Two forms: a validator around the table would make Python of its JSON, where a list is no tuple.
        return core_schema.json_or_python_schema(
            core_schema.no_info_after_validator_function(partial(_struct_of, source), table),
            core_schema.no_info_wrap_validator_function(partial(_validated, source), table),
            serialization=core_schema.plain_serializer_function_ser_schema(as_written),
        )


DECLARED: Final = Declared()
LARGEST: Final = 2**53 - 1
"""Whole numbers end here where no noun says so: a table's column holds it, and so does every program's number."""


class Settable(NamedTuple):
    """One settable field of a struct."""

    field: FieldInfo
    setting: Setting
    kind: Any
    """Its type in the struct, without what else stands in the `Annotated[…]`."""

    @property
    def key(self) -> str:
        """What the file calls it."""
        return self.setting.key or self.field.name

    @property
    def required(self) -> bool:
        """Whether the file must say it."""
        return self.field.required and self.setting.default is None

    def default(self) -> Any:
        """The default as the file would write it. The field must have one."""
        if self.field.required:
            return self.setting.default
        made = self.field.default_factory
        value = self.field.default if made is msgspec.NODEFAULT else made()
        return value if isinstance(value, msgspec.Struct) else self.written(value)

    def written(self, value: Any) -> Any:
        """A value of the struct as the file would write it."""
        if isinstance(value, msgspec.Struct):
            return as_written(value)
        scale = self.setting.unit.scale
        return forms.written(self.setting.form, value) if scale == 1 else _short(value / scale)

    def read(self, value: Any) -> Any:
        """A value of the file as the struct holds it."""
        scale = self.setting.unit.scale
        return forms.read(self.setting.form, value) if scale == 1 else int(value * scale)


def _short(value: float) -> float:
    return int(value) if value.is_integer() else value


def settable(struct: type[msgspec.Struct]) -> list[Settable]:
    """The fields of a struct that the file may set, in their order."""
    found = []
    for field in msgspec.structs.fields(struct):
        if get_origin(field.type) is Annotated:
            kind, *more = get_args(field.type)
            found += [Settable(field, setting, kind) for setting in more if isinstance(setting, Setting)]
    return found


@lru_cache(64)
def file_model(struct: type[msgspec.Struct]) -> type[SettingsModel]:
    """The table of the file that sets this struct."""
    fields: dict[str, Any] = {}
    for each in settable(struct):
        bounds = ({"le": LARGEST} if each.kind is int and each.setting.unit.scale == 1 else {}) | each.setting.range
        fields[each.key] = (file_type(each), Field(... if each.required else each.default(), **bounds))
    # What is made here has no source to read sentences from, and pydantic would look for it in every module.
    sourceless = {"use_attribute_docstrings": False}
    return create_model(
        struct.__name__, __base__=SettingsModel, __doc__=struct.__doc__, __cls_kwargs__=sourceless, **fields
    )


def file_type(each: Settable) -> Any:
    """What may stand in the file for a field."""
    if each.setting.unit.scale != 1:
        return float
    if _is_struct(each.kind):
        return Annotated[each.kind, DECLARED]
    return forms.file_type(each.setting.form, each.kind, each.setting.choices)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _validated(struct: type[msgspec.Struct], value: Any, validate: Callable[[Any], SettingsModel]) -> msgspec.Struct:
    return value if isinstance(value, struct) else _struct_of(struct, validate(value))


def _struct_of(struct: type[msgspec.Struct], found: SettingsModel) -> msgspec.Struct:
    said = {
        each.field.name: each.read(getattr(found, each.key))
        for each in settable(struct)
        if each.key in found.model_fields_set or each.field.required
    }
    return struct(**said)


def as_written(value: msgspec.Struct) -> dict[str, Any]:
    """A noun's settings as the file would write them."""
    return {each.key: each.written(getattr(value, each.field.name)) for each in settable(type(value))}


def with_tables(model: type[M], found: ExtensionNouns) -> type[M]:
    """The model with the tables of these nouns. Of a noun that is left out the table is taken as it stands."""
    fields: dict[str, Any] = {name: (dict[str, Any], {}) for name, _ in found.broken}
    for noun in found.nouns:
        if noun.settings is not None:
            fields[noun.name] = (Annotated[noun.settings, DECLARED], noun.settings())
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields) if fields else model
