"""Keeps the glass of a window: writes down what stands on it, looks whether it is well, and its panel by the clock.

All of it on Kivy's thread, but for what `SelfRepair` and `ProofOfDisplay` say of their own threads.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec
from kivy.cache import Cache
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import context as graphics
from kivy.uix.image import Image
from kivy.uix.label import Label

from device_drivers.contract import Box, Glass, OnGlass, State
from kiosk_ui import panel, theme
from kiosk_ui.layer import Layer
from kiosk_ui.panel_power import Light, PanelClock, port_of
from kiosk_ui.proof_of_display import LOOK_S, ProofOfDisplay
from kiosk_ui.self_repair import SelfRepair
from kiosk_ui.widgets.glass import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_drivers.agent import Agent
    from device_drivers.contract import EventData, FilmTrouble
    from kiosk_ui.app import Options
    from kiosk_ui.panel_check import Colour
    from kiosk_ui.picture import Frame

log = logging.getLogger(__name__)

CHECK_S: Final = 1.0


class GlassMonitor:
    """Of one window. `start` once it is open and, where it goes on the bus at all, its agent is made."""

    def __init__(self, options: Options, offscreen: bool, app: Any) -> None:
        """`app` has `root`, `render`, `in_use`, `leave(code)`."""
        self.options = options
        self.offscreen = offscreen
        self._app = app
        self.agent: Agent | None = None
        self.proof: ProofOfDisplay | None = None
        self._mark = Mark()
        self.repair = SelfRepair(self, self, options.folder, self._tell)
        port = None if offscreen and options.panel == "auto" else port_of(options.panel)
        self.panel = PanelClock(port, self._lit, app.in_use) if port is not None else None
        """Its light by the clock, where there is a way to it."""
        self._rendered: OnGlass | None = None
        self.on_glass: OnGlass | None = None
        """What of a playlist was on the glass when it was drawn last."""
        self._timers: list[Any] = []

    def start(self, agent: Agent | None) -> None:
        """The window is open."""
        self.agent = agent
        if agent is not None:
            try:
                self.proof = ProofOfDisplay(self.options.folder / "proof", agent.boot, agent.event)
            except OSError:
                log.exception("what stands on the glass is not written down")
        Window.bind(on_flip=self._drawn)
        self._timers = [
            Clock.schedule_interval(lambda _dt: self._note(), LOOK_S),
            Clock.schedule_interval(lambda _dt: self.repair.tick(), CHECK_S),
        ]
        if self.panel is not None:
            self.panel.start()
        if not self.offscreen:
            self.repair.watch()

    def stop(self) -> None:
        """The window closes; before the agent leaves."""
        self.repair.stop()
        if self.panel is not None:
            self.panel.stop()
        Window.unbind(on_flip=self._drawn)
        for timer in self._timers:
            timer.cancel()
        if self.proof is not None:
            self.proof.stop()

    def rendered(self, on_glass: OnGlass | None, message: Any = None) -> None:
        """This is what the next frame shows of what the gateway wants to stand all day."""
        self._rendered = on_glass if on_glass is None else _placed(on_glass, message, tuple(map(int, Window.size)))

    def _drawn(self, *_: Any) -> None:
        self.on_glass = self._rendered

    def _note(self) -> None:
        if self.proof is not None:
            listening = self.agent is not None and self.agent.connected
            self.proof.look(self.on_glass if self.repair.well else None, self.repair.lit, listening=listening)

    def follow(self, message: Any) -> None:
        """The gateway wants this to stand all day: with it comes when the panel shines."""
        if self.panel is not None:
            self.panel.follow(getattr(message, "panel", None))

    def touched(self) -> None:
        """Somebody is there: a dark panel shines at once."""
        if self.panel is not None:
            self.panel.touched()

    def tell(self, event: EventData) -> None:
        """Says what happened at the glass, through the outbox."""
        if self.agent is not None:
            try:
                self.agent.event(event)
            except (OSError, ValueError):
                log.exception("the event %s is not told", event.type)

    def films(self, trouble: FilmTrouble | None) -> None:
        """Why stills stand in place of films; staff are told."""
        if trouble != self.repair.films:
            self.repair.films = trouble
            self.repair.glass = msgspec.structs.replace(self.repair.glass, films=trouble)
            self._tell(self.repair.glass)

    def _lit(self, light: Light) -> None:
        """What the panel says; in its own thread."""
        said = (self.repair.lit, self.repair.brightness)
        self.repair.lit, self.repair.brightness = light.lit, light.brightness
        if said != (light.lit, light.brightness):
            lit = msgspec.structs.replace(self.repair.glass, lit=light.lit, brightness=light.brightness)
            self.repair.glass = lit
            self._tell(lit)

    def state(self) -> State:
        """What is observed of the glass now."""
        return State(online=self.connected(), glass=self.repair.glass)

    def _tell(self, _glass: Glass) -> None:
        if self.agent is not None:
            self.agent.state(self.state())

    # --- `self_repair.Panel` ---

    def connected(self) -> bool | None:
        """Whether a panel hangs there; nobody says where none is drawn on."""
        return None if self.offscreen else panel.connected()

    def sizes(self) -> Sequence[tuple[int, int]]:
        """The sizes that are right here; empty in a window that people may resize."""
        if self.options.size is not None:
            return (self.options.size,)
        return panel.sizes() if self.options.fullscreen and not self.offscreen else ()

    # --- `self_repair.Window` ---

    def marked(self, colour: Colour) -> Frame:
        """See `self_repair.Window`."""
        return self._mark.look(colour)

    def redraw(self) -> None:
        """See `self_repair.Window`."""
        for layer in [each for each in self._app.root.walk() if isinstance(each, Layer)]:
            layer.clear()
        self._app.render()
        Window.canvas.ask_update()

    def set_up_again(self) -> None:
        """See `self_repair.Window`. Textures go to the graphics card once more, and what is none of ours goes away."""
        for foreign in [each for each in Window.children if each is not self._app.root]:
            Window.remove_widget(foreign)
        if self._app.root not in Window.children:
            Window.add_widget(self._app.root)
        self._app.root.opacity = 1
        Window.clearcolor = theme.CREAM
        Window.rotation = 0
        if self.options.size is not None:
            Window.size = self.options.size
        elif self.options.fullscreen and not self.offscreen:
            Window.fullscreen = False
            Window.fullscreen = "auto"
        Window.update_viewport()  # a rotation takes effect with the next size otherwise
        graphics.get_context().reload()
        self._draw_from_nothing()

    def _draw_from_nothing(self) -> None:
        """Nothing that was drawn before is drawn again: a texture that was made here, of letters or of a code, is empty
        after the graphics card had to take everything once more.
        """
        for category in ("kv.image", "kv.texture"):
            Cache.remove(category)
        for widget in list(self._app.root.walk()):
            if isinstance(widget, Layer):
                widget.clear()
                widget.forget_unseen()
            elif isinstance(widget, Image):
                widget.reload()
            elif isinstance(widget, Label):
                widget.texture_update()
        self._app.render()
        Window.canvas.ask_update()

    def leave(self, code: int) -> None:
        """See `self_repair.Window`."""
        self._app.leave(code)


def _placed(shown: OnGlass, message: Any, glass: tuple[int, ...]) -> OnGlass:
    """With where a picture is drawn: whole, in the middle of an upright glass. Of everything else nobody says."""
    files = getattr(message, "media", ())
    file = next((each for each in files if each.sha256 == shown.content), None)
    width, height = glass
    if shown.kind != "picture" or file is None or width > height:
        return shown
    scale = min(width / file.width, height / file.height)
    across, down = file.width * scale / width, file.height * scale / height
    return msgspec.structs.replace(shown, box=Box((1 - across) / 2, (1 - down) / 2, across, down))
