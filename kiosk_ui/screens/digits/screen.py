"""A number pad: the digits under a barcode open the product, the four of a basket bring that basket here."""

from __future__ import annotations

from kiosk_ui.places import Digits
from kiosk_ui.screen import Screen
from kiosk_ui.screens.digits import handlers
from kiosk_ui.screens.digits.view import view

SCREEN = Screen(
    message=Digits,
    view=view,
    widget="kiosk_ui.screens.digits.widget:DigitsScreen",
    layouts=("digits.kv",),
    start=lambda _at: handlers.Memory(),
    on_front=handlers.on_front,
    on_touch={"press": handlers.press, "open": handlers.submit},
    on_result=handlers.on_result,
    busy=lambda entry: entry.asking,
    sound=lambda context: "refused" if context.memory.problem else "",
    wide=True,
)
