"""The page's words, and the names of fact types in each language."""

from __future__ import annotations

from words.languages import known
from words.sentences import has, say, section


def languages() -> dict[str, str]:
    """What the page speaks, by tag: each language's own name."""
    return {language: say(language, "name") for language in known()}


def texts(language: str) -> dict[str, str]:
    """What templates say."""
    return section(language, "cloud")


def type_name(kind: str, language: str) -> str:
    """What a fact type is called; its own tag where it has no name here, which is no fault."""
    key = f"cloud_facts.{kind.rpartition('.')[0]}"
    return say(language, key) if has(key) else kind or "—"
