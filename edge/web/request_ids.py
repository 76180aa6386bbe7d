"""Ids of requests: what a form or a caller sends twice is done once."""

from __future__ import annotations

import re
import uuid
from typing import Final

from edge.web.problems import Problem


def new_request() -> str:
    """A request id for a form: sending the same form twice does the thing once."""
    return str(uuid.uuid4())


def checked_request(text: str) -> str:
    """A caller's request id in its canonical form. Raises `Problem` bad_request where it is no UUID."""
    if _CANONICAL.fullmatch(text):
        return text
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Problem("bad_request", field="request", expected="a UUID") from None


_CANONICAL: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
