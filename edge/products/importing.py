"""From a file of products to a version of the catalogue: every bad line is reported, every good one kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from edge.products.build import Build, Built, sweep
from edge.products.fields import read
from edge.products.lines import RecordFile
from edge.products.mistakes import BadFile, Mistake, MistakeReport
from edge.products.values import StoreContext

STEP: Final = 500
"""Lines between two words on how far it is."""

Progress = Callable[[int, int], None]
"""Bytes read, bytes in all."""


class ImportResult(msgspec.Struct, frozen=True):
    """How an import went."""

    built: Built | None
    """None where only a check was asked for."""
    good: int
    bad_lines: int
    mistakes: int
    first: tuple[Mistake, ...]
    """The first few."""
    left_out: int
    """Fields that were left out of products that were kept."""
    ignored: tuple[str, ...]
    """Columns that mean nothing here."""
    encoding: str
    doubt: str = ""
    """What it was told from, where that is too little to be certain."""


def import_file(
    path: Path,
    folder: Path,
    store: StoreContext,
    *,
    report: Path | None = None,
    progress: Progress = lambda done, whole: None,  # noqa: ARG005 - the form of a listener
    keep: bool = True,
) -> ImportResult:
    """Build a version of the file's good lines in `folder`; with `keep` false only look.

    Memory stays the same whatever the file's size. Raises `BadFile` where the file as a whole cannot be taken, or would
    make a version without a product, and `OSError`.
    """
    source = RecordFile(path, currency=store.currency)
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    notes = MistakeReport(report)
    making = Build(folder)
    try:
        _take(source, making, store, notes, progress)
        if not making.count and (keep or not notes.lines):
            said = f"; the first mistake: {notes.first[0]}" if notes.first else ""
            read_as = "" if source.encoding.name == "utf-8" else f" (read as {source.encoding.said.upper()})"
            raise BadFile(f"{path.name} has no product that can be taken{read_as}{said}", notes.first, notes.count)
        built = making.finish() if keep else None
    finally:
        notes.close()
        making.discard()
    return ImportResult(
        built,
        making.count,
        notes.lines,
        notes.count,
        tuple(notes.first),
        notes.fields,
        tuple(sorted(source.ignored)),
        source.encoding.said,
        source.encoding.doubt,
    )


def _take(source: RecordFile, making: Build, store: StoreContext, notes: MistakeReport, progress: Progress) -> None:
    for number, record in source:
        if isinstance(record, list):
            notes.add(record)
        else:
            if store.decimal != source.decimal:
                store = msgspec.structs.replace(store, decimal=source.decimal)
            left_out: list[Mistake] = []
            product = read(number, record, store, left_out)
            notes.add(left_out)
            notes.add(product if isinstance(product, list) else making.add(number, product))
        if number % STEP == 0:
            progress(source.offset, source.size)
    progress(source.size, source.size)
