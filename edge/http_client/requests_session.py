"""The same bounds for `requests`, which not every box has installed."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from edge.http_client.exchanges import Limited

MOST: Final = 16 * 1024 * 1024
"""Bytes of one answer."""


class _Http(Limited, HTTPConnection):
    """Over TCP."""


class _Https(Limited, HTTPSConnection):
    """Over TLS."""


class _Adapter(HTTPAdapter):
    def __init__(self, whole_s: float) -> None:
        self._whole_s = whole_s
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **more: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **more)
        kind = _Https if pool.scheme == "https" else _Http
        pool.ConnectionCls = partial(kind, whole_s=self._whole_s, most=MOST)
        return pool


def session(whole_s: float) -> requests.Session:
    """A session each of whose exchanges has so many seconds, through a proxy too. One that takes longer raises
    `requests.Timeout`.
    """
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(whole_s))
    return made
