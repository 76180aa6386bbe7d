"""The parts by themselves: settings, driver, words, screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from umbrella_stand.driver import Driver
from umbrella_stand.facts import UmbrellaRules
from umbrella_stand.noun import NOUN
from umbrella_stand.screen import UmbrellaScene

from device_drivers.contract import EventData, Reason, ShowExtension, State, Unlock, instruction
from device_drivers.driver import Outcome
from device_drivers.host import DeviceEntry, build
from edge.bootstrap.nouns import nouns_of
from edge.settings.settings import Settings, SettingsError, load
from kiosk_ui import flow
from kiosk_ui.app import screens_from_outside
from kiosk_ui.screen import Moment, Screens
from kiosk_ui.screens.registry import SCREENS
from words.languages import known
from words.sentences import of_package


def test_the_settings_bring_the_noun_and_its_table(settings: Settings) -> None:
    assert settings.tables["umbrellas"] == UmbrellaRules(out_ms=2 * 3_600_000, screen="screen-fresh")
    assert nouns_of(settings).all[-1] is NOUN
    assert nouns_of(settings).broken == {}
    own = next(each for each in settings.touchpoints if each.device == "stand-1")
    assert own.purpose == "umbrella_stand"


def test_a_mistake_in_its_table_is_told_with_its_line(config: Path) -> None:
    file = config / "store.toml"
    file.write_text(file.read_text("utf-8").replace("hours = 2\n", "hours = -1\nscren = 'x'\n"), "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(config)
    said = [mistake.text for mistake in caught.value.mistakes]
    assert any("hours" in text and "-1" in text for text in said)
    assert any('unknown key "scren"; did you mean "screen"?' in text for text in said)


class _Report:
    """What the agent offers; a double, because the agent has its own tests."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.events: list[EventData] = []

    def state(self, state: State) -> None:
        self.states.append(state)

    def event(self, event_data: EventData) -> None:
        self.events.append(event_data)


def test_the_driver_frees_one_and_says_when_it_is_back(tmp_path: Path) -> None:
    entry = DeviceEntry("stand-1", "umbrella_stand", "umbrellas.stand", {"places": 2, "jam": ["2"]})
    driver = build(entry, tmp_path, ["umbrellas.stand"])
    assert isinstance(driver, Driver)
    report = _Report()
    driver.start(report)
    assert driver.carry_out(Unlock(door="1")).outcome is Outcome.DONE
    assert driver.carry_out(Unlock(door="2")).reason == Reason.JAMMED
    assert driver.carry_out(Unlock(door="9")).reason == Reason.BAD_DOOR
    assert occupied(driver, "1") is False
    driver.put_back("1")
    assert [event.type for event in report.events] == ["umbrella_returned"]
    assert occupied(driver, "1") is True
    driver.stop()


def occupied(driver: Driver, door: str) -> bool | None:
    doors = driver.state().doors
    assert doors is not None
    return doors[door].occupied


def test_every_language_says_the_same_with_the_same_values() -> None:
    said = {language: dict(_flat(of_package(NOUN.words, language))) for language in known()}
    first, *others = said.values()
    assert all(other.keys() - {"umbrellas.left.one"} == first.keys() - {"umbrellas.left.one"} for other in others)
    for key in first.keys() - {"umbrellas.left.one"}:
        assert len({frozenset(re.findall(r"{(\w+)}", words[key])) for words in said.values()}) == 1, key


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def test_every_fact_has_a_sentence() -> None:
    assert set(of_package(NOUN.words, "en")["facts"]) == set(NOUN.tags)


def test_the_screen_says_which_one_in_the_language_on_it() -> None:
    (screen,) = screens_from_outside(["umbrella"])
    screens = Screens((*SCREENS, screen))
    sent = instruction("show", {"scene": {"type": "umbrella", "door": "3"}})
    assert isinstance(sent, ShowExtension)
    scene = screens.scene(sent.scene)
    assert scene == UmbrellaScene("3")
    said = {}
    for language in ("en", "zh-CN"):
        state = flow.show_scene(flow.begin(screens, 0.0), screens.of(scene), scene, Moment(0.0, datetime.now(UTC)))
        session = msgspec.structs.replace(state.session, language=language)
        shown = msgspec.structs.replace(state, session=session)
        assert shown.scene is not None
        said[language] = flow.view(shown, shown.scene, Moment(0.0, datetime.now(UTC))).title
    assert said == {"en": "Umbrella 3 is yours", "zh-CN": "3 号伞归您使用"}
