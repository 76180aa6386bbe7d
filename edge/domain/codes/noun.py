"""Codes that scanners read."""

from __future__ import annotations

from typing import Final

from edge.domain.codes import tables
from edge.domain.codes.facts import CodeRead
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="codes",
    rules=2,
    schema="",
    facts=tables.APPLIES,
    observations=frozenset({CodeRead}),
    api=("edge.web.api.codes:router",),
    pages=("edge.web.pages.scan.page:PAGE",),
)
