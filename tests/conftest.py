"""Real brokers for every test that talks MQTT. A part that is missing skips on a laptop, and fails where CI is set."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import itertools
import os
import random
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from edge.bus import brokers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

PATHS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def pytest_configure() -> None:
    """Properties are tried with the same examples in `make test` and with new ones in the long run, however slowly."""
    long = "STOREKEEPER_ROUNDS" in os.environ
    settings.register_profile(
        "storekeeper", deadline=None, derandomize=not long, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("storekeeper")


def pytest_collection_finish() -> None:
    """What is collected stays to the end: nobody need look through ten thousand tests for garbage again and again."""
    gc.collect()
    gc.freeze()


def missing(part: str) -> None:
    """Skips the test, or fails it in CI, where every part must be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{part} is not installed, and CI must not skip what needs it")
    pytest.skip(f"{part} is not installed")


def need(part: str) -> None:
    """Ends the test where neither a program nor a module is called `part`."""
    if shutil.which(part, path=PATHS) is None and importlib.util.find_spec(part) is None:
        missing(part)


@pytest.fixture(scope="session")
def require() -> Callable[[str], None]:
    """`require("mosquitto")`: the program or module that the test cannot do without."""
    return need


def _ports() -> Iterator[int]:
    """Below those that outgoing connections take, which may take one before its owner does; others for each worker."""
    first = 20_000 + 3_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4)
    for number in itertools.count(random.SystemRandom().randrange(3_000)):
        yield first + number % 3_000


PORTS = _ports()


def free_port() -> int:
    """A port that nobody listens on now, and that nobody was given before."""
    for port in PORTS:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("there is always another one")


@pytest.fixture(scope="session")
def port() -> Callable[[], int]:
    """`port()`: a free one."""
    return free_port


def new_broker(
    kind: str, folder: Path, credentials: dict[str, str] | None = None, store: str = "s001"
) -> brokers.Broker:
    """A broker of this kind on a free port, not yet started."""
    need("iotcore" if kind == "embedded" else "mosquitto")
    if kind == "embedded":
        return brokers.embedded(free_port(), folder)
    return brokers.mosquitto(free_port(), folder, credentials, store=store)


def _running(broker: brokers.Broker) -> Iterator[brokers.Broker]:
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one at a time: Playwright's blocking API admits no second one, and no other event loop beside it."""
    need("chromium")
    need("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            timeout=120_000,
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.Broker]:
    """Mosquitto without passwords."""
    yield from _running(new_broker("mosquitto", tmp_path_factory.mktemp("mosquitto")))


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.Broker]:
    """The embedded broker. Not for a whole session: it hands out `MAX_RETAINED` of what all tests have left on it."""
    yield from _running(new_broker("embedded", tmp_path_factory.mktemp("embedded")))


@pytest.fixture(scope="module", params=["mosquitto", "embedded"])
def broker(request: pytest.FixtureRequest) -> brokers.Broker:
    """Each of the two, one after the other."""
    started: brokers.Broker = request.getfixturevalue(request.param)
    return started


@pytest.fixture(params=["mosquitto", "embedded"])
def own_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[brokers.Broker]:
    """Each of the two, for this test alone: it may be killed and started again."""
    yield from _running(new_broker(request.param, tmp_path / "broker"))


CREDENTIALS = {
    "gateway": "the gateway's own word",
    "cart-01": "cart one's word",
    "cart-02": "cart two's word",
}


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[brokers.Broker]:
    """Mosquitto with passwords (`CREDENTIALS`) and the topic rights of the contract."""
    yield from _running(new_broker("mosquitto", tmp_path_factory.mktemp("guarded"), CREDENTIALS))


@pytest.fixture(scope="session")
def credentials() -> dict[str, str]:
    """The passwords of the `guarded` broker, by user name."""
    return CREDENTIALS
