"""The kiosk's screen beside a stand: which umbrella is free."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kiosk_ui.screen import Context, Screen


class UmbrellaScene(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="umbrella"):
    """Which one it is, for `seconds`."""

    door: str
    seconds: Annotated[float, msgspec.Meta(gt=0, le=300)] = 15.0


class UmbrellaView(msgspec.Struct, frozen=True):
    """What is to be seen."""

    number: str
    title: str
    note: str


def view(context: Context[UmbrellaScene, None]) -> UmbrellaView:
    """The whole screen, in the language on it."""
    door = context.message.door
    return UmbrellaView(door, context.text("umbrellas.yours", door=door), context.text("umbrellas.bring_back"))


SCREEN = Screen(
    message=UmbrellaScene,
    view=view,
    widget="umbrella_stand.screen:UmbrellaScreen",
    layouts=("umbrella.kv",),
    words="umbrella_stand:words",
)
