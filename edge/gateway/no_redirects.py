"""Requests that go where the settings say and nowhere else: their address, headers or body hold a secret."""

from __future__ import annotations

import urllib.request
from typing import Any


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None is followed; whoever asked gets it as an error."""


def opener() -> urllib.request.OpenerDirector:
    """Follows no redirect."""
    return urllib.request.build_opener(_Stays())
