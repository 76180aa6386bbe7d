"""Codes that scanners read."""

from __future__ import annotations

from typing import Final

from edge.domain.codes import reads
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="codes",
    schema=reads.SCHEMA,
    facts=reads.APPLIES,
    api=("edge.web.api.codes:router",),
    pages=("edge.web.pages.scan.page:PAGE",),
)
