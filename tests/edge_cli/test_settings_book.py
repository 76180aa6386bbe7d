"""What is written about the settings is what the code declares, and the two forms of a noun's settings are one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from pydantic import ValidationError, create_model
from typer.testing import CliRunner

from device_drivers.check import drivers
from device_drivers.host import module_of
from edge.cli.app import app
from edge.domain.carts.rules import CartRules
from edge.domain.coupons.rules import ClaimRules
from edge.domain.lockers.rules import Rules
from edge.domain.members.rules import MemberRules
from edge.domain.noun import Noun
from edge.domain.nouns import NOUNS
from edge.domain.setting import HOURS, MONEY, Setting
from edge.settings.campaign_tables import CampaignsFile
from edge.settings.describe import driver_table, noun_tables, tables
from edge.settings.mistakes import File
from edge.settings.model import SettingsModel
from edge.settings.sections import DECLARED, as_written, file_model, settable
from edge.settings.settings import DevicesFile, GatewaySettings, StoreFile
from edge.settings.toml_files import Mistake

BOOK = Path(__file__).parents[2] / "docs" / "settings.md"
STRUCTS: list[type[msgspec.Struct]] = [CartRules, ClaimRules, MemberRules, Rules]


def test_the_book_is_current() -> None:
    made = CliRunner().invoke(app, ["settings", "describe"]).output
    assert BOOK.read_text("utf-8") == made, "run: storekeeper settings describe > docs/settings.md"


def test_every_setting_has_a_sentence() -> None:
    found = [table for model in (StoreFile, DevicesFile, GatewaySettings, CampaignsFile) for table in tables(model)]
    found += [driver_table(module_of(name).Settings, name) for name in drivers()]
    silent = [f"{table.name} {line.key}" for table in found for line in table.lines if not line.sentence]
    assert len(found) > 15
    assert not silent


@pytest.mark.parametrize("struct", STRUCTS)
def test_a_default_is_the_same_in_the_file_and_in_the_noun(struct: type[msgspec.Struct]) -> None:
    model = file_model(struct)
    written = json.loads(json.dumps(as_written(struct())))
    assert model.model_validate_json(json.dumps(written)).model_dump() == model().model_dump()
    table: Any = create_model("File", __base__=SettingsModel, table=(Annotated[struct, DECLARED], ...))
    assert table.model_validate_json(json.dumps({"table": written})).table == struct()


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


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun.settings is not None], ids=lambda noun: noun.name)
def test_a_noun_s_settings_are_the_table_of_its_name(noun: Noun) -> None:
    assert StoreFile.model_fields[noun.name].annotation is noun.settings


def test_a_noun_from_outside_brings_every_kind_of_value() -> None:
    class Stand(msgspec.Struct, frozen=True):
        fee: Annotated[int, Setting(unit=MONEY, ge=0)] = 5
        ribs: Annotated[tuple[int, ...], Setting()] = (8,)
        dry_ms: Annotated[int, Setting("dry_hours", HOURS, gt=0)] = 3_600_000
        names: Annotated[dict[str, str], Setting(form="text")] = {}

    model = create_model("File", __base__=SettingsModel, stand=(Annotated[Stand, DECLARED], Stand()))
    found: Any = model.model_validate_json('{"stand": {"ribs": [6, 10], "dry_hours": 2, "names": {"en": "Stand"}}}')
    assert found.stand == Stand(ribs=(6, 10), dry_ms=7_200_000, names={"en": "Stand"})
    mistakes: list[Mistake] = []
    file = File(Path("nowhere.toml"), model, mistakes)
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json('{"stand": {"fee": 1.5}}')
    said = file._explain(model, caught.value.errors(include_url=False)[0]).text
    assert (
        said == "stand.fee: expected a whole number; found 1.5; amounts stand in the smallest unit, did you mean 150?"
    )
