"""The attract loop: the item that plays fills the glass; another one fades in. Laid out in `attract.kv`."""

from __future__ import annotations

import time
from typing import Any, Final

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.image import Image
from kivy.uix.widget import Widget

from kiosk_ui.screens.attract.view import AttractView
from kiosk_ui.widgets.shapes import BoxPanel

FADE_S: Final = 0.6


class IdeaPage(FloatLayout):
    """One item, without what stands around it."""

    view = ObjectProperty(None, rebind=True)


class IdeaCard(BoxPanel):
    """The white card under an idea."""

    card = ObjectProperty(None, rebind=True, allownone=True)


class StepRow(BoxLayout):
    """One step of a guide, or one line of a list."""

    number = NumericProperty(0)
    words = StringProperty("")


class Steps(BoxLayout):
    """All of them."""

    steps = ListProperty([])
    numbered = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fbind("steps", self._fill)
        self.fbind("numbered", self._fill)
        self._fill()

    def _fill(self, *_: object) -> None:
        self.clear_widgets()
        for number, words in enumerate(self.steps, 1):
            self.add_widget(StepRow(number=number if self.numbered else 0, words=words))


class LoopDots(Widget):
    """Where in its loop the item is."""

    place = NumericProperty(0)
    count = NumericProperty(1)


class AttractScreen(FloatLayout):
    """The whole glass, as `AttractView` says. What ends by itself fades; what is withdrawn is gone at once."""

    view = ObjectProperty(None, rebind=True)

    def __init__(self, view: AttractView, **kwargs: Any) -> None:
        super().__init__(view=view, **kwargs)
        self._page: IdeaPage | None = None

    def show(self, view: AttractView) -> None:
        """Draws anew what differs."""
        before, self.view = self.view, view
        if self._page is not None and before.key == view.key:
            self._page.view = view
            self._film(view)
            return
        old, self._page = self._page, IdeaPage(view=view)
        Animation.cancel_all(self.ids.stage)
        while len(self.ids.stage.children) > 1:
            self.ids.stage.remove_widget(self.ids.stage.children[-1])
        self.ids.stage.add_widget(self._page)
        if old is None:
            return
        ended = time.time() >= before.until - 0.05
        if not ended or App.get_running_app().offscreen:
            self.ids.stage.remove_widget(old)
            return
        self._page.opacity = 0
        fade = Animation(opacity=1, duration=FADE_S)
        fade.bind(on_complete=lambda *_: self.ids.stage.remove_widget(old))
        fade.start(self._page)

    def _film(self, view: AttractView) -> None:
        """A place for films: what plays them keeps to the clock by itself."""


class Whole(Image):
    """A file that fills the glass; nothing where there is none."""

    path = StringProperty("")

    def on_path(self, _: object, path: str) -> None:
        """A file that is not there is not asked for: Kivy would log it each time."""
        self.source = path
