"""The map as a screen asks for it: the floor, the way in every language, a slip at the printer near."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import requests

from device_drivers.contract import Service
from edge.domain.printing import queries as print_queries
from edge.gateway.near_printers import near_printer
from edge.web.api.screens.map import PAPERS
from kiosk_ui.gateway import Refused, Unreachable, results
from kiosk_ui.places import Map
from kiosk_ui.screen import Context, Step
from kiosk_ui.screens.map import handlers
from kiosk_ui.screens.map.answer import MapAnswer
from kiosk_ui.session import Session
from tests.web.running import wait

if TYPE_CHECKING:
    from tests.web.running import RunningStore


def ask(
    store: RunningStore, path: str, body: dict[str, Any] | None = None, session: str = "", screen: str = "screen-baby"
) -> requests.Response:
    headers = {
        "Authorization": f"Bearer {store.gateway.lookup.codes.service(screen)}",
        "X-Session": session or str(uuid.uuid4()),
        "Accept-Language": "de",
    }
    address = f"{store.base}/api/v1/screens/{path}"
    if body is None:
        return requests.get(address, headers=headers, timeout=60)
    return requests.post(address, json=body, headers=headers, timeout=60)


def test_a_screen_is_told_the_floor_as_the_kiosk_reads_it(store: RunningStore) -> None:
    found = msgspec.convert(ask(store, "map").json(), MapAnswer)
    assert (found.width, found.height, found.way) == (30.0, 20.0, None)
    assert {"kind:toilet", "zone:dairy"} <= {place.to for place in found.places}
    assert {each.id for each in found.things} == {each.fixture for each in store.gateway.layout.fixtures}


def test_a_way_is_told_in_every_language_of_the_store(store: RunningStore) -> None:
    found = msgspec.convert(ask(store, "map?to=kind:toilet").json(), MapAnswer)
    assert found.way is not None
    assert found.way.fixture == "toilet"
    assert found.way.link == f"{store.base}/map?from=screen-baby&to=kind%3Atoilet"
    languages = set(store.gateway.layout.store.languages)
    for line in found.way.lines:
        assert set(line.title) == languages
        assert all(line.title.values())
    assert requests.get(found.way.link, timeout=60).status_code == 200


def test_what_is_not_there_is_a_problem_and_the_floor_comes(store: RunningStore) -> None:
    answer = ask(store, "map?to=kind:sauna")
    assert answer.status_code == 200
    found = msgspec.convert(answer.json(), MapAnswer)
    assert found.way is None
    assert set(found.problem) == set(store.gateway.layout.store.languages)
    assert found.zones


def test_nobody_but_a_screen_is_told_or_prints(store: RunningStore) -> None:
    assert requests.get(f"{store.base}/api/v1/screens/map", timeout=60).status_code == 401
    assert (
        requests.post(f"{store.base}/api/v1/screens/map/slip", json={"to": "kind:till"}, timeout=60).status_code == 401
    )


def test_the_way_is_printed_once_for_each_way_and_only_so_often(store: RunningStore) -> None:
    wait(lambda: near_printer(store.gateway.reads, store.gateway.layout, "screen-fresh") is not None)
    session, start = str(uuid.uuid4()), print_queries.count_with_prefix
    goals = ["kind:toilet", "kind:till", "kind:dock", "kind:locker", "kind:exit"]
    for _ in range(2):
        answer = ask(store, "map/slip", {"to": goals[0]}, session, "screen-fresh")
        assert answer.status_code == 202, answer.text
        assert answer.json()["printer"]["de"]
    assert start(store.gateway.reads, f"way-{session}-") == 1
    statuses = [ask(store, "map/slip", {"to": goal}, session, "screen-fresh").status_code for goal in goals[1:]]
    assert statuses == [202] * (PAPERS - 1) + [429]
    jobs = print_queries.jobs(store.gateway.reads, "WHERE job >= ? AND job < ?", f"way-{session}-", f"way-{session}-~")
    documents = [store.gateway.parts.devices.slips.of_job(job) for job in jobs]
    assert any("Toiletten" in str(line) for document in documents for line in document["lines"])
    assert all(any(line["kind"] == "qr" for line in document["lines"]) for document in documents)


def test_where_no_printer_is_near_nothing_is_promised(store: RunningStore) -> None:
    assert near_printer(store.gateway.reads, store.gateway.layout, "screen-none") is None
    shown = ask(store, "map?to=kind:till", screen="screen-baby").json()
    assert shown["printable"] is (near_printer(store.gateway.reads, store.gateway.layout, "screen-baby") is not None)


def answered(step: Step[handlers.Memory]) -> list[Any]:
    assert step.job is not None
    return list(results(step.job))


def test_the_kiosk_s_own_jobs_ask_and_print(store: RunningStore) -> None:
    wait(lambda: near_printer(store.gateway.reads, store.gateway.layout, "screen-fresh") is not None)
    service = Service(store.base, store.gateway.lookup.codes.service("screen-fresh"))
    asked = Context(
        message=Map("kind:toilet"),
        memory=handlers.Memory(wide=True, chosen=True),
        at=0.0,
        now=datetime.now(UTC),
        language="en",
        session=Session(id=str(uuid.uuid4())),
        service=service,
    )
    [found] = answered(handlers.fetch(asked))
    assert isinstance(found, MapAnswer)
    assert found.way is not None
    assert found.way.wide
    assert found.printable
    there = msgspec.structs.replace(asked, memory=handlers.Memory(answer=found))
    [printed] = answered(handlers.print_slip(there, ""))
    assert printed.printer
    [refused] = answered(handlers.print_slip(msgspec.structs.replace(there, message=Map("kind:sauna")), ""))
    assert isinstance(refused, Refused)
    [away] = answered(handlers.fetch(msgspec.structs.replace(asked, service=None)))
    assert isinstance(away, Unreachable)
