"""The window: it holds the state, asks `flow` what is to be seen, and lets the layers draw it.

All of it runs on Kivy's thread; `ThreadSafeDisplay` is for the agent's.
"""

from __future__ import annotations

import gc
import signal
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import glFinish
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label

from device_drivers.agent import Agent, Link
from kiosk_ui import flow, theme, veil
from kiosk_ui.comfort import Comfort
from kiosk_ui.content import Content
from kiosk_ui.driver import Driver
from kiosk_ui.glass_monitor import GlassMonitor
from kiosk_ui.idle_work import IdleWork
from kiosk_ui.jobs import JobRunner
from kiosk_ui.layer import Layer, load_layouts, settle
from kiosk_ui.photo_orientation import turn_photos
from kiosk_ui.picture import Frame
from kiosk_ui.screen import Controls, Moment, Screens
from kiosk_ui.screens.registry import SCREENS
from kiosk_ui.theme import Metrics
from kiosk_ui.widgets.accessibility import Accessibility
from kiosk_ui.widgets.display import ThreadSafeDisplay
from kiosk_ui.widgets.glass import remote_glass_of
from kiosk_ui.widgets.rows import forget_pictures
from kiosk_ui.widgets.shapes import BoxPanel, Key
from kiosk_ui.widgets.text import forget_texts, register_fonts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk_ui.app import Options
    from kiosk_ui.remote_glass import RemoteGlass
    from kiosk_ui.speech import Voice


class Kiosk(App):
    """The kiosk. Not on the bus until `join`; a bench or a test drives it by its methods."""

    m: Metrics
    """`Metrics` of the window as it is; the .kv files measure everything by it, hence the short name.

    No property of Kivy's: what is drawn is made for it and does not follow it, see `Layer`.
    """
    controls: Controls
    """What stands on the buttons that every screen has."""

    def __init__(self, options: Options, offscreen: bool, voice: Voice | None = None, **kwargs: Any) -> None:
        """`voice` speaks instead of this machine's."""
        super().__init__(**kwargs)
        self._voice = voice
        self.options = options
        self.offscreen = offscreen
        self.screens = Screens((*SCREENS, *options.more_screens))
        self.flow = flow.begin(self.screens, time.monotonic(), options.house)
        self.content = Content(
            options.folder,
            lambda media: Clock.schedule_once(lambda _dt: self._has(media)),
            lambda: Clock.schedule_once(lambda _dt: self.show_backdrop(self.content.message)),
        )
        self.jobs = JobRunner(self._take_result, lambda call: Clock.schedule_once(lambda _dt: call()))
        self.flow = msgspec.structs.replace(self.flow, films=self.content.plays_films)
        self.agent: Agent | None = None
        self.monitor = GlassMonitor(options, offscreen, self)
        self.exit_code = 0
        self.remote: RemoteGlass | None = None
        """Its glass for somebody elsewhere, in a demo."""
        self.m = self._measure(self.flow)
        self.controls, self.comfort = flow.controls(self.flow), Comfort()

    # --- life ---

    def build(self) -> FloatLayout:
        """The widget tree, and the timer that drives it."""
        register_fonts()
        turn_photos()
        load_layouts(self.screens.all)
        Window.clearcolor = theme.CREAM
        ground = FloatLayout()
        ground.bind(size=self._resized)
        self.backdrop, self.scene, self.question = Layer(), Layer(), Layer()
        self.access = Accessibility(self, self._voice)
        self.access.stage.hold(self.backdrop, self.scene, self.question)
        ground.add_widget(self.access.stage)
        ground.add_widget(self.access.reader)
        Window.bind(on_touch_down=self._touched)
        if self.offscreen:
            # Offscreen "showing" a frame is a no-op, so a software renderer queues frames without end: wait for each.
            Window.bind(on_flip=lambda *_: glFinish())
        last = self.content.start()
        if self.options.port and last is not None and self.screens.knows(last):
            last = self.content.whole(last)
            self.flow = flow.show_backdrop(self.flow, self.screens.of(last), last, time.monotonic())
            self.content.want(last)
        self.ahead = IdleWork(self._prepare, lambda: not self.flow.session.there)
        self._timer = Clock.schedule_once(self._tick, 1)
        self.render()
        # What is made by now stays: nobody who touches the glass waits until it is looked through for what is not used.
        gc.collect()
        gc.freeze()
        return ground

    def join(self) -> None:
        """Goes on the bus. The agent's calls arrive through the `ThreadSafeDisplay`."""
        options = self.options
        link = Link(
            options.host,
            options.port,
            options.store,
            options.device,
            options.password,
            options.tls,
            options.password_in_clear,
            options.authority,
        )
        folder = options.folder / "agent"
        folder.mkdir(parents=True, exist_ok=True)
        driver = Driver(ThreadSafeDisplay(self), self.screens, self.monitor.state)
        self.agent = Agent(options.device, driver, link, folder)
        self.agent.start()

    def run_until_told(self, alive: Callable[[], None] = lambda: None) -> None:
        """Runs until a signal or the window's close, then says goodbye on the bus. `alive` is called each second."""
        Clock.schedule_interval(lambda _dt: alive(), 1)
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
        self.monitor.start(self.agent)
        if self.options.demo:
            self.remote = remote_glass_of(self.options.folder)

    def on_stop(self) -> None:
        """Nothing may draw after this: the rules look at an app that is gone."""
        self.jobs.cancel()
        self.monitor.stop()
        if self.remote is not None:
            self.remote.stop()
        self._timer.cancel()
        self.ahead.stop()
        self.content.stop()
        Window.unbind(on_touch_down=self._touched)
        self.access.stop()

    def open_settings(self, *_: object) -> bool:
        """Kivy's own settings panel (F1) is not for shoppers."""
        return False

    # --- state to screen ---

    def become(self, state: flow.State) -> None:
        """Takes a new state, begins its jobs and shows it."""
        jobs, ended, state = state.jobs, state.ended, msgspec.structs.replace(state, jobs=(), ended=())
        left = self.flow.session.there and state.session.id != self.flow.session.id
        touched = state.touched_at != self.flow.touched_at
        self.flow = state
        if left:
            self.scene.forget()
            self.question.forget()
            forget_texts()
            forget_pictures()
        self._measure_anew()
        for key, job in jobs:
            self.jobs.begin(key, job)
        for session in ended:
            self.monitor.tell(session)
        self.jobs.keep(flow.working(state))
        self.render()
        self.ahead.changed(touched=touched)

    def render(self) -> None:
        """Shows the state as it is to be seen now; costs nothing where that is what is already seen."""
        state, moment = self.flow, _now()
        self.controls = flow.controls(state)
        behind = state.scene or (state.stack[-1] if state.stack else None)
        if behind is None:
            self.backdrop.show(state.backdrop.screen, flow.view(state, state.backdrop, moment), self.m)
        for layer, shown in ((self.scene, behind), (self.question, state.question)):
            if shown is None:
                layer.clear()
            else:
                layer.show(shown.screen, flow.view(state, shown, moment), self.m)
        self.backdrop.cover(covered=behind is not None)
        self.scene.disabled = state.question is not None
        self.backdrop.disabled = self.backdrop.disabled or state.question is not None
        front = state.question or behind or state.backdrop
        context = flow.context(state, front, moment)
        self.access.rendered(context)
        self.monitor.rendered(front.screen.on_glass(context), front.message)
        self.access.heard(front.key, front.screen.sound(context), context.local.hour)

    def _measure(self, state: flow.State) -> Metrics:
        # The window's own size is told to listeners before it can be read.
        width, height = self.root.size if self.root else Window.size
        across = self._mm_per_pixel(width) or theme.PANEL_MM / min(width, height)
        return Metrics(width, height, across, state.large, state.wide and width > height)

    def _mm_per_pixel(self, width: float) -> float | None:
        measured = self.options.fitting.width_mm
        return self.options.mm_per_pixel or (measured / width if measured else None)

    def _resized(self, *_: object) -> None:
        self._measure_anew()
        self.render()
        for layer in (self.backdrop, self.scene, self.question):
            layer.forget_unseen()

    def _measure_anew(self) -> None:
        metrics = self._measure(self.flow)
        if metrics != self.m:
            self.m = metrics
            self.access.stage.furnish()

    def _tick(self, _dt: float) -> None:
        moment = _now()
        state = self.flow
        if self.agent:
            state = flow.connection(state, self.agent.connected, moment.at)
        if self.access.busy() and state.question is None:
            state = msgspec.structs.replace(state, touched_at=moment.at)
        self.become(flow.pass_time(state, moment))
        # With the wall clock's own seconds: screens beside each other change together.
        self._timer.cancel()
        self._timer = Clock.schedule_once(self._tick, 1.002 - time.time() % 1)

    def _has(self, media: Mapping[str, str]) -> None:
        self.become(msgspec.structs.replace(self.flow, media=media))
        self.monitor.films(self.content.film_trouble())

    def _prepare(self) -> bool:
        """Makes one of the widgets that the next touch may want. Whether one was missing."""
        moment = _now()
        return any(self._prepare_front(state, moment) for state in flow.likely(self.flow, moment))

    def _prepare_front(self, state: flow.State, moment: Moment) -> bool:
        now, front = self.m, state.front
        settle()
        self.m = self._measure(state)
        try:
            view, nobodys = flow.view(state, front, moment), not self.flow.session.there
            return self.scene.prepare(front.screen, view, self.m, nobodys=nobodys)
        finally:
            settle()
            self.m = now

    # --- what happens ---

    def show_backdrop(self, message: Any) -> None:
        """The gateway wants this to stand here all day. Raises `LookupError` where no screen shows it."""
        message = self.content.whole(message)
        screen = self.screens.of(message)
        other = screen != self.flow.backdrop.screen
        self.become(flow.show_backdrop(self.flow, screen, message, time.monotonic()))
        if other:
            self.backdrop.forget_unseen()
        self.content.want(message)
        self.monitor.follow(message)
        self.monitor.films(self.content.film_trouble())

    def film_failed(self, path: str) -> None:
        """A film cannot be played: what stands in for it is shown."""
        self.content.spoil(path)

    def show_scene(self, message: Any) -> None:
        """The gateway shows this in front for a while. Raises `LookupError` where no screen shows it."""
        self.become(flow.show_scene(self.flow, self.screens.of(message), message, _now()))

    def close_scene(self) -> None:
        """The gateway wants the backdrop again, or the way back was touched."""
        self.become(flow.close_scene(self.flow, time.monotonic()))

    def touch(self, action: str, argument: str = "") -> None:
        """Something of the screen in front was touched: an entry of its `on_touch`."""
        self.become(flow.act(self.flow, action, argument, _now()))

    def open(self, name: str, argument: str = "") -> None:
        """A key was touched that leads to a place, by its name. Nothing where none shows it, or nothing is named."""
        try:
            place = self.screens.place(name, argument)
        except LookupError:
            return
        self.become(flow.open_place(self.flow, place, _now()))

    def open_first(self, names: tuple[str, ...], argument: str = "") -> None:
        """The first of these places that some screen shows."""
        for name in names:
            if name in self.screens.places:
                return self.open(name, argument)
        return None

    def back(self) -> None:
        """The way back was touched."""
        self.become(flow.back(self.flow, _now()))

    def home(self) -> None:
        """The way home was touched."""
        self.become(flow.home(self.flow, _now()))

    def end(self) -> None:
        """Whoever stands there is done."""
        self.become(flow.wipe(self.flow, _now(), "done"))

    def switch_language(self) -> None:
        """The language button was touched."""
        self.become(flow.switch_language(self.flow, time.monotonic()))

    def switch_letters(self) -> None:
        """The key for the size of letters was touched."""
        self.become(flow.switch_letters(self.flow, time.monotonic()))

    def switch_reach(self) -> None:
        """The key was touched that brings everything low."""
        self.become(flow.switch_reach(self.flow, time.monotonic()))

    def adjust(self, **values: Any) -> None:
        """Whoever stands there wants the screen otherwise: fields of their `Session`."""
        self.become(flow.adjust(self.flow, time.monotonic(), **values))

    def begin(self) -> None:
        """Somebody is there who has touched nothing on the glass: what a touch anywhere would open."""
        self.become(flow.touched_anywhere(self.flow, _now()) or flow.adjust(self.flow, time.monotonic()))

    def present(self) -> None:
        """Somebody is there."""
        self.flow = flow.touch(self.flow, time.monotonic())

    def _touched(self, _window: object, touch: Any) -> bool:
        opened = None if self._is_key(touch) else flow.touched_anywhere(self.flow, _now())
        if opened is None:
            self.present()
        else:
            self.become(opened)
        self.monitor.touched()
        return self.access.touched(touch) if opened is None else True

    def _is_key(self, touch: Any) -> bool:
        """Whether a key of what stands all day is touched: then that counts, and not the touch anywhere."""
        if self.flow.front is not self.flow.backdrop:
            return False
        return any(isinstance(widget, Key) and widget.collide_point(*touch.pos) for widget in self.backdrop.walk())

    def _take_result(self, key: int, result: Any) -> None:
        self.become(flow.take_result(self.flow, key, result, _now()))

    def in_use(self) -> bool:
        """Whether somebody stands there."""
        return self.flow.session.there

    def leave(self, code: int) -> None:
        """Closes the window, in order; the process ends with this code."""
        self.exit_code = code
        self.stop()

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
        frame = veil.veiled(self.frame(), veil.patches(self.root))
        return msgspec.structs.replace(frame, shown=self.monitor.on_glass)

    def frame(self) -> Frame:
        """What the window shows now."""
        with self.access.stage.on_ground():
            texture = self.root.export_as_image().texture
        return Frame(texture.width, texture.height, texture.pixels)


def _now() -> Moment:
    return Moment(time.monotonic(), datetime.now(UTC))
