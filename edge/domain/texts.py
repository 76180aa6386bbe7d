"""Words in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NewType

Language = NewType("Language", str)
"""A BCP 47 tag of `LANGUAGES`."""

LANGUAGES: Final = (Language("zh-CN"), Language("en"))
"""What the store speaks; the first is spoken where nothing else is known."""

Words = dict[str, str]
"""Language tag to text."""


def in_words(text: Mapping[Any, str]) -> Words:
    """Returns a text of the settings as facts hold it."""
    return {str(language): words for language, words in text.items()}
