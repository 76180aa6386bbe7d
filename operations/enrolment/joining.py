"""How another box fetches its bundle with a code: it needs nothing of the store beforehand, and believes nobody who is
not the authority that the code names. The standard library is enough for it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from device_drivers import pinning
from edge.errors import StorekeeperError
from edge.http_client.exchanges import LimitedHttps
from operations.enrolment import bundle
from operations.enrolment.bundle import EnrolmentBundle
from operations.enrolment.code import JoinCode

CA_PATH: Final = "/ca.crt"
JOIN_PATH: Final = "/join"
PATIENCE_S: Final = 15.0
MAX_CA_BYTES: Final = 16 * 1024


class NotJoined(StorekeeperError):
    """The bundle was not fetched: why, and what to do."""


def fetch(code: JoinCode) -> EnrolmentBundle:
    """The bundle that the code stands for. Raises `NotJoined`, `BadBundle`."""
    with _saved(_authority(code)) as authority:
        try:
            status, body = _ask(code, pinning.context(str(authority)), "POST", JOIN_PATH, code.token.hex().encode())
        except ssl.SSLError as error:
            raise NotJoined(f"{_place(code)} is not the store's own box: {error.reason or error}") from None
        except (OSError, http.client.HTTPException) as error:
            raise NotJoined(f"{_place(code)}: {error}") from None
    if status == http.client.FORBIDDEN:
        raise NotJoined(
            "this code was used already, or is older than a day. On the store's box: storekeeper devices enrol"
        )
    if status != http.client.OK:
        raise NotJoined(f"{_place(code)} answers {status}, and is no store's box that hands anything over")
    return bundle.read(body)


def _authority(code: JoinCode) -> str:
    """The certificate of the store's authority, whoever handed it out: the code says whether it is the right one."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE  # nothing is said here, and what is heard is proven by its fingerprint
    try:
        status, body = _ask(code, anybody, "GET", CA_PATH, None)
        text = body[:MAX_CA_BYTES].decode("ascii")
        right = status == http.client.OK and code.believes(pinning.fingerprint(text.strip()))
    except (ValueError, UnicodeDecodeError):
        right = False
    except (OSError, http.client.HTTPException) as error:
        raise NotJoined(
            f"nobody hands anything over at {_place(code)}: {error}. Is `storekeeper devices enrol` or "
            "`storekeeper devices hand-over` still waiting there, and its port open?"
        ) from None
    if not right:
        raise NotJoined(f"{_place(code)} is not the store's box that this code is of: its authority is another one")
    return text


def _ask(code: JoinCode, context: ssl.SSLContext, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    line = LimitedHttps(code.host.strip("[]"), code.port, timeout=PATIENCE_S, whole_s=PATIENCE_S, context=context)
    try:
        line.request(method, path, body)
        answer = line.getresponse()
        return answer.status, answer.read(bundle.MAX_BYTES + 1)
    finally:
        line.close()


@contextlib.contextmanager
def _saved(text: str) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(suffix=".crt")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _place(code: JoinCode) -> str:
    return f"{code.host}:{code.port}"
