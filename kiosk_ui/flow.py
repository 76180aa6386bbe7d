"""What the kiosk does, without a window and whatever it shows: what can happen to its state (`kiosk_ui.state`).

One screen stands all day (the backdrop). Whoever touches it opens places, one in front of the other; a scene of the
gateway may stand in front of them for a while. What a screen does by itself is declared by the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

from kiosk_ui import places
from kiosk_ui.jobs import JobFailed
from kiosk_ui.screen import Moment, Screen, Screens, Step
from kiosk_ui.session import House, Session, begun, ended, following, opened
from kiosk_ui.state import (
    GRACE_S,
    OpenScreen,
    State,
    busy,
    changed,
    context,
    controls,
    keep,
    languages,
    next_language,
    view,
    working,
)

__all__ = [
    "GRACE_S",
    "OpenScreen",
    "State",
    "busy",
    "context",
    "controls",
    "languages",
    "next_language",
    "view",
    "working",
]

IDLE_S: Final = 60.0
"""Without a touch for so long, whoever opened places is asked whether they are still there."""
ANSWER_S: Final = 30.0
"""For so long the question stands; then the screen is wiped for the next one."""
SLOWER: Final = 3.0
"""What both are multiplied by for whoever needs everything low, or listens."""
LEADS_S: Final = 180.0
"""For so long touches that lead to nothing count as somebody who is there."""
MAX_EXTENSIONS: Final = 10
"""So often whoever is asked may ask for more time without touching anything else in between."""
FAILED_S: Final = 10.0
"""For so long no second that goes by begins a job of a screen whose job failed: it would fail again."""
DEEPEST: Final = 24
"""So many places stand one behind the other; what is older is left."""


def begin(screens: Screens, at: float, house: House | None = None) -> State:
    """The state before the gateway has spoken."""
    state = State(screens, OpenScreen(screens.waiting, None, screens.waiting.start(at)), house=house)
    return changed(state, session=Session(language=languages(state)[0]))


# --- what the gateway wants ---


def show_backdrop(state: State, screen: Screen[Any, Any], message: Any, at: float) -> State:
    """The gateway wants something else to stand all day, or newer contents of it.

    A shopper's own language stays, if the store still speaks it; so does what the same screen remembers, and the places
    that were opened.
    """
    memory = state.backdrop.memory if state.backdrop.screen == screen else screen.start(at)
    taken = changed(state, backdrop=OpenScreen(screen, message, memory, state.backdrop.key))
    stays = state.session.chosen and state.language in languages(taken)
    language = state.language if stays else languages(taken)[0]
    return changed(taken, session=msgspec.structs.replace(taken.session, chosen=stays, language=language))


def show_scene(state: State, screen: Screen[Any, Any], message: Any, moment: Moment) -> State:
    """The gateway shows a scene in front, for as long as the scene says.

    Who holds things to the scanner is there, though nobody touches: the language they chose stays. Where there
    is a gateway to ask, the place that stands for the scene is opened instead.
    """
    touched = state.touched_at if state.touched_at is None else moment.at
    place = screen.as_place(message) if _asks(state) else None
    if place is not None and state.screens.knows(place):
        return open_place(close_scene(state, moment.at), place, moment)
    scene = OpenScreen(screen, message, screen.start(moment.at), state.keys + 1)
    until = moment.at + message.seconds
    return changed(state, scene=scene, scene_until=until, touched_at=touched, question=None, keys=scene.key)


def _asks(state: State) -> bool:
    """Whether there is a gateway to ask."""
    return getattr(state.backdrop.message, "service", None) is not None


def close_scene(state: State, at: float) -> State:
    """What stood behind the scene again, at once: the gateway wants it, or somebody touched the way back."""
    touched = state.touched_at if state.touched_at is None else at
    return changed(state, scene=None, scene_until=at, touched_at=touched)


def connection(state: State, connected: bool, at: float) -> State:
    """The broker is there or not."""
    if connected:
        return state if state.lost_at is None else changed(state, lost_at=None)
    return state if state.lost_at is not None else changed(state, lost_at=at)


# --- where somebody goes ---


def open_place(state: State, place: Any, moment: Moment) -> State:
    """This place comes in front. Raises `LookupError` where no screen shows it.

    What stands in front already stays there: a second tap opens nothing twice.
    """
    screen = state.screens.of(place)
    session = msgspec.structs.replace(begun(state.session, moment.at), extended=0)
    state = changed(state, session=session, touched_at=moment.at, acted_at=moment.at, question=None)
    if state.stack and state.stack[-1].message == place and state.scene is None:
        return state
    state = changed(state, session=opened(state.session, places.name_of(type(place))))
    shown = OpenScreen(screen, place, screen.start(moment.at), state.keys + 1)
    stack = (*state.stack, shown)[-DEEPEST:]
    return _come_to_front(changed(state, stack=stack, scene=None, keys=shown.key), moment)


def back(state: State, moment: Moment) -> State:
    """What stands behind comes in front."""
    if state.scene is not None:
        return close_scene(state, moment.at)
    state = changed(state, stack=state.stack[:-1], touched_at=moment.at, acted_at=moment.at, question=None)
    return _come_to_front(state, moment) if state.stack else state


def home(state: State, moment: Moment) -> State:
    """The home of this place comes in front, and all else is left; what stands all day, where there is no home.

    It leads no farther than to a screen that holds who stands there.
    """
    holding = [place for place, shown in enumerate(state.stack, 1) if shown.screen.holds(shown.memory)]
    if holding:
        state = changed(state, stack=state.stack[: holding[-1]], scene=None, question=None)
        return changed(state, touched_at=moment.at, acted_at=moment.at)
    place = state.backdrop.screen.leads_to(state.backdrop.message)
    first = state.stack[:1] if state.stack and state.stack[0].message == place else ()
    state = changed(state, stack=first, scene=None, question=None, touched_at=moment.at, acted_at=moment.at)
    if first:
        return _come_to_front(state, moment)
    return open_place(state, place, moment) if state.screens.knows(place) else state


def _come_to_front(state: State, moment: Moment) -> State:
    shown = state.front
    if shown.screen.busy(shown.memory):
        return state  # somebody waits for its job, which another one would put an end to
    return _take_step(state, shown, shown.screen.on_front(context(state, shown, moment)), moment)


def _take_step(state: State, shown: OpenScreen, step: Any, moment: Moment) -> State:
    """What a screen's function leads to: its new memory, or a `Step`."""
    if not isinstance(step, Step):
        return keep(state, shown.key, step)
    state = keep(state, shown.key, step.memory)
    if step.job is not None:
        state = changed(state, jobs=(*state.jobs, (shown.key, step.job)))
    if step.end:
        return wipe(state, moment, "done")
    if step.more_time:
        return _extend(state, moment)
    if step.language in languages(state):
        state = adjust(state, moment.at, language=step.language, chosen=True)
    if step.home:
        state = home(state, moment)
    elif step.back:
        state = back(state, moment)
    return open_place(state, step.open, moment) if state.screens.knows(step.open) else state


# --- what is touched ---


def switch_language(state: State, at: float) -> State:
    """The language button was touched."""
    return adjust(state, at, language=next_language(state), chosen=True)


def switch_letters(state: State, at: float) -> State:
    """The key for the size of letters was touched."""
    return adjust(state, at, letters=following(state.session.letters))


def switch_reach(state: State, at: float) -> State:
    """The key was touched that brings everything low."""
    return adjust(state, at, reach=not state.session.reach)


def adjust(state: State, at: float, **values: Any) -> State:
    """Whoever stands there wants the screen otherwise: fields of their `Session`."""
    session = msgspec.structs.replace(begun(state.session, at), extended=0, **values)
    return changed(state, session=session, touched_at=at, acted_at=at)


def touch(state: State, at: float) -> State:
    """Somebody touched the screen anywhere. Who touches is still there: a scene stays as long again.

    Whoever is asked whether they are there says so by a key, not by touching anything. Touches that lead to nothing for
    `LEADS_S` are no person: a wet glass touches for ever.
    """
    if state.question is not None or (at - state.acted_at >= LEADS_S and state.session.there):
        return state
    until = at + state.scene.message.seconds if state.scene else state.scene_until
    return changed(state, touched_at=at, scene_until=until)


def touched_anywhere(state: State, moment: Moment) -> State | None:
    """What a touch anywhere on what stands all day opens; None where it opens nothing by itself."""
    if state.front is not state.backdrop:
        return None
    place = state.backdrop.screen.leads_to(state.backdrop.message)
    return open_place(state, place, moment) if state.screens.knows(place) else None


def likely(state: State, moment: Moment) -> Iterator[State]:
    """Where the next touch or scan may lead: what could be made ready meanwhile. Nothing of it has happened.

    Only where there is a home to go to: what another screen leads to is its own.
    """
    home = state.backdrop.screen.leads_to(state.backdrop.message)
    if not isinstance(home, places.Home) or not _asks(state) or not state.screens.knows(home):
        return
    if state.stack:
        yield switch_letters(state, moment.at)
    elif not state.session.there:
        yield open_place(state, home, moment)
    for place in (places.Product(""), places.Offers()) if state.stack else (places.Product(""),):
        if state.screens.knows(place):
            yield open_place(changed(state, question=None), place, moment)


def act(state: State, action: str, argument: str, moment: Moment) -> State:
    """Something of the screen in front was touched; the jobs that begin with it are in the new state.

    Raises `KeyError` where the screen has nothing of that name.
    """
    shown = state.front
    step = shown.screen.on_touch[action](context(state, shown, moment), argument)
    session = msgspec.structs.replace(state.session, touches=state.session.touches + 1)
    if shown is not state.question:
        session = msgspec.structs.replace(session, extended=0)
    state = changed(state, session=session)
    return _take_step(changed(state, touched_at=moment.at, acted_at=moment.at), shown, step, moment)


# --- what time and jobs bring ---


def take_result(state: State, key: int, result: Any, moment: Moment) -> State:
    """A job said something. It is for the screen that waits for it, and lost where that is gone or waits no more.

    A screen whose job failed begins anew.
    """
    shown = next((shown for shown in state.every if shown.key == key), None)
    if shown is None or key not in working(state):
        return state
    if isinstance(result, JobFailed):
        return keep(state, key, shown.screen.start(moment.at), failed_at=moment.at)
    step = shown.screen.on_result(context(state, shown, moment), result)
    waited = shown.screen.busy(shown.memory)
    return _take_step(changed(state, touched_at=moment.at) if waited else state, shown, step, moment)


def pass_time(state: State, moment: Moment) -> State:
    """A second went by: a scene ends, and the idle kiosk forgets the last shopper."""
    over = state.scene if state.scene is not None and moment.at >= state.scene_until else None
    for key in [shown.key for shown in state.every]:
        shown = next((shown for shown in state.every if shown.key == key), None)
        if shown is not None and shown is not over:
            step = shown.screen.on_tick(context(state, shown, moment))
            begins = isinstance(step, Step) and step.job is not None
            if not begins or moment.at - shown.failed_at >= FAILED_S:
                state = _take_step(state, shown, step, moment)
    return _watch(changed(state, scene=None) if over else state, moment)


def _watch(state: State, moment: Moment) -> State:
    """Whether whoever stood there is still there."""
    if state.touched_at is None or busy(state):
        return state
    alone = moment.at - state.touched_at
    slower = SLOWER if state.session.reach or state.session.speech else 1.0
    asks = places.StillThere(state.touched_at + (IDLE_S + ANSWER_S) * slower, ANSWER_S * slower)
    if alone < IDLE_S * slower or (state.scene is not None and moment.at < state.scene_until):
        return state
    if not state.stack or alone >= (IDLE_S + ANSWER_S) * slower or not state.screens.knows(asks):
        return wipe(state, moment)
    return state if state.question is not None else _ask(state, asks, moment)


def _extend(state: State, moment: Moment) -> State:
    """More time, as often as asked for: `MAX_EXTENSIONS` times in a row at most, for a wet glass asks for ever."""
    session = msgspec.structs.replace(state.session, extended=state.session.extended + 1)
    if session.extended > MAX_EXTENSIONS:
        return wipe(state, moment, "left")
    return changed(state, session=session, question=None, touched_at=moment.at, acted_at=moment.at)


def _ask(state: State, asks: Any, moment: Moment) -> State:
    screen = state.screens.of(asks)
    question = OpenScreen(screen, asks, screen.start(moment.at), state.keys + 1)
    return _come_to_front(changed(state, question=question, keys=question.key), moment)


def wipe(state: State, moment: Moment, end: Literal["done", "idle", "left"] = "idle") -> State:
    """Nobody stands there any more: nothing is left of them but how the screen was used."""
    shown = state.backdrop
    on_idle = shown.screen.on_idle
    memory = shown.screen.start(moment.at) if on_idle is None else on_idle(context(state, shown, moment))
    backdrop = OpenScreen(shown.screen, shown.message, memory, shown.key)
    fresh = Session(language=languages(state)[0])
    kept = {name: getattr(state, name) for name in ("lost_at", "keys", "media", "films", "house", "routes")}
    last = moment.at if end == "done" else state.touched_at or moment.at
    wiped = State(state.screens, backdrop, session=fresh, ended=state.ended, **kept)
    if not state.session.there:
        return wiped
    key, gateway = state.keys + 1, context(state, shown, moment).gateway
    # Tells it that this session is over: what is scanned from now on is somebody else's.
    jobs = ((key, gateway.job("end", Any, {})),) if _asks(state) else ()
    return changed(wiped, ended=(*state.ended, ended(state.session, end, last)), jobs=jobs, keys=key)
