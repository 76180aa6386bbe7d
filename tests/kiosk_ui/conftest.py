"""Walls to show. The gateway sends the same bodies; see the `desired` of a screen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kiosk_ui.bodies import NOW, make_body, make_coupon, make_product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """Gateways and tools are on this machine, which may be busy: each answer is waited for."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("gateway", "media"):
            patch.setattr(f"kiosk_ui.{module}.ANSWER_S", 60.0)
        patch.setattr("kiosk_ui.panel_power.PATIENCE_S", 60.0)
        yield


@pytest.fixture
def coupon() -> Callable[..., dict[str, Any]]:
    return make_coupon


@pytest.fixture
def body() -> Callable[..., bytes]:
    """`body(4)`: a wall of so many coupons; `body([...])`: of these."""

    def of(coupons: int | list[dict[str, Any]], now: datetime = NOW, code_s: float = 30, **changes: Any) -> bytes:
        if isinstance(coupons, int):
            coupons = [make_coupon(place, now, code_s) for place in range(coupons)]
        return make_body(coupons, **changes)

    return of


@pytest.fixture
def product() -> Callable[..., dict[str, Any]]:
    return make_product


@pytest.fixture
def in_a_window(require: Callable[[str], None], tmp_path: Path) -> Callable[..., None]:
    """Runs every case of a file in a process that has a window to itself, or in several, and counts them."""

    def run(cases: str, least: int, within_s: float, *parts: str, processes: int = 0) -> None:
        for part in ("kivy", "segno", "zxingcpp", *parts):
            require(part)
        path = str(Path(__file__).with_name(cases))
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "--timeout=600",
                "-n",
                str(processes),
                "-o",
                "python_files=*_cases.py",
                path,
            ],
            env=os.environ | {"SDL_VIDEODRIVER": "offscreen", "KIVY_NO_ARGS": "1", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        passed = re.search(r"(\d+) passed", done.stdout)
        assert passed
        assert int(passed[1]) >= least

    return run
