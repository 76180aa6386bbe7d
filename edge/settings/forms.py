"""How values are written that are more than a number or a word: by the name that a noun's `Setting` gives the form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AwareDatetime, Field, StringConstraints, WrapValidator

from device_drivers.contract import ID_PATTERN
from edge.domain.setting import Form
from edge.settings.extensions import known_or_from_extension
from edge.settings.texts import Paragraphs, Text

Identifier = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Metres = Annotated[float, Field(ge=0, le=1000)]
Length = Annotated[float, Field(gt=0, le=1000)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Purpose = Annotated[
    Literal["enter", "cart", "locker", "screen", "shelf", "coupon", "badge"], WrapValidator(known_or_from_extension)
]
Kind = Annotated[
    Literal["cart", "locker", "printer", "screen", "scanner", "beacon"], WrapValidator(known_or_from_extension)
]

FORMS: Final[dict[Form, Any]] = {
    "id": Identifier,
    "text": Text,
    "paragraphs": Paragraphs,
    "colour": Colour,
    "moment": AwareDatetime,
    "place": tuple[Metres, Metres],
    "plan": tuple[Metres, Metres, Length, Length],
    "purpose": Purpose,
}


def several(value: Any) -> Any:
    """One alone stands for a list of one."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def read(form: Form, value: Any) -> Any:
    """A value of the file as a struct holds it: times are Unix milliseconds there."""
    return int(value.timestamp() * 1000) if form == "moment" and isinstance(value, datetime) else value


def written(form: Form, value: Any) -> Any:
    """A value of a struct as the file would write it."""
    return datetime.fromtimestamp(value / 1000, UTC) if form == "moment" and value is not None else value


def file_type(form: Form, kind: Any, choices: tuple[str, ...]) -> Any:
    """What may stand in the file for a field of this kind."""
    found = FORMS[form] if form else Literal[choices] if choices else kind
    return found | None if type(None) in get_args(kind) and (form or choices) else found
