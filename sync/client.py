"""The cloud as a store sees it, over HTTP, and what can come of each call."""

from __future__ import annotations

import contextlib
import ipaddress
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3

from edge.errors import one_line
from edge.http_client.requests_session import session
from sync.messages import LeaseWish, SignedLease
from sync.wire import Ack, Batch, Hello, HelloReply, Problem

MAX_REPLY: Final = 64 * 1024
"""Most bytes of a reply that are read: a captive portal's page may be any size."""
CONNECT_S: Final = 5.0
REPLY_S: Final = 20.0
READ_S: Final = 60.0
"""What is read back, the cloud looks up first."""
WHOLE_S: Final = 60.0
"""How long an exchange takes in all, and longer by what is large: an answer may come byte by byte."""

M = TypeVar("M", bound=msgspec.Struct)


class CloudError(Exception):
    """The cloud did not take it. Nothing may be assumed of what it has: only its next reply tells.

    Its sentence may quote what answered there.
    """

    def __init__(self, said: str) -> None:
        super().__init__(one_line(said))


class CloudUnreachable(CloudError):
    """It cannot be reached, or what answered was not our cloud. Try again later."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        """Seconds that the other side asked for."""


class CursorMismatch(CloudError):
    """409: the cloud's cursor is elsewhere than thought. Say HELLO."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail or code)
        self.code = code


class BatchRefused(CloudError):
    """400, 413 or 422: something in this batch is not taken. `ours` when our own receiver says so of the entries."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"the cloud answers {status} {code}: {detail}")
        self.code = code
        self.ours = code in ("bad_entry", "too_large")


class LeaseRefused(CloudError):
    """409: the cloud leases nothing for this wish: budget_gone, budget_unknown, not_in_charge."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail or code)
        self.code = code


class InClear(CloudError):
    """The store's token and all that it records would cross a network that anybody may listen to."""


def check_address(url: str) -> None:
    """Raises `InClear` for `http://`, except to this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or _is_this_machine(parts.hostname or ""):
        return
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    raise InClear(
        f"the cloud's address is {shown}: the store's token and all that it records would travel in clear. "
        "Expected https://, or an address on this machine, as [cloud] url in gateway.toml"
    )


def _is_this_machine(host: str) -> bool:
    if host.rstrip(".").lower() == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


class Cloud(Protocol):
    """What the uplink needs. Each call raises `CloudError`."""

    time_told: tuple[int, float] | None
    """The cloud's time with its newest answer, Unix milliseconds, and when it came by the boot clock."""

    def hello(self, message: Hello) -> HelloReply:
        """The handshake."""

    def send(self, batch: Batch) -> Ack:
        """One batch. What it returns is what the cloud says; the caller compares the hash."""


class HttpCloud:
    """The cloud at a URL, over one kept-alive connection."""

    def __init__(self, url: str, store: str, token: str | None, reply_s: float = REPLY_S) -> None:
        """Raises `InClear`."""
        check_address(url)
        self._base = f"{url.rstrip('/')}/v1/stores/{store}"
        self._timeout = (CONNECT_S, reply_s)
        self.time_told: tuple[int, float] | None = None
        self._session = session(WHOLE_S)
        # Plain, so that what is read is bounded by what comes, and nothing in between packs it for us.
        self._session.headers["Accept-Encoding"] = "identity"
        if token:
            self._session.auth = _Bearer(token)

    def hello(self, message: Hello) -> HelloReply:
        """Where the stream goes on."""
        headers = {"Content-Type": "application/json"}
        return self._post("/hello", msgspec.json.encode(message), headers, HelloReply)

    def send(self, batch: Batch) -> Ack:
        """One batch to the cloud's disk."""
        return self._post(f"/streams/{batch.stream.hex()}/entries", batch.content, batch.headers(), Ack)

    def lease(self, wish: LeaseWish) -> SignedLease:
        """A part of a shared budget, not looked at yet. Raises `LeaseRefused` as well."""
        headers = {"Content-Type": "application/json"}
        return self._post("/leases", msgspec.json.encode(wish), headers, SignedLease)

    def read(self, path: str, limit: int) -> HttpReply:
        """What lies at a path of this store, as it was sent, or that nothing does.

        Of more than `limit` bytes only a part comes.
        """
        answer = self._ask("GET", path, limit, timeout=(CONNECT_S, READ_S))
        if answer.status not in (requests.codes.ok, requests.codes.no_content, requests.codes.not_found):
            raise _failure_of(answer)
        return answer

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _post(self, path: str, data: bytes, headers: dict[str, str], kind: type[M]) -> M:
        answer = self._ask("POST", path, MAX_REPLY, data=data, headers=headers, timeout=self._timeout)
        if answer.status != requests.codes.ok:
            raise _failure_of(answer)
        message = understood(answer, kind)
        # No date, or none that can be read, or of a number that no date has.
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            told = parsedate_to_datetime(answer.headers["Date"]) if "Date" in answer.headers else None
            self.time_told = (int(told.timestamp() * 1000), time.monotonic()) if told else None
        return message

    def _ask(self, method: str, path: str, limit: int, **more: Any) -> HttpReply:
        try:
            with self._session.request(method, self._base + path, allow_redirects=False, stream=True, **more) as reply:
                return HttpReply(reply.status_code, reply.headers, reply.raw.read(limit + 1, decode_content=False))
        except (requests.RequestException, OSError, TransportError) as error:
            raise CloudUnreachable(_plain_of(error)) from error


class HttpReply(NamedTuple):
    """What came over HTTP."""

    status: int
    headers: Mapping[str, str]
    """By their names, however those are written."""
    content: bytes


def understood(answer: HttpReply, kind: type[M]) -> M:
    """An answer as a message. Raises `CloudUnreachable` where it is none."""
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (ValueError, RecursionError):
        raise CloudUnreachable("what answers is not the cloud (a WiFi login page, perhaps)") from None


class _Bearer(requests.auth.AuthBase):
    """The store's token, as a function: a plain header would be overruled by a ~/.netrc. In bytes, and without what
    separates lines: a token that was copied with a quotation mark around it is for the cloud to refuse.
    """

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {''.join(token.split())}".encode()

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = self._header
        return request


TransportError = urllib3.exceptions.HTTPError


def _failure_of(answer: HttpReply) -> CloudError:
    """What an answer means that is no success."""
    status = answer.status
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except (ValueError, RecursionError):
        problem = Problem("", "", status)
    if status == 409 and problem.code in ("gap", "diverged"):
        return CursorMismatch(problem.code, problem.detail)
    if status == 409 and problem.code in ("budget_gone", "budget_unknown", "not_in_charge"):
        return LeaseRefused(problem.code, problem.title)
    if status in (400, 413, 422) and problem.code != "digest_mismatch":
        return BatchRefused(status, problem.code, problem.detail)
    said = f"the cloud answers {status}" + (f": {problem.title or problem.code}" if problem.code else "")
    if status in (401, 403):
        said = f"the cloud refuses this store's token ({status})"
    return CloudUnreachable(said, _seconds(answer.headers.get("Retry-After")))


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds. Its date form is not honoured: the box's clock may be wrong."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else None


def _plain_of(error: Exception) -> str:
    """Why nothing came, in words."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the cloud's certificate is not trusted"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "the cloud does not answer in time"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy to the internet does not answer"
    return "the cloud cannot be reached"
