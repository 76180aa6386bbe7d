"""Reads a TOML file that a person wrote, and says where and what where it is none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from edge.settings.toml_lines import Path as Place
from edge.settings.toml_lines import TomlLines

LARGEST: Final = 4 * 1024 * 1024
"""Bytes. A larger file holds no settings."""
DEEPEST: Final = 32
"""Tables and lists within one another; no settings have more than a few."""
WIDEST: Final = 64
"""Bits of a whole number, as TOML promises them. Python reads longer ones, and cannot write those of 4,300 digits."""

_STRAIGHT: Final = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\uff02", '"')
    | dict.fromkeys("\u2018\u2019\u201a\uff07", "'")
    | {chr(0xFEE0 + ord(sign)): sign for sign in "=:,[]{}#.-"}
)
"""What editors and Chinese keyboards put in the place of the signs of TOML."""
_TWICE: Final = ("Cannot overwrite a value", "Cannot declare", "Cannot redefine", "Cannot mutate", "Duplicate inline")
_TOO_WIDE: Final = f"expected a whole number of at most {WIDEST} bits; found a longer one"
_SECRET: Final = re.compile(r"password|token|secret|crm_key|authorization|api_?key", re.IGNORECASE)
"""A line that may hold one, under its own key or within a table."""
_BARE: Final = re.compile(r"""(\s*[\w."-]+\s*=\s*)([^\s"'\[{#][^#]*?)(\s*#.*)?""")


class Mistake(NamedTuple):
    """One thing to put right. `line` counts from 1; 0 is the file as a whole."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class BadToml(ValueError):
    """The file cannot be read as TOML."""

    def __init__(self, file: str, line: int, text: str) -> None:
        self.mistake = Mistake(file, line, text)
        super().__init__(str(self.mistake))


def read_toml(path: Path) -> tuple[dict[str, Any], TomlLines]:
    """The document, and on which line each key stands. Raises `BadToml`."""
    text = _decoded(path.name, _content(path))
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path.name, text, str(error)) from None
    except RecursionError:
        raise BadToml(path.name, 0, "not valid TOML: lists within lists without an end") from None
    except ValueError:  # of Python, which reads no whole number of more than 4,300 digits
        long = re.search(r"[0-9_]{4300}", text)
        line = text.count("\n", 0, long.start()) + 1 if long else 0
        raise BadToml(path.name, line, f"not valid TOML: {_TOO_WIDE}") from None
    lines = TomlLines(text)
    for name, place, value in _values(path.name, found):
        if isinstance(value, int) and value.bit_length() > WIDEST:
            raise BadToml(path.name, lines.of(place), f"{name}: {_TOO_WIDE}")
    return found, lines


def _values(file: str, document: dict[str, Any]) -> Iterator[tuple[str, Place, Any]]:
    """Each value with its name and place. Raises `BadToml` where one stands too deep within tables and lists."""
    left: list[tuple[str, Place, Any]] = [("", (), document)]
    while left:
        name, place, value = left.pop()
        if len(place) > DEEPEST:
            said = f"{name[:60].rstrip('.')}…: expected at most {DEEPEST} tables and lists within one another"
            raise BadToml(file, 0, said)
        yield name, place, value
        if isinstance(value, dict):
            left += [(f"{name}.{key}".lstrip("."), (*place, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            left += [(f"{name}[{number}]", (*place, number), each) for number, each in enumerate(value)]


def _content(path: Path) -> bytes:
    try:
        if path.is_fifo():  # whoever opens one waits for somebody to write
            raise BadToml(path.name, 0, "expected a file, found a pipe of that name")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        folder = path.parent
        said = f"no such file in {folder}" if folder.is_dir() else f"there is no folder {folder}"
        raise BadToml(path.name, 0, said) from None
    except IsADirectoryError:
        raise BadToml(path.name, 0, "expected a file, found a folder of that name") from None
    except NotADirectoryError:
        raise BadToml(path.name, 0, f"expected a folder of settings, found the file {path.parent}") from None
    except OSError as error:
        raise BadToml(path.name, 0, f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise BadToml(path.name, 0, f"expected at most {LARGEST // 1024**2} MiB of settings, found more")
    return content


def _decoded(name: str, content: bytes) -> str:
    """The text; a byte order mark, which some editors write, is no part of it. Raises `BadToml`."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:2]:
        raise BadToml(name, 1, "expected UTF-8 text, found UTF-16: save the file as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # "utf-8-sig" counts from behind the mark.
        start = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        line = content[:start].count(b"\n") + 1
        column = start - content.rfind(b"\n", 0, start)
        said = f"expected UTF-8 text, found byte {content[start]:#04x} (column {column}): save the file as UTF-8"
        raise BadToml(name, line, said) from None


def _syntax(file: str, text: str, message: str) -> BadToml:
    where = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", message)
    if where is None:
        return BadToml(file, 0, f"not valid TOML: {message}")
    lines = text.split("\n")
    line = int(where[1]) if where[1] else len(text.rstrip("\n").split("\n"))
    column = f" (column {where[2]})" if where[2] else " (the file ends within it)"
    said = message[: where.start()]
    if message.startswith(_TWICE):
        said = "a key or table that stands there already; keep one of them"
    return BadToml(file, line, f"not valid TOML: {said[:1].lower()}{said[1:]}{column}{_hint(lines[line - 1])}")


def _hint(line: str) -> str:
    """What was probably meant; nothing where the line holds a secret."""
    if _is_toml(line) or _SECRET.search(line):
        return ""
    straight = line.translate(_STRAIGHT)
    if straight != line and _is_toml(straight):
        return f"; curly quotes or full-width signs, did you mean {straight.strip()}"
    bare = _BARE.fullmatch(line)
    if bare:
        word = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}.get(bare[2], f'"{bare[2]}"')
        if _is_toml(f"{bare[1]}{word}"):
            return f"; did you mean {bare[1].strip()} {word}"
    equals = re.sub(r"^(\s*[\w-]+)\s*:", r"\1 =", line)
    return f"; did you mean {equals.strip()}" if equals != line and _is_toml(equals) else ""


def _is_toml(line: str) -> bool:
    try:
        tomllib.loads(line)
    except (ValueError, RecursionError):  # `tomllib`'s own mistakes are the first
        return False
    return True
