"""The flight recorder: everything around a moment, and nobody in it."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
import requests

from operations.diagnosis.recording.redaction import Names
from tests.callers import stands_alone
from tests.command import storekeeper
from tests.web.conftest import STAFF_PIN
from tests.web.running import CONFIG, RunningStore, Shopper, new_phone
from tests.web.test_operators import operator, staff


def opened(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name).decode() for name in made.namelist()}


def test_a_bundle_has_facts_messages_logs_and_states_and_names_nobody(real: RunningStore) -> None:
    phone = new_phone()
    shopper = Shopper(real)
    shopper.register(real.code("cart-01"), phone)
    li = staff(real, "li", STAFF_PIN)
    assert li.last.status_code == 303  # type: ignore[attr-defined]
    member = real.gateway.reads.one("SELECT body FROM entries WHERE type='member.registered.v1' ORDER BY sequence DESC")
    assert member is not None
    person = json.loads(member["body"])["member"]
    found = opened(operator(real).get(f"{real.base}/it/recorder.zip", params={"minutes": 60}, timeout=60).content)
    assert set(found) == {"README.txt", "facts.ndjson", "messages.ndjson", "logs.txt", "states.json", "findings.json"}
    facts = [json.loads(line) for line in found["facts.ndjson"].splitlines()]
    assert {"member.registered.v1", "staff.logged_in.v1"} <= {fact["type"] for fact in facts}
    assert {fact["sequence"] for fact in facts}
    whole = "".join(found.values())
    for secret in (phone, person, '"li"', "小李"):
        assert secret not in whole, secret
    assert not stands_alone(phone[3:], whole)
    assert "cart-01" in whole


def test_messages_of_devices_are_there_by_size(store: RunningStore) -> None:
    content = requests.get(f"{store.base}/it/recorder.zip", params={"minutes": 60}, timeout=60).content
    messages = [json.loads(line) for line in opened(content)["messages.ndjson"].splitlines()]
    assert {"cart-01", "locker-a"} <= {message["device"] for message in messages}
    assert any(message["channel"] == "state" and message["bytes"] > 20 for message in messages)


def test_only_operators_get_it(real: RunningStore) -> None:
    assert staff(real).get(f"{real.base}/it/recorder.zip", timeout=60).status_code == 403
    chen = operator(real)
    for wrong in ({"at": "yesterday"}, {"minutes": "100000"}, {"minutes": "0"}):
        assert chen.get(f"{real.base}/it/recorder.zip", params=wrong, timeout=60).status_code == 400, wrong


@pytest.mark.parametrize(
    "line",
    [
        "login refused name=anna from 192.168.1.7",
        "told +86 138 1234 5678 to wait",
        "mail anna@example.org",
        "GET /t/cart-01.x9Kd3mQ 200",
        "member=0199a3c2-7d10-7cc0-8d11-aabbccddeeff gone",
        "authorization: Bearer abc.def-ghi",
        "from fe80:0:0:0:1:2:3:4",
    ],
)
def test_a_line_of_a_log_names_nobody(line: str) -> None:
    said = Names().line(line)
    for secret in ("anna", "192.168.1.7", "1234 5678", "x9Kd3mQ", "0199a3c2", "abc.def", "fe80:0"):
        assert secret not in said
    assert "p-" in said


def test_what_somebody_typed_is_no_code() -> None:
    names = Names()
    fact = {"type": "device.taken_out.v1", "device": "cart-01", "reason": "li", "by": "wang", "new": {"phone": "138"}}
    said = names.fact(fact)
    assert (said["type"], said["device"]) == ("device.taken_out.v1", "cart-01")
    assert said["reason"].startswith("p-")
    assert said["by"] == names.of("wang")
    assert said["new"]["phone"].startswith("p-")
    assert names.fact({"reason": "no_response"}) == {"reason": "no_response"}
    assert Names().of("wang") != names.of("wang")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return storekeeper("record", "--config", CONFIG, *arguments)


def test_the_command_works_without_a_gateway_too(store: RunningStore, tmp_path: Path) -> None:
    done = run("--data", str(store.data), "--minutes", "60", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.glob("*.zip")
    assert made.stat().st_mode & 0o077 == 0
    assert opened(made.read_bytes())["facts.ndjson"]
    wrong = run("--at", "soon", "--out", str(tmp_path))
    assert (wrong.returncode, "expected a moment" in wrong.stderr) == (2, True)
    assert run("--out", str(tmp_path / "nowhere")).returncode == 2
