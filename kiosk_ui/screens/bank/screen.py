"""A locker bank's own screen: six digits open a door."""

from __future__ import annotations

from device_drivers.contract import BankKeypad
from kiosk_ui.screen import Screen
from kiosk_ui.screens.bank import handlers
from kiosk_ui.screens.bank.view import view

SCREEN = Screen(
    message=BankKeypad,
    view=view,
    widget="kiosk_ui.screens.bank.widget:BankScreen",
    layouts=("bank.kv",),
    start=handlers.start,
    on_touch={"press": handlers.press, "open": handlers.submit, "dismiss": handlers.dismiss},
    on_tick=handlers.on_tick,
    on_idle=handlers.on_idle,
    on_result=handlers.on_result,
    sound=handlers.sound,
    busy=handlers.busy,
    wide=True,
)
