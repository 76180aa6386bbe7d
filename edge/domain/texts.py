"""Words in several languages."""

from __future__ import annotations

from typing import Final, NewType

Language = NewType("Language", str)
"""A BCP 47 tag of `LANGUAGES`."""

LANGUAGES: Final = (Language("zh-CN"), Language("en"))
"""What the store speaks; the first is spoken where nothing else is known."""

Words = dict[str, str]
"""Language tag to text."""
