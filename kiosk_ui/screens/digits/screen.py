"""A number pad: the digits under a barcode open the product, the four of a basket bring that basket here."""

from __future__ import annotations

from kiosk_ui.places import Digits
from kiosk_ui.screen import Screen
from kiosk_ui.screens.digits import entering
from kiosk_ui.screens.digits.view import view

SCREEN = Screen(
    message=Digits,
    view=view,
    widget="kiosk_ui.screens.digits.widget:DigitsScreen",
    layouts=("digits.kv",),
    start=lambda _at: entering.Memory(),
    on_front=entering.come,
    on_touch={"press": entering.press, "open": entering.go},
    on_result=entering.hear,
    busy=lambda entry: entry.asking,
    sound=lambda at: "refused" if at.memory.problem else "",
    wide=True,
)
