"""What is to be seen of help: every word, ready to be drawn."""

from __future__ import annotations

import msgspec

from kiosk_ui.screens.help.calling import AWAY, REFUSED, At


class HelpView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    here: str
    said: str
    tone: str
    """`ask`, `wait`, `come`, `bad`."""
    call: str
    withdraw: str


def view(help_: At) -> HelpView:
    """The whole screen."""
    text, known = help_.text, help_.memory
    waits, comes = known.state == "open", known.state == "taken"
    bad = known.state in (AWAY, REFUSED)
    said = "called" if waits else "taken" if comes else known.state if bad else "note"
    key = "" if waits or comes or known.state == REFUSED else "again" if known.state == AWAY else "call"
    return HelpView(
        title=text("kiosk_home.help.title"),
        here=text("kiosk_home.here", zone=help_.say(help_.backdrop.zone.name)),
        said=text(f"kiosk_home.help.{said}", name=known.name),
        tone="wait" if waits else "come" if comes else "bad" if bad else "ask",
        call=text(f"kiosk_home.help.{key}") if key else "",
        withdraw=text("kiosk_home.help.withdraw") if waits or comes else "",
    )
