"""From a code held up to a camera to the screen beside it: film, camera process, MQTT, gateway, screen.

    python -m tests.bench.bench_glance [--quick]

A film of 15 pictures a second is served as MJPEG; in it products (EAN-13) and QR codes are held up one after the other.
The clock runs from when the first picture with a code has been sent until the screen has the command `show`. Camera and
gateway are processes of their own, the broker is Mosquitto, the catalogue holds what is shown. Linear codes need two
pictures that agree, so one frame time is the floor: nothing that waits for a second picture can be quicker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from device_drivers.commands import reply_of
from device_drivers.contract import (
    Channel,
    ProductScene,
    State,
    Status,
    decode,
    encode,
    rfc3339,
)
from device_drivers.driver import NOT_MINE
from edge.bus.brokers import mosquitto
from edge.settings.settings import load
from gs1.trade import check_digit
from kiosk_ui.driver import Driver
from kiosk_ui.picture import Frame
from kiosk_ui.screen import Screens
from kiosk_ui.screens.registry import SCREENS
from tests.bench import store
from tests.bench.mqtt import Client, connect
from tests.bench.place import free_port, on_disk
from tests.bench.report import Goal, arguments, percentile, show

FRAMES_S = 15
FRAME_MS = 1000 / FRAMES_S
HELD = 12
"""Pictures in which a code is held up."""
AWAY = 24
"""Pictures between two codes: the camera forgets the one before."""
CAMERA, SCREEN = "camera-1", "screen-1"
BEYOND_MS = 150
Picture = NDArray[np.uint8]


class Film:
    """Pictures with a code, pictures without; each a little different, as a hand and a sensor make them."""

    def __init__(self, texts: list[str]) -> None:
        self._noise = np.random.default_rng(7)
        self._codes = [_rendered(text) for text in texts]
        self._background = cv2.GaussianBlur(self._noise.uniform(60, 200, (480, 640)).astype(np.float32), (0, 0), 12)

    def pictures(self) -> Iterator[tuple[int | None, bytes]]:
        """JPEG after JPEG, and which code is in it."""
        for _ in range(AWAY):
            yield None, self._picture(None, 0)
        for number, code in enumerate(self._codes):
            for step in range(HELD):
                yield number, self._picture(code, step)
            for _ in range(AWAY):
                yield None, self._picture(None, 0)

    def _picture(self, code: Picture | None, step: int) -> bytes:
        scene = self._background.copy()
        if code is not None:
            top, left = 60 + 2 * step, 100 + 3 * step
            scene[top : top + code.shape[0], left : left + code.shape[1]] = code
        scene = scene + self._noise.normal(0, 4, scene.shape)
        return bytes(cv2.imencode(".jpg", np.clip(scene, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])[1])


def _rendered(text: str) -> Picture:
    linear = text.isdigit()
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.EAN13 if linear else zxingcpp.BarcodeFormat.QRCode)
    picture = np.array(barcode.to_image(scale=3 if linear else 6))
    picture = picture[:, :, 0] if picture.ndim == 3 else picture
    if linear:
        picture = cv2.resize(picture, (picture.shape[1], 180), interpolation=cv2.INTER_NEAREST)
    return np.pad(picture, 24, constant_values=255)[:360, :500]


class Server:
    """The film as MJPEG, paced, for whoever connects; it notes when the first picture of each code went out."""

    def __init__(self, film: list[tuple[int | None, bytes]]) -> None:
        self._film = film
        self._fresh = asyncio.Condition()
        self._picture = film[0][1]
        self.held_up: dict[int, float] = {}
        self.late: list[float] = []
        """By how many milliseconds each picture was sent too late: what the machine's load costs anyhow."""
        self.ended = False
        self._cameras: set[asyncio.Task[None]] = set()

    async def play(self, begin: asyncio.Event) -> None:
        """The first picture again and again, and from `begin` on the whole film once."""
        due = time.perf_counter()
        while not begin.is_set():
            due = await self._publish(self._film[0][1], due)
        for number, picture in self._film:
            due = await self._publish(picture, due, number)

    async def _publish(self, picture: bytes, due: float, number: int | None = None) -> float:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        self.late.append(max(0.0, time.perf_counter() - due) * 1000)
        async with self._fresh:
            self._picture = picture
            self._fresh.notify_all()
        if number is not None:
            self.held_up.setdefault(number, time.perf_counter())
        return max(due + 1 / FRAMES_S, time.perf_counter())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One camera, until it leaves."""
        if (task := asyncio.current_task()) is not None:
            self._cameras.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=f\r\n\r\n")
            while not self.ended:
                async with self._fresh:
                    await self._fresh.wait()
                    picture = self._picture
                writer.write(b"--f\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture))
                writer.write(picture + b"\r\n")
                await writer.drain()
        writer.close()

    async def stop(self) -> None:
        """Lets the cameras go."""
        self.ended = True
        async with self._fresh:
            self._fresh.notify_all()
        await asyncio.gather(*self._cameras, return_exceptions=True)


class Glass:
    """A window without Kivy, which notes when it was given what: the frame that follows is the next one."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, str]] = []

    def show_backdrop(self, message: Any) -> None:
        """Its walls are not what is measured."""

    def show_scene(self, message: Any) -> None:
        """Notes it."""
        words = message.gtin if isinstance(message, ProductScene) else message.title.get("en", "")
        self.shown.append((time.perf_counter(), words))

    def close_scene(self) -> None:
        """Notes it."""
        self.shown.append((time.perf_counter(), ""))

    def frame(self) -> Frame:
        """Nobody asks."""
        raise TimeoutError

    def identify(self, seconds: float) -> None:
        """Nobody asks."""


class Screen:
    """The kiosk's own driver behind the contract's own decoder; the agent's disk and threads alone are left out."""

    def __init__(self) -> None:
        self._glass = Glass()
        self._driver = Driver(self._glass, Screens(SCREENS))
        self.shown = self._glass.shown

    async def connect(self, port: int) -> None:
        """Returns when it is online."""
        topic = f"sk/{store.STORE}/{SCREEN}"
        self._client: Client = await connect(port, SCREEN, self._told, f"{topic}/status")
        await self._client.subscribe([f"{topic}/command"])
        status = Status(True, "b1", "screen", 1, "bench", ("show",))
        self._client.publish(f"{topic}/status", encode(status), 1, retain=True)
        state = State(boot="b1", at=rfc3339(datetime.now(UTC)))
        self._client.publish(f"{topic}/state", encode(state), 1, retain=True)

    def _told(self, topic: str, payload: bytes, correlation: bytes) -> None:
        command = decode(Channel.COMMAND, payload)
        result = self._driver.carry_out(command.args) if command.args is not None else NOT_MINE
        reply = encode(reply_of(command.id, result))
        self._client.publish(topic.replace("/command", "/reply"), reply, correlation=correlation)


def gtin(number: int) -> str:
    """An EAN-13 of ours."""
    bare = f"690{number * 7919 % 10**9:09}"
    return f"{bare}{check_digit(bare)}"


def configured(folder: Path, mqtt: int, http: int, film: int) -> None:
    """The store of the other benches, with a camera and a screen beside it."""
    both = '{ zh-CN = "x", en = "x" }'
    common = f'zone = "entrance"\nlabel = {both}\nat = [1.0, 1.0]\n'
    store.settings(folder, 0, mqtt, http)
    place = folder / "config" / "devices.toml"
    place.write_text(
        f'[[devices]]\nid = "{SCREEN}"\nkind = "screen"\n{common}\n'
        f'[[devices]]\nid = "{CAMERA}"\nkind = "scanner"\ndriver = "scanners.camera"\n{common}'
        f'settings = {{ url = "http://127.0.0.1:{film}/film", frames_s = {FRAMES_S}.0 }}\n',
        encoding="utf-8",
    )


async def glance(folder: Path, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds for each code that came, and for each picture how late it was sent."""
    codes = [gtin(number) if number % 2 == 0 else f"https://id.gs1.org/01/0{gtin(number)}" for number in range(count)]
    server, screen, begin = Server(list(Film(codes).pictures())), Screen(), asyncio.Event()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    mqtt, http = free_port(), free_port()
    configured(folder, mqtt, http, listening.sockets[0].getsockname()[1])
    goods = folder / "goods.jsonl"
    goods.write_text(
        "\n".join(json.dumps({"gtin": gtin(n), "name": f"Product {n}", "price": "1.00"}) for n in range(count))
    )
    with ExitStack() as stack:
        broker = mosquitto(mqtt, folder / "broker", None, store=store.STORE)
        broker.start()
        stack.callback(broker.stop)
        config = str(folder / "config")
        chosen = load(folder / "config")
        await asyncio.to_thread(_imported, config, str(goods), folder)
        stack.enter_context(await asyncio.to_thread(_Entered, store.gateway(chosen, folder / "gateway.log")))
        await screen.connect(mqtt)
        playing = asyncio.create_task(server.play(begin))
        camera = store.process(
            "edge.cli", "devices", "run", "--config", config, log=folder / "camera.log",
            ready=lambda: store.online(chosen) == 2,
        )  # fmt: skip
        stack.enter_context(await asyncio.to_thread(_Entered, camera))
        await asyncio.sleep(2)  # the camera's own start is not what is measured
        begin.set()
        await playing
    await server.stop()
    listening.close()
    return _took(codes, server.held_up, screen.shown), server.late


def _took(codes: list[str], held_up: dict[int, float], shown: list[tuple[float, str]]) -> list[float]:
    found = []
    for number, text in enumerate(codes):
        wanted = text.rpartition("/")[2].zfill(14)
        since = held_up[number]
        found += [(at - since) * 1000 for at, words in shown if words == wanted and at >= since][:1]
    return found


class _Entered:
    """A context manager that was entered in a thread, so that the film goes on; left where the stack is."""

    def __init__(self, inner: contextlib.AbstractContextManager[int]) -> None:
        self._inner = inner
        self._inner.__enter__()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._inner.__exit__(None, None, None)


def _imported(config: str, goods: str, folder: Path) -> None:
    command = [sys.executable, "-m", "edge.cli", "catalogue", "import", goods, "--activate", "--config", config]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path.cwd())
    (folder / "catalogue.log").write_text(said.stdout + said.stderr)
    if said.returncode:
        raise SystemExit(f"no catalogue: {said.stderr[-2000:]}{said.stdout[-2000:]}")


def main() -> None:
    chosen = arguments(__doc__).parse_args()
    count = 10 if chosen.quick else 40
    with on_disk() as folder:
        took, late = asyncio.run(glance(folder, count))
    p50, p95, most = percentile(took, 50), percentile(took, 95), FRAME_MS + BEYOND_MS
    within = sum(each <= most for each in took) / count
    show(
        "Glance",
        [
            Goal(
                f"p95, first picture with a code to screen ≤ one frame time ({FRAME_MS:.0f} ms) + {BEYOND_MS} ms",
                f"{p95:.0f} ms (p50 {p50:.0f}, least {min(took):.0f}, most {max(took):.0f}); {within:.0%} in time",
                f"{p95 / FRAME_MS:.2f}",
                p95 <= most,
            ),
            Goal(
                "every code that is held up is shown",
                f"{len(took)} of {count}",
                f"{len(took) / count:.2f}",
                len(took) == count,
            ),
            Goal(
                "how late the bench's own timer was (no target)",
                f"p50 {percentile(late, 50):.1f} ms, p95 {percentile(late, 95):.1f} ms, most {max(late):.0f} ms",
                "",
                None,
            ),
        ],
    )


if __name__ == "__main__":
    main()
