"""What every screen promises, whichever it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from device_drivers.contract import DESIRED
from device_drivers.contract.commands import Show
from kiosk_ui import flow
from kiosk_ui.screen import Moment, Screen
from kiosk_ui.screens.registry import SCREENS
from tests.kiosk_ui import wire
from tests.kiosk_ui.wire import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "kiosk_ui"
WITHOUT_SCREENS = (
    "app",
    "driver",
    "flow",
    "gateway",
    "jobs",
    "layer",
    "panel",
    "picture",
    "places",
    "prices",
    "screen",
    "session",
    "state",
    "texts",
    "veil",
)


def layouts(screen: Screen) -> Iterator[str]:
    package = FOLDER.parent.joinpath(*screen.widget.partition(":")[0].split("."))
    folder = package if package.is_dir() else package.parent
    for name in screen.layouts:
        yield (folder / name).read_text("utf-8")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.message.__name__)
def test_what_a_layout_lets_people_touch_the_screen_knows_and_the_other_way_round(screen: Screen) -> None:
    touched = {name for text in layouts(screen) for name in re.findall(r"app\.touch\('(\w+)'", text)}
    if screen.layouts:
        assert touched == set(screen.on_touch)


def test_every_message_of_the_contract_has_its_screen() -> None:
    scenes = msgspec.inspect.type_info(Show).fields[0].type.types  # type: ignore[union-attr]
    wanted = {scene.cls for scene in scenes if scene.tag != "wall"} | set(DESIRED["screen"])
    assert wanted <= {screen.message for screen in SCREENS}


def test_a_message_that_no_screen_shows_is_said() -> None:
    with pytest.raises(LookupError, match="no screen shows a str"):
        ALL.of("film")


def imported(name: str) -> list[str]:
    return re.findall(r"(?m)^\s*from (kiosk_ui\.screens\S*)", (FOLDER / f"{name}.py").read_text("utf-8"))


@pytest.mark.parametrize("name", WITHOUT_SCREENS)
def test_what_walks_the_screens_names_none(name: str) -> None:
    assert imported(name) == []


def test_the_window_knows_the_list_alone() -> None:
    assert imported("window") == ["kiosk_ui.screens.registry"]


def test_a_screen_of_another_package_brings_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = tmp_path / "parasols" / "words"
    words.mkdir(parents=True)
    (words.parent / "__init__.py").touch()
    (words / "en.toml").write_text('[parasols]\nyours = "Parasol {door}"\n', "utf-8")
    (words / "zh-CN.toml").write_text('[parasols]\nyours = "{door}号阳伞"\n', "utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    class Parasol(msgspec.Struct, frozen=True):
        door: str
        seconds: float = 10.0

    screen = Screen(
        message=Parasol,
        view=lambda context: (context.text("parasols.yours", door=context.message.door), context.text("kiosk.back")),
        widget="parasols:ParasolScreen",
        words="parasols:words",
    )
    state = flow.show_scene(wire.begin(), screen, Parasol("07"), Moment(0.0, wire.NOW))
    assert wire.see(state) == ("07号阳伞", "返回")
    english = msgspec.structs.replace(state.session, language="en")
    assert wire.see(msgspec.structs.replace(state, session=english)) == ("Parasol 07", "Back")
