"""Asks the gateway to open a door for six digits, and follows the door until it is closed. HTTP, as a job."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from device_drivers.contract import BankKeypad, Service
from kiosk_ui.gateway_routes import GatewayRoutes
from kiosk_ui.screens.bank import progress
from kiosk_ui.screens.bank.progress import Progress

ANSWER_S: Final = 4.0
"""How long one request may take."""
TRIES: Final = 3
"""How often the same request is sent where no answer comes: it opens one door once, however often it arrives. As often
is looked at a door that is not open yet.
"""
LOOK_S: Final = 0.4
"""How often the door is looked at."""
FOLLOW_S: Final = 60.0
"""How long a door is followed at most without anything new."""
NO_ANSWER: Final = (OSError, ValueError, KeyError, TypeError)
"""None came, or one that is none of the gateway's."""

Fetch: TypeAlias = Callable[..., tuple[int, dict[str, Any]]]
"""A path at the gateway, and the body of a POST: status and answer."""


def collect(
    keypad: BankKeypad, digits: str, agreed: int, language: str, routes: GatewayRoutes
) -> Iterator[Progress | None]:
    """Sends the digits, and the late fee that was agreed to. Yields each new thing that the gateway says, and None each
    time that there is nothing new.
    """
    asked = {"code": keypad.bank.code, "digits": digits, "agreed": agreed}
    return _told(keypad, language, routes, lambda fetch: _ask(fetch, asked, language))


def look(keypad: BankKeypad, opening: str, language: str, routes: GatewayRoutes) -> Iterator[Progress | None]:
    """What is known of a door that was opened, in another language, and what is new about it, as of `collect`."""
    return _told(keypad, language, routes, lambda fetch: _read(fetch, opening))


def _told(
    keypad: BankKeypad, language: str, routes: GatewayRoutes, first: Callable[[Fetch], Progress]
) -> Iterator[Progress | None]:
    bank = keypad.bank
    direct = keypad.service.direct if keypad.service else ()
    fetch = partial(_fetch, routes, Service(bank.gateway, bank.code, direct), language)
    try:
        said = first(fetch)
        yield said
        yield from _follow(fetch, said)
    except NO_ANSWER:
        yield Progress("bad", done=True)


def _ask(fetch: Fetch, asked: dict[str, Any], language: str) -> Progress:
    body = json.dumps({**asked, "request": str(uuid.uuid4())}).encode()
    for left in range(TRIES - 1, -1, -1):
        try:
            status, found = fetch("/api/v1/lockers/collect", body)
            break
        except OSError:
            if not left:
                raise
    if status >= 400:
        return progress.of_refusal(found, language)
    return progress.of_fee(found) if "asks" in found else progress.of_opening(found)


def _read(fetch: Fetch, opening: str) -> Progress:
    return progress.of_opening(fetch(f"/api/v1/lockers/openings/{opening}")[1])


def _follow(fetch: Fetch, latest: Progress) -> Iterator[Progress | None]:
    """What is new about an opening until it is done; what was known, as done, where nothing new comes for too long. A
    look that nobody answers is nothing new: the door stands as it stood, and the next look asks again.
    """
    ends, missed = time.monotonic() + FOLLOW_S, 0
    while not latest.done:
        if time.monotonic() >= ends:
            yield msgspec.structs.replace(latest, done=True, wait_s=0)
            return
        time.sleep(LOOK_S)
        try:
            found, missed = _read(fetch, latest.opening), 0
        except NO_ANSWER:
            found, missed = latest, missed + 1
            if latest.tone == "wait" and missed == TRIES:
                raise
        if found != latest:
            latest, ends = found, time.monotonic() + FOLLOW_S
            yield found
        else:
            yield None


def _fetch(
    routes: GatewayRoutes, service: Service, language: str, path: str, body: bytes | None = None
) -> tuple[int, dict[str, Any]]:
    headers = {"Accept": "application/json", "Accept-Language": language, "Content-Type": "application/json"}
    with routes.request(service, path, headers, body, within_s=ANSWER_S) as answer:
        found = json.load(answer)
        if not isinstance(found, dict):
            raise TypeError(f"an answer that is a {type(found).__name__}")
        return answer.status, found
