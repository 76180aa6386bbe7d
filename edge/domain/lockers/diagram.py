"""Draws a parcel's transitions into `docs/lockers.md`: `python -m edge.domain.lockers.diagram`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from edge.domain.lockers.rules import diagram

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "lockers.md"
_BEGIN, _END = "```mermaid\n", "```\n"


def redrawn(page: str) -> str:
    """The page with its diagram as the table has it now. Raises `ValueError` where the page has none."""
    start = page.index(_BEGIN) + len(_BEGIN)
    return page[:start] + diagram() + page[page.index(_END, start) :]


def main() -> int:
    """Draw it anew. Returns the exit code."""
    PAGE.write_text(redrawn(PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
