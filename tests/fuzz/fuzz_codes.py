"""What atheris runs: a text that somebody holds to a camera has at least one meaning, whatever it is.

`python -m tests.fuzz.fuzz_codes -max_total_time=60`
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["edge.domain.codes", "edge.domain.touchpoints", "gs1"]):
    from edge.domain.codes.code_reader import CodeReader
    from edge.domain.codes.gs1_codes import Gs1
    from edge.domain.codes.readings import Scan, best_first
    from edge.domain.members.passes import Passes
    from edge.domain.touchpoints import queries
    from edge.domain.touchpoints.codes import Codes
    from gs1.in_store import InStoreRule

from edge.domain.nouns import NOUNS
from edge.domain.touchpoints.facts import TouchpointDefined
from edge.journal import Reader
from edge.journal.journal import Journal

NOW_MS: Final = 1_800_000_000_000
KEY: Final = b"k" * 32
STARTS: Final = (
    "", "SK:", "http://store.test/t/", "https://store.test/p/", "https://id.gs1.org/01/", "WIFI:", "]C1", "]e0", "]Q3",
    "01", "(01)", "20", "21", "22", "978", "02", "0",
)  # fmt: skip
"""What codes begin with: atheris would take long to find it."""
SYMBOLOGIES: Final = (None, "ean13", "ean8", "upca", "upce", "itf14", "qr", "gs1-databar", "code128", "nonsense")


async def _fill(path: Path) -> None:
    journal = Journal(path, NOUNS)
    place = TouchpointDefined("poster-door", "enter", "entrance", {"en": "Door"}, (1.0, 2.0))
    await journal.write(lambda tx: tx.emit(place))
    journal.close()


def _meanings(folder: Path) -> CodeReader:
    asyncio.run(_fill(folder / "storekeeper.db"))
    reads = Reader(folder / "storekeeper.db")
    codes = Codes(KEY, "s001", lambda name: queries.touchpoint(reads, name))
    rules = (InStoreRule("2[01]IIIIIWWWWWC", 3), InStoreRule("21IIIIIVPPPPC", 2))
    return CodeReader(
        codes,
        Passes(KEY, "s001"),
        reads,
        standards=Gs1(),
        rules=rules,
        product=lambda _: None,
        hosts=["store.test"],
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        meanings = _meanings(Path(folder))

        def one(data: bytes) -> None:
            """One input of atheris."""
            wishes = atheris.FuzzedDataProvider(data)
            start = STARTS[wishes.ConsumeIntInRange(0, len(STARTS) - 1)]
            symbology = SYMBOLOGIES[wishes.ConsumeIntInRange(0, len(SYMBOLOGIES) - 1)]
            raw = wishes.ConsumeBytes(20) if wishes.ConsumeBool() else None
            text = start + wishes.ConsumeUnicode(4100)
            found = meanings.read(Scan(text, symbology, raw), NOW_MS)
            if not found or found != best_first(found):
                raise AssertionError(f"{text!r}: {found}")

        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
