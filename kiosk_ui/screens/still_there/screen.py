"""The question whether somebody is still there, in front of everything; without an answer the screen is wiped."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from kiosk_ui.places import StillThere
from kiosk_ui.screen import Context, Screen, Step

Question: TypeAlias = Context[StillThere, None]


class StillThereView(msgspec.Struct, frozen=True):
    """What is to be seen."""

    title: str
    note: str
    left: int
    """Seconds."""
    most: int
    """Of a full ring."""
    go_on: str
    end: str


def view(context: Question) -> StillThereView:
    """The whole sheet."""
    text, left = context.text, max(0, int(-(-(context.message.until - context.at) // 1)))
    return StillThereView(
        title=text("kiosk_home.still_there.title"),
        note=text("kiosk_home.still_there.note", seconds=left),
        left=left,
        most=int(context.message.lasts),
        go_on=text("kiosk_home.still_there.go_on"),
        end=text("kiosk_home.still_there.end"),
    )


def go_on(_context: Question, _argument: str) -> Step[None]:
    """Somebody is there."""
    return Step(None, more_time=True)


def end(_context: Question, _argument: str) -> Step[None]:
    """They are done."""
    return Step(None, end=True)


SCREEN = Screen(
    message=StillThere,
    view=view,
    widget="kiosk_ui.screens.still_there.widget:StillThereScreen",
    layouts=("still_there.kv",),
    on_touch={"go_on": go_on, "end": end},
    wide=True,
)
