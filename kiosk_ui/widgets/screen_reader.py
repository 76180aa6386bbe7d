"""Where the five keys stand, drawn as a ring around it, and what the voice says of it.

It lies over everything and takes no touch. It reads the tree that is on the glass, so it knows no screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kivy.clock import Clock
from kivy.graphics import Color, Line
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from kiosk_ui import key_navigation, theme
from kiosk_ui.pronunciation import joint
from kiosk_ui.texts import say
from kiosk_ui.widgets import stops
from kiosk_ui.widgets.shapes import Key

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_ui.key_navigation import Press
    from kiosk_ui.widgets.stops import Stop

RING: Final = 8
"""Width of each of the ring's two lines, in units of the sheet: a light and a dark one, which show on every ground."""
SETTLED: Final = 3
"""Rules take effect a frame late, and a rule of a rule another: so many frames after a change it is looked at."""
NEWS_S: Final = 8.0
"""For so long after a choice, what appears is news and is read."""
MAX_NEWS: Final = 6
"""Pieces of news that are read; more is as good as a new screen, and is introduced like one."""

ENDS: Final = ".?!。？！"
"""A title stands before a full stop of its own."""


class DelayedCall:
    """Does something once, some frames from now; asked again before, it waits anew."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act, self._left = act, 0

    def __call__(self) -> None:
        if not self._left:
            Clock.schedule_interval(self._count, 0)
        self._left = SETTLED

    def cancel(self) -> None:
        """Does not do it."""
        Clock.unschedule(self._count)
        self._left = 0

    def _count(self, _dt: float) -> bool:
        self._left -= 1
        if self._left <= 0:
            self._left = 0
            self._act()
            return False
        return True


class ScreenReader(Widget):
    """The ring, and the voice's place. `speak` is given each sentence; it does nothing while the screen is silent."""

    def __init__(
        self, layers: Callable[[], list[Any]], speak: Callable[[str], None], language: Callable[[], str], **kwargs: Any
    ) -> None:
        """`layers` are the parts of the tree that are read, in their order."""
        super().__init__(**kwargs)
        self._layers, self._speak, self._language = layers, speak, language
        self.at: Stop | None = None
        """Where the keys stand; nowhere until one of them is pressed."""
        self._scene: object = None
        self._known: frozenset[str] = frozenset()
        self._live: frozenset[str] = frozenset()
        self.aloud = False
        """Somebody listens."""
        self._news_until = 0.0
        self._look, self._introduce = DelayedCall(self._looked), DelayedCall(self.introduce)

    def stop(self) -> None:
        """The window closes."""
        self._look.cancel()
        self._introduce.cancel()

    # --- what is there ---

    def stops(self) -> list[Stop]:
        """Everything to stop at, in order."""
        return [each for layer in self._layers() for each in stops.stops(layer, self._language())]

    def introduce(self) -> None:
        """Says what screen this is and how many keys it has."""
        self._live = frozenset(self._live_texts())
        self._speak(self._introduction(self.stops()))

    def _introduction(self, found: list[Stop]) -> str:
        count = sum(stop.chooses for stop in found)
        return say(self._language(), "access.aloud.scene", title=stops.title(found).rstrip(ENDS), count=count)

    # --- the five keys ---

    def press(self, press: Press) -> None:
        """A key of the pad that moves or chooses."""
        if press in key_navigation.MOVES:
            self._move(*key_navigation.MOVES[press])
        elif self.at is not None and self.at.chooses:
            self.choose()
        elif self.at is not None:
            self._speak(self.at.text)

    def _move(self, by: int, keys_only: bool) -> None:
        found = self.stops()
        where = key_navigation.step([stop.chooses for stop in found], self._place(found), by, keys_only)
        if where is None:
            end = say(self._language(), "access.aloud.end" if found else "access.aloud.nothing")
            self._speak(joint(self._language()).join(filter(None, (end, self.at.text if self.at else ""))))
            return
        self.stand(found[where])

    def _place(self, found: list[Stop]) -> int | None:
        """Which of them it stands at: the same widget, or one that says the same where the widgets are new."""
        if self.at is None:
            return None
        for same in (lambda stop: stop.widget is self.at.widget, lambda stop: stop.text == self.at.text):
            for place, stop in enumerate(found):
                if same(stop):
                    return place
        return None

    def stand(self, stop: Stop) -> None:
        """Goes to this stop: draws the ring, brings it into sight, and reads it."""
        self.at = stop
        self._bring_into_sight(stop.widget)
        self._speak(stop.text)
        self._draw()
        self._look()

    def choose(self) -> None:
        """Does what a finger on the key would do."""
        if self.at is None or not isinstance(self.at.widget, Key):
            return
        self._known = frozenset(stop.text for stop in self.stops())
        self._news_until = Clock.get_time() + NEWS_S
        self.at.widget.press()
        self._look()

    def leave(self) -> None:
        """Nobody uses the keys any more."""
        self.at, self._news_until = None, 0.0
        self._draw()

    def under(self, x: float, y: float) -> Stop | None:
        """What a finger is on."""
        found = [stop for stop in self.stops() if stop.widget.collide_point(*stop.widget.to_widget(x, y))]
        return found[-1] if found else None

    # --- what changes by itself ---

    def rendered(self, scene: object) -> None:
        """Something may look otherwise now; `scene` says which screen stands in front."""
        if scene != self._scene:
            self._scene = scene
            self.leave()
            self._introduce()
        elif self.at is not None or self.aloud:
            self._look()

    @property
    def _tells(self) -> bool:
        """Whether what appears now is news."""
        return bool(Clock.get_time() < self._news_until)

    def _looked(self) -> None:
        found = self.stops()
        place = self._place(found)
        if self.at is not None:
            self.at = None if place is None else found[place]
            self._draw()
        live = self._live_texts()
        changed = [text for text in live if text not in self._live]
        self._live = frozenset(live)
        if news := (self._news(found) if self._tells else []) or changed:
            self._speak(joint(self._language()).join(news))

    def _live_texts(self) -> list[str]:
        return [text for layer in self._layers() for text in stops.live(layer, self._language())]

    def _news(self, found: list[Stop]) -> list[str]:
        """What was not there when something was chosen; figures that run are no news."""
        news = [stop.text for stop in found if stop.text not in self._known and any(map(str.isalpha, stop.text))]
        self._known |= frozenset(stop.text for stop in found)
        return news if len(news) <= MAX_NEWS else [self._introduction(found)]

    def _bring_into_sight(self, widget: Any) -> None:
        above = widget.parent
        while above is not None and above is not above.parent:
            if isinstance(above, ScrollView):
                _scroll(above, widget)
            elif hasattr(above, "bring"):
                above.bring(widget)
            above = above.parent

    def _draw(self) -> None:
        self.canvas.clear()
        if self.at is None:
            return
        widget = self.at.widget
        x, y = widget.to_window(*widget.pos)
        line, radius = self._line(), min(getattr(widget, "radius", 20), min(widget.size) / 2)
        with self.canvas:
            for colour, out in ((theme.INK, 1.5), (theme.MANGO, 0.5)):
                grow = line * out
                box = (x - grow, y - grow, widget.width + 2 * grow, widget.height + 2 * grow, radius + grow)
                Color(*colour)
                Line(rounded_rectangle=box, width=line / 2)

    def _line(self) -> float:
        return max(3.0, RING * float(min(self.size)) / theme.SHEET[0])


def _scroll(view: ScrollView, widget: Any) -> None:
    """Moves a list so that the whole of something in it is in sight."""
    beyond = view.children[0].height - view.height if view.children else 0
    if beyond <= 0:
        return
    low, there = view.to_window(*view.pos)[1], widget.to_window(*widget.pos)[1]
    below, above = low - there, there + widget.height - low - view.height
    if below > 0:
        view.scroll_y = max(0.0, view.scroll_y - below / beyond)
    elif above > 0:
        view.scroll_y = min(1.0, view.scroll_y + above / beyond)
