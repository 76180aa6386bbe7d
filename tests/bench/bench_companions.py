"""What goes with a basket, beside "most bought": one good is hidden from baskets that the store has not seen.

    STOREKEEPER_BASKETS=groceries.csv python -m tests.bench.bench_companions [--quick]

The file has one basket a line, its goods between commas. Every third basket is held out; the others are paid in a store
through its own journal. Of each held-out basket that has two goods or more one is hidden, drawn with a fixed seed, and
looked for among the first five that are named for the rest. Without a file the baskets are those of the generator of
`tests/domain/test_habits.py`.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.domain.baskets.facts import BasketLineAdded, BasketOpened, BasketPaid
from edge.domain.baskets.habits import companions
from edge.domain.baskets.rules import BasketLine
from edge.domain.nouns import NOUNS
from edge.journal.journal import Journal
from tests.bench.report import Goal, arguments, show
from tests.domain.test_habits import buying, most_bought

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.journal import Reads, Tx

SEED: Final = 11
NAMED: Final = 5
STAPLES: Final = 10
AT_ONCE: Final = 200
"""Baskets that are paid in one commit."""
Basket = list[str]


class Found(NamedTuple):
    """Whether a hidden good was named: as what goes with the rest, and as one of the most bought."""

    companion: bool
    popular: bool
    staple: bool
    """Whether it is one of the most bought of all."""


def main() -> int:
    quick = arguments(__doc__).parse_args().quick
    baskets, source = _baskets(quick=quick)
    learned = [each for number, each in enumerate(baskets) if number % 3]
    held_out = [each for number, each in enumerate(baskets) if not number % 3 and len(each) > 1]
    found = asyncio.run(_tried(learned, held_out))
    beyond = [each for each in found if not each.staple]
    show(
        f"What goes with it, {source}",
        [
            _goal(f"the hidden good among the first {NAMED}, more often than with “most bought”", found),
            _goal(f"the same where it is none of the {STAPLES} most bought of all", beyond),
        ],
    )
    return 0


def _goal(target: str, found: Sequence[Found]) -> Goal:
    ours, usual = sum(each.companion for each in found), sum(each.popular for each in found)
    said = f"{100 * ours / len(found):.1f} % of {len(found):,}; “most bought” {100 * usual / len(found):.1f} %"
    return Goal(target, said, f"{ours / max(1, usual):.2f}", ours > usual)


def _baskets(*, quick: bool) -> tuple[list[Basket], str]:
    place = os.environ.get("STOREKEEPER_BASKETS", "")
    if not place:
        seed = random.Random(SEED)
        return [buying(seed) for _ in range(300 if quick else 3000)], "baskets of the generator"
    names: dict[str, str] = {}
    lines = Path(place).read_text(encoding="utf-8").splitlines()
    found = [
        sorted({names.setdefault(name.strip(), f"{len(names) + 1:014}") for name in line.split(",") if name.strip()})
        for line in (lines[:600] if quick else lines)
    ]
    return found, f"{len(found):,} baskets of {Path(place).name}"


async def _tried(learned: Sequence[Basket], held_out: Sequence[Basket]) -> list[Found]:
    seed = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        store = Journal(Path(folder) / "store.db", NOUNS)
        for first in range(0, len(learned), AT_ONCE):
            await store.write(_sell, learned[first : first + AT_ONCE], first)
        found = [_named(store.reads, goods, seed.choice(goods)) for goods in held_out]
        store.close()
    return found


def _sell(tx: Tx, baskets: Sequence[Basket], first: int) -> None:
    for number, goods in enumerate(baskets, first):
        tx.emit(BasketOpened(basket=f"b{number}", session=f"till/b{number}"))
        for place, each in enumerate(goods):
            line = BasketLine(line=f"b{number}-{place}", gtin=each)
            tx.emit(BasketLineAdded(basket=f"b{number}", line=line))
        tx.emit(BasketPaid(basket=f"b{number}", order=f"o{number}"))


def _named(reads: Reads, goods: Basket, hidden: str) -> Found:
    rest = [each for each in goods if each != hidden]
    ours = [each.gtin for each in companions(reads, rest, NAMED)]
    usual = [each for each in most_bought(reads, NAMED + len(rest)) if each not in rest][:NAMED]
    return Found(hidden in ours, hidden in usual, hidden in most_bought(reads, STAPLES))


if __name__ == "__main__":
    sys.exit(main())
