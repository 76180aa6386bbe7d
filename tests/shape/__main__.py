"""Our figures beside those of the models: `make shape`. With `--where`, what makes each figure."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tests.shape.figures import figures, ours
from tests.shape.models import HEAD, MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--where", action="store_true", help="say what makes each figure")
    chosen = parser.parse_args()
    counted = figures()
    print("# The code beside its models\n")
    print(table([HEAD, ours(), *MODELS]))
    print("\n# What is held\n")
    print(table([("what", "now", "limit", "goal"), *((one.what, one.found, one.limit, one.goal) for one in counted)]))
    if chosen.where:
        for one in counted:
            print(f"\n{one.what}: {one.found}", *one.where, sep="\n  ")
    return 0 if all(one.found <= one.limit for one in counted) else 1


def table(rows: Iterable[Sequence[object]]) -> str:
    """As Markdown, in columns."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*texts, strict=True)]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in texts
    ]
    return "\n".join([written[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *written[1:]])


if __name__ == "__main__":
    sys.exit(main())
