"""A locker bank's own screen: six digits open a door."""

from __future__ import annotations

from device_drivers.contract import BankKeypad
from kiosk_ui.screen import Screen
from kiosk_ui.screens.bank import entry
from kiosk_ui.screens.bank.view import view

SCREEN = Screen(
    message=BankKeypad,
    view=view,
    widget="kiosk_ui.screens.bank.widget:BankScreen",
    layouts=("bank.kv",),
    start=entry.start,
    on_touch={"press": entry.press, "open": entry.ask, "dismiss": entry.dismiss},
    on_tick=entry.pass_time,
    on_idle=entry.fresh,
    on_result=entry.answer,
    sound=entry.sound,
    busy=entry.busy,
    wide=True,
)
