"""What is written about the settings is what the code declares, and the two forms of a noun's settings are one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from device_drivers.check import drivers
from device_drivers.host import module_of
from edge.cli.app import app
from edge.domain.carts.rules import CartRules
from edge.domain.coupons.rules import ClaimRules
from edge.domain.lockers.rules import Rules
from edge.settings.describe import driver_table, noun_tables, tables
from edge.settings.sections import as_written, file_model, settable
from edge.settings.settings import DevicesFile, GatewaySettings, StoreFile

BOOK = Path(__file__).parents[2] / "docs" / "settings.md"
STRUCTS: list[type[msgspec.Struct]] = [CartRules, ClaimRules, Rules]


def test_the_book_is_current() -> None:
    made = CliRunner().invoke(app, ["settings", "describe"]).output
    assert BOOK.read_text("utf-8") == made, "run: storekeeper settings describe > docs/settings.md"


def test_every_setting_has_a_sentence() -> None:
    found = [table for model in (StoreFile, DevicesFile, GatewaySettings) for table in tables(model)]
    found += [driver_table(module_of(name).Settings, name) for name in drivers()]
    silent = [f"{table.name} {line.key}" for table in found for line in table.lines if not line.sentence]
    assert len(found) > 15
    assert not silent


@pytest.mark.parametrize("struct", STRUCTS)
def test_a_default_is_the_same_in_the_file_and_in_the_noun(struct: type[msgspec.Struct]) -> None:
    model = file_model(struct)
    written = json.loads(json.dumps(as_written(struct())))
    assert model.model_validate_json(json.dumps(written)).model_dump() == model().model_dump()
    read = {each.field.name: each.read(written[each.key]) for each in settable(struct)}
    assert struct(**read) == struct()


@pytest.mark.parametrize(
    ("key", "value", "name", "held"),
    [("hours", 1.5, "due_ms", 5_400_000), ("grace_s", 7, "grace_ms", 7000), ("fee", 200, "fee", 200)],
)
def test_a_unit_is_changed_in_one_place(key: str, value: Any, name: str, held: Any) -> None:
    (each,) = [each for each in settable(Rules) if each.key == key]
    assert each.field.name == name
    assert each.read(value) == held


def test_what_is_no_setting_stands_in_no_file() -> None:
    (table,) = noun_tables(CartRules, "carts")
    assert [line.key for line in table.lines] == ["deposit", "hours", "low_battery", "find_s"]
    assert table.owner == "carts"
