"""Everything for whoever cannot reach, see, hold or hurry as others do: it joins the stage, the ring, the voice and the
keys to the window, and knows no screen.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final

from kivy.clock import Clock, mainthread
from kivy.core.window import Window

from kiosk_ui import reach, speech
from kiosk_ui.comfort import comfort, louder, whereabouts
from kiosk_ui.headphones import Headphones, sockets
from kiosk_ui.key_navigation import MOVES, PADS, Press
from kiosk_ui.pronunciation import joint
from kiosk_ui.sounds import Sounding, Sounds
from kiosk_ui.texts import say
from kiosk_ui.widgets import stops
from kiosk_ui.widgets.screen_reader import DelayedCall, ScreenReader
from kiosk_ui.widgets.stage import Stage

if TYPE_CHECKING:
    from kiosk_ui.speech import Voice

HELD_S: Final = 1.0
"""A key of the pad that is held repeats itself; one that is silent for so long was let go, said or not."""


class Accessibility:
    """Of one window. Its `stage` and `reader` belong into the tree, the reader in front."""

    def __init__(self, kiosk: Any, voice: Voice | None = None) -> None:
        """`kiosk` is the window's app; `voice` speaks instead of this machine's."""
        self._kiosk = kiosk
        fitting = kiosk.options.fitting
        self.stage = Stage()
        self.voice: Any = voice or speech.of_this_machine(fitting.speech, self._voice_changed)
        self.reader = ScreenReader(self._layers, self.speak, lambda: self._session.language)
        self.sounding = Sounding(Sounds() if fitting.sounds and not kiosk.offscreen else None)
        self._begins = ""
        self._session_id = ""
        self._front = -1
        self._again = DelayedCall(self._fitted)
        self.stage.hole.bind(more_above=self._moved, more_below=self._moved)
        self._held: dict[int, float] = {}
        """When each key of the pad that is down was last heard."""
        Window.bind(on_key_down=self._key_down, on_key_up=self._key_up)
        watched = sockets() if fitting.headphones and self.voice.able else []
        self._headphones = Headphones(watched, self._plugged) if watched else None
        if self._headphones:
            self._headphones.start()

    def stop(self) -> None:
        """Nothing of it goes on after this."""
        Window.unbind(on_key_down=self._key_down, on_key_up=self._key_up)
        self._again.cancel()
        for layer in self.stage.layers:
            layer.stop()
        self.reader.stop()
        self.sounding.stop()
        if self._headphones:
            self._headphones.stop()
        if hasattr(self.voice, "close"):
            self.voice.close()

    @property
    def _session(self) -> Any:
        return self._kiosk.flow.session

    def _layers(self) -> list[Any]:
        """What is to be read, from the top of the glass to its bottom, or from behind to the front."""
        stage = self.stage
        shown = [layer for layer in stage.layers if layer.widget is not None and not layer.disabled]
        return [*shown, stage.bar] if stage.framed else shown

    # --- after each drawing ---

    def rendered(self, context: Any) -> None:
        """The state is drawn: everything of ours follows it. `context` is of what stands in front."""
        kiosk, session, stage = self._kiosk, self._session, self.stage
        metrics = kiosk.m
        low = reach.band(metrics.height, metrics.mm_per_pixel, kiosk.options.fitting.mounted_mm)
        stage.band = low if session.reach else (0, metrics.height)
        stage.dark, stage.framed = session.contrast, session.reach or session.double
        for layer in stage.layers:
            layer.double = session.double
        stage.store, stage.here, stage.clock = whereabouts(context)
        stage.arrange()
        self._moved()
        if session.id != self._session_id:
            self._session_id = session.id
            self.reader.leave()
            self.voice.stop()
            stage.saying = ""
        if kiosk.flow.front.key != self._front:
            self._front, stage.hole.moved = kiosk.flow.front.key, 0
        self.reader.aloud = session.speech
        self.reader.rendered(kiosk.flow.front.key)
        if stage.framed:
            self._again()

    def _fitted(self) -> None:
        """What is drawn has its sizes now."""
        self.stage.arrange()
        self._moved()
        self._head()

    def _head(self) -> None:
        stage, language = self.stage, self._session.language
        found = [stop for layer in self._layers()[:-1] for stop in stops.stops(layer, language)]
        stage.heading, stage.note = stops.title(found), say(language, "access.lowered")
        if not self.voice.speaking:
            stage.saying = ""

    def _moved(self, *_: object) -> None:
        hole = self.stage.hole
        found = comfort(self._session, more_above=hole.more_above, more_below=hole.more_below)
        self._kiosk.comfort = found
        self.stage.tell(self._kiosk.controls, found)

    # --- the voice ---

    def speak(self, text: str) -> None:
        """Says it, where somebody wants to hear, and writes it where nobody reaches."""
        if not self._session.speech:
            return
        said = joint(self._session.language).join(filter(None, (self._begins, text)))
        self._begins = ""
        self.stage.saying = said
        self.voice.say(said, self._session.language, speech.VOLUMES[self._session.volume])

    def read_out(self, text: str) -> None:
        """Says it once, because somebody asked for it; otherwise the screen stays as silent as it was."""
        self.voice.say(text, self._session.language, speech.VOLUMES[self._session.volume])

    def busy(self) -> bool:
        """Whether something is being said: who listens is there."""
        return bool(self.voice.speaking)

    @mainthread
    def _voice_changed(self) -> None:
        if not self.voice.speaking:
            self.stage.saying = ""

    def heard(self, key: int, sound: str, hour: int) -> None:
        """What goes with the screen of this key, which is in front; `hour` of the store."""
        self.sounding.rendered(key, sound, self._kiosk.flow.acted_at, hour, speaking=self.busy())

    # --- what is touched and pressed ---

    def switch(self, name: str) -> None:
        """One of `comfort.SWITCHES` is turned."""
        value = not getattr(self._session, name)
        if name == "speech" and not self.voice.able and value:
            self.stage.note = say(self._session.language, "access.no_voice")
            return
        self._begins = say(self._session.language, "access.aloud.begins") if name == "speech" and value else ""
        if name == "speech" and not value:
            self.speak(say(self._session.language, "access.aloud.ends"))
        self._kiosk.adjust(**{name: value})
        if self._begins:
            self.reader.introduce()

    def louder(self) -> None:
        """The next step of loudness."""
        step = louder(self._session.volume)
        self._kiosk.adjust(volume=step)
        steps = len(speech.VOLUMES)
        self.speak(say(self._session.language, "access.aloud.volume", step=step + 1, steps=steps))

    def turn(self, by: int) -> None:
        """Moves what is seen up or down."""
        self.stage.hole.turn(by)

    def touched(self, touch: Any) -> bool:
        """A finger came down. With the voice on, the first touch says what is there, and the second on it does it.

        Returns whether that was all.
        """
        reader = self.reader
        if not self._session.speech:
            reader.leave()
            return False
        stop = reader.under(*touch.pos)
        if stop is None or (reader.at is not None and reader.at.widget is stop.widget and stop.chooses):
            return stop is None
        reader.stand(stop)
        return True

    def _key_down(self, _window: Any, code: int, *_: object) -> bool:
        press = PADS.get(code)
        if press is None:
            return False
        if self._session.there:
            self._kiosk.adjust()
        if press in MOVES or not self._repeats(code):
            self.press(press)
        return True

    def _repeats(self, code: int) -> bool:
        """Whether the key was down already: what it does, it does once."""
        heard, self._held[code] = self._held.get(code, -math.inf), time.monotonic()
        return self._held[code] - heard < HELD_S

    def _key_up(self, _window: Any, code: int, *_: object) -> None:
        self._held.pop(code, None)

    def press(self, press: Press) -> None:
        """A key of the pad. The first one, where nobody stood before the glass, starts the voice."""
        if press in (Press.PLUGGED, Press.UNPLUGGED):
            self._plug(inserted=press is Press.PLUGGED)
        elif press is Press.SPEECH:
            self.switch("speech")
        elif press is Press.LOUDER:
            self.louder()
        elif not self._session.there:
            self._begin()
        elif press is Press.BACK:
            self._kiosk.back()
        else:
            self.reader.press(press)

    def _begin(self) -> None:
        self._kiosk.begin()
        if not self._session.speech and self.voice.able:
            self.switch("speech")

    def _plugged(self, inserted: bool) -> None:
        Clock.schedule_once(lambda _dt: self._plug(inserted=inserted))

    def _plug(self, *, inserted: bool) -> None:
        if inserted and not self._session.there:
            self._begin()
        elif inserted != self._session.speech:
            self.switch("speech")
