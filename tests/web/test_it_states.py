"""What devices observe stands on `/it` in words: no value of the contract, of any kind of device, shows as a code."""

from __future__ import annotations

import re
from itertools import product
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from device_drivers.contract.states import Camera, Door, State
from edge.web.language import Texts
from edge.web.pages.it.states import in_words
from words.languages import known

SILENT = {"boot", "at", "up_ms", "glass"}
"""Fields that say when, or have a page of their own."""
COVERS = ("open", "closed", "unknown")
"""What our drivers say of a printer's cover: the contract leaves it a word."""


def choices(struct: type, field: str) -> list[object]:
    """Every value that a field of the contract may have; a few where it is a number."""
    found: list[object] = []
    for each in get_args(get_type_hints(struct)[field]) or (get_type_hints(struct)[field],):
        if get_origin(each) is Literal:
            found += get_args(each)
        elif isinstance(each, str):
            found.append(each)
        elif each is bool:
            found += [True, False]
    return found or ([0.0, 0.53, 1.0] if field in ("battery", "frames_s") else [])


def states() -> list[dict[str, Any]]:
    fields = set(State.__struct_fields__) - SILENT - {"doors", "camera", "cover"}
    plain = [{field: value} for field in sorted(fields) for value in choices(State, field)]
    doors = [
        {"doors": {"01": {"lock": lock, "door": door}}}
        for lock, door in product(choices(Door, "lock"), choices(Door, "door"))
    ]
    cameras = [{"camera": {field: value}} for field in ("trouble", "frames_s") for value in choices(Camera, field)]
    return plain + doors + cameras + [{"cover": cover} for cover in COVERS]


@pytest.mark.parametrize("language", known())
def test_every_state_has_words(language: str) -> None:
    texts = Texts.load()
    found = {str(state): in_words(texts, language, state) for state in states()}
    assert len(found) > 30
    own = texts.say(language, "it.state.own_words", value="\0").split("\0")[0]
    assert [state for state, said in found.items() if not said or own in said or "_" in said] == []
    if language != "en":  # no word of the contract stands as it is
        raw = re.compile(r"\b(locked|unlocked|jammed|docked|closed|open|low|out|true|false|covered|dark|blurred)\b")
        assert [said for said in found.values() if raw.search(said)] == []


def test_no_field_of_the_contract_was_forgotten() -> None:
    said = {name for state in states() for name in state}
    assert said | SILENT == set(State.__struct_fields__)


@pytest.mark.parametrize(
    "state", [{"lock": "melted"}, {"paper": "wet", "doors": {"01": "odd"}}, {"x": 1}, {"battery": "a"}]
)
def test_what_the_contract_does_not_know_is_quoted_or_left_out(state: dict[str, Any]) -> None:
    said = in_words(Texts.load(), "de", msgspec.json.decode(msgspec.json.encode(state)))
    assert said in ("meldet „melted“", "1 Tür zu · Papier: meldet „wet“", "")
