"""The kiosk's own process, offscreen, on a real broker: what the gateway publishes is on the glass within a second."""

from __future__ import annotations

import hashlib
import io
import json
import os
import queue
import signal
import subprocess
import sys
import time
import uuid
from base64 import b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker

DEVICE = "screen-baby"
RUN = """
import sys
from pathlib import Path
from kiosk_ui.app import Options, run
sys.exit(run(Options(device="screen-baby", port=int(sys.argv[1]), folder=Path(sys.argv[2]), offscreen=True)))
"""


class Gateway:
    """The gateway's end of the contract, bare."""

    def __init__(self, port: int) -> None:
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_message = lambda _c, _u, m: self.heard.put((m.topic.split("/")[-1], json.loads(m.payload)))
        self._client.connect("127.0.0.1", port)
        self._client.subscribe([(f"sk/s001/{DEVICE}/{channel}", 1) for channel in ("status", "applied", "reply")])
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def wish(self, revision: int, body: bytes) -> None:
        """Publishes a desired body."""
        digest = hashlib.sha256(body).hexdigest()
        message = b'{"revision":%d,"sha256":"%s","body":%s}' % (revision, digest.encode(), body)
        self._client.publish(f"sk/s001/{DEVICE}/desired", message, qos=1, retain=True).wait_for_publish(60)

    def command(self, verb: str, fence: int) -> None:
        """Sends a command."""
        name = uuid.uuid4()
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = 60
        properties.ResponseTopic = f"sk/s001/{DEVICE}/reply"
        properties.CorrelationData = name.bytes
        text = {"id": str(name), "verb": verb, "args": {}, "fence": fence, "ttl_ms": 60_000}
        body = json.dumps(text | {"issued_at": datetime.now(UTC).isoformat()})
        self._client.publish(f"sk/s001/{DEVICE}/command", body, qos=0, properties=properties)

    def hear(self, channel: str, fits: Callable[[Any], bool], seconds: float = 60) -> Any:
        """The next message on the channel that fits."""
        ends = time.monotonic() + seconds
        while True:
            try:
                found, body = self.heard.get(timeout=max(0.01, ends - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"nothing that fits on {channel} within {seconds} s")
            if found == channel and fits(body):
                return body


@pytest.fixture
def gateway(mosquitto: Broker) -> Iterator[Gateway]:
    gateway = Gateway(mosquitto.port)
    yield gateway
    gateway.close()


@pytest.fixture
def kiosk(require: Callable[[str], None], mosquitto: Broker, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    require("kivy")
    command = [sys.executable, "-c", RUN, str(mosquitto.port), str(tmp_path / "kiosk")]
    process = subprocess.Popen(command, env=os.environ | {"HOME": str(tmp_path)})
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def test_a_kiosk_on_the_bus(gateway: Gateway, kiosk: Any, body: Callable[..., bytes]) -> None:
    def wish(revision: int, coupons: int) -> None:
        gateway.wish(revision, body(coupons, datetime.now(UTC), 600))

    def snapshot(fence: int) -> bytes:
        gateway.command("snapshot", fence)
        reply = gateway.hear("reply", lambda body: body["outcome"] == "done")
        assert len(reply["observed"]["png"]) <= 48 * 1024
        return b64decode(reply["observed"]["png"])

    wish(1, 4)
    status = gateway.hear("status", lambda body: body["online"])
    assert (status["kind"], status["contract"]) == ("screen", 1)
    assert set(status["capabilities"]) == {"show", "snapshot", "identify", "restart", "up_ms"}
    assert gateway.hear("applied", lambda body: body["revision"] == 1).get("sha256")

    four = snapshot(1)
    picture = Image.open(io.BytesIO(four))
    assert picture.format == "PNG"
    assert abs(picture.height / picture.width - 16 / 9) < 0.01

    wish(2, 1)
    assert gateway.hear("applied", lambda body: body["revision"] == 2).get("sha256")
    assert snapshot(2) != four

    gateway.wish(3, b'{"schema":9}')
    assert "schema" in gateway.hear("applied", lambda body: body["revision"] == 3)["error"]

    kiosk.send_signal(signal.SIGTERM)
    assert kiosk.wait(60) == 0
    assert not gateway.hear("status", lambda body: not body["online"])["online"]
