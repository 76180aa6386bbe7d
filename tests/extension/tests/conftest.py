"""A store that names the extension: its settings, its gateway, its devices."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import edge
from edge.settings.settings import Settings, load

CONFIG = Path(edge.__file__).parents[1] / "config"
EXTENSIONS = """
[extensions]
nouns = ["umbrellas"]
drivers = ["umbrellas.stand"]
screens = ["umbrella"]

[umbrellas]
hours = 2
screen = "screen-fresh"
"""
STAND = """
[[devices]]
id = "stand-1"
kind = "umbrella_stand"
driver = "umbrellas.stand"
zone = "entrance"
label = { zh-CN = "一号伞架", en = "Umbrella stand 1" }
at = [3.0, 15.0]
settings = { places = 2 }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example store with a stand at its entrance."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    for file, more in (("store.toml", EXTENSIONS), ("devices.toml", STAND)):
        text = (folder / file).read_text("utf-8")
        (folder / file).write_text(text + more, "utf-8")
    return folder


@pytest.fixture
def settings(config: Path) -> Settings:
    return load(config)
