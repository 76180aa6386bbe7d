"""The recovery sheet: the one place of the key that opens copies. Print it, seal it, keep it where the box is not."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from edge.secrets.private import fsync_file
from operations.backups.keys import Identity
from operations.paper_fonts import fonts

LEFT: Final = 22 * mm
RIGHT: Final = 15 * mm
SIZE: Final = 10
"""Points."""
QR: Final = 52 * mm
GROUP: Final = 4
PER_LINE: Final = 8


class RecoverySheet(msgspec.Struct, frozen=True):
    """What stands on it."""

    store: str
    identity: Identity
    restic_password: str
    copies_go_to: tuple[str, ...]
    cloud: str


def write(sheet: RecoverySheet, out: Path) -> None:
    """The PDF at `out`, for its owner alone. Raises `OSError`, also where a file is there already."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setTitle(f"Recovery sheet of {sheet.store}")
    y = A4[1] - 28 * mm
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(LEFT, y, f"Recovery sheet: store {sheet.store}")
    y = _lines(canvas, y - 10 * mm, _INTRO.format(made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"))
    y = _key(canvas, y - 6 * mm, str(sheet.identity))
    to = "\n    ".join(["", *sheet.copies_go_to]) if sheet.copies_go_to else "(no target is set yet)"
    y = _lines(canvas, y - 4 * mm, _PARTS.format(to=to, cloud=sheet.cloud, restic=sheet.restic_password))
    _lines(canvas, y - 4 * mm, _HOW.format(store=sheet.store))
    canvas.save()
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(buffer.getvalue())
        fsync_file(file)  # before the box seals for a key that would stand nowhere


_INTRO: Final = """Made on {made}. Whoever holds this sheet and a copy of the store can read everything in it,
phone numbers included. Without it nobody can: the box itself does not have this key.
Print two. Seal each in an envelope, sign over the seam, and keep them apart from box and copies: one in the
store's safe, one at headquarters. Then delete the file. Opened by: __________________  on: ____________"""
_PARTS: Final = """Copies go to: {to}
Cloud: {cloud}
Password of restic repositories: {restic}"""
_HOW: Final = """A dead box: install Storekeeper on the new one, bring the copies there, then
    storekeeper restore /path/to/the/copies
It asks for the key above. It says what may be missing and which doors to look into, and fences the old box off.

A stolen box: at the cloud first  storekeeper cloud admit {store}  (the old token ends), then restore with
    storekeeper restore --new-cloud-token /path/to/the/copies

Without Storekeeper:  age -d -i key.txt storekeeper-….age | tar -xz

This sheet was opened? Make a new key: storekeeper backup sheet --new recovery.pdf
Later copies open with that one. Earlier copies still open with this one until they end, 30 days on."""


def _lines(canvas: Canvas, y: float, text: str) -> float:
    """Each line as far as the paper is wide; the rest of it below, further in. A full page is followed by another."""
    for line in text.splitlines():
        font = "Helvetica" if _is_latin(line) else fonts()[1]
        x = LEFT + (6 * mm if line.startswith("    ") else 0)
        for part in _fitting(line.strip(), font, A4[0] - RIGHT - x):
            if y < RIGHT:
                canvas.showPage()
                y = A4[1] - 28 * mm
            canvas.setFont(font, SIZE)
            canvas.drawString(x, y, part)
            x, y = LEFT + 12 * mm, y - 5.2 * mm
    return y


def _is_latin(text: str) -> bool:
    """Whether the fonts that every PDF has can write it."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _fitting(line: str, font: str, width: float) -> Iterator[str]:
    """The line in parts, each as wide as the first may be less what the others are further in."""
    while stringWidth(line, font, SIZE) > width:
        end = next(count for count in range(len(line), 0, -1) if stringWidth(line[:count], font, SIZE) <= width)
        space = line.rfind(" ", 0, end + 1)
        end = space if space > 0 else end
        yield line[:end]
        line, width = line[end:].lstrip(), A4[0] - RIGHT - LEFT - 12 * mm
    yield line


def _key(canvas: Canvas, y: float, key: str) -> float:
    """The key as a code to scan and in groups to type."""
    top = y
    code = segno.make(key, error="m")
    size = QR / (code.symbol_size(border=4)[0])
    for row, modules in enumerate(code.matrix_iter(border=4)):
        for column, dark in enumerate(modules):
            if dark:
                canvas.rect(LEFT + column * size, top - (row + 1) * size, size, size, stroke=0, fill=1)
    canvas.setFont("Courier-Bold", 12)
    groups = [key[place : place + GROUP] for place in range(0, len(key), GROUP)]
    for number in range(0, len(groups), PER_LINE // 2):
        y -= 7 * mm
        canvas.drawString(LEFT + QR + 8 * mm, y, " ".join(groups[number : number + PER_LINE // 2]))
    return float(min(top - QR, y - 4 * mm))
