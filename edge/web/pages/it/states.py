"""What a device observes, in words: each field of the contract's state that says something of the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edge.web.language import Texts

Say = Callable[..., str]
"""Says a sentence in the reader's language."""
MAX_DOORS: Final = 3
"""How many doors are named that are not closed and locked."""


def in_words(texts: Texts, language: str, state: dict[str, Any]) -> str:
    """Returns the state, short; what an older or newer firmware says outside of the contract, in its own words."""

    def say(key: str, **values: Any) -> str:
        return texts.say(language, key, **values)

    def word(section: str, value: object) -> str:
        key = f"{section}_{value}".lower()
        return say(key) if texts.has(key) else say("it.state.own_words", value=value)

    said = [fields(say, word, state[name]) for name, fields in _FIELDS.items() if state.get(name) is not None]
    return " · ".join(filter(None, said))


def _battery(say: Say, _word: Callable[[str, object], str], value: object) -> str:
    return say("it.state.battery", share=value) if isinstance(value, int | float) else ""


def _doors(say: Say, word: Callable[[str, object], str], doors: object) -> str:
    if not isinstance(doors, dict):
        return ""
    odd = [f"{door} {found}" for door, each in sorted(doors.items()) if (found := _door(word, each))]
    return say("list").join(odd[:MAX_DOORS]) if odd else say("it.state.doors", count=len(doors))


def _door(word: Callable[[str, object], str], door: object) -> str:
    """What is not as it should be; empty for a door that is closed and locked."""
    if not isinstance(door, dict):
        return ""
    if door.get("door") == "open":
        return word("store.shut", "open")
    lock = door.get("lock")
    return "" if lock in (None, "locked") else word("store.lock", lock)


def _camera(say: Say, word: Callable[[str, object], str], camera: object) -> str:
    if not isinstance(camera, dict):
        return ""
    if trouble := camera.get("trouble"):
        return word("it.state.camera", trouble)
    frames = camera.get("frames_s")
    return say("it.state.frames", number=float(frames)) if isinstance(frames, int | float) else ""


_FIELDS: Final[dict[str, Callable[[Say, Callable[[str, object], str], Any], str]]] = {
    "lock": lambda _say, word, value: word("store.lock", value),
    "docked": lambda _say, word, value: word("store.docked", value),
    "battery": _battery,
    "doors": _doors,
    "paper": lambda say, word, value: say("it.state.paper", state=word("store.paper", value)),
    "cover": lambda _say, word, value: word("it.state.cover", value),
    "online": lambda _say, word, value: word("it.state.online", value),
    "camera": _camera,
}
"""By field of `device_drivers.contract.states.State`; the others say when, or have a page of their own (`glass`)."""
