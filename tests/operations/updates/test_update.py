"""Updates of a real store: a gateway, Mosquitto, a cart; found by a signed index, tried, kept or left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from edge.bootstrap.journal import verify_journal
from edge.cli.box import ask
from edge.cli.update_parts import desk
from edge.secrets.vault import Vault
from edge.settings.settings import load
from operations.updates.index import Release
from operations.updates.publishing import Shelf, make_keys
from operations.updates.trial import UpdateError
from tests.faults.house import until
from tests.operations.updates.faulty_disk import Died, FaultyDisk
from tests.operations.updates.real_box import FORM_2, NEW_FACT, NO_UNLOCK, RealBox, tar_of
from tests.rounds import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROUNDS = rounds(0)
all_of_it = pytest.mark.skipif(not ROUNDS, reason="for make test-all")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    box = RealBox(tmp_path_factory.mktemp("box"))
    box.lay("1.0.0")
    with box:
        box.run("1.0.0")
        yield box


@pytest.fixture(scope="module", autouse=True)
def shelf(box: RealBox, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder: Path = tmp_path_factory.mktemp("publisher")
    make_keys(folder / "keys")
    shelf = Shelf(box.folder / "shelf", folder / "keys")
    box.lay_below(folder, "1.1.0")
    file = tar_of(folder / "1.1.0", folder / "storekeeper-1.1.0.tar.gz")
    shelf.publish([(Release("1.1.0", "any", file.name, 1000), file)], {"all": "1.1.0"}, {})
    (box.config / "update-root.json").write_bytes(shelf.root)
    return shelf


def test_a_version_of_the_index_is_taken_by_an_open_store(box: RealBox) -> None:
    began = time.monotonic()
    said = box.update("--within", "300")
    took_ms = (time.monotonic() - began) * 1000
    assert "1.1.0 runs; the store was closed for" in said
    assert (box.current, box.good) == ("1.1.0", "1.1.0")
    assert box.is_open()
    installed = box.facts("update.installed.v1")
    assert [(fact["version"], fact["before"]) for fact in installed] == [("1.1.0", "1.0.0")]
    assert 0 < installed[0]["closed_ms"] < took_ms


def test_a_version_that_unlocks_nothing_never_closes_the_store(box: RealBox) -> None:
    box.lay("1.3.0", site=NO_UNLOCK)
    was, before = box.current, box.rows("SELECT count(*) AS n FROM entries WHERE type LIKE 'update.%'")
    said = box.update("to", "1.3.0", "--now", code=1)
    assert "failed in the rehearsal, before the store was closed for it: a shopper could not unlock" in said
    assert box.current == was
    assert box.rows("SELECT count(*) AS n FROM entries WHERE type LIKE 'update.%'") == before


def test_a_version_that_does_not_start_is_left_and_staff_see_it(box: RealBox) -> None:
    box.lay("1.2.0", on_run="exit 1")
    was = box.current
    said = box.update("to", "1.2.0", "--now", "--unrehearsed", "--within", "5", code=1)
    assert f"1.2.0 was left, and {was} runs: the gateway did not start" in said
    assert box.current == box.good == was
    assert box.is_open()
    assert box.facts("update.rolled_back.v1")[-1]["why"] == "the gateway did not start"


@all_of_it
def test_back_across_a_fact_that_only_the_later_version_knows(box: RealBox) -> None:
    box.lay("1.5.0", site=NEW_FACT)
    was, settings = box.current, load(box.config)
    box.update("to", "1.5.0", "--now")
    assert box.current == "1.5.0"
    said = {"type": "update.dreamt.v1", "fact": {"of": "sheep"}}
    vault = Vault.open(box.data / "secrets" / "store.key")
    assert ask(settings.gateway, vault, "/api/v1/box/facts", said) == {"changed": True}
    box.update("back", "--now")
    assert box.current == box.good == was
    assert box.facts("update.dreamt.v1") == [{"type": "update.dreamt.v1", "of": "sheep"}]
    assert box.rows("SELECT type, count FROM unknown_facts") == [{"type": "update.dreamt.v1", "count": 1}]
    assert verify_journal(settings).faults == ()


@all_of_it
def test_a_journal_in_another_form_is_given_back_with_every_fact(box: RealBox) -> None:
    box.lay("1.4.0", site=FORM_2)
    was = box.current
    facts = box.rows("SELECT count(*) AS n, max(sequence) AS last FROM entries")[0]
    said = box.update("to", "1.4.0", "--now", "--unrehearsed", "--within", "8", code=1)
    assert f"1.4.0 was left, and {was} runs" in said
    assert box.is_open(), said
    after = box.rows("SELECT count(*) AS n, max(sequence) AS last FROM entries")[0]
    assert after["n"] == after["last"] >= facts["n"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(max(ROUNDS // 10, 1)))
def test_killed_cut_off_or_full_at_any_step_it_opens_with_one_of_both(box: RealBox, seed: int) -> None:
    """The updater runs here, on a disk that fails at one step; what it does to the store it does to the real one."""
    chance = random.Random(f"update {seed}")
    broken = chance.random() < 0.4
    if not (box.root / "1.9.0").exists():
        box.lay("1.9.0", on_run="exit 1")
        box.lay("1.8.0")
    old = box.current
    new = "1.9.0" if broken else "1.8.0" if old != "1.8.0" else box.versions_but("1.8.0", "1.9.0")
    fault = chance.choice(("kill", "power", "full"))
    disk = FaultyDisk(chance.randrange(1, 45), fault, seed)
    made = desk(
        box.config, load(box.config), box.root, box.state, box.services, None, 6, str, rehearsed=False, disk=disk
    )
    with suppress(Died, UpdateError, OSError):
        made.try_out(new, lambda: None, lambda _: None)
    if fault == "power":
        box.power_fails()
        box.act("start")
    box.update("settle", "--within", "20", code=None)
    until(box.is_open, what=box.last_words)
    assert box.current == box.good, f"{fault} at {disk.at}"
    assert box.current == old or (box.current == new and not broken), f"{fault} at {disk.at}"


@all_of_it
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(max(ROUNDS // 50, 1)))
def test_a_killed_update_is_settled_by_its_guard(box: RealBox, seed: int) -> None:
    chance = random.Random(f"guard {seed}")
    if not (box.root / "1.8.0").exists():
        box.lay("1.8.0")
    old = box.current
    new = "1.8.0" if old != "1.8.0" else box.versions_but("1.8.0", "1.9.0")
    update = box.start("to", new, "--now", "--unrehearsed")
    with suppress(subprocess.TimeoutExpired):
        update.wait(chance.uniform(2, 9))
    with suppress(ProcessLookupError):
        os.kill(update.pid, signal.SIGKILL)
    update.wait()
    until(lambda: box.is_open() and box.is_settled(), what=box.last_words)
    assert box.current in (old, new)
