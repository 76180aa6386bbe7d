"""The glossary says each word once, and names what is there."""

from __future__ import annotations

import re
from collections import Counter

from tests.shape.source import ROOT

TEXT = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def test_each_word_is_told_once() -> None:
    words = [word.strip() for row in re.findall(r"^\| ([^|]+) \|", TEXT, re.MULTILINE) for word in row.split(",")]
    assert [word for word, count in Counter(words).items() if count > 1 and word != "word"] == []
    assert len(words) > 40


def test_what_it_names_is_there() -> None:
    named = re.findall(r"`((?:edge|device_drivers|kiosk_ui)/[\w/.]+)`(?: `(\w+)`)?", TEXT)
    assert len(named) > 20
    for place, name in named:
        assert (ROOT / place).exists(), place
        if name:
            assert re.search(rf"^class {name}\b", (ROOT / place).read_text("utf-8"), re.MULTILINE), f"{place} {name}"
