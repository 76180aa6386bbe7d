"""From a product before a camera to its name on the glass: camera and agent, each broker, the gateway, the kiosk's own
process with its agent and its window, and what can be read in the picture of it.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import numpy as np
import pytest
from PIL import Image

from device_drivers.agent import Agent, Link
from device_drivers.backoff import Backoff
from edge.bootstrap.gateway import open_gateway
from edge.gateway import device_views
from edge.products.build import build
from edge.products.product import Product
from edge.products.version import Version
from tests.edge.conftest import settings_for, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker

CAMERA, SCREEN = "camera-1", "screen-1"
GTIN = "6901234567892"
NAME = "Wholegrain"
RUN = """
import sys
from pathlib import Path
from kiosk_ui.app import Options, run
sys.exit(run(Options(device=sys.argv[1], port=int(sys.argv[2]), folder=Path(sys.argv[3]), offscreen=True)))
"""
pytestmark = pytest.mark.slow


@pytest.fixture
def kiosk(require: Callable[[str], None], broker: Broker, tmp_path: Path) -> Iterator[Any]:
    require("kivy")
    require("tesseract")
    command = [sys.executable, "-c", RUN, SCREEN, str(urlsplit(broker.url).port), str(tmp_path / "kiosk")]
    process = subprocess.Popen(command, env=os.environ | {"HOME": str(tmp_path)})
    yield process
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def film(require: Callable[[str], None], tmp_path: Path) -> Path:
    """A camera's pictures as files: the code of a product, then nothing for so long that the camera forgets it."""
    require("cv2")
    require("zxingcpp")
    import cv2

    from tests.device_drivers.scanners.films import scenery, shown
    from tests.device_drivers.scanners.written import written

    place = tmp_path / "film"
    place.mkdir()
    empty, code = scenery(np.random.default_rng(1), striped=False), written("EAN13", GTIN)
    pictures = [shown(code, at=(0.45 + n / 100, 0.5)) for n in range(8)] + [empty] * 60
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(place / f"{number:03}.png"), picture)
    return place


def read(picture: bytes, folder: Path) -> str:
    """What a person would read on it: letters and digits alone."""
    path = folder / "glass.png"
    image = Image.open(io.BytesIO(picture)).convert("L")
    image.resize((image.width * 4, image.height * 4), Image.Resampling.LANCZOS).save(path)
    told = subprocess.run(
        ["tesseract", str(path), "-", "--psm", "11", "-l", "eng"], capture_output=True, text=True, check=True
    )
    return re.sub(r"\W+", " ", told.stdout)


async def test_what_is_held_to_the_camera_is_read_on_the_glass(
    broker: Broker,
    tmp_path: Path,
    kiosk: subprocess.Popen[bytes],
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from device_drivers.scanners import camera

    monkeypatch.setattr(device_views, "SNAPSHOT_TTL_MS", 60_000)  # a busy machine draws slowly
    settings = settings_for(broker, tmp_path / "data")
    cart = settings.devices[0]
    more = [
        cart.model_copy(update={"id": name, "kind": kind, "zone": "checkout"})
        for name, kind in ((CAMERA, "scanner"), (SCREEN, "screen"))
    ]
    loaf = Product(GTIN.zfill(14), {"zh-CN": f"{NAME} loaf", "en": f"{NAME} loaf"}, 890)
    async with open_gateway(settings.model_copy(update={"devices": (*settings.devices, *more)})) as gateway:
        gateway.lookup.products.current = Version(build(tmp_path, enumerate((loaf,), 1)).path)
        await until(lambda: gateway.devices.ingest.live[SCREEN].online, 300)
        await until(lambda: gateway.devices.ingest.live[SCREEN].applied, 300)
        chosen = msgspec.convert({"url": str(film), "frames_s": 20.0, "repeat": True}, camera.Settings)
        address = urlsplit(broker.url)
        link = Link(str(address.hostname), int(address.port or 0), "s001", CAMERA)
        driver = camera.Driver(chosen, tmp_path / CAMERA)
        agent = Agent(CAMERA, driver, link, tmp_path / CAMERA, backoff=Backoff(0.1, 0.5))
        await asyncio.to_thread(agent.start)
        try:
            words: list[str] = [""]
            ends = time.monotonic() + 300
            # A code that came while the picture before was being made is held up again.
            while NAME not in words[-1] and time.monotonic() < ends:
                shows = gateway.devices.scans._showing
                await until(lambda shows=shows: SCREEN in shows and shows[SCREEN].done())  # type: ignore[misc]
                picture = await gateway.devices.snapshot(SCREEN)
                words.append(await asyncio.to_thread(read, picture, tmp_path) if picture else "none")
            assert NAME in words[-1], words
            assert kiosk.poll() is None
            assert not [key for key in gateway.devices.mistakes.refusals if key[0] == SCREEN]
        finally:
            await asyncio.to_thread(agent.stop)
