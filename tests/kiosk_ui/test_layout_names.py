"""Kivy has one space for the names of all widgets: two of one name would take each other's layout, and say nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import kiosk_ui

ROOT = Path(kiosk_ui.__file__).parent
RULE = re.compile(r"^<(\w+)(?:@[\w+]+)?>:", re.MULTILINE)
CLASS = re.compile(r"^class (\w+)\(", re.MULTILINE)


def test_each_layout_is_of_one_widget() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(ROOT.rglob("*.kv")):
        for name in RULE.findall(path.read_text("utf-8")):
            found[name].append(str(path.relative_to(ROOT)))
    assert found
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_no_picture_is_read_twice() -> None:
    """Kivy reads a file as soon as it is named, and once more where `mipmap` is said after that."""
    later = re.compile(r"^( +)source:.*\n(?:\1.*\n)*?\1mipmap:", re.MULTILINE)
    found = {path.name: later.findall(path.read_text("utf-8")) for path in ROOT.rglob("*.kv")}
    assert found
    assert {name for name, places in found.items() if places} == set()


def test_each_widget_with_a_layout_is_one_class() -> None:
    ruled = {name for path in ROOT.rglob("*.kv") for name in RULE.findall(path.read_text("utf-8"))}
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text("utf-8")
        if "kivy" in text:
            for name in CLASS.findall(text):
                found[name].append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in found.items() if len(places) > 1 and name in ruled} == {}
