"""Lock drivers on emulated boards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.device_drivers.locks.kerong_emulator import Line, PtyLine, TcpLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.device_drivers.conftest import Heard

    Start = Callable[..., Any]
    Lines = Callable[..., Line]


LINES: list[type[Line]] = [PtyLine, TcpLine]


@pytest.fixture(params=LINES, ids=["pty", "tcp"])
def line_type(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def lines(line_type: Any, tmp_path: Path) -> Iterator[Lines]:
    """`lines(model, boards, …)`: a plugged wire with boards on it, on a pty and on TCP."""
    made: list[Line] = []

    def make(model: str = "cu48", boards: tuple[int, ...] = (0,), **kind: Any) -> Line:
        made.append(line_type(tmp_path / "line", model, boards, **kind).plug())
        return made[-1]

    yield make
    for line in made:
        line.stop()


@pytest.fixture
def start(heard: Heard, tmp_path: Path) -> Iterator[Start]:
    """`start(module, line, setting=…)`: a running driver of that module on that wire.

    It waits long for what comes at once: a busy machine may be slow to say it. A test that waits for what does not come
    says how long.
    """
    running: list[Any] = []

    def begin(module: Any, line: Any, report: Heard = heard, **settings: Any) -> Any:
        given = {"url": line.url, "closed_bit": 1, "release_s": 60.0, "poll_s": 0.3, "reply_s": 2.0, **settings}
        driver = module.Driver(msgspec.convert(given, module.Settings), tmp_path)
        running.append(driver)
        driver.start(report)
        return driver

    yield begin
    for driver in running:
        driver.stop()


def until(true: Callable[[], Any], patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)
