"""Nouns are neighbours: they read each other's facts and ask each other's queries; none changes another's rows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from edge.domain.nouns import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN: Final = Path(__file__).parents[2] / "edge" / "domain"
ROOMS: Final = sorted(folder.name for folder in DOMAIN.iterdir() if (folder / "noun.py").is_file())
MODULES: Final = sorted(path for room in ROOMS for path in (DOMAIN / room).glob("*.py"))
CHANGE: Final = {"Tx", "Rows"}
"""Who takes one of these can change something."""
CHANGED: Final = re.compile(r"\b(?:INSERT (?:OR \w+ )?INTO|(?<!DO )UPDATE|DELETE FROM) (\w+)(?= |\()")
"""A statement that changes rows, and the table that it changes."""
SQL: Final = re.compile(r"\bSELECT .+ FROM \w|\bINSERT (OR \w+ )?INTO \w|\bUPDATE \w+ SET|\bDELETE FROM \w", re.DOTALL)


def test_every_noun_is_a_room() -> None:
    assert len(ROOMS) >= 11
    assert {noun.name for noun in NOUNS} == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_noun_imports_only_facts_and_queries_of_others(path: Path) -> None:
    """That is: modules in which nothing takes a transaction or rows to write, and which declare no noun."""
    wrong = [
        name
        for name in imported(path)
        if name.split(".")[:2] == ["edge", "domain"] and len(name.split(".")) > 3 and name.split(".")[2] in ROOMS
        if name.split(".")[2] != path.parent.name and changes(name)
    ]
    assert not wrong, f"{path.parent.name}.{path.stem} imports what changes another noun's rows"


@pytest.mark.parametrize("room", [room for room in ROOMS if (DOMAIN / room / "facts.py").is_file()])
def test_facts_are_pure(room: str) -> None:
    """So that whoever reads a journal may import them: no tables, no SQL, and of the journal no more than `Fact`."""
    seen: set[str] = set()
    waiting = [f"edge.domain.{room}.facts"]
    while waiting:
        name = waiting.pop()
        if name in seen or not name.startswith(("edge.", "words.")):
            continue
        seen.add(name)
        assert not changes(name), name
        waiting += imported(file_of(name))
    assert {name for name in seen if name.startswith("edge.journal")} <= {"edge.journal.entry", "edge.journal.facts"}
    assert not any("sqlite3" in imported(file_of(name)) for name in seen)


@cache
def changes(name: str) -> bool:
    """Whether something in a module can change the tables."""
    if name.rpartition(".")[2] in ("tables", "decisions", "noun"):
        return True
    return any(
        isinstance(argument.annotation, ast.Name) and argument.annotation.id in CHANGE
        for node in ast.walk(ast.parse(file_of(name).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        for argument in node.args.args
    )


def imported(path: Path) -> list[str]:
    """The modules that a module imports when it runs, by their whole names."""
    return list(_imported(ast.parse(path.read_text("utf-8"))))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in below if is_module(name)]
            yield from modules
            if len(modules) < len(below):
                yield node.module


def is_module(name: str) -> bool:
    return name.startswith(("edge.", "words.")) and file_of(name).is_file()


def file_of(name: str) -> Path:
    path = DOMAIN.parents[1].joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@pytest.mark.parametrize("room", ROOMS)
def test_a_noun_changes_its_own_tables_alone(room: str) -> None:
    """The clock alone moves times in all of them, by a list (`edge.domain.store.rules.ELAPSING`)."""
    noun = next(noun for noun in NOUNS if noun.name == room)
    own = set(re.findall(r"CREATE TABLE (\w+)", noun.schema))
    assert {table for path in (DOMAIN / room).glob("*.py") for table in CHANGED.findall(path.read_text("utf-8"))} <= own


def test_sql_is_the_nouns_own() -> None:
    """Nobody else asks the tables: `edge.journal` its own, `edge.products` and `sync.cloud` databases of their own."""
    edge = DOMAIN.parent
    homes = {DOMAIN, edge / "journal", edge / "products"}
    others = [path for path in edge.rglob("*.py") if not homes & set(path.parents)]
    others += (edge.parent / "kiosk_ui").rglob("*.py")
    assert len(others) > 100
    found = {
        f"{path.relative_to(edge.parent)}: {text.strip()[:60]}"
        for path in others
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(text := node.value, str) and SQL.search(text)
    }
    assert not found


def test_queries_answer_with_structs() -> None:
    """A row knows no type, and whoever reads it must know the columns of a table."""
    wrong = [
        f"{path.parent.name}.{path.stem}.{node.name}"
        for path in MODULES
        if not changes(f"edge.domain.{path.parent.name}.{path.stem}")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if node.returns is not None and "Row" in ast.unparse(node.returns)
    ]
    assert not wrong
