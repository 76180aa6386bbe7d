"""Every integer that the front takes has its range, and no fact that is stored breaks a page."""

from __future__ import annotations

import asyncio
import math
import os
from typing import TYPE_CHECKING, Any

import pytest
import requests
from fastapi.routing import APIRoute

from edge.domain.devices.facts import DeviceReported
from edge.domain.nouns import NOUNS
from edge.journal.journal import Journal
from tests.conftest import new_broker
from tests.journal.test_other_builds import forge
from tests.web.running import RunningStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_CONNECTIONS = 2**63 - 1


def unbounded(schema: Any, defs: dict[str, Any], where: str) -> Iterator[str]:
    """Each integer of a schema that has no least or no greatest value in 64 bits."""
    if isinstance(schema, list):
        for part in schema:
            yield from unbounded(part, defs, where)
    elif isinstance(schema, dict):
        if schema.get("type") == "integer" and not bounded(schema):
            yield where
        for name, part in schema.items():
            yield from inside(name, part, defs, where)


def inside(name: str, part: Any, defs: dict[str, Any], where: str) -> Iterator[str]:
    if name == "$ref":
        target = part.rsplit("/", 1)[-1]
        yield from unbounded(defs.get(target), {**defs, target: None}, f"{where} {target}")
    elif name == "properties":
        for field, inner in part.items():
            yield from unbounded(inner, defs, f"{where}.{field}")
    else:
        yield from unbounded(part, defs, where)


def bounded(schema: dict[str, Any]) -> bool:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -math.inf))
    most = schema.get("maximum", schema.get("exclusiveMaximum", math.inf))
    return "enum" in schema or "const" in schema or (least >= -MAX_CONNECTIONS and most <= MAX_CONNECTIONS)


def test_every_integer_has_its_range(store: RunningStore) -> None:
    document = requests.get(f"{store.base}/openapi.json", timeout=60).json()
    schemas = document["components"]["schemas"]
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            found += unbounded(operation.get("parameters", []), schemas, where)
            found += unbounded(operation.get("requestBody", {}), schemas, where)
    assert found == [], "\n".join(found)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Each object within a document, itself first."""
    if isinstance(schema, dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(part)


def test_names_of_a_form_leave_no_other_names(store: RunningStore) -> None:
    document = requests.get(f"{store.base}/openapi.json", timeout=60).json()
    named = [part for part in parts(document) if "patternProperties" in part]
    assert named
    assert all(part.get("additionalProperties") is False for part in named), named


def test_so_has_every_integer_of_a_hidden_route(store: RunningStore) -> None:
    found = []
    for route in (route for app in store.apps for route in app.routes):
        if isinstance(route, APIRoute):
            asked = route.dependant
            for field in (*asked.path_params, *asked.query_params, *asked.header_params, *asked.cookie_params):
                metadata = getattr(field.field_info, "metadata", [])
                kinds = {type(limit).__name__ for limit in metadata}
                if field.field_info.annotation is int and not {"Ge", "Le"} <= kinds:
                    found.append(f"{route.path} {field.name}")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("number", [2**63, -(2**63), 2**64, 10**30, "1e400", "NaN", "Infinity", "-1", "１", "0x1", ""])
def test_numbers_at_the_edges_are_refused_with_a_reason(store: RunningStore, number: Any) -> None:
    for path in (f"/api/v1/journal?after={number}", f"/api/v1/journal?limit={number}"):
        answer = requests.get(store.base + path, timeout=60)
        assert answer.status_code == 400, (path, answer.text)
        assert answer.json()["code"] == "bad_request"


NASTY = [
    b'{"type":"device.reported.v1","device":"cart-01","boot":"b","seq":1,"at":"x","event":"touched","data":{"deep":'
    + b"[" * depth + b"]" * depth + b"}}"
    for depth in (65, 400, 950)
] + [
    b'{"type":"device.reported.v1","device":"cart-01","boot":"b","seq":18446744073709551615,"at":"x","event":"t","data":{}}',
    b'{"type":"device.reported.v1","device":"cart-01","boot":"b","seq":2,"at":"x","event":"t","data":{"n":1e999}}',
    b'{"type":"device.reported.v1","device":"cart-01","boot":"b","seq":3,"at":"x","event":"t","data":{"n":'
    + b"9" * 6000 + b"}}",
    b'{"type":"device.reported.v1","device":NaN,"boot":[],"seq":"","at":{},"event":["t"],"data":7}',
    b'{"type":"device.reported.v1","device":"\\ud800","boot":"\xff"}',
    b"[]", b"7", b"", b"[" * 950,
]  # fmt: skip


@pytest.fixture(scope="module")
def scarred(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store whose journal holds what earlier builds let in."""
    folder = tmp_path_factory.mktemp("scarred")
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / "store.key").write_bytes(os.urandom(32))
    asyncio.run(begin(folder / "storekeeper.db"))
    forge(folder / "storekeeper.db", NASTY, DeviceReported.__struct_config__.tag)  # type: ignore[arg-type]
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    running = RunningStore(broker, folder, ())
    running.start()
    yield running
    running.stop()
    broker.stop()


async def begin(path: Path) -> None:
    journal = Journal(path, NOUNS)
    await journal.write(
        lambda tx: tx.emit(DeviceReported(device="cart-01", boot="b", seq=0, at="", event="t", data={}))
    )
    journal.close()


@pytest.mark.parametrize("path", ["/", "/api/v1/store", "/api/v1/journal?after=0&limit=500", "/api/v1/devices"])
def test_no_stored_fact_breaks_a_reader(scarred: RunningStore, path: str) -> None:
    answer = requests.get(scarred.base + path, timeout=60)
    assert answer.status_code == 200
    if "journal" in path:
        assert len(answer.json()["entries"]) > len(NASTY)
