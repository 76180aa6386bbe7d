"""From the glass to the report: a real kiosk in a process of its own, drawn off screen, proves to a real gateway what
it showed; killed in the middle, it tells the rest when it is back.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from edge.domain.displays import queries
from tests.edge.conftest import until
from tests.edge.test_gateway_to_kiosk import store
from tests.edge.test_scans import SCREEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker

RUN = """
import sys
from pathlib import Path
from kiosk_ui.app import Options, run
options = Options(
    device=sys.argv[1], port=int(sys.argv[2]), folder=Path(sys.argv[3]), offscreen=True, size=(360, 640)
)
sys.exit(run(options))
"""


@pytest.fixture
def kiosk(
    require: Callable[[str], None], mosquitto: Broker, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen]]:
    """Starts the kiosk, or starts it again."""
    require("kivy")
    port = mosquitto.url.rpartition(":")[2]
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-c", RUN, SCREEN, port, str(tmp_path / "kiosk")]
        started.append(subprocess.Popen(command, env=os.environ | {"HOME": str(tmp_path)}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _noted(folder: Path) -> int:
    """Milliseconds of the running interval."""
    try:
        return int.from_bytes((folder / "proof" / "stood.now").read_bytes()[8:16], "little")
    except OSError:
        return 0


async def test_what_stood_on_the_glass_is_in_the_report(
    mosquitto: Broker, tmp_path: Path, kiosk: Callable[[], subprocess.Popen]
) -> None:
    began = time.monotonic()
    first = kiosk()
    async with store(mosquitto, tmp_path / "data") as gateway:
        await until(lambda: _noted(tmp_path / "kiosk") > 500)
        first.send_signal(signal.SIGKILL)
        first.wait()
        second = kiosk()
        await until(lambda: queries.exposure(gateway.reads, 0, 2**53))  # of the one that was killed
        await until(lambda: _noted(tmp_path / "kiosk") > 500)
        second.send_signal(signal.SIGTERM)
        second.wait(60)
        await until(lambda: len(gateway.reads.all("SELECT DISTINCT boot FROM display_marks")) == 2)
        found = queries.exposure(gateway.reads, 0, 2**53)
        shown = sum(each.shown_ms for each in found)
        assert 1000 <= shown <= (time.monotonic() - began) * 1000
        assert {each.screen for each in found} == {SCREEN}
        assert {each.zone for each in found} == {"fresh"}
