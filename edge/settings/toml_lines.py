"""On which line of a TOML file a key stands: `tomllib` does not say, and a mistake without its line is a search."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

Path = tuple[str | int, ...]
"""A place in the parsed document, such as `("zones", 2, "plan")`."""
_SIGN: Final = re.compile(
    r"""
      "{3} (?: \\[\s\S] | [^\\] )*? "{3,5}  |  '{3} [\s\S]*? '{3,5}
    | " (?: \\. | [^"\\\n] )* "  |  ' [^'\n]* '  |  [#] [^\n]*  |  [\[\]{}\n]
    """,
    re.VERBOSE,
)
"""A text or a comment as a whole, a bracket, or the end of a line."""


def statements(text: str) -> Iterator[str]:
    """Line by line, a value over several lines as one. `text` must be valid TOML; joined they are the text."""
    start = depth = 0
    for found in _SIGN.finditer(text):
        sign = found[0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "\n" and not depth:
            yield text[start : found.end()]
            start = found.end()
    if text[start:]:
        yield text[start:]


class TomlLines:
    """The line (from 1) of every table and key in `text`, which must be valid TOML."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._tables: Counter[Path] = Counter()
        self._table: Path = ()
        self._read(text)

    def of(self, path: Path) -> int:
        """The line of `path`, or of the nearest table or key above it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _read(self, text: str) -> None:
        line = 1
        for statement in statements(text):
            found = tomllib.loads(statement)
            if statement.lstrip().startswith("["):
                self._open(found, line)
            else:
                self._note(self._table, found, line)
            line += statement.count("\n")

    def _open(self, header: dict[str, Any], line: int) -> None:
        """Enter the table that `[a.b]` or `[[a.b]]` names; inside an array of tables, its newest one."""
        path: Path = ()
        rest: Any = header
        while isinstance(rest, dict) and rest:
            ((key, rest),) = rest.items()
            path = (*path, key)
            if isinstance(rest, list):
                self._tables[path] += 1
                rest = rest[0]
            if self._tables[path]:
                self._lines.setdefault(path, line)
                path = (*path, self._tables[path] - 1)
        self._table = path
        self._lines.setdefault(path, line)

    def _note(self, table: Path, statement: dict[str, Any], line: int) -> None:
        for key, value in statement.items():
            path = (*table, key)
            self._lines.setdefault(path, line)
            if isinstance(value, dict):
                self._note(path, value, line)
