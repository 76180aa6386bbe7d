"""Any value of a type of the contract, made from the type alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from device_drivers.contract.documents import Barcode, Document, Feed, Logo, Rule, Text

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
BY_PATTERN = {
    "^#[0-9A-Fa-f]{6}$": st.from_regex(r"\A#[0-9A-Fa-f]{6}\Z"),
    "^([0-9a-fA-F]{2})*$": st.binary(max_size=40).map(bytes.hex),
    r"^https?://[^/\s]+$": st.from_regex(r"\Ahttps?://[a-z0-9.]{1,20}\Z"),
    r"^([0-9.]+|\[[0-9a-f:.]+\]):[0-9]{1,5}$": st.from_regex(r"\A([0-9.]{1,15}|\[[0-9a-f:.]{1,20}\]):[0-9]{1,5}\Z"),
    "^[0-9a-f]{64}$": st.binary(min_size=32, max_size=32).map(bytes.hex),
    r"^(image/(png|jpeg|webp)|video/mp4)$": st.sampled_from(["image/png", "image/jpeg", "image/webp", "video/mp4"]),
    r"^[a-z0-9][a-z0-9-]{0,38}$": st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,38}\Z"),
}
# Bar codes and pictures have rules that no type says; they have tests of their own.
DOCUMENTS = st.builds(
    Document, st.tuples(st.builds(Text, st.text(LETTERS, max_size=40)), st.just(Rule()), st.just(Feed(2)))
)


def values(form: Any) -> st.SearchStrategy[Any]:
    """Values of a type, as its decoder makes them."""
    return _of(inspect.type_info(form))


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    return MAKERS[type(kind)](kind)


def _text(kind: inspect.StrType) -> st.SearchStrategy[str]:
    if kind.pattern:
        return BY_PATTERN[kind.pattern]
    most = 20 if kind.max_length is None else min(kind.max_length, 20)
    return st.text(LETTERS, min_size=kind.min_length or 0, max_size=most)


def _whole(kind: inspect.IntType) -> st.SearchStrategy[int]:
    return st.integers(-(2**63) if kind.ge is None else kind.ge, 2**63 - 1 if kind.le is None else kind.le)


def _fraction(kind: inspect.FloatType) -> st.SearchStrategy[float]:
    low = kind.gt if kind.ge is None else kind.ge
    return st.floats(low, kind.le, allow_nan=False, allow_infinity=False, exclude_min=kind.gt is not None)


def _moment(_: inspect.DateTimeType) -> st.SearchStrategy[datetime]:
    moments = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001 - the zone follows
    return moments.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC))


def _many(kind: inspect.VarTupleType) -> st.SearchStrategy[tuple[Any, ...]]:
    least = kind.min_length or 0
    return st.lists(_of(kind.item_type), min_size=least, max_size=least + 2).map(tuple)


def _struct(kind: inspect.StructType) -> st.SearchStrategy[Any]:
    if kind.cls is Document:
        return DOCUMENTS
    if kind.cls in (Barcode, Logo):
        return st.nothing()
    return st.builds(kind.cls, **{field.name: _of(field.type) for field in kind.fields})


MAKERS: dict[type[inspect.Type], Callable[[Any], st.SearchStrategy[Any]]] = {
    inspect.StrType: _text,
    inspect.IntType: _whole,
    inspect.FloatType: _fraction,
    inspect.DateTimeType: _moment,
    inspect.VarTupleType: _many,
    inspect.StructType: _struct,
    inspect.Metadata: lambda kind: _of(kind.type),
    inspect.UnionType: lambda kind: st.one_of([_of(each) for each in kind.types]),
    inspect.DictType: lambda kind: st.dictionaries(
        _of(kind.key_type), _of(kind.value_type), min_size=kind.min_length or 0, max_size=3
    ),
    inspect.DateType: lambda _: st.dates(),
    inspect.TupleType: lambda kind: st.tuples(*[_of(each) for each in kind.item_types]),
    inspect.LiteralType: lambda kind: st.sampled_from(kind.values),
    inspect.EnumType: lambda kind: st.sampled_from(list(kind.cls)),
    inspect.BoolType: lambda _: st.booleans(),
    inspect.NoneType: lambda _: st.none(),
    inspect.RawType: lambda _: st.just(msgspec.Raw(b"{}")),
    inspect.AnyType: lambda _: st.just({}),
}
