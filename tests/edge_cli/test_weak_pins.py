from __future__ import annotations

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.secrets import operators, staff_pins
from edge.secrets.weak_pins import weakness

WEAK = {
    "1212": "6 to 12 digits", "1990": "6 to 12 digits", "2580": "6 to 12 digits", "48291": "6 to 12 digits",
    "4829170384721": "6 to 12 digits", "48291a": "6 to 12 digits", "４８２９１７": "6 to 12 digits",
    "٤٨٢٩١٧": "6 to 12 digits", "": "6 to 12 digits", " 482917": "6 to 12 digits",
    "000000": "two different", "888666": "two different", "121212": "two different", "110011": "two different",
    "123123": "repeats", "4747474": "two different", "482482": "repeats", "19281928": "repeats", "482284": "repeats",
    "123321": "repeats", "7391937": "repeats",
    "123456": "simple order", "654321": "simple order", "234567": "simple order", "890123": "simple order",
    "135791": "simple order", "246802": "simple order", "112233": "simple order", "111222333": "simple order",
    "101112": "simple order", "102030": "simple order", "142536": "simple order", "123124": "simple order",
    "111213": "simple order", "987654321": "simple order", "147036": "simple order", "9876543210": "simple order",
    "246810": "simple order", "24681012": "simple order", "369121": "simple order", "51015202": "simple order",
    "108642": "simple order", "9101112": "simple order", "121110987": "simple order", "13579111": "simple order",
    "124816": "simple order", "149162": "simple order", "135790": "everybody", "097531": "everybody",
    "13800138000": "mobile", "13912345678": "mobile", "015112345678": "mobile", "01761234567": "mobile",
    "199012": "year", "121990": "year", "201800": "year", "002024": "year", "19850317": "year", "8881984": "year",
    "900317": "date", "170390": "date", "031790": "date", "170685": "date", "851231": "date",
    "250892": "date", "290204": "date",
    "258025": "keypad", "852085": "keypad", "147963": "keypad", "357951": "keypad", "147714": "keypad",
    "258085": "keypad", "789456": "keypad", "741852": "everybody", "159357": "everybody", "147258": "simple order",
    "369258": "simple order", "963852": "simple order",
    "520520": "everybody", "5201314": "everybody", "131452": "everybody",
}  # fmt: skip


@pytest.mark.parametrize(("pin", "why"), WEAK.items())
def test_what_people_try_first_is_refused_with_its_reason(pin: str, why: str) -> None:
    assert why in weakness(pin)


@pytest.mark.parametrize("pin", ["482917", "730418"[::-1], "604831", "402719", "618394", "5093827", "83915270463"])
def test_others_are_good(pin: str) -> None:
    assert weakness(pin) == ""


def test_most_pins_are_left() -> None:
    choice = random.Random(7)
    pins = [f"{choice.randrange(10**6):06d}" for _ in range(5000)]
    good = sum(not weakness(pin) for pin in pins)
    assert good / len(pins) > 0.8


def test_no_name_makes_a_file_that_nobody_can_log_in_by(tmp_path: Path) -> None:
    """TOML wants one sign escaped that JSON does not."""
    staff_pins.put(tmp_path / "staff.toml", "li", 'Li\x7f"\\\n李', "staff", "482917")
    assert staff_pins.read(tmp_path / "staff.toml")["li"].name == 'Li\x7f"\\\n李'
    operators.put(tmp_path / "operators.toml", "li", "Li\x7f", "correct horse battery")
    assert operators.read(tmp_path / "operators.toml")["li"].name == "Li\x7f"


def test_an_id_with_a_line_s_end_is_none(tmp_path: Path) -> None:
    config = Path(__file__).parents[2] / "config"
    words = ["staff", "add", "li\n", "--config", str(config), "--data", str(tmp_path / "data")]
    done = CliRunner().invoke(app, words, input="482917\n")
    assert (done.exit_code, "expected small letters" in done.output) == (2, True), done.output
