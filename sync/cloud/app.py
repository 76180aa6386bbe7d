"""The receiver over HTTP: routes for stores below `/v1`, one page for people."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
import structlog
import uvicorn
from fastapi import FastAPI, Query, Request, Response

from sync.cloud.access import AccessControl, admit, answer_problems, authorise, body, is_loopback, is_nearby, problem
from sync.cloud.leases import Budgets, NoLease
from sync.cloud.page import StatusPage
from sync.cloud.sqlite_store import SqliteStore
from sync.cloud.store import StorageBroken, StoreError, StreamStore
from sync.messages import LeaseWish
from sync.signing import Signer
from sync.wire import MAX_CONTENT, MAX_COUNT, Ack, Batch, Hello, Malformed

log = structlog.get_logger(__name__)
T = TypeVar("T")

Place = Annotated[int, Query(ge=0, lt=2**63)]
Limit = Annotated[int, Query(ge=1, le=MAX_COUNT)]

SHELVE_EVERY_S: Final = 0.3
"""Sorting follows receiving by about this much."""
_PAGE: Final = ["GET", "HEAD"]
HEADERS: Final = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "base-uri 'none'; frame-ancestors 'none'"),
]
"""Of every answer; the page's own policy says more, and both hold."""
MAX_HELLO: Final = 64 * 1024
"""Most bytes of a handshake."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How one receiver is set up."""

    database: Path
    """The SQLite file. Choose a disk that honours fsync."""
    door: AccessControl | None = None
    """Who knows each store's token. None lets everybody in: only for a receiver on loopback."""
    page_open: bool = False
    """Whether the page is shown without a password at the box itself. It names no phone numbers, but it does name
    members.
    """
    recovery_point_s: int = 24 * 3600
    """How much of its own past the receiver may lose: as old as its newest backup ever gets. What it acknowledged
    stays in the stores at least twice as long.
    """
    max_pages: int | None = None
    """Most pages of 4 KiB that the file may grow to. None leaves it to the disk."""


class Receiver:
    """The store behind one writing thread and one reading thread, so that the event loop never waits for a disk."""

    def __init__(self, settings: Settings, on_broken: Callable[[], None]) -> None:
        self._on_broken = on_broken
        self._writer = ThreadPoolExecutor(1, "cloud-writer")
        self._reader = ThreadPoolExecutor(1, "cloud-reader")
        self._news = asyncio.Event()
        self._news.set()  # what an earlier run received and did not sort
        self.broken: StorageBroken | None = None
        self.store: StreamStore = SqliteStore(settings.database, settings.max_pages, settings.recovery_point_s)

    async def write(self, call: Callable[..., T], *args: Any) -> T:
        """Run one of the store's writes after those before it. After a `StorageBroken` it raises only that."""
        if self.broken:
            raise self.broken
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, call, *args)
        except StorageBroken as error:
            self.broken = error
            log.critical("cloud.broken", error=str(error))
            self._on_broken()
            raise

    async def receive(self, store: str, batch: Batch) -> Ack:
        """Keep a batch, and have it sorted soon."""
        ack = await self.write(self.store.receive, store, batch, _now_ms())
        self._news.set()
        return ack

    async def look(self, call: Callable[..., T], *args: Any) -> T:
        """Run one of the store's reads, beside the writes."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, call, *args)

    async def shelve(self) -> None:
        """Sort what was received, until the disk breaks. A full disk passes: what is not sorted yet is sorted later."""
        while self.broken is None:
            await self._news.wait()
            self._news.clear()
            try:
                if await self.write(self.store.shelve):
                    self._news.set()
            except StorageBroken:
                return
            except StoreError as error:
                log.warning("cloud.shelve", error=str(error))
                self._news.set()
            await asyncio.sleep(SHELVE_EVERY_S)

    def close(self) -> None:
        """Finish what runs, then give the file back."""
        self._writer.shutdown()
        self._reader.shutdown()
        self.store.close()


def create_app(settings: Settings, on_broken: Callable[[], None] = lambda: None) -> FastAPI:
    """The receiver. `on_broken` is called when the disk cannot be trusted any more: end the process then.

    Raises `OSError`, `sqlite3.Error` where its file cannot be used: before it serves, as a server only logs them.
    """
    receiver = Receiver(settings, on_broken)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        shelving = asyncio.create_task(receiver.shelve())
        yield
        shelving.cancel()
        await asyncio.gather(shelving, return_exceptions=True)
        receiver.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    app.state.receiver = receiver
    answer_problems(app)
    _add_uplink(app, settings)
    _add_page(app, settings)
    return app


def _add_uplink(app: FastAPI, settings: Settings) -> None:
    @app.post("/v1/stores/{store}/hello")
    async def hello(store: str, request: Request) -> Response:
        """Where a store's stream goes on, and whether both sides still agree on what came before."""
        authorise(request, store, settings.door)
        try:
            message = msgspec.json.decode(await body(request, MAX_HELLO), type=Hello)
        except (ValueError, RecursionError) as error:
            raise Malformed("bad_hello", str(error)) from None
        receiver: Receiver = app.state.receiver
        return _json(await receiver.write(receiver.store.hello, store, message, _now_ms()))

    @app.post("/v1/stores/{store}/streams/{stream}/entries")
    async def entries(store: str, stream: str, request: Request) -> Response:
        """Keep a batch. A 200 is a promise: these entries are on this side's disk."""
        authorise(request, store, settings.door)
        batch = Batch.parse(stream, request.headers, await body(request, MAX_CONTENT))
        receiver: Receiver = app.state.receiver
        return _json(await receiver.receive(store, batch))

    _add_read_back(app, settings)
    _add_index(app, settings)
    _add_leases(app, settings)

    @app.api_route("/healthz", methods=_PAGE)
    async def healthz() -> Response:
        """200 while what is received can be kept."""
        if app.state.receiver.broken:
            return problem("storage_broken", "The disk is not to be trusted", 503)
        return Response("ok\n", media_type="text/plain")


def _add_read_back(app: FastAPI, settings: Settings) -> None:
    @app.get("/v1/stores/{store}/streams")
    async def streams(store: str, request: Request) -> Response:
        """What is here of a store, for a box that takes another one's place."""
        authorise(request, store, settings.door)
        receiver: Receiver = app.state.receiver
        return _json(await receiver.look(receiver.store.streams, store))

    @app.get("/v1/stores/{store}/streams/{stream}/entries")
    async def read(store: str, stream: str, request: Request, after: Place = 0, limit: Limit = MAX_COUNT) -> Response:
        """The entries that follow one, byte for byte as they were sent; 204 where there are none."""
        authorise(request, store, settings.door)
        receiver: Receiver = app.state.receiver
        batch = await receiver.look(receiver.store.read, store, _stream(stream), after, limit)
        return Response(status_code=204) if batch is None else Response(batch.content, headers=batch.headers())


def _add_index(app: FastAPI, settings: Settings) -> None:
    @app.get("/v1/stores/{store}/streams/{stream}/index")
    async def index(store: str, stream: str, request: Request, after: Place = 0, limit: Limit = MAX_COUNT) -> Response:
        """Ids, times and digests of the entries that follow one, as they lie here: for a store's daily comparison."""
        authorise(request, store, settings.door)
        receiver: Receiver = app.state.receiver
        return _json(await receiver.look(receiver.store.index, store, _stream(stream), after, limit))


def _add_leases(app: FastAPI, settings: Settings) -> None:
    budgets, signer = Budgets(settings.database.parent), Signer(settings.database.parent)

    @app.post("/v1/stores/{store}/leases")
    async def lease(store: str, request: Request) -> Response:
        """A part of a shared budget, signed; 409 where there is none."""
        authorise(request, store, settings.door)
        try:
            wish = msgspec.json.decode(await body(request, MAX_HELLO), type=LeaseWish)
        except (ValueError, RecursionError) as error:
            raise Malformed("bad_wish", str(error)) from None
        _stream(wish.stream)
        receiver: Receiver = app.state.receiver
        try:
            granted = await receiver.write(receiver.store.grant, store, wish, budgets.read(), _now_ms())
            return _json(signer.sign(granted))
        except NoLease as error:
            return problem(error.code, str(error), 409)
        except (OSError, ValueError) as error:  # the file of budgets, or the key
            log.error("cloud.no_leases", error=str(error))  # noqa: TRY400 - whoever runs the receiver mends a file
            return problem("leases_closed", "The receiver's own files for leases cannot be read", 503)


def _stream(text: str) -> bytes:
    try:
        stream = bytes.fromhex(text)
    except ValueError:
        stream = b""
    if len(stream) != 16:
        raise Malformed("bad_stream", "a stream is 16 bytes in hexadecimal")
    return stream


def _add_page(app: FastAPI, settings: Settings) -> None:
    page = StatusPage()

    async def show(request: Request, template: str) -> Response:
        admit(request, None if settings.page_open and is_nearby(request) else settings.door)
        receiver: Receiver = app.state.receiver
        overview = await receiver.look(receiver.store.overview, page.REGISTRATIONS)
        return page.render(request, template, overview, _now_ms())

    @app.api_route("/", methods=_PAGE)
    async def whole(request: Request) -> Response:
        return await show(request, "page.html")

    @app.api_route("/live", methods=_PAGE)
    async def live(request: Request) -> Response:
        """The part of the page that changes; 304 when it has not."""
        return await show(request, "live.html")


def _json(message: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(message), media_type="application/json")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def run(
    host: str,
    port: int,
    database: Path,
    door: AccessControl | None,
    alive: Callable[[], None] = lambda: None,
    protocol: Any = "auto",
    front: Callable[[Any], Any] = lambda app: app,
) -> None:
    """Receive until SIGTERM or SIGINT. `alive` is called again and again for as long as it answers. `protocol` bounds
    what a connection may send and how long it may take, and `front` says so.

    Raises `ValueError` where everybody would be let in from outside, and `StorageBroken` when the disk failed.
    """
    loopback = is_loopback(host)
    if door is None and not loopback:
        raise ValueError(f"a receiver on {host} needs a door: without one anybody could write to it")

    def stop(*_: Any) -> None:
        server.should_exit = True

    async def lives() -> None:
        alive()

    app = create_app(Settings(database=database, door=door, page_open=loopback), stop)
    config = uvicorn.Config(
        front(app),
        host=host,
        port=port,
        http=protocol,
        access_log=False,
        log_config=None,
        log_level="warning",
        headers=HEADERS,
        server_header=False,
        timeout_graceful_shutdown=3,
        callback_notify=lives,
        timeout_notify=1,
    )
    server = uvicorn.Server(config)
    if threading.current_thread() is threading.main_thread():
        # uvicorn raises the signal once more when it has stopped; without a handler that would look like a crash.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
    server.run()
    receiver: Receiver = app.state.receiver
    if receiver.broken:
        raise receiver.broken
