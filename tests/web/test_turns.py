"""Requests are worked on a few at a time, and nobody who waits for a device keeps the others."""

from __future__ import annotations

import asyncio
from typing import Any

from edge.web.server.turns import Turns


class Shop:
    """An app whose answers begin when they are told to."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.here: dict[str, asyncio.Event] = {}
        self.begin: dict[str, asyncio.Event] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = scope["name"]
        self.came.append(name)
        self.here[name].set()
        await self.begin[name].wait()
        await send({"type": "http.response.start"})
        await receive()  # a stream that never ends, or a body that is slow to be taken


async def ask(turns: Turns, shop: Shop, *names: str) -> list[asyncio.Task[None]]:
    async def send(_message: Any) -> None: ...

    async def receive() -> Any:
        await asyncio.Event().wait()

    made = []
    for name in names:
        shop.here[name], shop.begin[name] = asyncio.Event(), asyncio.Event()
        made.append(asyncio.create_task(turns.take(shop, {"name": name}, receive, send)))
    await settled()
    return made


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def leave(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_few_at_once_in_the_order_in_which_they_came() -> None:
    turns, shop = Turns(at_once=2, longest_s=3600), Shop()
    tasks = await ask(turns, shop, "a", "b", "c", "d")
    assert shop.came == ["a", "b"]
    shop.begin["b"].set()  # its answer has begun; that it goes on keeps nobody
    await settled()
    assert shop.came == ["a", "b", "c"]
    await leave(tasks)


async def test_who_waits_long_keeps_nobody() -> None:
    turns, shop = Turns(at_once=1, longest_s=0.01), Shop()
    tasks = await ask(turns, shop, "waits-for-a-lock", "next")
    await shop.here["next"].wait()
    shop.begin["waits-for-a-lock"].set()
    await settled()
    more = await ask(turns, shop, "third")
    await shop.here["third"].wait()
    await leave([*tasks, *more])


async def test_a_turn_is_given_back_once() -> None:
    turns, shop = Turns(at_once=1, longest_s=3600), Shop()
    first = await ask(turns, shop, "leaves")
    await leave(first)
    tasks = await ask(turns, shop, "a", "b")
    assert shop.came == ["leaves", "a"]
    await leave(tasks)


async def test_nobody_begins_while_something_prompt_is_under_way() -> None:
    turns, shop = Turns(at_once=1, longest_s=3600, gives_way_s=3600), Shop()
    with turns.prompt():
        with turns.prompt():
            tasks = await ask(turns, shop, "basket")
        await settled()
        assert shop.came == []
    await shop.here["basket"].wait()
    await leave(tasks)


async def test_the_crowd_goes_on_however_much_is_prompt() -> None:
    turns, shop = Turns(at_once=1, longest_s=3600, gives_way_s=0.01), Shop()
    with turns.prompt():
        tasks = await ask(turns, shop, "basket")
        await shop.here["basket"].wait()
    await leave(tasks)


async def test_who_leaves_while_giving_way_gives_the_turn_back() -> None:
    turns, shop = Turns(at_once=1, longest_s=3600, gives_way_s=3600), Shop()
    with turns.prompt():
        await leave(await ask(turns, shop, "leaves"))
    tasks = await ask(turns, shop, "next")
    assert shop.came == ["next"]
    await leave(tasks)
