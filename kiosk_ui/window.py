"""The window: it holds the state, asks `view` what is to be seen, and lets the wall draw it.

All of it runs on Kivy's thread; the `Doorway` is for the others.
"""

from __future__ import annotations

import signal
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, Rectangle
from kivy.graphics.opengl import glFinish
from kivy.properties import ObjectProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label

from device_drivers.agent import Agent, Link
from kiosk_ui import bank_flow, bank_view, flow, panel, theme, veil, view, view_scene
from kiosk_ui.collecting import Collector
from kiosk_ui.driver import Driver
from kiosk_ui.picture import Frame
from kiosk_ui.screens import bank as bank_screen
from kiosk_ui.screens.bank import BankScreen
from kiosk_ui.screens.scene import Front
from kiosk_ui.screens.wall import Wall as WallScreen
from kiosk_ui.screens.wall import load_rules
from kiosk_ui.theme import Metrics
from kiosk_ui.widgets.shapes import BoxPanel
from kiosk_ui.widgets.text import register_fonts

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_drivers.contract import Backdrop, BankKeypad, Staged
    from kiosk_ui.app import Options

T = TypeVar("T")

ANSWER_S: Final = 5.0
"""How long the agent's thread waits for the window."""


def on_kivys_thread(act: Callable[[], T]) -> T:
    """Does it on Kivy's thread and waits for the answer. Raises `TimeoutError` where there is none."""
    answer: list[T] = []
    done = threading.Event()

    def do(_dt: float) -> None:
        answer.append(act())
        done.set()

    Clock.schedule_once(do)
    if not done.wait(ANSWER_S):
        raise TimeoutError
    return answer[0]


class Doorway:
    """The window for the agent's thread: a `driver.Screen`."""

    def __init__(self, kiosk: Kiosk) -> None:
        self._kiosk = kiosk

    def show(self, wanted: Backdrop) -> None:
        """See `driver.Screen`."""
        on_kivys_thread(lambda: self._kiosk.take(wanted))

    def stage(self, scene: Staged | None) -> None:
        """See `driver.Screen`."""
        on_kivys_thread(lambda: self._kiosk.stage(scene))

    def frame(self) -> Frame:
        """See `driver.Screen`."""
        return on_kivys_thread(self._kiosk.veiled)

    def identify(self, seconds: float) -> None:
        """See `driver.Screen`."""
        on_kivys_thread(lambda: self._kiosk.identify(seconds))


class Kiosk(App):
    """The kiosk. Not on the bus until `join`; a bench or a test drives it by `take`."""

    m = ObjectProperty(None, rebind=True)
    """`Metrics` of the window as it is; the .kv files measure everything by it, hence the short name."""

    seen = ObjectProperty(None, allownone=True)
    """What is shown now: a `view.View` or a `bank_view.BankView`; the keys of scenes follow it."""

    def __init__(self, options: Options, offscreen: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = options
        self.offscreen = offscreen
        self.flow = flow.State(turned_at=time.monotonic())
        self.collector = Collector(lambda said: Clock.schedule_once(lambda _dt: self._said(said)))
        self.agent: Agent | None = None
        self.m = self._measure()

    # --- life ---

    def build(self) -> FloatLayout:
        """The widget tree, and the timer that drives it."""
        register_fonts()
        load_rules()
        bank_screen.load_rules()
        Window.clearcolor = theme.CREAM
        ground = FloatLayout()
        with ground.canvas.before:
            # A picture of the widgets alone has no clear colour.
            Color(*theme.CREAM)
            sheet = Rectangle()
        ground.bind(pos=lambda _, pos: setattr(sheet, "pos", pos), size=lambda _, size: setattr(sheet, "size", size))
        ground.bind(size=self._resized)
        self.wall = WallScreen(pos_hint={"center_x": 0.5, "center_y": 0.5})
        self.bank = BankScreen(pos_hint={"center_x": 0.5, "center_y": 0.5})
        ground.add_widget(self.wall)
        self.front = Front(ground, self.wall)
        Window.bind(on_touch_down=self._touched)
        if self.offscreen:
            # Offscreen "showing" a frame is a no-op, so a software renderer queues frames without end: wait for each.
            Window.bind(on_flip=lambda *_: glFinish())
        self._timer = Clock.schedule_interval(self._tick, 1)
        self.render()
        return ground

    def join(self) -> None:
        """Goes on the bus. The agent's calls arrive through the `Doorway`."""
        options = self.options
        link = Link(
            options.host,
            options.port,
            options.store,
            options.device,
            options.password,
            options.tls,
            options.password_in_clear,
        )
        folder = options.folder / "agent"
        folder.mkdir(parents=True, exist_ok=True)
        self.agent = Agent(
            options.device, Driver(Doorway(self), (lambda: None) if self.offscreen else panel.connected), link, folder
        )
        self.agent.start()

    def run_until_told(self) -> None:
        """Runs until a signal or the window's close, then says goodbye on the bus."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        try:
            self.run()
        finally:
            if self.agent:
                self.agent.stop()

    def on_start(self) -> None:
        """The window is open."""
        if self.options.port:
            self.join()

    def on_stop(self) -> None:
        """Nothing may draw after this: the rules look at an app that is gone."""
        self.collector.forget()
        self._timer.cancel()
        Window.unbind(on_touch_down=self._touched)

    def open_settings(self, *_: object) -> bool:
        """Kivy's own settings panel (F1) is not for shoppers."""
        return False

    # --- state to screen ---

    def become(self, state: flow.State) -> None:
        """Takes a new state and shows it."""
        larger = state.large != self.flow.large
        self.flow = state
        if larger:
            self.m = self._measure()
        self.render()

    def render(self) -> None:
        """Shows the state as it is to be seen now; costs nothing where that is what is already seen."""
        if self.flow.bank is not None:
            self._render_bank(self.flow.bank)
        else:
            self._render_wall()
        self.front.show(view_scene.see(self.flow))

    def _render_wall(self) -> None:
        seen = view.see(self.flow, datetime.now(UTC), time.monotonic())
        if seen != self.seen:
            self.seen = seen
            self.wall.show(seen)
            self.front.behind(self.wall)

    def _render_bank(self, wanted: BankKeypad) -> None:
        seen = bank_view.see(self.flow, wanted, time.monotonic())
        if seen != self.seen:
            self.seen = seen
            self.bank.show(seen)
            self.front.behind(self.bank)

    def _measure(self) -> Metrics:
        # The window's own size is told to listeners before it can be read.
        width, height = self.root.size if self.root else Window.size
        across = self.options.mm_per_pixel or theme.PANEL_MM / min(width, height)
        return Metrics(width, height, across, self.flow.large)

    def _resized(self, *_: object) -> None:
        self.m = self._measure()

    def _tick(self, _dt: float) -> None:
        at = time.monotonic()
        state = self.flow
        if self.agent:
            state = flow.connection(state, self.agent.connected, at)
        self.become(flow.pass_time(state, view.page_count(state, datetime.now(UTC)), at))

    # --- what happens ---

    def take(self, wanted: Backdrop) -> None:
        """The gateway wants this wall, or this bank's keypad."""
        self.become(flow.take(self.flow, wanted))

    def press(self, key: str) -> None:
        """A key of the pad was touched."""
        self._enter(bank_flow.press(self.flow.entry, key))

    def collect(self) -> None:
        """The key that opens was touched."""
        scene, entry = self.flow.bank, self.flow.entry
        if scene is not None and bank_flow.ready(entry, time.monotonic()):
            self.collector.begin(scene.bank, entry.digits, self.flow.language)
            self._enter(bank_flow.ask(entry))

    def dismiss(self) -> None:
        """The answer was read."""
        self.collector.forget()
        self._enter(bank_flow.dismiss(self.flow.entry))

    def _said(self, said: bank_flow.Said) -> None:
        self._enter(bank_flow.answer(self.flow.entry, said, time.monotonic()))

    def _enter(self, entry: bank_flow.Entry) -> None:
        self.become(msgspec.structs.replace(self.flow, entry=entry, touched_at=time.monotonic()))

    def stage(self, scene: Staged | None) -> None:
        """The gateway shows this in front of the wall, or the wall again."""
        self.become(flow.stage(self.flow, scene, time.monotonic()))

    def close_scene(self) -> None:
        """The way back to the wall was touched."""
        self.stage(None)

    def switch_language(self) -> None:
        """The language button was touched."""
        self.become(flow.switch_language(self.flow, time.monotonic()))

    def switch_large(self) -> None:
        """The large-text button was touched."""
        self.become(flow.switch_large(self.flow, time.monotonic()))

    def turn(self, step: int) -> None:
        """A paging arrow was touched."""
        pages = view.page_count(self.flow, datetime.now(UTC))
        self.become(flow.turn(self.flow, step, pages, time.monotonic()))

    def _touched(self, *_: object) -> bool:
        self.flow = flow.touch(self.flow, time.monotonic())
        return False

    def identify(self, seconds: float) -> None:
        """Says which device this is, large, over everything, for so long."""
        sign = BoxPanel(colour=theme.FOREST, radius=self.m.px(60), size_hint=(0.86, 0.3), shadow=self.m.px(60))
        sign.pos_hint = {"center_x": 0.5, "center_y": 0.5}
        name = Label(text=self.options.device, font_name="Figures", font_size=self.m.px(110), color=theme.WHITE)
        sign.add_widget(name)
        self.root.add_widget(sign)
        Clock.schedule_once(lambda _dt: self.root.remove_widget(sign), seconds)

    def veiled(self) -> Frame:
        """What the window shows now, without what is for the glass alone."""
        return veil.veiled(self.frame(), veil.patches(self.root))

    def frame(self) -> Frame:
        """What the window shows now."""
        texture = self.root.export_as_image().texture
        return Frame(texture.width, texture.height, texture.pixels)
