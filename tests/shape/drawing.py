"""What `docs/architecture.md` draws: which room imports which, and the tree of errors.

    python -m tests.shape.drawing        draws both anew

An arrow that others lead to is left out: `web` reaches `journal` through `gateway`, so only that way is drawn.
"""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING, Final

from tests.shape.imports import imports
from tests.shape.source import ROOT, modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE: Final = ROOT / "docs" / "architecture.md"

LEAVES: Final = ("edge.errors", "edge.secrets.private")
"""Modules that import nothing of ours: errors, and the modes of the store's files."""


def room(name: str) -> str:
    """The room that a module stands in: a folder of the edge, or a package beside it."""
    parts = name.split(".")
    deep = 2 if parts[0] == "edge" or parts[:2] == ["sync", "cloud"] else 1
    return ".".join(parts[:deep])


def rooms() -> dict[str, set[str]]:
    """Which rooms each room imports. The command line starts everything; leaves are imported by anybody."""
    found: dict[str, set[str]] = {}
    for module in modules():
        here = room(module.name)
        if here in ("edge.cli", "edge") or module.name in LEAVES:
            continue
        imported = [one.imported for one in imports(module) if not one.for_types and one.imported not in LEAVES]
        found.setdefault(here, set()).update(set(map(room, imported)) - {here})
    return found


def reduced(edges: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Without the arrows that others lead to. A circle keeps all of its own."""
    return {
        here: {other for other in others if not any(other in reached(edges, way, here) for way in others - {other})}
        for here, others in edges.items()
    }


def reached(edges: Mapping[str, set[str]], start: str, without: str = "") -> set[str]:
    """What `start` imports by any way that does not lead through `without`."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in edges.get(waiting.pop(), set()) - found - {without}:
            found.add(other)
            waiting.append(other)
    return found


def mermaid() -> str:
    """The rooms and their arrows."""
    arrows = [
        f"    {here} --> {other}" for here, others in sorted(reduced(rooms()).items()) for other in sorted(others)
    ]
    return "\n".join(["```mermaid", "flowchart TD", *arrows, "```"])


def errors() -> str:
    """The tree of every exception of ours, below what Python has."""
    children: dict[str, list[str]] = {}
    said = {name: (module, sentence) for name, _, module, sentence in exceptions()}
    for name, parent, _, _ in exceptions():
        children.setdefault(parent, []).append(name)
    lines = ["```text"]
    for root in sorted(set(children) - set(said)):
        lines.append(root)
        lines += _branches(root, "", children, said)
    return "\n".join([*lines, "```"])


def _branches(
    name: str, stem: str, children: Mapping[str, list[str]], said: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    below = sorted(children.get(name, ()))
    for child in below:
        last = child == below[-1]
        module, sentence = said[child]
        yield f"{stem}{'└── ' if last else '├── '}{child}  {module}: {sentence}"
        yield from _branches(child, stem + ("    " if last else "│   "), children, said)


def exceptions() -> list[tuple[str, str, str, str]]:
    """Name, parent, module and first sentence of each."""
    classes = [
        (node, module.name)
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.ClassDef) and node.bases
    ]
    known = {
        name for name, thing in vars(builtins).items() if isinstance(thing, type) and issubclass(thing, BaseException)
    }
    found: dict[tuple[str, str], tuple[str, str, str, str]] = {}
    before = -1
    while before != len(found):
        before = len(found)
        for node, module in classes:
            parent = ast.unparse(node.bases[0]).rpartition(".")[2]
            if parent in known or parent in {name for _, name in found}:
                found[module, node.name] = (node.name, parent, module, _first_sentence(node))
    return sorted(found.values())


def _first_sentence(node: ast.ClassDef) -> str:
    text = " ".join((ast.get_docstring(node) or "").split())
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]


def page(text: str) -> str:
    """The page with both drawings as they are now."""
    for name, drawn in (("rooms", mermaid()), ("errors", errors())):
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        after = rest.partition("<!-- end -->")[2]
        text = f"{before}<!-- {name} -->\n{drawn}\n<!-- end -->{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
