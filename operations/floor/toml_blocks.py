"""Tables of one array (`[[devices]]`) changed in the text of a TOML file. What is not changed stays byte for byte, and
a comment stays where its author put it: before the table that it speaks of.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import tomlkit
from tomlkit.items import InlineTable, Table

from edge.settings.toml_lines import statements

HEADER: Final = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")


class CannotEdit(ValueError):
    """The file is written in a way that only a person can change."""


class Blocks:
    """The text of one file."""

    def __init__(self, text: str, name: str) -> None:
        """`name` is that of the array. Raises `CannotEdit`."""
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._name = name
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        found = tomllib.loads(text).get(name, [])
        self._parts = list(_parts(text, name))
        if len(found) != sum(part.mine for part in self._parts):
            raise CannotEdit(f"expected each of {name} under a header [[{name}]] of its own")

    @property
    def text(self) -> str:
        """The whole file."""
        return "".join(part.text for part in self._parts).replace("\n", self._newline)

    def change(self, key: str, value: str, fields: Mapping[str, Any], without: Sequence[str] = ()) -> None:
        """Set these fields of the table whose `key` is `value`, and take those of `without` away. One that is not there
        is added.
        """
        index = self._index(key, value)
        if index is None:
            self._add({key: value, **fields})
            return
        document = tomlkit.parse(self._parts[index].text)
        table: Any = document[self._name][0]
        for name, new in fields.items():
            _set(table, name, new)
        for name in without:
            table.pop(name, None)
        self._parts[index] = _part(document.as_string(), self._name)

    def remove(self, key: str, value: str) -> None:
        """Take the table away, with an empty line that stood before the next one; comments stay."""
        index = self._index(key, value)
        if index is None:
            return
        del self._parts[index]
        rest = self._parts[index] if index < len(self._parts) else None
        if rest and not rest.mine and rest.text.startswith("\n"):
            self._parts[index] = _Part(rest.text[1:], mine=False)

    def _index(self, key: str, value: str) -> int | None:
        wanted = (index for index, part in enumerate(self._parts) if part.mine and part.table.get(key) == value)
        return next(wanted, None)

    def _add(self, fields: Mapping[str, Any]) -> None:
        """Behind the last of them, before what is said of what follows."""
        table = tomlkit.table()
        for name, value in fields.items():
            table.add(name, _item(value))
        text = f"[[{self._name}]]\n{tomlkit.dumps(table)}"
        last = max((index for index, part in enumerate(self._parts) if part.mine), default=len(self._parts) - 1)
        before = self._parts[last].text if self._parts else ""
        ended = "" if not before or before.endswith("\n") else "\n"
        space = "\n" if before else ""
        self._parts.insert(last + 1, _part(f"{ended}{space}{text}", self._name))


class _Part(msgspec.Struct, frozen=True):
    text: str
    mine: bool
    """Whether it is one table of the array; otherwise anything else, as it stands."""
    table: dict[str, Any] = {}


def _part(text: str, name: str) -> _Part:
    return _Part(text, mine=True, table=tomllib.loads(text)[name][0])


def _parts(text: str, name: str) -> Iterator[_Part]:
    """The text cut before and behind each table of the array."""
    held: list[str] = []
    mine = False
    for statement in statements(text):
        header = HEADER.match(statement)
        if header and not statement.lstrip().startswith("#"):
            ours = header[1] == name and statement.lstrip().startswith("[[")
            if ours or not (mine and header[1].startswith(f"{name}.")):
                yield from _closed(held, name if mine else "")
                held, mine = [], ours
        held.append(statement)
    yield from _closed(held, name if mine else "")


def _closed(held: list[str], name: str) -> Iterator[_Part]:
    """What was read, and apart from it the blank lines and comments at its end, which belong to what follows."""
    end = len(held)
    while name and end and (not held[end - 1].strip() or held[end - 1].lstrip().startswith("#")):
        end -= 1
    if held[:end]:
        text = "".join(held[:end])
        yield _part(text, name) if name else _Part(text, mine=False)
    if held[end:]:
        yield _Part("".join(held[end:]), mine=False)


def _set(table: Any, name: str, value: Any) -> None:
    """Only what is different, so that what a person wrote stays as they wrote it."""
    known = table.get(name)
    if isinstance(known, InlineTable | Table) and isinstance(value, Mapping):
        for key in [key for key in known if key not in value]:
            known.remove(key)
        for key, each in value.items():
            _set(known, key, each)
    elif name not in table or _plain(known) != value:
        table[name] = _item(value)


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _item(value: Any) -> Any:
    if isinstance(value, Mapping):
        # With the blanks that people put there, which tomlkit leaves out.
        pairs = ", ".join(f"{tomlkit.key(key).as_string()} = {_item(each).as_string()}" for key, each in value.items())
        return tomlkit.parse(f"x = {{ {pairs} }}" if pairs else "x = {}")["x"]
    return tomlkit.item(value)
