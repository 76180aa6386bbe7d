"""A field of a noun's struct that the store's settings may set: its key, its unit, its range.

The struct is the one declaration. Its default is the setting's default, the docstring under the field is the sentence
that people read, and the noun that it stands in owns it. `edge.settings.sections` makes the file's table of it, and
`docs/settings.md`.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple


class Unit(NamedTuple):
    """What a number in the file counts."""

    word: str
    """As people read it."""
    scale: float = 1
    """What one of it is in the struct. Where it is not 1, the file takes fractions and the struct whole numbers."""


PLAIN: Final = Unit("")
HOURS: Final = Unit("hours", 3_600_000)
SECONDS_AS_MS: Final = Unit("seconds", 1000)
SECONDS: Final = Unit("seconds")
MINUTES: Final = Unit("minutes")
DAYS: Final = Unit("days")
MONEY: Final = Unit("of the currency's smallest unit")
SHARE: Final = Unit("0 to 1")

Form = Literal["", "id", "text", "paragraphs", "colour", "moment", "place", "plan", "purpose"]
"""How a value that is more than a number or a word is written; `edge.settings.forms` knows each."""


class Setting(NamedTuple):
    """Stands in the `Annotated[…]` of a field. Fields without one are not settable."""

    key: str = ""
    """What the file calls it; the field's own name where empty."""
    unit: Unit = PLAIN
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    """The range, in the file's unit."""
    form: Form = ""
    choices: tuple[str, ...] = ()
    """The words that are known, where only these are."""
    default: Any = None
    """What stands in the file where it says nothing of a field that the struct itself always needs."""

    @property
    def range(self) -> dict[str, Any]:
        """The bounds that are set, by their short names."""
        return {name: bound for name in ("ge", "gt", "le") if (bound := getattr(self, name)) is not None}
