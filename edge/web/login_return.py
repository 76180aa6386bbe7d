"""The way back from a login: whoever was asked to log in comes back to the page that asked."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request

LONGEST: Final = 300
WAY: Final = r"^(/[a-z][A-Za-z0-9._~%/-]*(\?[A-Za-z0-9._~%=&+-]*)?)?$"
"""An address of this store alone: one that begins with `//` or `/\\` would be somebody else's."""


def way_back(request: Request) -> str:
    """Where a page that was asked for is, or the page whose form was sent; empty where that cannot be told."""
    if request.method in ("GET", "HEAD"):
        return _checked(request.url.path, request.url.query)
    try:
        sent_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no address at all, such as `http://[::`
        return ""
    return _checked(sent_from.path, sent_from.query) if sent_from.netloc == request.url.netloc else ""


def in_language(way: str, language: str) -> str:
    """The same page in another language."""
    path, _, query = way.partition("?")
    others = [each for each in query.split("&") if each and not each.startswith("lang=")]
    return f"{path}?{'&'.join([*others, urlencode({'lang': language})])}"


def _checked(path: str, query: str) -> str:
    whole = f"{path}?{query}" if query else path
    return whole if len(whole) <= LONGEST and re.fullmatch(WAY, whole) else ""
