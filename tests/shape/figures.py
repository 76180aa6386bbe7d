"""Our own figures, and the limits that they keep."""

from __future__ import annotations

import ast
import json
import statistics
import subprocess
import sys
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.shape import frame, homes, imports, touched
from tests.shape.models import Row
from tests.shape.source import PACKAGES, ROOT, length, modules, share

if TYPE_CHECKING:
    from tests.shape.source import Function


class Figure(NamedTuple):
    """One thing that is counted, and how many of it there may be."""

    what: str
    found: int
    limit: int
    """What holds today; a test refuses more."""
    goal: int
    where: tuple[str, ...] = ()
    """What makes the figure, the worst first."""


LIMITS: Final = {"noun": 5, "driver": 1, "route": 1, "page": 2, "kiosk screen": 2, "words": 3}
"""Files, with their one line in Storekeeper's lists, of which an extension needs none."""


@cache
def figures() -> list[Figure]:
    """Everything that has a limit."""
    sizes = Counter({module.place: module.lines for module in modules()})
    functions = _functions()
    lines = list(functions.values())
    loops = [" ↔ ".join(group) for group in imports.cycles(imports.graph(types=False))]
    typed = [" ↔ ".join(group) for group in imports.cycles(imports.graph(types=True))]
    sql, words, names = homes.sql(), homes.of_words(), homes.repeated_names()
    twice, field = touched.settings_twice(), touched.field_of_an_offer()
    named = frame.named()
    return [
        Figure("lines of nine modules in ten, at most", share(list(sizes.values()), 0.9), 250, 250, _largest(sizes)),
        Figure("lines of the largest module", max(sizes.values()), 400, 400, _largest(sizes)),
        Figure("lines of 19 functions in 20, at most", share(lines, 0.95), 25, 25),
        Figure("lines of the largest function", max(lines), 50, 50, _largest(functions)),
        Figure("import cycles while running", len(loops), 0, 0, tuple(loops)),
        Figure("import cycles, types too", len(typed), 0, 0, tuple(typed)),
        Figure("modules with SQL that keep no tables", len(sql), 0, 0, tuple(sql)),
        Figure("nouns that the frame names, two of its own aside", len(named), 0, 0, tuple(named)),
        Figure("homes of words", len(words), 1, 1, tuple(words)),
        Figure("names that more than two modules give a class", len(names), 0, 0, tuple(names)),
        Figure("settings that are declared twice", len(twice), 0, 0, tuple(twice)),
        Figure("files that a field of an offer passes", len(field), 9, 9, tuple(field)),
        *(
            Figure(f"files from outside: {part}", len(files), limit, limit, tuple(files))
            for part, limit in LIMITS.items()
            if (files := touched.files_of(part))
        ),
        Figure("entries of edge/", len(_entries("edge")), 12, 12, tuple(_entries("edge"))),
    ]


def _functions() -> Counter[str]:
    return Counter(
        {
            f"{module.place}:{node.lineno} {node.name}": length(node)
            for module in modules()
            for node in module.functions()
        }
    )


def _largest(sizes: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{place} {lines}" for place, lines in sizes.most_common(5))


def _entries(folder: str) -> list[str]:
    kept = (path for path in (ROOT / folder).iterdir() if path.name != "__pycache__" and not path.name.startswith("__"))
    return sorted(path.name for path in kept)


def ours() -> Row:
    """Our row of the table, counted as the models' were."""
    sizes = [module.lines for module in modules()]
    functions = [node for module in modules() for node in module.functions()]
    lines = [length(node) for node in functions]
    found = _ruff()
    tests = sum(len(path.read_text("utf-8").splitlines()) for path in (ROOT / "tests").rglob("*.py"))
    named = sum(isinstance(node, ast.Global) for module in modules() for node in module.nodes)
    return Row(
        "storekeeper", f"{len(sizes)}", f"{sum(sizes):,}",
        f"{statistics.median_low(sizes)}/{share(sizes, 0.9)}/{max(sizes)}",
        f"{statistics.median_low(lines)}/{share(lines, 0.95)}",
        f"{100 * sum(map(_typed, functions)) // len(functions)}%",
        f"{found['BLE001']}", f"{found['C901']}", f"{named}", f"{tests / sum(sizes):.1f}",
    )  # fmt: skip


def _typed(node: Function) -> bool:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return node.returns is not None and all(
        one is None or one.annotation is not None or one.arg in ("self", "cls") for one in given
    )


RUFF: Final = (
    "check", "--isolated", "--ignore-noqa", "--exit-zero", "--output-format", "json", "--select", "BLE001,C901",
)  # fmt: skip


def _ruff() -> Counter[str]:
    """How often each rule is broken, without any exception that we made."""
    command = [sys.executable, "-m", "ruff", *RUFF, *PACKAGES]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return Counter(finding["code"] for finding in json.loads(said))
