"""What the timer does. The desk is a puppet here: what it does for real is tried beside, and nights are long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from edge.cli import update
from edge.settings.settings import load
from operations.updates.desk import Waits
from operations.updates.record import Ended
from tests.faults.house import STORE

if TYPE_CHECKING:
    from pathlib import Path

    from edge.settings.settings import Settings


class Puppet:
    """A desk that has one version to offer."""

    def __init__(self, *, download: bool = False, hour: bool = False, asked: bool = False, refused: str = "") -> None:
        self._download, self._hour, self._asked, self._refused = download, hour, asked, refused
        self.waits = False
        self.did: list[str] = []
        self.versions = self

    def has(self, version: str) -> bool:
        return "got " + version in self.did

    def settle(self) -> None:
        self.did.append("settled")

    def is_download_hour(self) -> bool:
        return self._download

    def is_hour(self) -> bool:
        return self._hour

    def is_asked(self) -> bool:
        return self._asked

    def has_source(self) -> bool:
        return True

    def index(self) -> str:
        return "index"

    def wanted(self, index: str) -> tuple[str, str]:
        return "1.1.0", index

    def refused(self, *_: str) -> str:
        return self._refused

    def get(self, *what: Any, **_: Any) -> None:
        self.did.append(f"got {what[1]}")

    def calm(self, until: Any) -> Any:
        return until

    def try_out(self, version: str, *_: Any) -> Ended:
        self.did.append(f"tried {version}")
        if self.waits:
            raise Waits("it waits")
        return Ended("1.0.0", version, installed=True)

    def ask_staff(self, version: str) -> None:
        self.did.append(f"asked about {version}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "store.toml").write_text(STORE, "utf-8")
    (tmp_path / "devices.toml").write_text("")
    (tmp_path / "gateway.toml").write_text("")
    return load(tmp_path)


def night(puppet: Puppet, settings: Settings) -> list[str]:
    update._by_itself(cast("Any", puppet), settings, lambda _: None)
    return puppet.did


def test_by_day_it_settles_and_no_more(settings: Settings) -> None:
    assert night(Puppet(), settings) == ["settled"]


def test_in_the_evening_it_downloads(settings: Settings) -> None:
    assert night(Puppet(download=True), settings) == ["settled", "got 1.1.0"]


def test_in_its_hours_it_tries(settings: Settings) -> None:
    assert night(Puppet(hour=True), settings) == ["settled", "got 1.1.0", "tried 1.1.0"]


def test_what_shoppers_kept_waiting_is_put_to_staff(settings: Settings) -> None:
    puppet = Puppet(hour=True)
    puppet.waits = True
    assert night(puppet, settings)[-1] == "asked about 1.1.0"


def test_until_staff_say_when_it_stays_ready(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    puppet = Puppet(asked=True)
    # The second look finds that somebody has said now.
    monkeypatch.setattr(update.time, "sleep", lambda _: setattr(puppet, "_hour", True))
    assert night(puppet, settings)[-1] == "tried 1.1.0"


def test_a_version_that_was_left_is_not_tried_again(settings: Settings) -> None:
    assert night(Puppet(hour=True, refused="it did not start"), settings) == ["settled"]
