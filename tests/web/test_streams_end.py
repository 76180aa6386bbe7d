"""What a phone follows ends with its session."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from edge.domain.actuations import GrantProgress
from edge.domain.noun import Change
from edge.gateway.feed import ChangeFeed
from edge.web.api import grants
from edge.web.language import Texts


async def test_the_stream_of_an_unlock_ends_with_the_session() -> None:
    progress = GrantProgress(grant="g", device="cart-01", holder="anna", stage="asked")
    web: Any = SimpleNamespace(
        feed=ChangeFeed(),
        texts=Texts.load(["en"]),
        language=lambda _: "en",
        outcomes=SimpleNamespace(progress=lambda _: progress),
        caller=lambda _: SimpleNamespace(member="anna"),
        reads=SimpleNamespace(one=lambda *_: True),
    )
    (route,) = [each for each in grants.router(web).routes if each.path.endswith("/events")]  # type: ignore[attr-defined]
    lines = (await route.endpoint(grant="g", request=None)).body_iterator  # type: ignore[attr-defined]
    seen = [await anext(lines), await anext(lines)]
    assert b'"stage":"asked"' in seen[-1]
    web.caller = lambda _: None  # logged out
    progress = GrantProgress(grant="g", device="cart-01", holder="anna", stage="unlocked")
    web.feed.tell(Change("grant", "g"))
    assert await asyncio.wait_for(anext(lines, None), 60) is None
