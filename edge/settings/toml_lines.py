"""On which line of a TOML file a key stands: `tomllib` does not say, and a mistake without its line is a search."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import Any, Final

Path = tuple[str | int, ...]
"""A place in the parsed document, such as `("zones", 2, "plan")`."""
_CLOSES: Final = re.compile(r"\]|\"\"\"|'''")
"""In the last line of a value over several lines."""


class TomlLines:
    """The line (from 1) of every table and key in `text`, which must be valid TOML."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._tables: Counter[Path] = Counter()
        self._table: Path = ()
        self._read(text.split("\n"))

    def of(self, path: Path) -> int:
        """The line of `path`, or of the nearest table or key above it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _read(self, lines: list[str]) -> None:
        chunk, first = "", 1
        for number, line in enumerate(lines, 1):
            if not chunk:
                first = number
            chunk += line + "\n"
            if number > first and not _CLOSES.search(line):
                continue  # A long list is not read again with each of its lines.
            try:
                statement = tomllib.loads(chunk)
            except tomllib.TOMLDecodeError:
                continue  # A value over several lines: complete once it parses.
            if chunk.lstrip().startswith("["):
                self._open(statement, first)
            else:
                self._note(self._table, statement, first)
            chunk = ""

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
