"""A zone screen without glass: it keeps what it should show, and its picture is its colour with a band across."""

from __future__ import annotations

import base64
import contextlib
import math
import os
import struct
import zlib
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract import (
    Backdrop,
    Bare,
    CouponWall,
    DesiredBody,
    Instruction,
    ProductScene,
    Scene,
    Show,
    ShowExtension,
    Snapshot,
    Touched,
    WallScene,
    desired_body,
    encode,
    encode_desired,
)
from device_drivers.driver import Outcome, Reason, Result, State
from device_drivers.simulation import World

if TYPE_CHECKING:
    from pathlib import Path

    from device_drivers.driver import Report

SIZE: Final = (108, 192)
"""Of the picture, in pixels."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this screen behaves; everything has a default."""

    dark: bool = False
    """It has no picture: a snapshot fails with `internal`."""


class Driver:
    """The screen. What it shows lies in its folder as `shown.json`. Actions in its world: `touch`, `dark`, `fix`."""

    kind = "screen"
    capabilities = ("show", "snapshot", "identify")

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._folder = folder
        self._world = World(folder, self._on_action)
        self._dark = settings.dark
        self._body: Backdrop | None = None
        self._scene: Scene | None = None

    def start(self, report: Report) -> None:
        """Lets its world begin, and shows again what it showed."""
        self._report = report
        self._world.start()
        with contextlib.suppress(OSError, ValueError):
            self.apply(desired_body(self.kind, (self._folder / "shown.json").read_bytes()))

    def stop(self) -> None:
        """Ends its world."""
        self._world.stop()

    def state(self) -> State:
        """Whether there is a picture."""
        return State(online=not self._dark)

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:  # noqa: ARG002
        """`show` changes the scene, `snapshot` gives the picture as a PNG in base64."""
        if isinstance(instruction, Show):
            return self._show(instruction.scene)
        if isinstance(instruction, ShowExtension):
            return Result(Outcome.REFUSED, Reason.BAD_ARGS)
        if not isinstance(instruction, Snapshot):
            return Result(Outcome.DONE)
        if self._dark:
            return Result(Outcome.FAILED, Reason.INTERNAL)
        picture = _png(*SIZE, _rgb(self._colour()))
        return Result(Outcome.DONE, None, {"png": base64.b64encode(picture).decode()})

    def apply(self, body: DesiredBody) -> None:
        """Shows it. Raises `ValueError` where it is nothing for a screen."""
        if isinstance(body, Bare):
            raise ValueError("a screen shows a wall or a bank's keypad")  # noqa: TRY004 - as the agent expects it
        self._body = body
        new = self._folder / "shown.json.new"
        new.write_bytes(encode_desired(body))
        os.replace(new, self._folder / "shown.json")  # noqa: PTH105

    def _show(self, scene: Scene) -> Result:
        """What a person would see goes into `scene.json`, for whoever has no glass to look at."""
        self._scene = None if isinstance(scene, WallScene) else scene
        (self._folder / "scene.json").write_bytes(encode(scene))
        return Result(Outcome.DONE)

    def _colour(self) -> str:
        if isinstance(self._scene, ProductScene):
            return self._scene.tint
        coupons = self._body.coupons if isinstance(self._body, CouponWall) else ()
        return coupons[0].tint if coupons else "#FFFFFF"

    def _on_action(self, action: str) -> None:
        if action == "touch":
            self._report.event(Touched())
        elif action in ("dark", "fix"):
            self._dark = action == "dark"
            self._report.state(self.state())


def _rgb(colour: str) -> bytes:
    """`#RRGGBB` as three bytes; white where it is no colour."""
    try:
        rgb = bytes.fromhex(colour.removeprefix("#"))
    except ValueError:
        return b"\xff\xff\xff"
    return rgb if len(rgb) == 3 else b"\xff\xff\xff"


def _png(width: int, height: int, rgb: bytes) -> bytes:
    """A PNG of one colour with a band across it: whoever looks takes a picture of one colour for a dead screen."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    row, band = (b"\x00" + colour * width for colour in (rgb, bytes(value ^ 0x80 for value in rgb)))
    third = height // 3
    rows = row * third + band * third + row * (height - 2 * third)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
