"""Figures in base units, rules that promtool proves, a dashboard that asks for nothing that is not there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import free_port
from tests.web.running import RunningStore, Shopper, wait

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
ALARMS = ROOT / "docs" / "operate" / "alarms.md"
NAME = re.compile(r"\bstorekeeper_[a-z_]+")
UNITS = ("_seconds", "_bytes", "_ratio", "_total", "_entries", "_sequence", "_slips", "_facts", "_info")


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=300, check=False)


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


@pytest.fixture
def prometheus(store: RunningStore, tmp_path: Path, require: Callable[[str], None]) -> Iterator[str]:
    """A real one that has read this store at least twice; its address."""
    require("prometheus")
    target, port = store.base.removeprefix("http://"), free_port()
    scrape = f"job_name: storekeeper, scrape_interval: 5s, static_configs: [{{targets: ['{target}']}}]"
    (tmp_path / "prometheus.yml").write_text(f"scrape_configs: [{{{scrape}}}]")
    words = [f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data"]
    address = f"127.0.0.1:{port}"
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(["prometheus", *words, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        wait(lambda: answered(address, "count_over_time(up[5m]) >= 2 and up == 1"))
        yield address
    finally:
        running.terminate()
        running.wait(60)


def answered(address: str, query: str) -> list[Any]:
    """What Prometheus finds; nothing while it starts. Fails for what it does not understand."""
    try:
        answer = requests.get(f"http://{address}/api/v1/query", {"query": query}, timeout=60)
    except requests.ConnectionError:
        return []
    assert answer.status_code in (200, 503), f"{query}: {answer.text}"
    return list(answer.json()["data"]["result"]) if answer.ok else []


MAY_BE_EMPTY = {
    "Unlock, from tap to lock open", "Unlocks by how they ended", "Battery", "Refused by the bounds",
    "Devices that come and go", "Messages beyond the contract",
    "Uplink", "Clock", "Differences, device to cloud", "Certificates end in", "Full in",
}  # fmt: skip
"""What nobody did yet has no figure; nor has what this store is without: a cloud, certificates, days of growth."""


def test_each_panel_of_the_dashboard_shows_what_a_real_prometheus_has_read(prometheus: str) -> None:
    panels: list[dict[str, Any]] = json.loads((MONITORING / "grafana.json").read_text("utf-8"))["panels"]
    chosen = {"$instance": ".*", "$__rate_interval": "1m"}

    def empty() -> set[str]:
        return {
            panel["title"]
            for panel in panels
            for target in panel["targets"]
            if not answered(prometheus, re.sub(r"\$\w+", lambda name: chosen[name[0]], target["expr"]))
        }

    wait(lambda: empty() <= MAY_BE_EMPTY)


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    board: dict[str, Any] = json.loads((MONITORING / "grafana.json").read_text("utf-8"))
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= board.keys()
    known = {f"${{{each['name']}}}" for each in board["templating"]["list"]}
    places: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        assert panel["datasource"]["uid"] in known, panel["title"]
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, f"{panel['title']} stands beyond the edge"
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not places & own, f"{panel['title']} lies upon another"
        places |= own
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


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
