from __future__ import annotations

from edge.domain.lockers.diagram import PAGE, redrawn
from edge.domain.lockers.rules import PARCEL, diagram


def test_the_diagram_in_the_docs_is_the_table() -> None:
    page = PAGE.read_text("utf-8")
    assert redrawn(page) == page, "run: python -m edge.domain.lockers.diagram"


def test_every_transition_is_drawn() -> None:
    drawn = diagram()
    for state, events in PARCEL.items():
        for event, to in events.items():
            assert any(
                line.startswith(f"    {state} --> {to}:") and event.replace("_", " ") in line
                for line in drawn.splitlines()
            ), (state, event)
