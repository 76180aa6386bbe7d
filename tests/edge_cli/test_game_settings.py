"""Mistakes in `[[games]]`, each with its line and what was expected."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.settings.mistakes import SettingsError
from edge.settings.settings import load

CONFIG = Path(__file__).resolve().parents[2] / "config"


def written(folder: Path, old: str, new: str) -> str:
    shutil.copytree(CONFIG, folder / "config")
    store = folder / "config" / "store.toml"
    text = store.read_text("utf-8")
    assert old in text
    store.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(folder / "config")
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("percent = 0.5", "percent = 0.50001", "expected at most four decimals; found 0.50001"),
        ("percent = 0.5", "percent = 70", "expected chances of at most 100 per cent in all; found 169.5"),
        ("cap = 500000", "cap = 1400", 'prize_over_cap: expected "mystery" to cost at most what the game may (1400)'),
        (
            'coupon = "prize-20"',
            'coupon = "prize-strawbery"',
            'found "prize-strawbery"; did you mean "prize-strawberry"?',
        ),
        ('coupon = "prize-20"', "points = 0", 'expected "coupon" or "points" for the prize "mystery"; found neither'),
        ('zones = ["baby"]\ncap', 'zones = ["babies"]\ncap', 'found "babies"; did you mean "baby"?'),
        ('kind = "wheel"', 'kind = "weel"', 'did you mean "wheel"?'),
        ('id = "family"', 'id = "wheel"', 'id: "wheel" is taken; every game needs its own'),
        ('id = "strawberries"', 'id = "mystery"', 'expected each id once; found "mystery" twice'),
        ("cost = 2000\nstock", "cost = 6000000\nstock", "expected at most 5000000, which is what a prize may be worth"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = written(tmp_path, old, new)
    assert said in text, text
    assert "store.toml:" in text
