"""Ids of requests: what a form or a caller sends twice is done once."""

from __future__ import annotations

import uuid

from edge.web.problems import Problem


def new_request() -> str:
    """A request id for a form: sending the same form twice does the thing once."""
    return str(uuid.uuid4())


def checked_request(text: str) -> str:
    """A caller's request id in its canonical form. Raises `Problem` bad_request where it is no UUID."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Problem("bad_request", field="request", expected="a UUID") from None
