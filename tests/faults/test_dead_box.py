"""A box dies with its disk while shoppers are served: another one takes its place, by a copy and the cloud.

Prints how long that took, from the power cut to the first cart that opens.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.bootstrap.journal import verify_journal
from edge.journal.streams import fence_floor
from operations.backups import keys
from tests.faults.house import CARTS, TOKEN, House, until
from tests.faults.shoppers import Crowd

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        "STOREKEEPER_ROUNDS" not in os.environ,
        reason="half a minute, in `make test-all`; what it is made of is tested in tests/operations/test_restore.py",
    ),
]

KEY = keys.fresh()
ENTRIES = "SELECT sequence, id, wall_ms, mono_ms, boot, body, hash FROM entries"


def storekeeper(house: House, *words: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "edge.cli", *words, "--config", str(house.config), "--data", str(house.data)],
        input=typed, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shop(house: House, more: int) -> None:
    """So many more shoppers' wishes are served, and the carts move."""
    crowd = Crowd(house, seed=more)
    crowd.start()
    until(lambda: crowd.served() >= more, what=house.last_words)
    crowd.leave()


def in_cloud(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as found:
        return found.execute(ENTRIES + " ORDER BY sequence").fetchall()


def ordered_by_the_old_box(house: House, cart: str, fence: int) -> dict[str, Any]:
    """What a cart answers to an unlock under the fence that the old box would make."""
    replies: list[dict[str, Any]] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="old-box", protocol=mqtt.MQTTv5)
    client.on_message = lambda _, __, message: replies.append(json.loads(message.payload))
    client.on_connect = lambda client, *_: client.subscribe(f"sk/s001/{cart}/reply")
    name = str(uuid.uuid4())
    expiry = Properties(PacketTypes.PUBLISH)
    expiry.MessageExpiryInterval = 10
    client.on_subscribe = lambda client, *_: client.publish(
        f"sk/s001/{cart}/command",
        json.dumps({"id": name, "verb": "unlock", "args": {}, "fence": fence, "ttl_ms": 10_000, "issued_at": ""}),
        properties=expiry,
    )
    client.connect("127.0.0.1", house.broker_port)
    client.loop_start()
    try:
        return until(lambda: next((reply for reply in replies if reply["id"] == name), None)) or {}
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_dead_box_is_replaced_while_shoppers_wait(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with House(tmp_path / "house") as house:
        until(house.open, what=house.last_words)
        (house.data / "secrets" / "cloud.token").write_text(TOKEN)
        keys.take(house.data, KEY)
        shop(house, 30)
        (tmp_path / "copies").mkdir()
        storekeeper(house, "backup", "--to", str(tmp_path / "copies"))
        until(lambda: house.rows("SELECT 1 FROM box_words WHERE subject='backup'"))
        shop(house, 60)
        until(lambda: house.acknowledged() > 100, what=house.last_words)
        fence = int(time.time()) + 1
        died = time.monotonic()
        house.parts["gateway"].kill()
        house.parts["sync"].kill()
        known = in_cloud(house.folder / "cloud" / "cloud.db")
        shutil.move(house.data, tmp_path / "dead")
        said = storekeeper(house, "restore", str(tmp_path / "copies"), typed=f"{KEY}\n")
        ready = time.monotonic()
        house.parts["gateway"].start()
        house.parts["sync"].start()
        until(house.open, what=house.last_words)
        again = time.monotonic()
        shop(house, 10)
        served = time.monotonic()
        with capsys.disabled():
            sys.stdout.write(
                f"\ndead box: {len(known)} facts in the cloud; restored in {ready - died:.1f} s, all {len(CARTS)} carts"
                f" back after {again - died:.1f} s, ten wishes served after {served - died:.1f} s\n"
            )
        assert "facts came from the cloud" in said
        found = [tuple(row.values()) for row in house.rows(ENTRIES + " ORDER BY sequence")]
        assert found[: len(known)] == known, "everything that the cloud had, byte for byte"
        assert found[len(known)][5].startswith(b'{"type":"stream.opened.v1"')
        assert house.rows("SELECT max(fence) AS n FROM grants")[0]["n"] > fence_floor(1)
        assert ordered_by_the_old_box(house, CARTS[0], fence)["reason"] == "stale_fence"
        last = found[-1][0]
        until(lambda: house.acknowledged() >= last, what=house.last_words)
        assert in_cloud(house.folder / "cloud" / "cloud.db")[:last] == found[:last]
        assert verify_journal(house.settings).faults == ()
