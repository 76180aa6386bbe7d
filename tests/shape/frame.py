"""The frame walks the nouns: which of them it names all the same."""

from __future__ import annotations

from typing import Final

from tests.shape.imports import imports
from tests.shape.source import ROOT, modules

FRAME: Final = {
    "edge.gateway.after_commit": "",
    "edge.gateway.ticker": "",
    "edge.gateway.configure": "",
    "edge.gateway.effects": "",
    "edge.gateway.feed": "",
    "edge.gateway.gateway": "",
    "edge.gateway.ingest": "devices",
    "edge.gateway.outcomes": "",
    "edge.gateway.spooler": "printing",
    "edge.gateway.staff_needs": "",
    "edge.settings.sections": "",
    "edge.web.app": "",
    "edge.web.page": "",
    "edge.web.registry": "",
}
"""What serves every noun, with the one noun that it carries out itself: `DECISIONS.md` says why."""


def named() -> list[str]:
    """Each module of the frame with a noun that it imports, for types too, and that is not its own."""
    return sorted(
        f"{module.name}: {noun}"
        for module in modules()
        if module.name in FRAME
        for noun in nouns_of(module.name) - {FRAME[module.name]}
    )


def nouns_of(name: str) -> set[str]:
    """The nouns that a module imports something of."""
    [module] = [each for each in modules() if each.name == name]
    parts = [one.imported.split(".") for one in imports(module)]
    return {each[2] for each in parts if each[:2] == ["edge", "domain"] and len(each) > 2 and _is_noun(each[2])}


def _is_noun(name: str) -> bool:
    return (ROOT / "edge" / "domain" / name / "noun.py").is_file()
