"""What is to be seen of help: every word, ready to be drawn."""

from __future__ import annotations

import msgspec

from kiosk_ui.screens.help.handlers import AWAY, HelpContext


class HelpView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    here: str
    said: str
    tone: str
    """`ask`, `wait`, `come`, `bad`."""
    call: str
    withdraw: str


def view(context: HelpContext) -> HelpView:
    """The whole screen."""
    text, known = context.text, context.memory
    waits, comes = known.state == "open", known.state == "taken"
    away, refused = known.state == AWAY, known.refused
    said = "called" if waits else "taken" if comes else "away" if away else "note"
    key = "" if waits or comes or refused else "again" if away else "call"
    return HelpView(
        title=text("kiosk_home.help.title"),
        here=text("kiosk_home.here", zone=context.say(context.backdrop.zone.name)),
        said=context.why(refused, "") or text(f"kiosk_home.help.{said}", name=known.name),
        tone="wait" if waits else "come" if comes else "bad" if away or refused else "ask",
        call=text(f"kiosk_home.help.{key}") if key else "",
        withdraw=text("kiosk_home.help.withdraw") if waits or comes else "",
    )
