"""One slide for pictures, films, pages, guides and products. Laid out in `ideas.kv`."""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.image import Image

from kiosk_ui.widgets import film  # noqa: F401 - its layout names it
from kiosk_ui.widgets.shapes import BoxPanel


class IdeaCard(BoxPanel):
    """The white card under an idea."""

    card = ObjectProperty(None, rebind=True, allownone=True)


class GuideStep(BoxLayout):
    """One step of a guide."""

    number = NumericProperty(0)
    words = StringProperty("")


class Steps(BoxLayout):
    """All of them."""

    steps = ListProperty([])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fbind("steps", self._fill)
        self._fill()

    def _fill(self, *_: object) -> None:
        self.clear_widgets()
        for number, words in enumerate(self.steps, 1):
            self.add_widget(GuideStep(number=number, words=words))


class Whole(Image):
    """A file that fills the glass; nothing where there is none."""

    path = StringProperty("")

    def on_path(self, _: object, path: str) -> None:
        """A file that is not there is not asked for: Kivy would log it each time."""
        self.source = path


class IdeaSlidePanel(FloatLayout):
    """The slide."""

    slide = ObjectProperty(None, rebind=True)
