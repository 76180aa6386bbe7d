"""A question as the catalogue may spell it: `oel` is Öl, 雞蛋 is 鸡蛋, `330ml` is 330 ml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Final

_FIGURES: Final = re.compile("(?<=[0-9]) ?(?=[a-z])|(?<=[a-z]) ?(?=[0-9])")
"""Between a figure and a letter, where some write a space and some do not."""
_UMLAUT: Final = re.compile("(?<![aeiouq])([aou])e")
"""As it is typed where there is no key for it; `sauer` and `feuer` have none."""


def respelled(folded: str) -> Iterator[str]:
    """Other spellings of a folded question."""
    plain = _UMLAUT.sub(r"\1", folded)
    if plain != folded and min(map(len, plain.split())) > 1:
        yield plain
    for space in (" ", ""):
        if (written := _FIGURES.sub(space, folded)) != folded:
            yield written
    mainland = folded.translate(_traditional())
    if mainland != folded:
        yield mainland


@lru_cache(maxsize=1)
def _traditional() -> dict[int, str]:
    """Each character as Taiwan and Hong Kong write it, and the one of the mainland."""
    text = resources.files("edge.products").joinpath("traditional.txt").read_text("utf-8")
    pairs = (pair for line in text.splitlines() if not line.startswith("#") for pair in line.split())
    return {ord(pair[0]): pair[1] for pair in pairs}
