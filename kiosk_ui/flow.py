"""What the kiosk does, without a window and whatever it shows: one frozen state, and what can happen to it.

One screen stands all day (the backdrop), a scene may stand in front of it for a while. What a screen does by itself is
declared by the screen.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from kiosk_ui import texts
from kiosk_ui.screen import Context, Controls, Job, Moment, Screen, Screens

IDLE_S: Final = 60.0
"""Without a touch for so long, the next shopper finds the store's own language and letters.

Nothing is lost by it, so nothing asks first.
"""
GRACE_S: Final = 5.0
"""A connection away for less than this is not worth a word."""


class Shown(msgspec.Struct, frozen=True):
    """A screen with the message that it shows and what it remembers."""

    screen: Screen[Any, Any]
    message: Any
    memory: Any


class State(msgspec.Struct, frozen=True):
    """Everything the kiosk remembers."""

    backdrop: Shown
    """What stands all day."""
    scene: Shown | None = None
    """What stands in front of it."""
    scene_until: float = 0.0
    """When the backdrop comes back."""
    language: str = texts.DEFAULT
    chosen: bool = False
    """The shopper chose the language; otherwise it follows the store's first."""
    large: bool = False
    touched_at: float | None = None
    """The latest touch; none since the kiosk last idled."""
    lost_at: float | None = None
    """Since when the broker is away; none while it is there."""


def begin(screens: Screens, at: float) -> State:
    """The state before the gateway has spoken."""
    return State(Shown(screens.waiting, None, screens.waiting.start(at)))


# --- what is shown ---


def languages(state: State) -> tuple[str, ...]:
    """The store's languages that there are texts for, in the store's order; at least one."""
    message = state.backdrop.message
    wanted = message.languages if message is not None else (texts.DEFAULT,)
    return tuple(language for language in wanted if language in texts.known()) or (texts.DEFAULT,)


def next_language(state: State) -> str:
    """Where the language button leads; the same language where the store has only one."""
    offered = languages(state)
    place = offered.index(state.language) if state.language in offered else -1
    return offered[(place + 1) % len(offered)]


def controls(state: State) -> Controls:
    """The buttons that every screen has."""
    language, following = state.language, next_language(state)
    return Controls(
        language_button="" if following == language else texts.say(following, "kiosk.short"),
        large_button=texts.say(language, "kiosk.normal" if state.large else "kiosk.large"),
        large=state.large,
        back=texts.say(language, "kiosk.back"),
    )


def context(state: State, shown: Shown, moment: Moment) -> Context[Any, Any]:
    """What one of the two screens decides and draws by."""
    return Context(
        message=shown.message,
        memory=shown.memory,
        at=moment.at,
        now=moment.now,
        language=state.language,
        large=state.large,
        touched=state.touched_at is not None,
        covered=state.scene is not None and shown is state.backdrop,
        offline=state.lost_at is not None and moment.at - state.lost_at >= GRACE_S,
        package=shown.screen.words,
    )


def view(state: State, shown: Shown, moment: Moment) -> Any:
    """What is to be seen of one of the two screens."""
    return shown.screen.view(context(state, shown, moment))


# --- what the gateway wants ---


def show_backdrop(state: State, screen: Screen[Any, Any], message: Any, at: float) -> State:
    """The gateway wants something else to stand all day, or newer contents of it.

    A shopper's own language stays, if the store still speaks it; so does what the same screen remembers.
    """
    memory = state.backdrop.memory if state.backdrop.screen == screen else screen.start(at)
    taken = msgspec.structs.replace(state, backdrop=Shown(screen, message, memory))
    keep = state.chosen and state.language in languages(taken)
    return msgspec.structs.replace(taken, chosen=keep, language=state.language if keep else languages(taken)[0])


def show_scene(state: State, screen: Screen[Any, Any], message: Any, at: float) -> State:
    """The gateway shows a scene in front of the backdrop, for as long as the scene says.

    Who holds things to the scanner is there, though nobody touches: the language they chose stays.
    """
    scene = Shown(screen, message, screen.start(at))
    touched = state.touched_at if state.touched_at is None else at
    return msgspec.structs.replace(state, scene=scene, scene_until=at + message.seconds, touched_at=touched)


def close_scene(state: State, at: float) -> State:
    """The backdrop again, at once: the gateway wants it, or somebody touched the way back."""
    touched = state.touched_at if state.touched_at is None else at
    return msgspec.structs.replace(state, scene=None, scene_until=at, touched_at=touched)


def connection(state: State, connected: bool, at: float) -> State:
    """The broker is there or not."""
    if connected:
        return state if state.lost_at is None else msgspec.structs.replace(state, lost_at=None)
    return state if state.lost_at is not None else msgspec.structs.replace(state, lost_at=at)


# --- what is touched ---


def switch_language(state: State, at: float) -> State:
    """The language button was touched."""
    return msgspec.structs.replace(state, language=next_language(state), chosen=True, touched_at=at)


def switch_large(state: State, at: float) -> State:
    """The large-text button was touched."""
    return msgspec.structs.replace(state, large=not state.large, touched_at=at)


def touch(state: State, at: float) -> State:
    """Somebody touched the screen anywhere. Who touches is still there: a scene stays as long again."""
    until = at + state.scene.message.seconds if state.scene else state.scene_until
    return msgspec.structs.replace(state, touched_at=at, scene_until=until)


def act(state: State, action: str, argument: str, moment: Moment) -> tuple[State, Job | None]:
    """Something of the screen in front was touched. Returns the new state, and the job that begins with it.

    Raises `KeyError` where the screen has nothing of that name.
    """
    shown = state.scene or state.backdrop
    step = shown.screen.on_touch[action](context(state, shown, moment), argument)
    return _remember(state, shown, step.memory, moment.at), step.job


# --- what time and jobs bring ---


def busy(state: State) -> bool:
    """Whether somebody waits for an answer of a job."""
    return any(shown.screen.busy(shown.memory) for shown in (state.backdrop, state.scene) if shown)


def take_result(state: State, result: Any, moment: Moment) -> State:
    """A job said something. It is for the screen that waits for it, and lost where none does any more."""
    for shown in (state.scene, state.backdrop):
        if shown is not None and shown.screen.busy(shown.memory):
            memory = shown.screen.on_result(context(state, shown, moment), result)
            return _remember(state, shown, memory, moment.at)
    return state


def pass_time(state: State, moment: Moment) -> State:
    """A second went by: a scene ends, and the idle kiosk forgets the last shopper."""
    state = _tick(state, state.backdrop, moment)
    if state.scene is not None:
        if moment.at < state.scene_until:
            return _tick(state, state.scene, moment)
        state = msgspec.structs.replace(state, scene=None)
    if state.touched_at is not None and moment.at - state.touched_at >= IDLE_S and not busy(state):
        return _idle(state, moment)
    return state


def _idle(state: State, moment: Moment) -> State:
    shown = state.backdrop
    on_idle = shown.screen.on_idle
    memory = shown.screen.start(moment.at) if on_idle is None else on_idle(context(state, shown, moment))
    backdrop = Shown(shown.screen, shown.message, memory)
    return State(backdrop, language=languages(state)[0], lost_at=state.lost_at)


def _tick(state: State, shown: Shown, moment: Moment) -> State:
    return _keep(state, shown, shown.screen.on_tick(context(state, shown, moment)))


def _remember(state: State, shown: Shown, memory: Any, at: float) -> State:
    return msgspec.structs.replace(_keep(state, shown, memory), touched_at=at)


def _keep(state: State, shown: Shown, memory: Any) -> State:
    if memory is shown.memory:
        return state
    changed = Shown(shown.screen, shown.message, memory)
    if shown is state.backdrop:
        return msgspec.structs.replace(state, backdrop=changed)
    return msgspec.structs.replace(state, scene=changed)
