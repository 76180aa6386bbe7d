"""A locker bank's own screen: six digits, a keypad low enough for everybody, and plain words about what happened."""

from __future__ import annotations

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui import bank_view, theme
from kiosk_ui.widgets import qr, shapes, text  # noqa: F401 - the .kv file names their classes

TONES = {
    "wait": (theme.WHITE, theme.INK, theme.SAND, theme.INK),
    "ok": (theme.LEAF, theme.WHITE, theme.WHITE, theme.LEAF),
    "bad": (theme.AMBER, theme.INK, theme.WHITE, theme.INK),
}
"""How an answer is painted: ground, letters, the door's badge, and its number."""


def load_rules() -> None:
    """Reads the .kv file beside this one, after the wall's. Once, before the first screen."""
    path = str(Path(__file__).with_name("bank.kv"))
    Builder.unload_file(path)
    Builder.load_file(path)


class Pad(BoxLayout):
    """The phone's code to scan, the six places, and the keypad."""

    url = StringProperty("")
    phone = StringProperty("")
    phone_note = StringProperty("")
    note = StringProperty("")
    warns = BooleanProperty(False)
    slots = ListProperty([""] * 6)
    open_key = StringProperty("")
    ready = BooleanProperty(False)


class Answer(shapes.BoxPanel):
    """What came of it, over the whole pad; a key makes room for the next shopper."""

    door = StringProperty("")
    sentence = StringProperty("")
    advice = StringProperty("")
    key = StringProperty("")
    ink = ColorProperty(theme.INK)
    badge = ColorProperty(theme.WHITE)
    number = ColorProperty(theme.INK)

    def show(self, answer: bank_view.Answer) -> None:
        """Draws it."""
        self.colour, self.ink, self.badge, self.number = TONES[answer.tone]
        self.door, self.sentence, self.advice, self.key = answer.door, answer.sentence, answer.advice, answer.key


class BankScreen(BoxLayout):
    """The whole screen. It draws what `bank_view.BankView` says and decides nothing. Laid out in `bank.kv`."""

    store = StringProperty("")
    bank = StringProperty("")
    headline = StringProperty("")
    hint = StringProperty("")
    language_button = StringProperty("")
    large_button = StringProperty("")
    large = BooleanProperty(False)

    def show(self, seen: bank_view.BankView) -> None:
        """Draws anew what differs."""
        self.store, self.bank, self.headline, self.hint = seen.store, seen.bank, seen.headline, seen.hint
        self.language_button, self.large_button, self.large = seen.language_button, seen.large_button, seen.large
        middle = self.ids.middle
        wanted = Answer if seen.answer else Pad
        if not middle.children or not isinstance(middle.children[0], wanted):
            middle.clear_widgets()
            middle.add_widget(wanted())
        child = middle.children[0]
        if seen.answer:
            child.show(seen.answer)
            return
        child.url, child.phone, child.phone_note = seen.url, seen.phone, seen.phone_note
        child.note, child.warns, child.slots = seen.note, seen.warns, list(seen.slots)
        child.open_key, child.ready = seen.open_key, seen.ready
