"""Asks the gateway to open a door of a bank, and follows it until it is closed: what the jobs of screens say of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec

from device_drivers.contract.answers.lockers import Fee
from kiosk_ui.gateway import Gateway, Refused, Unreachable

LOOK_S: Final = 0.4
"""How often the door is looked at."""
FOLLOW_S: Final = 180.0
"""How long a door is followed at most without anything new."""
TRIES: Final = 3
"""How often the same request is sent where no answer comes: it opens one door once, however often it arrives. As often
is looked at a door that is not open yet.
"""


def ask(gateway: Gateway, path: str, body: dict[str, Any], shape: Any) -> Iterator[Any]:
    """Asks for a door and follows it as `follow` does, in structs of this shape; or says the `Fee` that is due first.
    Raises `Unreachable` and `Refused`.
    """
    found = _posted(gateway, path, body)
    try:
        said = msgspec.convert(found, Fee if "asks" in found else shape)
    except msgspec.ValidationError as error:
        raise Unreachable(str(error)) from None
    yield from (said,) if isinstance(said, Fee) else follow(gateway, said)


def _posted(gateway: Gateway, path: str, body: dict[str, Any]) -> Any:
    for _ in range(TRIES - 1):
        with suppress(Unreachable):
            return gateway.post(path, body, dict[str, Any])
    return gateway.post(path, body, dict[str, Any])


def follow(gateway: Gateway, latest: Any) -> Iterator[Any]:
    """What is known of a door (a struct with `opening`, `stage` and `done`), each new thing until it is done, and None
    where there is nothing new; what was known, as done, where nothing new comes for too long.

    A look that nobody answers is nothing new: the door stands as it stood, and the next look asks again.
    """
    yield latest
    ends, missed = time.monotonic() + FOLLOW_S, 0
    while not latest.done:
        time.sleep(LOOK_S)
        if time.monotonic() >= ends:
            yield msgspec.structs.replace(latest, done=True)
            return
        try:
            found, missed = gateway.get(f"lockers/openings/{latest.opening}", type(latest)), 0
        except (Refused, Unreachable):
            found, missed = latest, missed + 1
            if latest.stage != "open" and missed == TRIES:
                raise
        if found == latest:
            yield None
        else:
            latest, ends = found, time.monotonic() + FOLLOW_S
            yield latest
