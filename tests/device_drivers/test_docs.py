"""The manual for driver authors is true."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from device_drivers.contract import Identify, Reason, Verb
from device_drivers.driver import Driver, Outcome, Result

if TYPE_CHECKING:
    from tests.device_drivers.conftest import Bench

MANUAL = (Path(__file__).parents[2] / "docs" / "drivers.md").read_text(encoding="utf-8")


@pytest.fixture
def lamp(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The driver in the manual, as a module."""
    found = re.search(r"```python\n(.*?)```", MANUAL, re.DOTALL)
    assert found
    module = types.ModuleType("led_lamp")
    monkeypatch.setitem(__import__("sys").modules, "led_lamp", module)
    exec(compile(found[1], "docs/drivers.md", "exec"), module.__dict__)
    return module


def test_the_example_works_on_the_bus(lamp: Any, bench: Bench, tmp_path: Path) -> None:
    settings = msgspec.convert({"led": str(tmp_path), "blink_s": 0.01}, lamp.Settings)
    _, gateway = bench.agent(lamp.Driver(settings, tmp_path))
    assert gateway.wait("status", lambda body: body["online"]).body["kind"] == "beacon"
    assert gateway.call("find", {"seconds": 0.1})["outcome"] == "done"
    assert (tmp_path / "brightness").read_text() == "0"


def test_the_example_fails_as_it_says(lamp: Any, tmp_path: Path) -> None:
    driver = lamp.Driver(lamp.Settings(led=str(tmp_path / "gone")), tmp_path)
    with pytest.raises(OSError, match="gone"):
        driver.start(None)
    assert driver.carry_out(Identify()) == Result(Outcome.FAILED, Reason.PORT_LOST)


@pytest.mark.parametrize(
    "name", [*Verb, *Reason, *(name for name in vars(Driver) if name in ("start", "state", "apply"))]
)
def test_every_word_of_the_contract_stands_in_the_manual(name: str) -> None:
    assert f"`{name}" in MANUAL or f"def {name}" in MANUAL


@pytest.mark.parametrize(
    "module", ["locks.simulated_cart", "locks.simulated_locker", "printers.simulated", "screens.simulated"]
)
def test_every_action_in_the_manual_is_one_the_simulator_knows(module: str) -> None:
    row = {"cart": "| cart |", "locker": "| locker |", "printers": "| printer |", "screens": "| screen |"}
    key = next(key for key in row if key in module)
    line = next(line for line in MANUAL.splitlines() if line.startswith(row[key]))
    source = (Path(__file__).parents[2] / "device_drivers" / f"{module.replace('.', '/')}.py").read_text()
    actions = re.findall(r"`([a-z-]+?)(?:-\d\d)?`", line)
    assert actions
    for action in actions:
        assert f'"{action}"' in source
