"""A process that asks a terminal for money on a real journal; whoever plays the terminal kills it."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

from edge.domain.payments import decisions, queries
from edge.domain.payments.rules import Payment
from edge.gateway.payments.terminal import TerminalPort
from edge.journal.journal import Journal
from edge.settings.payments import TerminalSettings
from tests.domain.conftest import furnish
from tests.edge.payments.conftest import Till
from tests.edge.payments.zvt_terminal import PASSWORD


class JournalRecords:
    """As the gateway's ports have them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.open = partial(queries.all_open, journal.reads)
        self.later = partial(queries.asked_after, journal.reads)

    async def remember(self, payment: Payment, reference: str) -> None:
        await self._journal.write(decisions.record_answer, payment=payment.payment, reference=reference)


def terminal_of(till: Till, port: int, ahead_s: float = 0.0) -> TerminalPort:
    """`ahead_s` is how far the till's time has gone on since it was opened."""
    settings = TerminalSettings(id="card-1", host="127.0.0.1", port=port, password=PASSWORD)
    till.currency = "EUR"
    made = TerminalPort([settings], "EUR", JournalRecords(till.journal), till.elapsed)
    till.ahead_s += ahead_s
    return made


async def main(folder: Path, port: int) -> None:
    till = Till(folder)
    till.open([terminal_of(till, port)])
    await till.journal.write(furnish)
    till.desk.start()
    for _ in range(2):  # the first one gives the terminal a receipt to tell of
        made = await till.pay(await till.held(), "terminal")
        await till.becomes(made, "paid")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
