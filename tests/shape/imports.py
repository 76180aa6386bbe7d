"""Which module imports which, while it runs and for its types, and where that goes round in a circle."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tests.shape.source import PACKAGES, modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.shape.source import Module


class Import(NamedTuple):
    """One module of ours names another."""

    importer: str
    imported: str
    line: int
    for_types: bool
    """Stands below `if TYPE_CHECKING:`."""
    hidden: bool
    """Stands inside a function: it runs when that is called."""


@cache
def _names() -> frozenset[str]:
    return frozenset(module.name for module in modules())


@cache
def imports(module: Module) -> tuple[Import, ...]:
    """Every import of a module of ours, in this one."""
    return tuple(_imports(module, _names()))


def _imports(module: Module, names: frozenset[str]) -> Iterator[Import]:
    for node, for_types, hidden in _walk(module.tree, for_types=False, hidden=False):
        for target in _targets(node, names):
            if target != module.name:
                yield Import(module.name, target, node.lineno, for_types, hidden)


def _walk(node: ast.AST, *, for_types: bool, hidden: bool) -> Iterator[tuple[ast.stmt, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, for_types, hidden
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _walk(child, for_types=True, hidden=hidden)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, for_types=for_types, hidden=hidden or inside)


def _targets(node: ast.stmt, names: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        written = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PACKAGES:
        inside = [f"{node.module}.{alias.name}" for alias in node.names]
        written = [name if name in names else str(node.module) for name in inside]
    else:
        written = []
    yield from dict.fromkeys(name for name in written if name in names)


def graph(*, types: bool) -> dict[str, set[str]]:
    """Who imports whom when a module is loaded; with `types` also what only the type checker reads."""
    return {
        module.name: {one.imported for one in imports(module) if not one.hidden and (types or not one.for_types)}
        for module in modules()
    }


def cycles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Every group of modules in which each reaches each other, by Tarjan's algorithm."""
    search = _Search(edges)
    for name in edges:
        if name not in search.order:
            search.visit(name)
    return search.found


class _Search:
    def __init__(self, edges: Mapping[str, set[str]]) -> None:
        self._edges = edges
        self._low: dict[str, int] = {}
        self._stack: list[str] = []
        self.order: dict[str, int] = {}
        self.found: list[list[str]] = []

    def visit(self, name: str) -> None:
        self.order[name] = self._low[name] = len(self.order)
        self._stack.append(name)
        for other in sorted(self._edges.get(name, ())):
            if other not in self.order:
                self.visit(other)
                self._low[name] = min(self._low[name], self._low[other])
            elif other in self._stack:
                self._low[name] = min(self._low[name], self.order[other])
        if self._low[name] == self.order[name]:
            place = self._stack.index(name)
            group, self._stack[place:] = self._stack[place:], []
            if len(group) > 1 or name in self._edges.get(name, ()):
                self.found.append(sorted(group))
