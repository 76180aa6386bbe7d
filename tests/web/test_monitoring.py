"""Figures in base units, rules that promtool proves, a dashboard that asks for nothing that is not there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.web.running import RunningStore, Shopper

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
ALARMS = ROOT / "docs" / "operate" / "alarms.md"
NAME = re.compile(r"\bstorekeeper_[a-z_]+")
UNITS = ("_seconds", "_bytes", "_ratio", "_total", "_entries", "_sequence", "_slips", "_facts", "_info")


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False)


def families(text: str) -> dict[str, str]:
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def alerts() -> dict[str, str]:
    """The text of each rule, by its alarm."""
    parts = re.split(r"^      - alert: (\w+)$", (MONITORING / "rules.yml").read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_rules_hold_what_promtool_asks(require: Callable[[str], None]) -> None:
    require("promtool")
    checked = promtool("check", "rules", str(MONITORING / "rules.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = promtool("test", "rules", str(MONITORING / "rules_test.yml"))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_rule_that_is_wrong_fails_its_case(require: Callable[[str], None], tmp_path: Path) -> None:
    require("promtool")
    shutil.copytree(MONITORING, tmp_path, dirs_exist_ok=True)
    rules = (tmp_path / "rules.yml").read_text("utf-8")
    (tmp_path / "rules.yml").write_text(rules.replace("storekeeper_ready == 0", "storekeeper_ready == 5"), "utf-8")
    tested = promtool("test", "rules", str(tmp_path / "rules_test.yml"))
    assert tested.returncode != 0
    assert "StorekeeperNotReady" in tested.stdout + tested.stderr


def test_every_alarm_has_a_case_and_a_chapter_that_says_what_to_do() -> None:
    cases = (MONITORING / "rules_test.yml").read_text("utf-8")
    chapters = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", ALARMS.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    assert alerts().keys() == chapters.keys()
    for name, rule in alerts().items():
        assert f"  - name: {name}\n" in cases
        assert f"docs/operate/alarms.md#{name.lower()}" in rule
        assert re.search(r"^1\. \S", chapters[name], re.MULTILINE), name


def test_rules_and_dashboard_ask_for_figures_that_there_are(shopper: Shopper) -> None:
    found = families(shopper.api("GET", "/metrics").text)
    there = set(found) | {f"{name}_bucket" for name, kind in found.items() if kind == "histogram"}
    asked = {name for rule in alerts().values() for name in NAME.findall(rule)}
    panels: list[dict[str, Any]] = json.loads((MONITORING / "grafana.json").read_text("utf-8"))["panels"]
    asked |= {name for panel in panels for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert asked - there == set()
    assert len(panels) == len({panel["id"] for panel in panels})


def test_figures_have_base_units(shopper: Shopper) -> None:
    plain = {
        "storekeeper_ready", "storekeeper_devices_online", "storekeeper_device_online", "storekeeper_needs",
        "storekeeper_sync_state", "storekeeper_finding", "storekeeper_clock_synchronised",
        "storekeeper_reconciliation_differences", "storekeeper_rehearsing",
    }  # fmt: skip
    names = {name for name in families(shopper.api("GET", "/metrics").text) if not name.endswith("_created")}
    odd = {name for name in names if not name.endswith(UNITS)} - plain
    # Those of other parts of the house say their unit too, or count things.
    assert not {name for name in odd if re.search(r"(_ms|_minutes|_hours|_days|_mb|_kb|_percent)$", name)}
    assert all(name.startswith("storekeeper_") for name in names)


def test_a_store_s_own_figures(store: RunningStore, shopper: Shopper) -> None:
    text = shopper.api("GET", "/metrics").text
    assert re.search(
        r'^storekeeper_build_info\{python="3\.\d+\.\d+",sqlite="[\d.]+",version="[\d.]+"\} 1\.0$', text, re.MULTILINE
    )
    assert re.search(r'^storekeeper_device_online\{device="cart-01",kind="cart"\} 1\.0$', text, re.MULTILINE)
    assert re.search(r'^storekeeper_device_online\{device="cart-12",kind="cart"\} 0\.0$', text, re.MULTILINE)
    free = re.search(r"^storekeeper_disk_free_bytes (\S+)$", text, re.MULTILINE)
    assert free is not None
    assert float(free[1]) == pytest.approx(shutil.disk_usage(store.data).free, rel=0.05)
    assert re.search(r"^storekeeper_backup_last_timestamp_seconds 0\.0$", text, re.MULTILINE)
