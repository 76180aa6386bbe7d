"""Asks the gateway to open a door for six digits, and follows the door until it is closed. HTTP, as a job."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from device_drivers.contract import BankOfLockers
from kiosk_ui import texts
from kiosk_ui.screens.bank import progress
from kiosk_ui.screens.bank.progress import Progress

ANSWER_S: Final = 4.0
"""How long one request may take."""
TRIES: Final = 3
"""How often the same request is sent where no answer comes: it opens one door once, however often it arrives."""
LOOK_S: Final = 0.4
"""How often the door is looked at."""
FOLLOW_S: Final = 60.0
"""How long a door is followed at most without anything new."""


def collect(bank: BankOfLockers, digits: str, language: str) -> Iterator[Progress | None]:
    """Sends the digits. Yields each new thing that the gateway says, and None each time that there is nothing new."""
    try:
        said, opening = _ask(bank, digits, language)
        yield said
        if opening is not None and not said.done:
            yield from _follow(f"{bank.gateway}/api/v1/lockers/openings/{opening}", language, said)
    except (OSError, ValueError, KeyError):  # no answer, or one that is none of the gateway's
        yield lost(language)


def lost(language: str) -> Progress:
    """Nobody answered. Whether the door opened is not known here; that the code stays good is."""
    sentence, advice = texts.say(language, "kiosk.bank.lost"), texts.say(language, "kiosk.bank.lost_note")
    return Progress("bad", sentence, advice, done=True)


def _ask(bank: BankOfLockers, digits: str, language: str) -> tuple[Progress, str | None]:
    body = json.dumps({"code": bank.code, "digits": digits, "request": str(uuid.uuid4())}).encode()
    for left in range(TRIES - 1, -1, -1):
        try:
            status, found = _fetch(f"{bank.gateway}/api/v1/lockers/collect", language, body)
            break
        except OSError:
            if not left:
                raise
    if status >= 400:
        return progress.of_refusal(found), None
    return progress.of_opening(found), str(found["opening"])


def _follow(url: str, language: str, latest: Progress) -> Iterator[Progress | None]:
    """What is new about an opening until it is done; what was known, as done, where nothing new comes for too long."""
    ends = time.monotonic() + FOLLOW_S
    while not latest.done:
        if time.monotonic() >= ends:
            yield msgspec.structs.replace(latest, done=True, wait_s=0)
            return
        time.sleep(LOOK_S)
        found = progress.of_opening(_fetch(url, language)[1])
        if found != latest:
            latest, ends = found, time.monotonic() + FOLLOW_S
            yield found
        else:
            yield None


def _fetch(url: str, language: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    headers = {"Accept": "application/json", "Accept-Language": language, "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the scheme is checked with the desired body
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
