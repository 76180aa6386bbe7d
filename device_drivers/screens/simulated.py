"""A zone screen without glass: it keeps what it should show, and its picture is one plain colour."""

from __future__ import annotations

import base64
import contextlib
import math
import os
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

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


class Coupon(msgspec.Struct, frozen=True):
    """As much of a coupon as the colour of the picture needs."""

    tint: str = "#D9E8F8"


class Body(msgspec.Struct, frozen=True):
    """As much of the desired body as this screen checks: schema 1, and coupons that are coupons."""

    schema: int
    coupons: tuple[Coupon, ...] = ()


class Driver:
    """The screen. What it shows lies in its folder as `shown.json`. Actions in its world: `touch`, `dark`, `fix`."""

    kind = "screen"
    capabilities = ("show", "snapshot", "identify")

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._folder = folder
        self._world = World(folder, self._reach_in)
        self._dark = settings.dark
        self._body = Body(1)

    def start(self, report: Report) -> None:
        """Lets its world begin, and shows again what it showed."""
        self._report = report
        self._world.start()
        with contextlib.suppress(OSError, ValueError):
            self._body = _parse((self._folder / "shown.json").read_bytes())

    def stop(self) -> None:
        """Ends its world."""
        self._world.stop()

    def state(self) -> State:
        """Whether there is a picture."""
        return State(online=not self._dark)

    def carry_out(self, verb: str, args: dict[str, Any], deadline: float = math.inf) -> Result:  # noqa: ARG002
        """`show` changes the scene, `snapshot` gives the picture as a PNG in base64."""
        if verb != "snapshot":
            return Result(Outcome.DONE)
        if self._dark:
            return Result(Outcome.FAILED, Reason.INTERNAL)
        colour = self._body.coupons[0].tint if self._body.coupons else "#FFFFFF"
        picture = _png(*SIZE, _rgb(colour))
        return Result(Outcome.DONE, None, {"png": base64.b64encode(picture).decode()})

    def apply(self, body: bytes) -> None:
        """Shows it. Raises `ValueError` where it is not schema 1."""
        self._body = _parse(body)
        new = self._folder / "shown.json.new"
        new.write_bytes(body)
        os.replace(new, self._folder / "shown.json")  # noqa: PTH105

    def _reach_in(self, action: str) -> None:
        if action == "touch":
            self._report.event("touched", {})
        elif action in ("dark", "fix"):
            self._dark = action == "dark"
            self._report.state(self.state())


def _parse(body: bytes) -> Body:
    parsed = msgspec.json.decode(body, type=Body)
    if parsed.schema != 1:
        raise ValueError(f"schema {parsed.schema}: this screen knows schema 1")
    return parsed


def _rgb(colour: str) -> bytes:
    """`#RRGGBB` as three bytes; white where it is no colour."""
    try:
        rgb = bytes.fromhex(colour.removeprefix("#"))
    except ValueError:
        return b"\xff\xff\xff"
    return rgb if len(rgb) == 3 else b"\xff\xff\xff"


def _png(width: int, height: int, rgb: bytes) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\x00" + rgb * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
