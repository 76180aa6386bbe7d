"""Things that ought to have one home, and where they live: SQL, sentences that people read, and names of classes."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from tests.shape.source import PACKAGES, ROOT, modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SQL: Final = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.DOTALL
)
KEEPERS: Final = ("edge/domain/", "edge/journal/", "edge/products/", "sync/cloud/", "device_drivers/")
"""Who writes SQL: nouns, the journal below them, the two that keep a database of their own, and the device wing, whose
agents each have their own file."""

CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
"""A sentence for shoppers exists in Chinese, wherever it stands."""
TEXTS: Final = {".py", ".toml", ".html", ".js", ".kv", ".svg"}
NO_SENTENCES: Final = {
    "edge/cli/catalogue.py": "something to type",
    "edge/cli/demo/buying.py": "something to type",
    "edge/cli/demo/staff_browser.py": "something to type",
    "edge/cli/member_lists.py": "headings that lists of members are written with",
    "edge/cli/operators.py": "something to type",
    "edge/cli/staff.py": "something to type",
    "edge/domain/members/phones.py": "digits as Chinese keyboards write them",
    "edge/products/amounts.py": "what prices of suppliers are written with",
    "edge/products/columns.py": "headings that catalogues of suppliers are written with",
    "edge/products/dates.py": "what dates of suppliers are written with",
    "edge/products/folding.py": "ranges of letters",
    "edge/products/pad_keys.py": "ranges of letters",
    "edge/products/lines.py": "headings that catalogues of suppliers are written with",
    "edge/products/artwork.py": "product names that tell a picture",
    "edge/products/spelling.py": "letters and signs that encodings are told by",
    "edge/products/pinyin.py": "how Chinese letters are spelled",
    "edge/products/values.py": "units that catalogues of suppliers are written with",
    "edge/secrets/staff_pins.py": "names of the demo's people",
    "edge/settings/store_time.py": "a city",
    "edge/web/cookies.py": "names of browsers",
    "edge/web/views/search_on_screen.py": "ranges of letters",
    "device_drivers/printers/test_card.py": "glyphs that a printer must have",
    "device_drivers/printers/escpos_probe.py": "glyphs that a printer must have",
}
"""Where Chinese letters are data, with the reason."""

ROLES: Final = {
    "Driver": "what the one file of a piece of hardware offers",
    "Settings": "what a service or a driver is set by",
    "Memory": "what a screen of the kiosk remembers",
}
"""Names that mean the same wherever they stand, with what that is."""


def sql() -> list[str]:
    """Modules that write SQL and are no keepers of tables."""
    return [
        module.place
        for module in modules()
        if not module.place.startswith(KEEPERS) and any(SQL.search(str(text.value)) for text in module.strings())
    ]


def of_words() -> list[str]:
    """Places where sentences stand: a folder of texts counts once, a module with sentences in it too."""
    found = {_home(path) for path in _texts() if not path.relative_to(ROOT).as_posix().startswith(tuple(NO_SENTENCES))}
    return sorted(found)


def repeated_names(most: int = 2) -> list[str]:
    """Names that more than so many modules give to a class of their own: such a word means too many things."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in modules():
        for node in module.nodes:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(module.place)
    many = {name: places for name, places in found.items() if len(places) > most and name not in ROLES}
    return [
        f"{name}: {', '.join(sorted(many[name]))}" for name in sorted(many, key=lambda each: (-len(many[each]), each))
    ]


def _texts() -> Iterator[Path]:
    for module in modules():
        if any(CHINESE.search(str(text.value)) for text in module.strings()):
            yield module.path
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.*")):
            if (
                path.suffix in TEXTS - {".py"}
                and "vendor" not in path.parts
                and CHINESE.search(path.read_text("utf-8"))
            ):
                yield path


def _home(path: Path) -> str:
    place = path.relative_to(ROOT)
    if place.parts[0] == "words":
        return "words"
    return place.as_posix() if path.suffix == ".py" else place.parent.as_posix()
