"""Home Assistant finds the store's devices, a collector gets traces of unlocks: only where it is switched on."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.settings.integrations import HomeAssistantSettings, TracingSettings
from edge.settings.settings import Settings
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper, wait

NEEDED = {"unique_id", "state_topic", "device", "origin"}
CLASSES = {
    "binary_sensor": {"lock", "presence", "door", "problem", "connectivity"},
    "sensor": {"battery", "enum"},
}
"""Of Home Assistant's own lists for these two components."""
ORDERS = ("command_topic", "payload_press", "payload_open", "payload_unlock", "command_template")


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes traces, and keeps them."""

    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Telling(RunningStore):
    """A store that tells others."""

    endpoint = ""

    def _settings(self) -> Settings:
        settings = super()._settings()
        more = {
            "home_assistant": HomeAssistantSettings(enabled=True),
            "tracing": TracingSettings(endpoint=self.endpoint),
        }
        return settings.model_copy(update={"gateway": settings.gateway.model_copy(update=more)})


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory, require: Callable[[str], None]) -> Iterator[tuple[Telling, Any]]:
    require("opentelemetry")
    handler = type("Own", (Collector,), {"bodies": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    folder: Path = tmp_path_factory.mktemp("telling")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    Telling.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    store = Telling(broker, folder / "data", ("cart-01", "locker-a", "printer-1"))
    store.start()
    yield store, handler
    store.stop()
    broker.stop()
    server.shutdown()
    server.server_close()


@pytest.fixture
def heard(telling: tuple[Telling, Any]) -> Iterator[dict[str, bytes]]:
    """What somebody hears who comes to the broker now."""
    found: dict[str, bytes] = {}
    client = Client(CallbackAPIVersion.VERSION2, "somebody", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = lambda _, __, message: found.__setitem__(message.topic, message.payload)
    client.connect("127.0.0.1", int(telling[0]._broker.url.rpartition(":")[2]))
    client.subscribe([("homeassistant/#", 1), ("storekeeper/#", 1), ("sk/#", 1)])
    client.loop_start()
    yield found
    client.disconnect()
    client.loop_stop()


def test_home_assistant_finds_locks_carts_printers_and_alarms(heard: dict[str, bytes]) -> None:
    def configs() -> dict[str, dict[str, Any]]:
        return {topic: json.loads(body) for topic, body in list(heard.items()) if topic.startswith("homeassistant/")}

    wait(lambda: len(configs()) >= 12 * 3 + 48 + 2)
    wait(lambda: "storekeeper/s001/alarms" in heard)
    found = configs()
    assert len({body["unique_id"] for body in found.values()}) == len(found)
    for topic, body in found.items():
        _, component, unique, last = topic.split("/")
        assert (last, unique) == ("config", body["unique_id"])
        assert body.keys() >= NEEDED
        assert body["device_class"] in CLASSES[component]
        assert not [key for key in ORDERS if key in body]
        assert body["device"]["identifiers"]
    names = {unique.split("/")[2] for unique in found}
    assert {"storekeeper_s001_cart_01_lock", "storekeeper_s001_locker_a_door_05", "storekeeper_s001_printer_1_paper",
            "storekeeper_s001_alarms"} <= names  # fmt: skip


@pytest.mark.skipif(not os.environ.get("STOREKEEPER_ROUNDS"), reason="installs Home Assistant: make test-all")
def test_home_assistants_own_schemas_take_all_of_it(heard: dict[str, bytes], tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "own")], check=True)
    pip, python = [tmp_path / "own" / "bin" / "pip", "install", "--quiet"], tmp_path / "own" / "bin" / "python"
    subprocess.run([*pip, "homeassistant"], check=True)
    [manifest] = (tmp_path / "own").rglob("homeassistant/components/mqtt/manifest.json")
    subprocess.run([*pip, *json.loads(manifest.read_text())["requirements"]], check=True)
    wait(lambda: "homeassistant/binary_sensor/storekeeper_s001_alarms/config" in heard)
    told = {topic: json.loads(body) for topic, body in list(heard.items()) if topic.startswith("homeassistant/")}
    told["homeassistant/sensor/wrong/config"] = {"state_topic": "a", "device_class": "nonsense"}
    judge = [python, Path(__file__).with_name("home_assistant_judges.py")]
    judged = subprocess.run(judge, input=json.dumps(told), capture_output=True, text=True, check=True)
    assert json.loads(judged.stdout).keys() == {"homeassistant/sensor/wrong/config"}


def test_its_templates_read_what_devices_really_say(heard: dict[str, bytes]) -> None:
    def value(unique: str, component: str = "binary_sensor") -> str:
        config = json.loads(heard[f"homeassistant/{component}/storekeeper_s001_{unique}/config"])
        said = json.loads(heard[config["state_topic"]])
        return Environment().from_string(config["value_template"]).render(value_json=said)

    wait(lambda: {"sk/s001/cart-01/state", "sk/s001/locker-a/state", "sk/s001/printer-1/state"} <= heard.keys())
    wait(lambda: "sk/s001/cart-01/status" in heard)
    wait(lambda: sum(topic.startswith("homeassistant/") for topic in list(heard)) >= 12 * 3 + 48 + 2)
    assert value("cart_01_lock") == "OFF"
    assert value("cart_01_docked") == "ON"
    assert float(value("cart_01_battery", "sensor")) > 10
    assert value("locker_a_door_05") == "OFF"
    assert value("printer_1_paper", "sensor") == "ok"
    assert value("printer_1_trouble") == "OFF"
    config = json.loads(heard["homeassistant/binary_sensor/storekeeper_s001_cart_01_lock/config"])
    (available,) = config["availability"]
    status = json.loads(heard[available["topic"]])
    assert Environment().from_string(available["value_template"]).render(value_json=status) == "online"


def test_a_trace_says_where_an_unlock_spent_its_time(telling: tuple[Telling, Any]) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    store, collector = telling
    shopper = Shopper(store)
    shopper.register(store.code("cart-01"))
    assert shopper.unlock("cart-01").json()["stage"] in ("unlocked", "seen")
    assert store.gateway.traces is not None

    def spans() -> list[Any]:
        return [
            span
            for body in list(collector.bodies)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def whole() -> bool:
        store.gateway.traces._provider.force_flush()
        return {"unlock", "commit", "begin", "device"} <= {span.name for span in spans()}

    wait(whole)
    root = next(span for span in spans() if span.name == "unlock")
    children = {span.name: span for span in spans() if span.parent_span_id == root.span_id}
    assert children.keys() == {"commit", "begin", "device"}
    assert all(span.trace_id == root.trace_id for span in children.values())
    assert root.start_time_unix_nano <= children["device"].start_time_unix_nano <= root.end_time_unix_nano
    told = {each.key: each.value.string_value for each in root.attributes}
    assert told["storekeeper.device"] == "cart-01"
    assert "member" not in json.dumps(told)


def test_neither_is_there_unless_it_is_switched_on(store: RunningStore) -> None:
    assert store.gateway.traces is None
    assert store.gateway.devices.home_assistant is None
