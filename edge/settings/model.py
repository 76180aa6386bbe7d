"""What every table of a settings file has in common: keys are known, values are of their kind, and texts are plain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from words.languages import Wording
from words.unseen import UNSEEN

LONGEST: Final = 1000
"""Letters of a text whose field says nothing else: more than any address, path or token has."""
NOT_PLAIN: Final = "text_not_plain"
"""The mistake of a text that holds what nobody sees."""
_HARMLESS: Final = "\u00ad\u200b\u2060"
"""Where a word may be broken, and where not."""
_UNSEEN: Final = re.compile(f"(?![{_HARMLESS}])[{UNSEEN}\x1b]")


class Lines(NamedTuple):
    """Marks a text that is not one line of `LONGEST` letters: `Annotated[str, Lines(…)]`."""

    most: int
    several: bool = False


LINE: Final = Lines(LONGEST)
NAME: Final = Lines(200)
PARAGRAPHS: Final = Lines(2000, several=True)


def plain_text(text: str, lines: Lines, key: str = "") -> str:
    """The text, as it is. Raises `PydanticCustomError`, which pydantic takes for a mistake in the value: where `key` is
    given, it names that and nothing of the text, which may be a secret.
    """
    if len(text) > lines.most:
        said = {"most": lines.most, "count": len(text), "where": key or f'"{text[:40]}…"'}
        raise PydanticCustomError(NOT_PLAIN, "expected at most {most} letters; found {count}", said)
    bad = _UNSEEN.search(text) or (None if lines.several else re.search(r"[\n\t]", text))
    if bad:
        wanted = "text" if lines.several else "one line of text"
        near = text[max(0, bad.start() - 20) : bad.end() + 20]
        said = {"wanted": wanted, "sign": f"U+{ord(bad[0]):04X}", "where": key or f'"{near}"'}
        raise PydanticCustomError(NOT_PLAIN, "expected {wanted} without signs that nobody sees; found {sign}", said)
    return text


class SettingsModel(BaseModel):
    """A table of a settings file. The docstring under each field is the sentence that people read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, strict=True, allow_inf_nan=False
    )

    @field_validator("*", mode="after")
    @classmethod
    def _texts_are_plain(cls, value: Any, info: ValidationInfo) -> Any:
        """Every text below the field, whatever its own form is."""
        declared = cls.model_fields[info.field_name or ""].metadata
        lines = next((each for each in declared if isinstance(each, Lines)), LINE)
        for key, text in _texts(value):
            plain_text(text, lines, key)
        return value


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each text, and the key that it stands under in a table."""
    if isinstance(value, Wording):
        return  # each language by itself: see `edge.settings.texts`
    if isinstance(value, SecretStr):
        yield key, value.get_secret_value()
    elif isinstance(value, str | Path):
        yield key, str(value)
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(name, "a key")
            yield from _texts(each, str(name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each, key)
