"""What one change touches, counted from things that are there: the umbrella stand from outside, a field of an offer."""

from __future__ import annotations

import ast
import itertools
import re
from typing import TYPE_CHECKING, Final

from tests.shape.source import PACKAGES, ROOT, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTSIDE: Final = ROOT / "tests" / "extension" / "umbrella_stand"
PARTS: Final = {
    "noun": ("facts.py", "tables.py", "queries.py", "decisions.py", "noun.py"),
    "driver": ("driver.py",),
    "route": ("api.py",),
    "page": ("page/__init__.py", "page/stand.html"),
    "kiosk screen": ("screen/__init__.py", "screen/umbrella.kv"),
    "words": ("words/de.toml", "words/en.toml", "words/zh-CN.toml"),
}
"""The files of the example, by what they make. Its `__init__.py` is the package itself."""
FIELD: Final = re.compile(r"\bsubtitle\b")
ELSEWHERE: Final = ("words/", "sync/cloud/", "edge/gateway/slips/", "edge/web/api/slips.py")
"""Where a subtitle is that of a slip or of a page."""
SHARED: Final = 4
"""Two tables of the settings with so many keys in common are one that is declared twice."""


def files_of(part: str) -> list[str]:
    """The files of one part of the example."""
    return [name for name in PARTS[part] if (OUTSIDE / name).is_file()]


def field_of_an_offer() -> list[str]:
    """Every file that the line below an offer's title passes, from the settings to phone and kiosk."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.*")))
    named = (path for path in paths if path.suffix in (".py", ".html", ".kv", ".js"))
    found = [path.relative_to(ROOT).as_posix() for path in named if FIELD.search(path.read_text("utf-8"))]
    return [place for place in found if not place.startswith(ELSEWHERE)]


def settings_twice() -> list[str]:
    """Pairs of classes that declare the same settings."""
    tables = list(_tables())
    return [
        f"{one} and {other}: {', '.join(sorted(shared))}"
        for (one, keys), (other, more) in itertools.combinations(tables, 2)
        if len(shared := keys & more) >= SHARED
    ]


def _tables() -> Iterator[tuple[str, set[str]]]:
    """Each class that declares settings: models of a file's table, and structs of nouns whose fields say so."""
    classes = [node for module in modules() for node in module.nodes if isinstance(node, ast.ClassDef)]
    models = {"SettingsModel"}
    for _ in range(3):
        models |= {node.name for node in classes if models & {ast.unparse(base) for base in node.bases}}
    for node in classes:
        lines = [line for line in node.body if isinstance(line, ast.AnnAssign)]
        whole = node.name in models
        keys = {ast.unparse(line.target) for line in lines if whole or "Setting(" in ast.unparse(line.annotation)}
        if keys:
            yield node.name, keys
