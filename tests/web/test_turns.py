"""Requests are worked on a few at a time, and nobody who waits for a device keeps the others."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from edge.gateway.decide import TURN
from edge.web.server.direct_route import whole_body
from edge.web.server.fast_path import FastPathApp
from edge.web.server.turns import AT_ONCE, FairQueue, is_prompt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.running import RunningStore


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


async def ask(
    turns: FairQueue, shop: Shop, *names: str, bodies: tuple[bytes, ...] = (b"",), client: str = "10.0.0.1"
) -> list[asyncio.Task[None]]:
    """Requests whose body is whole with the last of these; without one it never is."""

    async def send(_message: Any) -> None: ...

    def receiving() -> Any:
        come = [{"type": "http.request", "body": each, "more_body": each != bodies[-1]} for each in bodies]

        async def receive() -> Any:
            return come.pop(0) if come else await asyncio.Event().wait()

        return receive

    made = []
    for name in names:
        shop.here[name], shop.begin[name] = asyncio.Event(), asyncio.Event()
        made.append(asyncio.create_task(turns.take(shop, {"name": name, "client": (client, 1)}, receiving(), send)))
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
    turns, shop = FairQueue(at_once=2, longest_s=3600), Shop()
    tasks = await ask(turns, shop, "a", "b", "c", "d")
    assert shop.came == ["a", "b"]
    shop.begin["b"].set()  # its answer has begun; that it goes on keeps nobody
    await settled()
    assert shop.came == ["a", "b", "c"]
    await leave(tasks)


class Deciding(Shop):
    """An app that waits for a decision before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.durable: dict[str, asyncio.Future[str]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = scope["name"]
        turn, written = TURN.get(), self.durable.setdefault(name, asyncio.get_running_loop().create_future())
        self.came.append(name)
        assert turn is not None
        self.came.append(await turn.lend(written))
        await super().__call__(scope, receive, send)


async def test_who_waits_for_the_disk_lends_the_turn() -> None:
    turns, shop = FairQueue(at_once=2, longest_s=3600), Deciding()
    tasks = await ask(turns, shop, "a", "b", "c")
    assert shop.came == ["a", "b"], "as many share a commit as are worked on"
    for name in ("a", "b"):
        shop.durable[name].set_result(f"{name} is durable")
    await settled()
    assert shop.came[2:] == ["a is durable", "a", "b is durable", "b"], "each goes on when the other has computed"
    shop.begin["a"].set()
    await settled()
    assert shop.came[6:] == ["c"]
    await leave(tasks)
    assert not turns.processor.locked()


async def test_what_goes_on_after_a_decision_gives_way_as_well() -> None:
    turns, shop = FairQueue(longest_s=3600, gives_way_s=3600), Deciding()
    tasks = await ask(turns, shop, "a")
    with turns.prompt:
        shop.durable["a"].set_result("a is durable")
        await settled()
        assert shop.came == ["a"]
    await shop.here["a"].wait()
    assert shop.came == ["a", "a is durable", "a"]
    await leave(tasks)


async def test_hundreds_of_requests_of_one_phone_are_one_before_another_s() -> None:
    turns, shop = FairQueue(at_once=1, longest_s=3600), Shop()
    flood = await ask(turns, shop, *(f"flood-{n}" for n in range(300)))
    left = await ask(turns, shop, "left", client="10.0.0.3")
    await leave(left)
    shopper = await ask(turns, shop, "page", "next page", client="10.0.0.2")
    for each in ("flood-0", "flood-1", "page", "flood-2"):
        shop.begin[each].set()
        await settled()
    assert shop.came == ["flood-0", "flood-1", "page", "flood-2", "next page"]
    await leave([*flood, *shopper])
    after = await ask(turns, shop, "after", client="10.0.0.4")
    assert shop.came[-1] == "after", "whoever leaves keeps no turn"
    await leave(after)


async def test_who_waits_long_keeps_nobody() -> None:
    turns, shop = FairQueue(at_once=1, longest_s=0.01), Shop()
    tasks = await ask(turns, shop, "waits-for-a-lock", "next")
    await shop.here["next"].wait()
    shop.begin["waits-for-a-lock"].set()
    await settled()
    more = await ask(turns, shop, "third")
    await shop.here["third"].wait()
    await leave([*tasks, *more])


async def test_a_request_that_never_becomes_whole_has_no_turn() -> None:
    turns, shop = FairQueue(at_once=1, longest_s=3600), Shop()
    never = await ask(turns, shop, *map(str, range(50)), bodies=())
    tasks = await ask(turns, shop, "whole", bodies=(b"a=", b"1"))
    assert shop.came == ["whole"]
    await leave([*never, *tasks])


async def test_the_app_is_given_the_whole_request() -> None:
    class Reader(Shop):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - an app
            self.came += [(await whole_body(receive)).decode()]

    shop = Reader()
    await asyncio.gather(*await ask(FairQueue(), shop, "whole", bodies=(b"a=", b"1", b"&b")))
    assert shop.came == ["a=1&b"]


async def test_a_turn_is_given_back_once() -> None:
    turns, shop = FairQueue(at_once=1, longest_s=3600), Shop()
    first = await ask(turns, shop, "leaves")
    await leave(first)
    tasks = await ask(turns, shop, "a", "b")
    assert shop.came == ["leaves", "a"]
    await leave(tasks)


async def test_nobody_begins_while_something_prompt_is_under_way() -> None:
    turns, shop = FairQueue(at_once=1, longest_s=3600, gives_way_s=3600), Shop()
    with turns.prompt:
        with turns.prompt:
            tasks = await ask(turns, shop, "basket")
        await settled()
        assert shop.came == []
    await shop.here["basket"].wait()
    await leave(tasks)


async def test_the_crowd_goes_on_however_much_is_prompt() -> None:
    turns, shop = FairQueue(at_once=1, longest_s=3600, gives_way_s=0.01), Shop()
    with turns.prompt:
        tasks = await ask(turns, shop, "basket")
        await shop.here["basket"].wait()
    await leave(tasks)


async def test_who_leaves_while_giving_way_gives_the_turn_back() -> None:
    turns, shop = FairQueue(at_once=1, longest_s=3600, gives_way_s=3600), Shop()
    with turns.prompt:
        await leave(await ask(turns, shop, "leaves"))
    tasks = await ask(turns, shop, "next")
    assert shop.came == ["next"]
    await leave(tasks)


PROMPT = {
    "/api/v1/carts/unlock", "/api/v1/grants/{grant}", "/api/v1/lockers/deposit", "/api/v1/lockers/collect",
    "/api/v1/lockers/openings/{opening}", "/api/v1/screens/lockers/{bank}/deposit",
    "/api/v1/screens/lockers/{bank}/collect", "/api/v1/screens/lockers/openings/{opening}", "/healthz", "/readyz",
}  # fmt: skip


@contextmanager
def crowded(store: RunningStore, app: FastPathApp) -> Iterator[None]:
    """Others have every turn."""
    for _ in range(AT_ONCE):
        store.do(app.turns.free.acquire())

    async def leave() -> None:
        for _ in range(AT_ONCE):
            app.turns.free.release()

    try:
        yield
    finally:
        store.do(leave())


def test_whoever_stands_at_a_lock_waits_for_no_crowd(store: RunningStore) -> None:
    app = store.apps[0]
    assert isinstance(app, FastPathApp)
    assert {
        getattr(each, "path", "") for each in app.router.routes if is_prompt(getattr(each, "endpoint", 0))
    } == PROMPT
    with ThreadPoolExecutor(1) as phone:
        with crowded(store, app):
            basket = phone.submit(requests.get, f"{store.base}/api/v1/basket", timeout=60)
            asked = {"code": "x", "size": "S", "request": "00000000-0000-7000-8000-000000000000"}
            refused = requests.post(f"{store.base}/api/v1/lockers/deposit", json=asked, timeout=60)
            assert refused.json()["code"] == "code_unknown"
            assert requests.get(f"{store.base}/readyz", timeout=60).json()["journal"]
            assert not basket.done()
        assert basket.result(60).json()["lines"] == []
