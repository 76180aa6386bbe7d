"""Lockers: the bank drawn to scale, sizes, digits, and a door that is open. Laid out in `lockers.kv`."""

from __future__ import annotations

from typing import Any, Final

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from kiosk_ui import theme
from kiosk_ui.screens.lockers.bank import Drawn
from kiosk_ui.screens.lockers.view import LockersView
from kiosk_ui.widgets.keys import Row
from kiosk_ui.widgets.shapes import BoxPanel, FloatPanel, Key
from kiosk_ui.widgets.sheet import Sheet, fill, show_part

LOOKS: Final = {
    "here": theme.MANGO,
    "lit": theme.WHITE,
    "free": theme.colour("#FFFFFF", 0.7),
    "used": theme.colour("#FFFFFF", 0.14),
}
"""How a door of the drawing is painted."""
FLAT: Final = 0.42
"""Height of a drawing that stands alone, in its width."""


class DoorNumber(Label):
    """The number of a door, as large as there is room."""

    letters = NumericProperty(0)
    """How high it is among letters twice as high, in pixels."""


class DrawnDoor(BoxPanel):
    """One door of the drawing."""

    name = StringProperty("")
    look = StringProperty("used")
    """`lit`, `free`, `used` or `here`."""
    ground = ColorProperty(theme.CLEAR)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fbind("look", self._paint)
        self._paint()

    def _paint(self, *_: object) -> None:
        self.ground = LOOKS[self.look]


class BankDrawing(FloatPanel):
    """The bank, door by door, as it stands before whoever looks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._told: tuple[tuple[str, Any], ...] = ()

    def again(self) -> tuple[Any, tuple[tuple[str, Any], ...], float] | None:
        """How it is drawn once more; see `kiosk_ui.widgets.pieces`."""
        return (_drawing, self._told, FLAT) if self._told else None

    def draw(self, bank: Drawn, lit: tuple[str, ...], *, here: bool) -> None:
        """Draws anew what differs. `here`: the lit door is the one to go to."""
        self._told = (("bank", bank), ("lit", lit), ("here", here))
        if len(self.children) != len(bank.doors):
            self.clear_widgets()
            for _ in bank.doors:
                self.add_widget(DrawnDoor(size_hint=(None, None)))
        for door, placed in zip(reversed(self.children), bank.doors, strict=True):
            door.name = placed.name
            door.size_hint = (placed.width * 0.95 - 0.02, placed.height * 0.9 - 0.016)
            door.pos_hint = {"x": placed.x * 0.96 + 0.032, "top": 0.965 - placed.y * 0.93}
            chosen = placed.name in lit
            door.look = ("here" if here else "lit") if chosen else "free" if placed.state == "free" else "used"


def _drawing(bank: Drawn, lit: tuple[str, ...], *, here: bool) -> BankDrawing:
    drawing = BankDrawing()
    drawing.draw(bank, lit, here=here)
    return drawing


class FitsKey(Key):
    """One size: what fits, how many are left, what it costs."""

    view = ObjectProperty(None, rebind=True)


class BankKey(Row):
    """One bank of several."""

    bank = StringProperty("")
    way = BooleanProperty(False)


class StepRow(BoxLayout):
    """One of three steps."""

    number = StringProperty("")
    words = StringProperty("")
    look = StringProperty("next")


class Part(BoxLayout):
    """The middle of the screen in one stage."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: LockersView) -> None:
        """Draws anew what differs."""
        self.view = view
        if "bank" in self.ids:
            self.ids.bank.draw(view.drawn, view.lit, here=view.stage in ("door", "fee"))


class NonePart(Part):
    """Nothing can be asked."""


class BanksPart(Part):
    """Several banks, or none that is here."""

    def show(self, view: LockersView) -> None:
        """Draws anew what differs."""
        super().show(view)
        fill(self.ids.banks, len(view.choices), BankKey)
        for key, told in zip(reversed(self.ids.banks.children), view.choices, strict=True):
            key.words, key.note, key.bank, key.way = told.words, told.note, told.bank, told.way


class StartPart(Part):
    """Put in, or get back."""


class SizesPart(Part):
    """How large."""

    def show(self, view: LockersView) -> None:
        """Draws anew what differs."""
        super().show(view)
        box = self.ids.sizes
        if len(box.children) != len(view.sizes):
            box.clear_widgets()
            for told in view.sizes:
                box.add_widget(FitsKey(view=told))
        for key, told in zip(reversed(box.children), view.sizes, strict=True):
            key.view = told


class DigitsPart(Part):
    """Six digits."""


class FeePart(Part):
    """What is due before the door opens."""


class DoorPart(Part):
    """The door: its number as large as goes, where it is, what to do."""

    ring = NumericProperty(0.0)

    def show(self, view: LockersView) -> None:
        """Draws anew what differs."""
        super().show(view)
        steps = view.door.steps if view.door else ()
        fill(self.ids.steps, len(steps), StepRow)
        for place, (row, (words, look)) in enumerate(zip(reversed(self.ids.steps.children), steps, strict=True)):
            row.number, row.words, row.look = str(place + 1), words, look


PARTS: Final[dict[str, type[Part]]] = {
    "none": NonePart,
    "banks": BanksPart,
    "start": StartPart,
    "sizes": SizesPart,
    "digits": DigitsPart,
    "fee": FeePart,
    "door": DoorPart,
}


class LockersScreen(Sheet):
    """The whole screen. It draws a `LockersView` and decides nothing."""

    def show(self, view: LockersView) -> None:
        """Draws anew what differs."""
        super().show(view)
        show_part(self.ids.middle, PARTS[view.stage], view)
