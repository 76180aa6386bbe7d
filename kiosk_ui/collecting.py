"""Asks the gateway to open a door for six digits, and follows the door until it is closed. HTTP, in a thread."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from typing import TYPE_CHECKING, Any, Final

from kiosk_ui import texts
from kiosk_ui.bank_flow import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from device_drivers.contract import BankOfLockers

ANSWER_S: Final = 4.0
"""How long one request may take."""
TRIES: Final = 3
"""How often the same request is sent where no answer comes: it opens one door once, however often it arrives."""
LOOK_S: Final = 0.4
"""How often the door is looked at."""
FOLLOW_S: Final = 60.0
"""How long a door is followed at most."""
OPENED: Final = frozenset({"open", "closed"})


class Collector:
    """One request at a time. `tell` is called from its thread, once for each new thing that the gateway says."""

    def __init__(self, tell: Callable[[Said], None]) -> None:
        self._tell = tell
        self._number = 0

    def begin(self, bank: BankOfLockers, digits: str, language: str) -> None:
        """Send digits; whatever was followed before is followed no more."""
        self._number += 1
        thread = threading.Thread(
            target=self._run, args=(self._number, bank, digits, language), name="collect", daemon=True
        )
        thread.start()

    def forget(self) -> None:
        """Nobody waits for an answer any more."""
        self._number += 1

    def _run(self, number: int, bank: BankOfLockers, digits: str, language: str) -> None:
        try:
            said, opening = self._ask(bank, digits, language)
            while number == self._number:
                self._tell(said)
                if said.done or opening is None:
                    return
                said = self._next(number, bank, opening, language, said)
        except (OSError, ValueError, KeyError) as error:  # no answer, or one that is none of the gateway's
            if number == self._number:
                self._tell(lost(language, error))

    def _ask(self, bank: BankOfLockers, digits: str, language: str) -> tuple[Said, str | None]:
        body = json.dumps({"code": bank.code, "digits": digits, "request": str(uuid.uuid4())}).encode()
        for left in range(TRIES - 1, -1, -1):
            try:
                status, found = _fetch(f"{bank.gateway}/api/v1/lockers/collect", language, body)
                break
            except OSError:
                if not left:
                    raise
        if status >= 400:
            return refused(found), None
        return progress(found), str(found["opening"])

    def _next(self, number: int, bank: BankOfLockers, opening: str, language: str, before: Said) -> Said:
        """The next thing that is new; what was known, as done, where the time is over."""
        ends = time.monotonic() + FOLLOW_S
        while number == self._number and time.monotonic() < ends:
            time.sleep(LOOK_S)
            _, found = _fetch(f"{bank.gateway}/api/v1/lockers/openings/{opening}", language)
            said = progress(found)
            if said != before:
                return said
        return Said(before.tone, before.sentence, before.advice, before.door, done=True)


def progress(found: dict[str, Any]) -> Said:
    """Where an opening stands, as the gateway tells it."""
    stage = found["stage"]
    tone: Any = "bad" if stage in ("failed", "back") else "ok" if stage in OPENED else "wait"
    return Said(tone, found["sentence"], found.get("advice") or "", found["door"], done=bool(found["done"]))


def refused(found: dict[str, Any]) -> Said:
    """Why no door opens, in the words of a problem document."""
    return Said("bad", found["detail"], done=True, wait_s=int(found.get("seconds", 0)))


def lost(language: str, _error: Exception | None = None) -> Said:
    """Nobody answered. Whether the door opened is not known here; that the code stays good is."""
    words = texts.load(language)
    return Said("bad", words.bank_lost, words.bank_lost_note, done=True)


def _fetch(url: str, language: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    headers = {"Accept": "application/json", "Accept-Language": language, "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the scheme is checked with the desired body
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
