"""What a store says whose journal is damaged and could not be made whole: one sentence at every address."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import suppress
from html import escape
from typing import Final

import structlog

from edge.bootstrap.nouns import nouns_of
from edge.errors import JournalDamaged
from edge.gateway import service_manager
from edge.settings.http import to_bind
from edge.settings.settings import Settings
from operations.retention.recovery import recover
from operations.retention.repair import Fetch
from words.sentences import Texts

log = structlog.get_logger(__name__)

AGAIN_S: Final = 600.0
"""How often it is tried again: the cloud may be there by then."""
LINE_S: Final = 10.0
_ANSWER: Final = (
    "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {length}\r\nRetry-After: 60\r\n"
    "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
)


async def say_so(settings: Settings, error: JournalDamaged, journal_of: Fetch | None, again: int) -> int:
    """Serve the sentence until a signal comes (0), or the journal is whole again (`again`)."""
    log.critical("gateway.says_only_that_the_journal_is_damaged", error=str(error), then="storekeeper restore")
    ended = asyncio.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    box = settings.gateway
    page = _page(settings)
    places = {(box.http.host, box.http.port), *([inside] if (inside := box.http.inside_address()) else [])}
    servers = [
        await asyncio.start_server(lambda r, w: _answer(r, w, page), to_bind(host), port) for host, port in places
    ]
    service_manager.notify("READY=1")
    life = asyncio.create_task(service_manager.run_watchdog(lambda: True))
    try:
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), AGAIN_S)
            if not ended.is_set() and await asyncio.to_thread(_is_whole, settings, journal_of):
                return again
        return 0
    finally:
        life.cancel()
        for server in servers:
            server.close()


def _is_whole(settings: Settings, fetch: Fetch | None) -> bool:
    path = settings.gateway.data / "storekeeper.db"
    try:
        recover(path, settings.gateway.sync_status, nouns_of(settings).all, fetch)
    except JournalDamaged:
        return False
    return True


def _page(settings: Settings) -> bytes:
    texts = Texts.load()
    said = [texts.say(language, "refusals.journal_damaged") for language in settings.store.languages]
    lines = "".join(f"<p>{escape(sentence)}</p>" for sentence in said)
    return f'<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">{lines}'.encode()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, page: bytes) -> None:
    """One request: alive, not ready, and why."""
    with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        line = await asyncio.wait_for(reader.readline(), LINE_S)
        method, _, rest = line.decode("latin-1").partition(" ")
        path = rest.split(" ")[0].partition("?")[0]
        if path == "/healthz":
            status, kind, body = "200 OK", "application/json", b'{"status":"ok"}'
        elif path == "/readyz":
            status, kind, body = "503 Service Unavailable", "application/json", b'{"ready":false}'
        else:
            status, kind, body = "503 Service Unavailable", "text/html", page
        writer.write(_ANSWER.format(status=status, kind=kind, length=len(body)).encode())
        writer.write(b"" if method == "HEAD" else body)
        await writer.drain()
    writer.close()
