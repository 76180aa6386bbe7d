"""The map as a screen asks for it: the floor, the way in every language, a slip at the printer near."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec
import requests

from edge.domain.printing import queries as print_queries
from edge.web.api.screens.map import PAPERS
from kiosk_ui.screens.map.answer import Answer
from tests.web.running import wait
from tests.web.test_screens import asking

if TYPE_CHECKING:
    from tests.web.running import RunningStore


def ask(store: RunningStore, session: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
    headers = asking(store, session)
    if body is None:
        return requests.get(store.base + path, headers=headers, timeout=10)
    return requests.post(store.base + path, json=body, headers=headers, timeout=10)
