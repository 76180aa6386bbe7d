"""What is on hold: it has neither tables nor facts, the journal keeps what is held."""

from __future__ import annotations

from typing import Final

from edge.domain.held import queries
from edge.domain.noun import Noun

NOUN: Final = Noun(name="held", schema="", facts={}, needs=(queries.needs,), metrics=(queries.metrics,))
