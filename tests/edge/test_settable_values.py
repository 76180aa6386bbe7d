"""Whatever can be set, the tables are what a rebuild makes of the facts, byte for byte, and nothing is new twice."""

from __future__ import annotations

import asyncio
import copy
import json
import math
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.domain.nouns import NOUNS
from edge.gateway.configure import take_over
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from edge.settings.settings import Settings, load
from tests.rounds import rounds

CONFIG: Final = Path(__file__).resolve().parents[2] / "config"
PLAIN: Final = load(CONFIG)
GIVEN: Final = PLAIN.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"campaigns", "playing"})
"""What the example says; campaigns have files and tests of their own. What it leaves out has its default, which nothing
has validated."""
NAMES: Final = {"id", "zone", "device", "attached_to", "kind", "driver", "url", "data"}
"""What others refer to stays, so that most of what is tried is taken."""

Path_ = tuple[str | int, ...]


def leaves(value: Any, at: Path_ = ()) -> list[Path_]:
    if isinstance(value, dict):
        return [leaf for name, part in value.items() for leaf in leaves(part, (*at, name))]
    if isinstance(value, list):
        return [leaf for number, part in enumerate(value) for leaf in leaves(part, (*at, number))]
    return [] if at[-1] in NAMES else [at]


LEAVES: Final = [
    leaf
    for leaf in leaves(PLAIN.model_dump(mode="json", by_alias=True, exclude={"campaigns", "playing"}))
    if leaf[0] != "gateway"
]
VALUES: Final = st.one_of(
    st.integers(-10, 200),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0, 1, -0.0, 0.5, 1.0, 10, 10.0, 1e15, 2**53, 2**63, 5e-324, True, False, None, "", "10", "1e3"]),
    st.text(max_size=12),
    st.sampled_from(["é", "e\u0301", "\u202e牛奶", "\x00", "\ud800", "👨‍👩‍👧", "</script>", "'; DROP TABLE carts; --"]),
)


def put(document: Any, at: Path_, value: Any) -> None:
    for step in at[:-1]:
        document = document.setdefault(step, {}) if isinstance(document, dict) else document[step]
    document[at[-1]] = value


def taken(changes: list[tuple[Path_, Any]]) -> Settings:
    """The settings with as many of the changes as they take."""
    document = copy.deepcopy(GIVEN)
    found = PLAIN
    for at, value in changes:
        tried = copy.deepcopy(document)
        put(tried, at, value)
        try:
            found = Settings.model_validate_json(json.dumps(tried))
        except (ValidationError, ValueError):
            continue
        document = tried
    return found


async def live(path: Path, first: Settings, second: Settings) -> None:
    journal = Journal(path, NOUNS)
    for settings in (first, second):
        await journal.write(take_over, settings, NOUNS)
        count = journal.sequence
        await journal.write(take_over, settings, NOUNS)
        assert journal.sequence == count, "the same settings say nothing new"
    journal.close()


@trials(max_examples=rounds(25, most=300), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(LEAVES), VALUES), max_size=12),
    st.lists(st.tuples(st.sampled_from(LEAVES), VALUES), max_size=12),
)
def test_tables_are_what_a_rebuild_makes(first: list[tuple[Path_, Any]], second: list[tuple[Path_, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        asyncio.run(live(path, taken(first), taken(second)))
        assert verify(path, Projections(NOUNS)).faults == ()
        connection = open_writer(str(path))
        rebuild(connection, Projections(NOUNS))
        connection.close()
        assert verify(path, Projections(NOUNS)).faults == ()


def test_a_default_that_is_a_whole_number(tmp_path: Path) -> None:
    document = copy.deepcopy(GIVEN)
    document["carts"] = {"deposit": 5}
    settings = Settings.model_validate_json(json.dumps(document))
    asyncio.run(live(tmp_path / "s.db", settings, settings))
    assert verify(tmp_path / "s.db", Projections(NOUNS)).faults == ()


@pytest.mark.parametrize("number", [10, 10.0, 3, 7.5])
def test_a_whole_number_for_a_fraction(tmp_path: Path, number: float) -> None:
    document = copy.deepcopy(GIVEN)
    document["carts"] = {"find_s": number}
    document["zones"][0]["plan"] = [0, 0, 20, 12]
    settings = Settings.model_validate_json(json.dumps(document))
    assert math.isclose(settings.carts.find_s, number)
    asyncio.run(live(tmp_path / "s.db", settings, settings))
    assert verify(tmp_path / "s.db", Projections(NOUNS)).faults == ()
