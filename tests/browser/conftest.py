"""A phone and a desk in real Chromium, on one running store."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import new_broker
from tests.web.running import RunningStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


DEVICES = (*(f"cart-{n:02d}" for n in range(1, 9)), "locker-a", "printer-1")
NewPage = Callable[..., "Page"]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    # A broker of its own: two gateways of one name on one broker would throw each other out.
    folder = tmp_path_factory.mktemp("browser")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = RunningStore(broker, folder, DEVICES)
    running.start()
    yield running
    running.stop()
    broker.stop()


def _context(browser: Browser, **options: Any) -> tuple[BrowserContext, list[str]]:
    context = browser.new_context(**options)
    context.set_default_timeout(60_000)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    return context, errors


def close(context: BrowserContext) -> None:
    """Closes its pages at rest: Chromium may wait for ever to close one that is on its way to another."""
    from playwright.sync_api import Error

    for page in context.pages:
        for _ in range(5):
            with contextlib.suppress(Error):  # it sets off by itself just then
                page.goto("about:blank")
                break
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[NewPage]:
    """`phone("en")`: a page on a new phone. A script error on any of them fails the test."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def new(language: str = "zh-CN", **options: Any) -> Page:
        context, errors = _context(
            browser,
            viewport={"width": 390, "height": 844},
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            locale=language,
            **options,
        )
        opened.append((context, errors))
        return context.new_page()

    yield new
    for context, errors in opened:
        close(context)
        assert not errors


@pytest.fixture
def desk(browser: Browser) -> Iterator[NewPage]:
    """`desk("en", 1280, 800)`: a page on store IT's screen."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def new(language: str = "zh-CN", width: int = 1280, height: int = 800) -> Page:
        context, errors = _context(browser, viewport={"width": width, "height": height}, locale=language)
        opened.append((context, errors))
        return context.new_page()

    yield new
    for context, errors in opened:
        close(context)
        assert not errors
