"""Buttons that every screen has. Laid out in `controls.kv`."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk_ui.widgets.shapes import BoxPanel, Key, WithControls


class ControlKey(Key):
    """A round-ended button with a sign and, where there are any, words."""

    words = StringProperty("")
    side = NumericProperty(88)
    """Its height, in pixels."""


class BackKey(ControlKey):
    """From a scene back to what stands behind it."""


class FootBar(WithControls, BoxPanel):
    """What stands at the bottom of a screen. For the left hand it stands the other way round."""

    left = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._turned = False
        # Not at once: while the rules are applied its keys are still to come.
        self._turn = Clock.create_trigger(self._turn_round)
        self.fbind("left", self._turn)
        self._turn()

    def _turn_round(self, *_: object) -> None:
        if self._turned != self.left:
            self._turned = self.left
            children = list(self.children)
            self.clear_widgets()
            for child in children:
                self.add_widget(child)
