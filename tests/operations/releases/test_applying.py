"""`storekeeper apply` on a store that is open: real broker, gateway and drivers, each a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.cli.screen_media import take
from edge.settings import file_sets
from operations.releases.kept import Releases, ReleaseTrial
from tests.operations.live import ROOT, WITHIN, LiveStore, wait
from tests.rounds import rounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CART = r'(id = "cart-01"\nkind = "cart"\n)driver = "locks.simulated_cart"'
ROUNDS = rounds(0)
POSTERS = '[[playlists]]\nid = "posters"\nitems = [{ picture = "poster.jpg" }]\n'
NOBODY_DRIVES_IT = r'\1driver = "elsewhere"'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStore]:
    live = LiveStore(tmp_path_factory.mktemp("live"))
    live.open()
    yield live
    live.close()


def in_force(store: LiveStore) -> str:
    return file_sets.digest(file_sets.read(store.config))


def test_good_settings_come_into_force(store: LiveStore) -> None:
    folder = store.changed(
        "good", "devices.toml", r"label = \{[^}]*\}", 'label = { zh-CN = "一号", en = "Number one" }'
    )
    result = store.apply(folder)
    assert result.returncode == 0, result.stderr
    assert "device cart-01: label.en" in result.stdout
    assert "is in force: the store is well with it" in result.stdout
    assert in_force(store) == store.state()["settings"] == file_sets.digest(file_sets.read(folder))
    (fact,) = store.facts("settings.applied.v1")
    assert fact["sha256"] == in_force(store)
    assert store.apply(folder).stdout == "These settings are in force already.\n"


def under_way(store: LiveStore, name: str, within: Sequence[str] = WITHIN) -> subprocess.Popen[str]:
    """A change to settings without the driver of a cart, until the gateway works by them."""
    folder = store.changed(name, "devices.toml", CART, NOBODY_DRIVES_IT)
    words = store.words("apply", str(folder), "--services", store.services, *within)
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    new = file_sets.digest(file_sets.read(folder))
    wait(lambda: (state := store.state()) and state["settings"] == new and "cart-02" in store.here())
    return process


def test_one_that_is_stopped_goes_back(store: LiveStore) -> None:
    before = in_force(store)
    process = under_way(store, "stopped")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "was taken back: the work was cut short" in said
    assert "the store is well again" in said
    assert in_force(store) == before == store.state()["settings"]
    (fact,) = store.facts("settings.rolled_back.v1")
    assert fact["because"] == "stopped"
    assert "cart-01" in store.here()


@pytest.mark.skipif(ROUNDS < 1000, reason="half a minute of waiting for a device")
def test_a_device_that_does_not_come_back_takes_them_back(store: LiveStore) -> None:
    process = under_way(store, "bad", ())
    _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "was taken back: devices did not come back: cart-01" in said
    assert "the store is well again" in said
    (fact,) = store.facts("settings.rolled_back.v1")
    assert (fact["because"], fact["which"]) == ("devices_away", "cart-01")


@pytest.mark.skipif(ROUNDS < 1000, reason="the start of a gateway does the same below")
def test_a_change_that_is_killed_is_taken_back_by_recover(store: LiveStore) -> None:
    before = in_force(store)
    process = under_way(store, "killed")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert Releases(store.data / "settings").trial() is not None
    refused = store.apply(store.folder / "killed")
    assert (refused.returncode, "cut short" in refused.stderr) == (1, True)
    ended = store.run("apply", "--recover", "--services", store.services)
    assert (ended.returncode, "is in force again" in ended.stdout) == (0, True), ended.stderr
    assert in_force(store) == before
    wait(lambda: (state := store.state()) and state["settings"] == before and "cart-01" in store.here())


def test_a_start_goes_back_from_a_change_that_was_cut_short(store: LiveStore) -> None:
    before = in_force(store)
    folder = store.changed("half", "store.toml", r"\[store\]", "# half\n[store]")
    releases = Releases(store.data / "settings")
    with releases.changing():
        number = releases.keep(file_sets.read(folder), "nobody").number
        back = releases.latest_of(before)
    assert back is not None
    trial = ReleaseTrial(number, back.number, "nobody", os.getpid(), "another boot")
    (store.data / "settings" / "trial.json").write_bytes(msgspec.json.encode(trial))
    file_sets.write(store.config, file_sets.read(folder))
    store.act("restart", "gateway")
    wait(lambda: in_force(store) == before and store.state() and not releases.trial())
    wait(lambda: store.facts("settings.rolled_back.v1")[0]["number"] == number)


def test_playlists_and_their_pictures_come_into_force_as_the_store_runs(store: LiveStore) -> None:
    folder = Path(shutil.copytree(store.config, store.folder / "posters"))
    poster = store.folder / "poster.jpg"
    shutil.copy(ROOT / "config" / "media" / "breakfast-de.jpg", poster)
    list(take([poster], folder))
    (folder / "playlists.toml").write_text(POSTERS, "utf-8")
    instance = store.state()["instance"]
    done = store.apply(folder, "--services", "none")
    assert done.returncode == 0, done.stderr
    assert "nothing had to start anew" in done.stdout
    assert store.playing() == {"posters"}
    # By the other way: files in force are changed, and the store is told.
    where = ["--config", str(store.config), "--data", str(store.data)]
    poster.write_bytes(poster.read_bytes() + b"\0")
    added = CliRunner().invoke(app, ["screens", "add", str(poster), *where])
    assert (added.exit_code, added.stderr) == (0, "")
    (store.config / "playlists.toml").write_text(POSTERS + POSTERS.replace('"posters"', '"more"'), "utf-8")
    assert CliRunner().invoke(app, ["screens", "take", *where]).stdout == "The screens play by it.\n"
    assert store.playing() == {"posters", "more"}
    state = store.state()
    assert (state["instance"], state["settings"]) == (instance, in_force(store))


def test_mistakes_change_nothing(store: LiveStore) -> None:
    before = in_force(store)
    folder = store.changed(
        "mistaken", "devices.toml", 'driver = "locks.simulated_cart"', 'driver = "locks.simulated_kart"'
    )
    result = store.apply(folder)
    assert result.returncode == 2
    assert 'did you mean "locks.simulated_cart"?' in result.stderr
    assert "Nothing was changed." in result.stderr
    assert in_force(store) == before


def test_another_store_is_no_change_of_this_one(store: LiveStore) -> None:
    result = store.apply(store.changed("another", "store.toml", r'id = "s001"', 'id = "s002"'))
    assert result.returncode == 2
    assert "would begin another store" in result.stderr
