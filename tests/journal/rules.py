"""What a noun's tables are made by, as one digest: the functions that apply its facts, and all of ours that they use.

    python -m tests.journal.rules        writes `rules.json` anew, for nouns whose version was raised

Comments and docstrings do not count, and neither does how a field is called and bounded in a settings file.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import sys
import textwrap
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from edge.domain.nouns import NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.journal import Projection

PINNED: Final = Path(__file__).with_name("rules.json")
OURS: Final = ("edge.domain", "gs1", "pricing")
PYTHON: Final = f"{sys.version_info[0]}.{sys.version_info[1]}"
"""Another Python writes the same tree otherwise."""


def digests(noun: Projection) -> dict[str, str]:
    """The digest of everything that a noun's rules are made of, by its name.

    A function that moves to another module of its noun is the same rule.
    """
    found: dict[str, set[str]] = {}
    seen: set[Any] = set()
    waiting: list[Any] = [*noun.facts.values(), *noun.facts, *noun.follows.values(), *noun.follows]
    while waiting:
        thing = waiting.pop()
        if thing in seen:
            continue
        seen.add(thing)
        tree = plain(thing)
        used = sorted(constants(thing, tree)) if isinstance(thing, FunctionType) else []
        found.setdefault(f"{room(thing)}.{thing.__qualname__}", set()).add(digest(ast.unparse(tree) + "".join(used)))
        waiting += [other for other in named(thing, tree) if is_ours(other)]
    return {name: " ".join(sorted(of)) for name, of in sorted(found.items())}


def room(thing: Any) -> str:
    """Returns the noun's folder, `edge.domain.carts`; what lies outside of every noun has its module's name."""
    return ".".join(thing.__module__.split(".")[:3])


def plain(thing: Any) -> ast.AST:
    """The source without what does nothing."""
    tree = _NotSettable().visit(ast.parse(textwrap.dedent(inspect.getsource(thing)).lstrip("*{[( ")))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not is_prose(line)] or [ast.Pass()]  # type: ignore[attr-defined]
    return tree


class _NotSettable(ast.NodeTransformer):
    """`Annotated[int, Setting(…)]` is `int` to whoever applies a fact."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
        if any(isinstance(part, ast.Call) and ast.unparse(part.func) == "Setting" for part in parts):
            return parts[0]
        return self.generic_visit(node)


def is_prose(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def named(thing: Any, tree: ast.AST) -> Iterator[Any]:
    """What a function or a class uses by a name of its module, or of a module that it imports."""
    known = vars(sys.modules[thing.__module__])
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield known.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = known.get(node.value.id)
            if isinstance(module, ModuleType):
                yield getattr(module, node.attr, None)


def constants(function: FunctionType, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            value = function.__globals__.get(node.id)
            if isinstance(value, str | int | float | bytes | tuple | list | dict):
                yield f"\n{node.id}={value!r}" if not callable_in(value) else f"\n{node.id}"
            elif isinstance(value, set | frozenset):
                yield f"\n{node.id}={sorted(map(repr, value))}"


def callable_in(value: Any) -> bool:
    return isinstance(value, tuple | list | dict) and any(callable(item) for item in value)


def is_ours(thing: Any) -> bool:
    return isinstance(thing, FunctionType | type) and str(getattr(thing, "__module__", "")).startswith(OURS)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def state() -> dict[str, Any]:
    """What `rules.json` holds: each noun's version, and of what it is."""
    return {noun.name: {"rules": noun.rules, "of": digests(noun)} for noun in sorted(NOUNS, key=lambda noun: noun.name)}


def mistakes(pinned: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """A sentence for each noun whose rules changed while their version did not."""
    for name, found in now.items():
        before = pinned.get(name)
        if before is None or before == found:
            continue
        changed = sorted(key for key in {*before["of"], *found["of"]} if before["of"].get(key) != found["of"].get(key))
        if changed and found["rules"] == before["rules"]:
            yield (
                f"the rules of {name!r} changed ({', '.join(changed)}): set rules={found['rules'] + 1} in its Noun, so"
                " that its tables are made anew, then run: python -m tests.journal.rules"
            )


def main() -> None:
    PINNED.write_text(json.dumps({"python": PYTHON, "nouns": state()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
