"""Nouns of other packages: one that cannot be used is named, and the store is made of the others."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.bootstrap.nouns import nouns_of
from edge.domain.nouns import NOUNS
from edge.settings.settings import SettingsError, load

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[2] / "config"
KITES = """
from edge.domain.noun import Noun
from edge.journal import Fact

class KiteFlown(Fact, frozen=True, tag="{tag}"):
    kite: str

def fly(tx: "Tx", kite: str) -> None:
    tx.emit(KiteFlown(kite))

{more}
NOUN = Noun(name="{name}", schema="{schema}", facts={{KiteFlown: lambda rows, entry, fact: None}}, pages={pages!r})
"""
SOUND = {"tag": "kite.flown.v1", "name": "kites", "schema": "", "pages": (), "more": "fly.__asked_by__ = 'store'"}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """The settings of a store that names one noun, and the package that offers it."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(code: str, more: str = "") -> Path:
        package = tmp_path.name  # another one for each test: what was imported stays
        code, more = code.replace("kites", package), more.replace("kites", package)
        (tmp_path / f"{package}.py").write_text(code)
        told = tmp_path / f"{package}-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (told / "entry_points.txt").write_text(f"[storekeeper.nouns]\n{package} = {package}:NOUN\n")
        folder = Path(shutil.copytree(EXAMPLE, tmp_path / "config"))
        text = (folder / "store.toml").read_text("utf-8")
        (folder / "store.toml").write_text(f'{text}\n[extensions]\nnouns = ["{package}"]\n{more}', "utf-8")
        return folder

    return make


def test_a_noun_that_the_settings_name_is_one_of_the_store(store: Callable[..., Path]) -> None:
    nouns = nouns_of(load(store(KITES.format(**SOUND))))
    assert nouns.broken == {}
    assert nouns.all[: len(NOUNS)] == NOUNS
    assert [noun.tags for noun in nouns.all[len(NOUNS) :]] == [["kite.flown.v1"]]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise ZeroDivisionError('no wind')", "ZeroDivisionError: no wind"),
        ("NOUN = 7", "expected a noun of this name; found a int"),
        (KITES.format(**{**SOUND, "name": "birds"}), "found a noun called 'birds'"),
        (KITES.format(**{**SOUND, "tag": "cart.seen.v1"}), "there is a fact 'cart.seen.v1' already"),
        (KITES.format(**{**SOUND, "schema": "CREATE TABLE carts (kite TEXT)"}), "there is a table 'carts' already"),
        (KITES.format(**{**SOUND, "pages": ("kites:NOWHERE",)}), "kites:NOWHERE"),
        (KITES.format(**{**SOUND, "more": ""}), "kites.fly does not say who may ask it"),
    ],
)
def test_one_that_cannot_be_used_is_named_and_left_out(store: Callable[..., Path], code: str, why: str) -> None:
    settings = load(store(code))
    nouns = nouns_of(settings)
    assert nouns.all == NOUNS
    assert nouns.broken.keys() == {settings.extensions.nouns[0]}
    assert why in nouns.broken.popitem()[1].replace(settings.extensions.nouns[0], "kites")


def test_staff_see_what_is_left_out_and_its_table_may_stay(store: Callable[..., Path]) -> None:
    nouns = nouns_of(load(store("raise ZeroDivisionError('no wind')", more="[kites]\nwind = 7\n")))
    (need,) = nouns.needs(0)
    assert need.kind == "extension_broken"
    assert "no wind" in need.details["error"]


def test_a_table_of_a_noun_that_nobody_named_is_a_mistake(store: Callable[..., Path]) -> None:
    with pytest.raises(SettingsError, match='unknown key "birds"'):
        load(store(KITES.format(**SOUND), more="[birds]\nwind = 7\n"))
