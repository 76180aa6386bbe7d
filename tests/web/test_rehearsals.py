"""A rehearsed outage: real traffic goes on, targets are judged, and it ends whatever is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import requests

from edge.bus.brokers import Broker
from edge.journal import outage
from edge.journal.outage import Of
from edge.settings.settings import load
from edge.web.box_rehearsal import Rehearsals
from operations.diagnosis.rehearsal import judge
from operations.diagnosis.rehearsal.judge import RehearsalReport, Sample, TargetResult, Targets, UnlockSample, judged
from sync.source import JournalSource
from sync.status import Status
from tests.conftest import new_broker
from tests.web.running import RunningStore, Shopper, wait
from words.languages import Language, known
from words.sentences import NOTHING, say

CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_a_cut_ends_by_itself_and_never_lasts_longer_than_that(tmp_path: Path) -> None:
    found = outage.begin(tmp_path, "uplink", 600, "chen")
    assert 590 < found.left_s() <= 600
    assert outage.is_on(tmp_path, "uplink")
    assert not outage.is_on(tmp_path, "broker")
    from msgspec.structs import replace

    assert replace(found, seconds=10**9).left_s() <= outage.LONGEST_S
    assert replace(found, from_mono_s=found.from_mono_s - 601).left_s() == 0
    assert replace(found, from_mono_s=found.from_mono_s + 10**6).left_s() == 0
    assert replace(found, boot="another boot of this machine").left_s() == 0
    (tmp_path / outage.FILE).write_text("{", "utf-8")
    assert not outage.is_on(tmp_path, "uplink")


def test_whoever_began_it_may_be_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys, time; from pathlib import Path; from edge.journal import outage;"
        "outage.begin(Path(sys.argv[1]), 'uplink', 600, 'x'); print('on', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"on\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    found = outage.read(tmp_path)
    assert found is not None
    assert outage.is_on(tmp_path, "uplink")
    # The rest of its ten minutes passes: it ends by itself.
    monkeypatch.setattr(outage.time, "monotonic", lambda: found.from_mono_s + 600)
    assert not outage.is_on(tmp_path, "uplink")


class Silent:
    """A cloud that must not be asked."""

    time_told = None

    def hello(self, _: object) -> object:
        raise AssertionError("asked during an outage")

    send = hello


def test_the_uplink_stays_away_and_says_why(tmp_path: Path) -> None:
    import random

    from sync.retry_pace import RetryPace
    from sync.uplink import Uplink
    from tests.sync.journals import JournalFile

    journal = JournalFile(tmp_path / "storekeeper.db")
    try:
        outage.begin(tmp_path, "uplink", 600, "chen")
        status = Status(tmp_path / "sync.json")
        Uplink(JournalSource(tmp_path / "storekeeper.db"), Silent(), status, RetryPace(0.2, random.Random(1))).turn()  # type: ignore[arg-type]
        assert status.report.state == "offline"
        assert "rehearsed" in (status.report.error or "")
    finally:
        journal.close()


def samples(*, away: bool = True, drained_at: float = 12.0) -> list[Sample]:
    found = []
    for at in range(-5, 30):
        during = 0 <= at <= 10
        backlog = max(0, at) if during else 10 if 10 < at < drained_at else 0
        found.append(Sample(float(at), backlog, not (away and during), True, True, 3, 0))
    return found


def test_targets_are_judged() -> None:
    rides = [UnlockSample(float(at), 0.2, True) for at in range(10)]
    assert {each.met for each in judged("uplink", samples(), rides, 10, Targets())} == {True}
    slow = [*rides, UnlockSample(5.0, 4.0, True)]
    missed = {each.name for each in judged("uplink", samples(), slow, 10, Targets()) if each.met is False}
    assert missed == {"unlock_p99"}
    never = {each.name for each in judged("uplink", samples(away=False), rides, 10, Targets()) if each.met is False}
    assert never == {"cut_cloud"}
    late = judged("uplink", samples(drained_at=28.0), rides, 10, Targets(drain_s=5))
    assert [each.name for each in late if each.met is False] == ["drained"]
    quiet = judged("uplink", samples(), [], 10, Targets())
    assert next(each.met for each in quiet if each.name == "unlock_p99") is None


@pytest.mark.parametrize("language", known())
@pytest.mark.parametrize("of", ["uplink", "broker"])
def test_what_was_measured_is_said_in_the_reader_s_language(of: Of, language: Language) -> None:
    """`0.20 s (10)` and `≤ 2%` were made where they were measured, and stood so on every page."""
    rides = [UnlockSample(float(at), 0.25, True) for at in range(10)]
    for target in judged(of, samples(), rides, 10, Targets()):
        for what in ("target", "limit", "found"):
            said = say(language, f"it.rehearsal.{what}.{target.name}", **target.values)
            assert NOTHING not in said or target.found is None
        if target.name == "unlock_p99":
            assert ("0,25" if language == "de" else "0.25") in said
    old = msgspec.json.decode(b'{"name": "ready", "wanted": "0 s", "measured": "3 s", "met": false}', type=TargetResult)
    assert (old.met, old.values) == (False, {})


def test_the_newest_report_is_the_one_that_was_written_last_whatever_the_clock_said(tmp_path: Path) -> None:
    clocks = [1_795_000_000_000 + number for number in range(judge.KEPT)] + [86_400_000, 90_000_000_000, 86_400_001]
    for number, from_ms in enumerate(clocks):
        report = RehearsalReport(f"r{number}", "broker", "chen", from_ms, 5, True, 0, [], [], [])
        judge.keep(tmp_path, report)
        assert judge.newest(tmp_path) == report
        ahead = (tmp_path / "rehearsals" / f"{from_ms}-r{number}.json").stat().st_mtime_ns + 10**15
        os.utime(tmp_path / "rehearsals" / f"{from_ms}-r{number}.json", ns=(ahead, ahead))  # now the clock goes back
    assert len(list((tmp_path / "rehearsals").glob("*.json"))) == judge.KEPT
    assert judge.newest(tmp_path, "r5") is not None
    assert judge.newest(tmp_path, "r0") is None, "the oldest are gone"


async def test_an_outage_ends_though_the_watch_over_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The devices of a store stayed away for good, as far as the gateway was concerned."""
    holds: list[bool] = []

    def fails(_: float) -> None:
        if holds:
            raise sqlite3.OperationalError("disk I/O error")

    box = SimpleNamespace(data=tmp_path, rehearsal=load(CONFIG).gateway.rehearsal)
    bus = SimpleNamespace(hold=holds.append)
    closing: list[Callable[[], object]] = []
    parts = SimpleNamespace(
        settings=SimpleNamespace(gateway=box),
        nouns=(),
        devices=SimpleNamespace(bus=bus),
        journal=SimpleNamespace(on_close=closing.append),
    )
    made = Rehearsals(parts, None)  # type: ignore[arg-type]
    monkeypatch.setattr(made, "_sample", fails)
    found = outage.begin(tmp_path, "broker", 600, "chen")
    made.now = RehearsalReport(found.id, "broker", "chen", found.from_ms, 600, False, 0, [], [], [])
    made._do(made._watch(found))
    await asyncio.wait([made._task])
    assert holds == [True, False]
    assert made.now is None, "it is under way no more"
    left = judge.newest(tmp_path)
    assert (left.id, left.over, left.broken, left.passed) == (found.id, False, True, False)
    assert outage.read(tmp_path) is None
    made.resume()
    assert made.now is None

    holds.clear()
    found = outage.begin(tmp_path, "broker", 600, "chen")
    made.now = RehearsalReport(found.id, "broker", "chen", found.from_ms, 600, False, 0, [], [], [])
    made._do(made._watch(found))
    closing[-1]()
    await asyncio.wait([made._task])
    assert outage.read(tmp_path) == found, "the gateway stops: the next one goes on"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunningStore, Broker]:
    folder = tmp_path_factory.mktemp("rehearsals")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    data = folder / "data"
    data.mkdir()
    # What a gateway leaves that was killed in the middle of one.
    found = outage.begin(data, "broker", 5, "chen")
    judge.keep(data, RehearsalReport(found.id, "broker", "chen", found.from_ms, 5, False, 0, samples()[:5], [], []))
    return RunningStore(broker, data, ("cart-01", "cart-02")), broker


@pytest.mark.skipif(
    int(os.environ.get("STOREKEEPER_ROUNDS", "50")) < 1000, reason="make test-all: it lasts a minute and a half"
)
def test_a_killed_gateway_judges_it_when_it_is_back_and_the_next_one_runs_to_its_end(
    own: tuple[RunningStore, Broker],
) -> None:
    store, broker = own
    store.start()
    try:
        data, api = store.data, f"{store.base}/api/v1/box/rehearsals"
        wait(lambda: (left := judge.newest(data)) is not None and left.over, 90)
        left = judge.newest(data)
        assert left is not None
        assert left.restarts == 1
        begun = requests.post(api, json={"of": "broker", "seconds": 5}, timeout=60)
        assert begun.json() == {"begun": True}
        assert requests.post(api, json={"of": "uplink", "seconds": 5}, timeout=60).status_code == 409
        wait(lambda: not store.gateway.devices.bus.connected)
        shopper = Shopper(store)
        shopper.register(store.code("cart-01"))
        refused = shopper.unlock("cart-01").json()
        assert refused.get("stage") != "unlocked"
        wait(lambda: (report := judge.newest(data)) is not None and report.over and report.id != left.id, 90)
        report = judge.newest(data)
        assert report is not None
        assert {each.name: each.met for each in report.targets} == {
            "cut_broker": True, "no_late_opening": True, "errors": True, "devices_back": True
        }  # fmt: skip
        assert store.gateway.devices.bus.connected
        assert outage.read(data) is None
        wait(lambda: store.facts("rehearsal.passed.v1"))
        page = requests.get(f"{store.base}/it/rehearsal", headers={"Accept-Language": "en"}, timeout=60)
        assert "The store passed" in page.text
    finally:
        store.stop()
        broker.stop()


def test_without_simulated_devices_the_store_must_be_closed(
    real: RunningStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from msgspec.structs import replace

    from tests.web.test_operators import operator, staff

    chen, url = operator(real), f"{real.base}/api/v1/box/rehearsals"
    devices = tuple(each.model_copy(update={"driver": "locks.kerong"}) for each in real.settings.devices)
    web = real.apps[0].user_middleware[0].kwargs.get("web") or real.apps[0].user_middleware[-1].kwargs["web"]
    locked = real.settings.model_copy(update={"devices": devices})
    with monkeypatch.context() as real_locks:
        real_locks.setattr(web.rehearsals, "_parts", replace(web.rehearsals._parts, settings=locked))
        answer = chen.post(url, json={"of": "broker", "seconds": 5}, timeout=60)
        assert (answer.status_code, answer.json().get("code")) == (409, "rehearsal_open")
    assert staff(real).post(url, json={"of": "uplink", "seconds": 5}, timeout=60).status_code == 403
    assert chen.post(url, json={"of": "uplink", "seconds": 10**6}, timeout=60).status_code == 400
