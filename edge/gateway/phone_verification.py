"""Proving a phone number: a code of six digits goes out by SMS and comes back from the phone that asked for it.

Codes live in memory: a restart forgets them, and none is good again. How they are sent is a small port: `Sender`.
"""

from __future__ import annotations

import asyncio
import hmac
import http.client
import secrets
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import msgspec
import structlog

from edge.domain.callers import Caller
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.gateway.linking import BothClocks
from edge.http_client.exchanges import opener
from edge.settings.sms import SmsSettings

log = structlog.get_logger(__name__)

CODE_S: Final = 300.0
"""How long a code is taken, by whichever clock ends it first."""
GUESSES: Final = 5
"""Wrong answers that a code survives; then it is good no more, and another must be sent."""
SOON: Final = (3, 600.0)
"""So many codes to one number within so many seconds,"""
DAY: Final = (10, 24 * 3600.0)
"""and so many within a day."""
MAX_KNOWN: Final = 5000
"""Codes and numbers that are remembered."""
PATIENCE_S: Final = 10.0


class Sender(Protocol):
    """The way out to phones."""

    async def send(self, number: str, code: str) -> None:
        """Send a code to a number in E.164. Raises what `http.client` raises where it did not go out."""


class SimulatedSms:
    """Sends nothing: a demo shows what it would have sent."""

    def __init__(self) -> None:
        self.sent: deque[tuple[int, str, str]] = deque(maxlen=5)
        """Unix milliseconds, number, code; the newest last."""

    async def send(self, number: str, code: str) -> None:
        self.sent.append((time.time_ns() // 1_000_000, number, code))


class HttpSms:
    """Asks an SMS provider over HTTP, as the settings' template says."""

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings
        self._opener = opener()

    async def send(self, number: str, code: str) -> None:
        await asyncio.to_thread(self._post, number, code)

    def _post(self, number: str, code: str) -> None:
        asked = self._settings

        def filled(text: str, plus: str) -> str:
            full = text.replace("{number}", plus + number.lstrip("+")).replace("{digits}", number.lstrip("+"))
            return full.replace("{code}", code)

        # Digits and a plus sign need no escaping but in an address, where a plus sign is a space.
        url, body = filled(asked.url or "", "%2B"), filled(asked.body, "+").encode() if asked.body else None
        headers = {name: filled(value, "+") for name, value in asked.headers.items()}
        request = urllib.request.Request(url, body, headers, method=asked.method)  # noqa: S310 - the settings check it
        with self._opener.open(request, timeout=PATIENCE_S) as answer:
            said = answer.read(65_536)
        if asked.expect and asked.expect not in said.decode("utf-8", "replace"):
            raise OSError("the provider's answer does not hold what the settings expect")


def sender_of(settings: SmsSettings, *, demo: bool) -> Sender | None:
    """The way out that the settings name; a demo without one simulates it."""
    if settings.kind == "http":
        return HttpSms(settings)
    return SimulatedSms() if settings.kind == "simulated" or (demo and settings.kind is None) else None


class _Sent(msgspec.Struct):
    code: str
    index: str
    made: BothClocks
    guesses: int = GUESSES


class PhoneVerification:
    """Codes that are under way."""

    def __init__(self, sender: Sender | None, clock: Callable[[], BothClocks] | None = None) -> None:
        self.sender = sender
        self._clock = clock or (lambda: BothClocks(time.monotonic(), time.time()))
        self._sent: dict[str, _Sent] = {}
        """By session."""
        self._times: dict[str, deque[float]] = {}
        """By number: when codes went out, by the monotonic clock."""

    async def send(self, caller: Caller, index: str, number: str) -> int:
        """Send a code to the caller's number; one that was sent before is good no more. Returns its life in seconds.

        Raises `Refusal`: no_sms, too_many_proofs.
        """
        if self.sender is None:
            raise Refusal("no_sms")
        now = self._clock()
        self._count(index, now.mono)
        code = f"{secrets.randbelow(1_000_000):06d}"
        try:
            await self.sender.send(number, code)
        except (OSError, http.client.HTTPException, ValueError) as error:
            log.warning("sms.failed", error=type(error).__name__)
            raise Refusal("no_sms") from error
        self._sent.pop(caller.session, None)
        _bound(self._sent)
        self._sent[caller.session] = _Sent(code, index, now)
        return int(CODE_S)

    @contextmanager
    def check(self, caller: Caller, text: str) -> Iterator[str]:
        """The number whose code this is, by its index; it is used up where what is done within succeeds. Raises
        `Refusal`: proof_wrong, code_expired.
        """
        sent = self._sent.get(caller.session)
        if sent is None or sent.made.left(self._clock(), CODE_S) <= 0 or sent.guesses <= 0:
            raise Refusal("code_expired")
        if not hmac.compare_digest(typed_text.digits(text).encode(), sent.code.encode()):
            sent.guesses -= 1
            raise Refusal("proof_wrong", left=sent.guesses)
        del self._sent[caller.session]
        try:
            yield sent.index
        except BaseException:
            self._sent.setdefault(caller.session, sent)
            raise

    def _count(self, index: str, now: float) -> None:
        times = self._times.pop(index, deque())
        while times and now - times[0] > DAY[1]:
            times.popleft()
        _bound(self._times)
        self._times[index] = times
        soon = [each for each in times if now - each <= SOON[1]]
        if len(soon) >= SOON[0] or len(times) >= DAY[0]:
            oldest, life = (soon[0], SOON[1]) if len(times) < DAY[0] else (times[0], DAY[1])
            raise Refusal("too_many_proofs", seconds=max(1, int(oldest + life - now)))
        times.append(now)


def _bound(kept: dict[str, _Sent] | dict[str, deque[float]]) -> None:
    if len(kept) >= MAX_KNOWN:
        del kept[next(iter(kept))]
