"""What the kiosk remembers, frozen: what stands all day, the places that somebody opened by touch one behind the other,
the scene that the gateway shows in front, and who stands before the glass.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from device_drivers.contract import SessionEnded
from kiosk_ui import places, texts
from kiosk_ui.gateway_routes import GatewayRoutes
from kiosk_ui.screen import Context, Controls, Job, Moment, Screen, Screens
from kiosk_ui.session import House, Letters, Session

GRACE_S: Final = 5.0
"""A connection away for less than this is not worth a word."""
ON_SIZE: Final[Mapping[Letters, str]] = {"normal": "kiosk.large", "large": "kiosk.double", "double": "kiosk.normal"}
"""What stands on the key for the size of letters: where it leads."""


class OpenScreen(msgspec.Struct, frozen=True):
    """A screen with the message that it shows and what it remembers."""

    screen: Screen[Any, Any]
    message: Any
    memory: Any
    key: int = 0
    """Never given twice."""
    failed_at: float = -math.inf
    """When a job of it ended in a mistake of its own."""


class State(msgspec.Struct, frozen=True):
    """Everything the kiosk remembers."""

    screens: Screens
    backdrop: OpenScreen
    """What stands all day."""
    stack: tuple[OpenScreen, ...] = ()
    """The places that were opened by touch, the one in front last."""
    scene: OpenScreen | None = None
    """What the gateway shows in front of everything for a while."""
    scene_until: float = 0.0
    """When it ends."""
    question: OpenScreen | None = None
    """Whether whoever stood there is still there, asked in front of everything."""
    session: Session = Session()
    touched_at: float | None = None
    """The latest touch; none since the kiosk was last wiped."""
    acted_at: float = 0.0
    """The latest touch that led to something."""
    lost_at: float | None = None
    """Since when the broker is away; none while it is there."""
    keys: int = 0
    """How many keys were given."""
    media: Mapping[str, str] = {}
    """Paths of the pictures and films that are here whole, by their hash."""
    films: bool = False
    """Films are played here."""
    house: House | None = None
    """The store, while the gateway has said nothing."""
    routes: GatewayRoutes = msgspec.field(default_factory=GatewayRoutes)
    """Which of the gateway's addresses answered."""
    ended: tuple[SessionEnded, ...] = ()
    """Sessions that are over, to be told."""
    jobs: tuple[tuple[int, Job], ...] = ()
    """To be begun, each with the key of what it is for."""

    @property
    def language(self) -> str:
        """What is read on the glass."""
        return self.session.language

    @property
    def large(self) -> bool:
        """Whether letters are larger."""
        return self.session.large

    @property
    def front(self) -> OpenScreen:
        """What is touched."""
        return self.question or self.scene or (self.stack[-1] if self.stack else self.backdrop)

    @property
    def wide(self) -> bool:
        """Whether what is touched lays itself out on a wide sheet."""
        return self.front.screen.wide

    @property
    def every(self) -> Iterator[OpenScreen]:
        """All that is shown, what stands in front last."""
        yield self.backdrop
        yield from self.stack
        if self.scene is not None:
            yield self.scene
        if self.question is not None:
            yield self.question


def changed(state: State, **values: Any) -> State:
    """The state with other values."""
    return msgspec.structs.replace(state, **values)


def languages(state: State) -> tuple[str, ...]:
    """The store's languages that there are texts for, in the store's order; at least one."""
    message = state.backdrop.message
    house = state.house.languages if state.house is not None else (texts.DEFAULT,)
    wanted = message.languages if message is not None else house
    return tuple(language for language in wanted if language in texts.known()) or (texts.DEFAULT,)


def next_language(state: State) -> str:
    """Where the language button leads; the same language where the store has only one."""
    offered = languages(state)
    place = offered.index(state.language) if state.language in offered else -1
    return offered[(place + 1) % len(offered)]


def controls(state: State) -> Controls:
    """The buttons that every screen has."""
    session, tongue = state.session, next_language(state)
    language = session.language
    return Controls(
        language_button="" if tongue == language else texts.say(tongue, "kiosk.short"),
        language_name=texts.say(tongue, "name"),
        large_button=texts.say(language, ON_SIZE[session.letters]),
        large=session.letters != "normal",
        back=texts.say(language, "kiosk.back"),
        home=texts.say(language, "kiosk.home"),
        reach_button=texts.say(language, "kiosk.reach_off" if session.reach else "kiosk.reach"),
        reach=session.reach,
        call=texts.say(language, "kiosk.call"),
    )


def offline(state: State, at: float) -> bool:
    """Whether the broker is away for long enough to say so."""
    return state.lost_at is not None and at - state.lost_at >= GRACE_S


def context(state: State, shown: OpenScreen, moment: Moment) -> Context[Any, Any]:
    """What one of the screens decides and draws by."""
    return Context(
        message=shown.message,
        memory=shown.memory,
        at=moment.at,
        now=moment.now,
        language=state.language,
        large=state.large,
        touched=state.touched_at is not None,
        covered=shown.key != state.front.key,
        offline=offline(state, moment.at),
        package=shown.screen.words,
        session=state.session,
        service=getattr(state.backdrop.message, "service", None),
        routes=state.routes,
        backdrop=state.backdrop.message,
        shown=state.screens.places,
        media=state.media,
        films=state.films,
        house=state.house,
        tiles=state.screens.tiles,
    )


def view(state: State, shown: OpenScreen, moment: Moment) -> Any:
    """What is to be seen of one of the screens."""
    return shown.screen.view(context(state, shown, moment))


def keep(state: State, key: int, memory: Any, **values: Any) -> State:
    """What is shown under this key remembers this, and has these values; nothing where it is not shown any more."""
    found = next((shown for shown in state.every if shown.key == key), None)
    if found is None or (memory is found.memory and not values):
        return state
    new = msgspec.structs.replace(found, memory=memory, **values)

    def instead(shown: OpenScreen | None) -> OpenScreen | None:
        return new if shown is found else shown

    return changed(
        state,
        backdrop=instead(state.backdrop),
        stack=tuple(new if shown is found else shown for shown in state.stack),
        scene=instead(state.scene),
        question=instead(state.question),
    )


def busy(state: State) -> bool:
    """Whether somebody waits for an answer of a job."""
    return any(shown.screen.busy(shown.memory) for shown in state.every)


def working(state: State) -> set[int]:
    """The keys of what has a job that goes on."""
    return {shown.key for shown in state.every if shown.screen.busy(shown.memory) or shown.screen.loads(shown.memory)}


def name_of(shown: OpenScreen) -> str:
    """The name of the place that is shown; empty where it is none."""
    return places.name_of(type(shown.message))
