"""What atheris runs: bytes come as a file of products or of members; each line is taken or named, or the file refused.

`python -m tests.fuzz.fuzz_csv -max_total_time=60`
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["edge.products", "edge.cli.member_lists"]):
    from edge.cli.member_lists import MemberList
    from edge.products.importing import import_file
    from edge.products.mistakes import BadFile
    from edge.products.values import StoreContext

STORE: Final = StoreContext(shelves=frozenset({"shelf-dairy"}))
HEADINGS: Final = (
    "", "code,name,price\n", "条码;名称;售价\n", "ean\tname_de\tpreis\n", "sep=;\ncode;name;price\n", '{"code":', "[",
    "number,card,points\n", "手机号，卡号，积分\n",
)  # fmt: skip
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "big5", "cp1252", "utf-32")
MEMORY: Final = Path("/dev/shm")


def main() -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        catalogue, place = Path(folder) / "catalogue", Path(folder)

        def one(data: bytes) -> None:
            """One input of atheris."""
            wishes = atheris.FuzzedDataProvider(data)
            ending = (".csv", ".jsonl", ".txt")[wishes.ConsumeIntInRange(0, 2)]
            heading = HEADINGS[wishes.ConsumeIntInRange(0, len(HEADINGS) - 1)]
            encoding = ENCODINGS[wishes.ConsumeIntInRange(0, len(ENCODINGS) - 1)]
            if wishes.ConsumeBool():
                content = heading.encode(encoding, "replace") + wishes.ConsumeBytes(4096)
            else:
                content = (heading + wishes.ConsumeUnicodeNoSurrogates(4096)).encode(encoding, "replace")
            path = place / f"list{ending}"
            path.write_bytes(content)
            try:
                import_file(path, catalogue, STORE, keep=False)
            except BadFile as refused:
                check(str(refused))
            try:
                for found in MemberList(path, "CN"):
                    check(str(found))
            except BadFile as refused:
                check(str(refused))

        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


def check(sentence: str) -> None:
    """A refusal is a sentence that a terminal can show."""
    if not sentence.strip() or len(sentence) > 2000:
        raise AssertionError(f"{len(sentence)} characters: {sentence[:200]!r}")


if __name__ == "__main__":
    main()
