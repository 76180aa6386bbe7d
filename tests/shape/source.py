"""The project's own modules as text and as trees, read once."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = (
    "edge",
    "device_drivers",
    "gs1",
    "kiosk_ui",
    "operations",
    "pricing",
    "signage",
    "sync",
    "wayfinding",
    "words",
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file of ours."""

    path: Path
    text: str

    @cached_property
    def place(self) -> str:
        """Its path from the project's folder."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def name(self) -> str:
        """As it is imported."""
        return self.place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    def functions(self) -> Iterator[Function]:
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def strings(self) -> Iterator[ast.Constant]:
        """Every string that is no docstring; of an f-string its fixed pieces."""
        prose = {id(node.value) for node in self.nodes if isinstance(node, ast.Expr)}
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                yield node


@cache
def modules() -> tuple[Module, ...]:
    """All of them, in the order of their paths."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(Module(path, path.read_text("utf-8")) for path in paths)


def length(node: Function) -> int:
    """In lines, from `def` to the last one."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def share(values: list[int], part: float) -> int:
    """The smallest value that `part` of all values do not exceed."""
    return sorted(values)[math.ceil(part * len(values)) - 1]
