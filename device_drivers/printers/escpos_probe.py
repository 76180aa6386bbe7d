"""Commissioning a receipt printer: how it is, what it can say of itself, and what to write into `devices.toml`.

It only asks (`DLE EOT` and `GS r`, which move no paper) until a person has agreed to one test slip. The conversation is
kept as a recording (`transports.recording`), which a test can hold again without the printer.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from device_drivers.contract.documents import Cell, Columns, Document, Feed, Text
from device_drivers.printers.document_layout import lay_out
from device_drivers.printers.escpos import Settings, paper_of, renderer_of, transport_of
from device_drivers.printers.escpos_link import Confirm, Printed, PrinterLink
from device_drivers.transports.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from device_drivers.printers.escpos_status import Condition
    from device_drivers.probe import Asker
    from device_drivers.transports import Transport

STATUS_S: Final = 1.0
PRINT_S: Final = 20.0
"""A test slip that is not out after so many seconds is given up."""


class FoundPrinter(msgspec.Struct, frozen=True):
    """What is known in the end."""

    url: str
    answers: bool = False
    """Whether it says how it is. One that does not may print all the same: some cables carry nothing back."""
    paper: str = "unknown"
    cover: str = "unknown"
    confirm: Confirm = "none"
    """How it says that a slip is out."""
    printed: Printed | None = None
    """What became of the test slip; None where none was sent."""
    width: Literal[58, 80] = 80
    """The roll in mm: as the person saw it on the slip."""
    chinese: bool = True
    """Whether the slip's Chinese was Chinese."""

    @property
    def settings(self) -> str:
        """The line for `devices.toml`."""
        cjk = "gb18030" if self.chinese else "raster"
        return f'settings = {{ url = "{self.url}", paper = {self.width}, cjk = "{cjk}", confirm = "{self.confirm}" }}'


def probe_printer(
    url: str,
    asker: Asker,
    recording: Path | None = None,
    transport_for: Callable[[str], Transport] | None = None,
) -> FoundPrinter:
    """Asks the printer on a port how it is, and prints one slip on it if the person agrees.

    Raises `ValueError` for a URL that cannot be, and `OSError` where the port is lost.
    """
    transport = (transport_for or transport_of)(url)
    if recording is None:
        return _probe(url, asker, transport)
    recording.unlink(missing_ok=True)
    keeper = Recorder(transport, recording, "probe of a printer")
    found = _probe(url, asker, keeper)
    keeper.found(msgspec.to_builtins(found))
    return found


def _probe(url: str, asker: Asker, transport: Transport) -> FoundPrinter:
    asker.tell("asking how the printer is …")
    link = PrinterLink(transport, "order", STATUS_S, PRINT_S)
    with link.open():
        seen = link.condition()
        found = FoundPrinter(url, seen.online is not None, seen.paper, seen.cover, _confirms(link, seen))
        _say(asker, seen, found.confirm)
        if seen.trouble:
            asker.tell(f"it cannot print now ({seen.trouble}): mend that and probe again for a test slip")
            return found
        if not asker.confirm("Print a test slip now?"):
            return found
    return _slip(found, asker, transport)


def _confirms(link: PrinterLink, seen: Condition) -> Confirm:
    if seen.online is None:
        return "none"
    return "order" if link.knows_order() else "status"


def _say(asker: Asker, seen: Condition, confirm: Confirm) -> None:
    if seen.online is None:
        asker.tell(
            "nobody answered: power? RX and TX? speed? Some cables carry nothing back; a slip may come out all the same"
        )
        return
    asker.tell(f"it answers: {'online' if seen.online else 'offline'}, paper {seen.paper}, cover {seen.cover}")
    asker.tell(f"it says when a slip is out: {'yes, GS r' if confirm == 'order' else 'no'}")


def _slip(found: FoundPrinter, asker: Asker, transport: Transport) -> FoundPrinter:
    settings = Settings(found.url, confirm=found.confirm)
    slip = renderer_of(settings).render(lay_out(_document(settings), paper_of(settings)))
    # The same markers each time: a recording must fit when the conversation is held again.
    link = PrinterLink(transport, found.confirm, STATUS_S, PRINT_S, random.Random(0))  # noqa: S311 - against noise
    with link.open():
        ending = link.print(slip)
    found = msgspec.structs.replace(found, printed=ending.printed)
    if ending.printed == "no":
        asker.tell(f"nothing came out: {ending.trouble}")
        return found
    width = 80 if asker.confirm("Does the row of digits stand on one line, up to 8?") else 58
    chinese = asker.confirm("Is the line below it Chinese?")
    return msgspec.structs.replace(found, width=width, chinese=chinese)


def _document(settings: Settings) -> Document:
    columns = paper_of(settings).columns
    return Document(
        (
            Text("Storekeeper", "center", bold=True),
            Text("".join(str(place % 10) for place in range(1, columns + 1))),
            Text("鲜汇生活 欢迎光临"),
            Columns((Cell("€ 12,50 é ü"), Cell(f"{columns}", "right", 4))),
            Feed(1),
        ),
        "en",
    )
