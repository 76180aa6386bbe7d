"""The attract loop: what plays fades into what comes next; a touch anywhere begins. Laid out in `attract.kv`."""

from __future__ import annotations

import time
from typing import Any, Final

from kivy.animation import Animation
from kivy.app import App
from kivy.factory import Factory
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk_ui.screens.wall import ideas_widget  # noqa: F401 - its panel is found by name
from kiosk_ui.screens.wall.attract import AttractView
from kiosk_ui.widgets.keys import WordedKey

FADE_S: Final = 0.6


class TongueStart(WordedKey):
    """Begins in another language."""

    language = StringProperty("")


class SlidePanel(BoxLayout):
    """What plays. It draws a slide; its subclasses are named by it."""

    slide = ObjectProperty(None, rebind=True)


class OfferSlidePanel(SlidePanel):
    """One offer, large."""


class DaySlidePanel(SlidePanel):
    """The day, and when the store is open."""


class AttractScreen(FloatLayout):
    """The whole screen. It draws an `AttractView` and decides nothing."""

    poster = True
    """It is for whoever passes by: nobody asked for larger letters yet."""
    view = ObjectProperty(None, rebind=True)

    def show(self, view: AttractView) -> None:
        """Draws anew what differs."""
        ended = self.view is view or time.time() >= self.view.until - 0.05
        before, self.view = self._shown_widget(), view
        self._show_slide(view.slide, before, fade=ended)
        self._show_tongues(view)

    def _shown_widget(self) -> Any:
        room = self.ids.room
        return room.children[0] if room.children else None

    def _show_slide(self, slide: Any, seen: Any, *, fade: bool) -> None:
        """What ends by itself fades into the next; what is withdrawn is gone at once."""
        wanted = Factory.get(f"{type(slide).__name__}Panel")
        if isinstance(seen, wanted) and _name(seen.slide) == _name(slide):
            seen.slide = slide
            return
        room = self.ids.room
        for old in list(room.children[1 if fade else 0 :]):
            Animation.cancel_all(old)
            room.remove_widget(old)
        seen = seen if fade else None
        following = wanted(slide=slide, opacity=0 if seen else 1, pos_hint={"x": 0, "y": 0})
        room.add_widget(following)
        if seen is not None:
            Animation(opacity=1, d=FADE_S).start(following)
            leaving = Animation(opacity=0, d=FADE_S)
            leaving.bind(on_complete=lambda *_: room.remove_widget(seen))
            leaving.start(seen)

    def _show_tongues(self, view: AttractView) -> None:
        row = self.ids.tongues
        if [key.language for key in reversed(row.children)] == [tongue.language for tongue in view.tongues]:
            return
        row.clear_widgets()
        for tongue in view.tongues:
            row.add_widget(TongueStart(language=tongue.language, words=tongue.words, on_release=_begin))


def _name(slide: Any) -> Any:
    """What of a slide makes it another one; its countdown and its code do not."""
    return getattr(getattr(slide, "card", None), "id", slide)


def _begin(key: TongueStart) -> None:
    App.get_running_app().touch("start", key.language)
