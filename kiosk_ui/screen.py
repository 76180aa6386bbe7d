"""What a screen of the kiosk is: its message, what happens on touch and as time passes, what is seen, and its widget.

A screen is a folder under `screens/` that declares one `Screen`, and one line in `screens/registry.py`. Everything else
walks that list and names no screen. Nothing here needs a window.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from device_drivers.contract import OnGlass, Service, Wording
from kiosk_ui import places, texts
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.gateway_routes import GatewayRoutes
from kiosk_ui.session import House, Session
from words.languages import in_language

M = TypeVar("M")
S = TypeVar("S")

Job: TypeAlias = Callable[[], Iterator[Any]]
"""Slow work: it runs in a thread. Each result goes to the screen's `on_result`; None is no result, only a place where
the job may be given up."""


class Moment(msgspec.Struct, frozen=True):
    """Both readings of the time."""

    at: float
    """The monotonic clock in seconds: idling, turning pages, waiting."""
    now: datetime
    """The wall clock: offers and codes end by it. It must agree with the gateway's to a few seconds."""


class Controls(msgspec.Struct, frozen=True):
    """The buttons that every screen has. A `WithControls` widget has them as `controls`."""

    language_button: str
    """The language that it leads to; empty where the store has but one: then there is no button."""
    language_name: str
    """The same in full, for a voice."""
    large_button: str
    large: bool
    back: str
    """On the button that leads to what stands behind."""
    home: str = ""
    reach_button: str = ""
    reach: bool = False
    call: str = ""
    """On the button that calls staff."""


class Tile(msgspec.Struct, frozen=True):
    """How a place stands on the home: keys of its words, and the name of a baked sign."""

    words: str
    note: str
    icon: str


class Context(msgspec.Struct, Generic[M, S], frozen=True, kw_only=True):
    """What a screen decides and draws by: its message, its memory, the time, and who stands before it."""

    message: M
    memory: S
    """What the screen remembers between touches."""
    at: float
    """See `Moment`."""
    now: datetime
    language: str = texts.DEFAULT
    large: bool = False
    """The shopper asked for larger text."""
    touched: bool = False
    """Somebody is using the kiosk."""
    covered: bool = False
    """A scene stands in front."""
    offline: bool = False
    """The broker is away for long enough to say so."""
    session: Session = Session()
    """Who stands before the glass."""
    service: Service | None = None
    """Where this screen asks the gateway; None where it was told of none."""
    routes: GatewayRoutes = msgspec.field(default_factory=GatewayRoutes)
    backdrop: Any = None
    """What the gateway wants to stand here all day, such as the offers of the zone."""
    shown: frozenset[str] = frozenset()
    """Names of the places that some screen of this kiosk shows."""
    tiles: tuple[tuple[str, Tile], ...] = ()
    """Places that stand on the home beside the house's own."""
    package: str = ""
    """See `Screen.words`."""
    media: Mapping[str, str] = {}
    """Paths of the pictures and films that this kiosk has whole, by their hash."""
    films: bool = False
    """This kiosk plays films."""
    house: House | None = None
    """The store as this kiosk's own settings know it."""

    @property
    def local(self) -> datetime:
        """`now` by the clock on the store's wall; by the box's own where nobody has said which time that is."""
        name = getattr(self.backdrop, "timezone", "")
        with contextlib.suppress(ZoneInfoNotFoundError, ValueError):
            return self.now.astimezone(ZoneInfo(name))
        return self.now.astimezone()

    @property
    def reach(self) -> bool:
        """Everything to touch stands low."""
        return self.session.reach

    @property
    def gateway(self) -> Gateway:
        """The gateway, to be asked in a job."""
        return Gateway(self.service, self.language, self.session.id, self.routes)

    def text(self, key: str, /, **values: Any) -> str:
        """A sentence of the kiosk's own, in the language on the screen: `text("kiosk.bank.wait", seconds=30)`."""
        return texts.sentences_of(self.language, self.package).say(self.language, key, **values)

    @property
    def away(self) -> str:
        """What a screen says while the gateway is away; empty while it is there."""
        return self.text("kiosk_home.offline") if self.offline else ""

    def why(self, problem: Refused | Unreachable | None, away: str) -> str:
        """Why nothing came of what was asked, in the language on the screen: what the gateway said, or the sentence of
        this key where nobody answered; empty where all is well.
        """
        if problem is None:
            return ""
        return problem.in_language(self.language) if isinstance(problem, Refused) else self.text(away)

    def say(self, wording: Wording, otherwise: str = "") -> str:
        """What a message says, in the language on the screen; see `words.languages.in_language` for what stands in."""
        return in_language(wording, self.language, otherwise)

    def begin(self, job: Job, memory: S | None = None) -> Step[S]:
        """Begins it; the memory (an `Asked`), as it stands or this one, notes when and in which language."""
        known: Any = self.memory if memory is None else memory
        asked = msgspec.structs.replace(known, asking=True, asked_at=self.at, language=self.language)
        return Step(asked, job)

    def ask(
        self, path: str, shape: Any, body: dict[str, Any] | None = None, memory: S | None = None, **query: Any
    ) -> Step[S]:
        """Asks the gateway: a GET of this path, or with a `body` a POST. The result is a struct of this shape, or
        `Refused` or `Unreachable`.
        """
        return self.begin(self.gateway.job(path, shape, body, **query), memory)

    def due(self, seconds: float) -> bool:
        """Whether it is time to ask anew: what is known (an `Asked`) is so old, or in another language. Not while an
        answer is on its way, nor while something stands in front.
        """
        known: Any = self.memory
        old = known.language != self.language or self.at - known.asked_at >= seconds
        return old and not (self.covered or known.asking)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What each screen that asks the gateway remembers of it; its own memory is a struct of this kind."""

    asking: bool = False
    """The answer is on its way: a job goes on."""
    asked_at: float = 0.0
    """When it was asked last, by the monotonic clock."""
    language: str = ""
    """In which."""


class Step(msgspec.Struct, Generic[S], frozen=True):
    """What a touch leads to."""

    memory: S
    job: Job | None = None
    """Begins now. It goes on for as long as the screen is shown and `busy` or `loads`; one job of it runs at a time."""
    open: Any = None
    """This place comes in front (`kiosk_ui.places`); nothing does where no screen of this kiosk shows it."""
    back: bool = False
    """What stands behind comes in front."""
    home: bool = False
    """The home of this place comes in front, and what stood before it is left."""
    end: bool = False
    """Whoever stands there is done: the screen is wiped for the next one."""
    more_time: bool = False
    """Whoever was asked whether they are still there is."""
    language: str = ""
    """The language that was chosen with it."""


def _nothing(_at: float) -> Any:
    return None


def _unchanged(context: Context[Any, S]) -> S:
    return context.memory


def _no_result(context: Context[Any, S], _result: Any) -> S:
    return context.memory


def _stays(context: Context[Any, S]) -> Step[S]:
    return Step(context.memory)


def _no_place(_message: Any) -> Any:
    return None


def _nothing_shown(_context: Context[Any, Any]) -> OnGlass | None:
    return None


def _silent(_context: Context[Any, Any]) -> str:
    return ""


def _never(_memory: Any) -> bool:
    return False


def _asks(memory: Any) -> bool:
    return isinstance(memory, Asked) and memory.asking


class Screen(msgspec.Struct, Generic[M, S], frozen=True, kw_only=True):
    """One screen of the kiosk.

    MUST be given: `message`, `view` and `widget`. All else MAY be given. The functions take a `Context`, return the
    screen's new memory, and do no input or output; what takes time is a `Job`.
    """

    message: type[M]
    """The payload of the contract that it shows.

    A body of `desired` stays all day and has `languages`; a scene of `show` stands in front for its `seconds`; a place
    (`kiosk_ui.places`) is opened by touch.
    """
    view: Callable[[Context[M, S]], Any]
    """What is to be seen, ready to be drawn. Equal views are not drawn again."""
    widget: str
    """`package.module:Class`, a Kivy widget with `show(view)`.

    It is a `Sheet` made in that module or in a .kv file beside it. Only the window imports it.
    """
    widgets: Mapping[type[Any], str] = {}
    """Other widgets that draw it, by the type of the view that they draw."""
    layouts: tuple[str, ...] = ()
    """The .kv files beside that module."""
    words: str = ""
    """`package:folder` of its sentences, where they are not among the house's own: a TOML file for each language."""
    start: Callable[[float], S] = _nothing
    """What it remembers at first, from this second of the monotonic clock on."""
    on_touch: Mapping[str, Callable[[Context[M, S], str], Step[S]]] = {}
    """By name of what was touched, as the .kv files say it: `app.touch('turn', '1')`."""
    on_front: Callable[[Context[M, S]], Step[S]] = _stays
    """It was opened by touch, or what stood before it was left: here begins the job that fetches what it shows."""
    on_tick: Callable[[Context[M, S]], S | Step[S]] = _unchanged
    """Called once a second, also while something stands in front."""
    on_idle: Callable[[Context[M, S]], S] | None = None
    """The last shopper left. None: it starts anew."""
    on_result: Callable[[Context[M, S], Any], S | Step[S]] = _no_result
    """A job of this screen has a result."""
    on_glass: Callable[[Context[M, S]], OnGlass | None] = _nothing_shown
    """What of a playlist its view shows now, for the proof that it was shown; None: nothing of one."""
    sound: Callable[[Context[M, S]], str] = _silent
    """The sound that goes with what is seen (`kiosk_ui.sounds.TUNES`), heard once when it begins: `bell/2` is another
    bell than `bell/1`. Empty: none."""
    busy: Callable[[S], bool] = _never
    """Whether somebody waits for an answer: then the kiosk does not idle, and the job goes on."""
    loads: Callable[[S], bool] = _asks
    """Whether a job goes on that nobody waits for: the kiosk idles all the same."""
    holds: Callable[[S], bool] = _never
    """Whether something was asked for whose answer must be seen: the way home does not lead away from it."""
    leads_to: Callable[[M], Any] = _no_place
    """For what stands all day: the place that a touch anywhere opens; None for none."""
    as_place: Callable[[M], Any] = _no_place
    """For a scene: the place that is opened in its stead where there is a gateway to ask; None for none."""
    tile: Tile | None = None
    """For a place of its own: how it stands on the home."""
    wide: bool = False
    """Its widget lays itself out on a wide sheet too (`app.m.wide`); otherwise it stands upright in the middle."""


class Screens:
    """The screens that a kiosk has, by what they show."""

    def __init__(self, screens: Iterable[Screen[Any, Any]]) -> None:
        """Raises `ValueError` where two of them show the same, or none is there until the gateway speaks."""
        self.all = tuple(screens)
        self._by_message = {screen.message: screen for screen in self.all}
        if len(self._by_message) < len(self.all):
            raise ValueError("two screens show the same message")
        if type(None) not in self._by_message:
            raise ValueError("no screen shows None, which is what there is before the gateway speaks")

    @property
    def waiting(self) -> Screen[Any, Any]:
        """The one that is there until the gateway has spoken."""
        return self._by_message[type(None)]

    @property
    def places(self) -> frozenset[str]:
        """Names of the places that one of them shows."""
        return frozenset(name for name in map(places.name_of, self._by_message) if name)

    @property
    def tiles(self) -> tuple[tuple[str, Tile], ...]:
        """Those that stand on the home beside the house's own, each with the name of its place."""
        return tuple((places.name_of(screen.message), screen.tile) for screen in self.all if screen.tile is not None)

    def place(self, name: str, argument: str = "") -> Any:
        """The place of this name, with what it is about where it is about something. Raises `LookupError`."""
        found = next((message for message in self._by_message if name and places.name_of(message) == name), None)
        if found is None:
            raise LookupError(f"no screen shows a place {name!r}: {', '.join(sorted(self.places))}")
        return places.made(found, argument)

    def knows(self, message: object) -> bool:
        """Whether one of them shows this message."""
        return message is not None and type(message) in self._by_message

    def scene(self, plain: Mapping[str, Any]) -> Any:
        """The message of a scene that an extension defines: the one of its `type`; None where no screen shows it."""
        for message in self._by_message:
            known = getattr(message, "__struct_config__", None)
            if known is not None and (known.tag_field, known.tag) == ("type", plain["type"]):
                with contextlib.suppress(msgspec.ValidationError):
                    return msgspec.convert(plain, message)
        return None

    def of(self, message: object) -> Screen[Any, Any]:
        """The screen that shows this message. Raises `LookupError` where there is none."""
        screen = self._by_message.get(type(message))
        if screen is None:
            raise LookupError(f"no screen shows a {type(message).__name__}")
        return screen
