"""Receipt printers that speak ESC/POS: Epson, Xprinter, Gprinter, Sunmi and their many cousins."""

from __future__ import annotations

import codecs
import contextlib
import logging
import math
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from device_drivers.contract import DesiredBody, Identify, Instruction, Print
from device_drivers.contract.documents import BadDocument, Document, Feed, Text
from device_drivers.driver import NOT_MINE, Claim, Outcome, Reason, Result
from device_drivers.printers.document_layout import PAPERS, Paper, lay_out
from device_drivers.printers.escpos_bytes import Head, Renderer
from device_drivers.printers.escpos_delivery import Counter, Key, result
from device_drivers.printers.escpos_link import Confirm, PrinterLink
from device_drivers.printers.escpos_slips import Slips
from device_drivers.printers.escpos_status import AWAY, UNKNOWN, Condition
from device_drivers.printers.escpos_text import Alphabet
from device_drivers.transports import Transport, from_url, port_of
from device_drivers.transports.device_file import DeviceFile

if TYPE_CHECKING:
    from device_drivers.driver import Report, State
    from device_drivers.printers.document_picture import Pen

log = logging.getLogger(__name__)

STOP_S: Final = 1.5


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which printer, and what it can do. The defaults fit an 80 mm printer with Chinese; `docs/drivers/escpos.md` has
    the rest.
    """

    url: Annotated[str, msgspec.Meta(min_length=1)]
    """`tcp://192.168.1.50:9100`, `serial:///dev/ttyUSB0?baud=19200`, or `file:///dev/usb/lp0`."""
    paper: Literal[58, 80] = 80
    """Width of the roll in mm."""
    dots: Annotated[int, msgspec.Meta(ge=200, le=832)] | None = None
    """Printable dots per line, where they are not 384 (58 mm) or 576 (80 mm): 512 for older 80 mm heads."""
    cjk: Literal["gb18030", "raster", "none"] = "gb18030"
    """Chinese: the printer's own font; drawn here, for a printer without one; or `?`."""
    code_page: str = "cp858"
    """The code page for € and accents, as Python names it; empty draws such lines instead."""
    code_page_number: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    """What `ESC t` calls that page, where the profile is wrong; the printer's self-test page lists them."""
    cutter: Literal["partial", "full", "none"] = "partial"
    """How it cuts: leaving a bridge, all through, or not at all."""
    drawer: Literal[0, 2, 5] = 0
    """The pin that opens the cash drawer: 2 for the first one, 5 for a second; 0 where there is none."""
    profile: str = "default"
    """A python-escpos profile, for what the printer lacks: QR codes, bar codes, code pages."""
    font: str | None = None
    """A font file with Chinese for what is drawn; otherwise one of the box, such as Debian's fonts-noto-cjk."""
    logos: str | None = None
    """A folder with `<name>.png` for each logo that documents name."""
    confirm: Confirm = "order"
    """How the printer says that a slip is out: `order` (GS r), `process_id` (GS ( H, Epson), `status` (it answers
    DLE EOT and no more), or `none` (nothing can be read from it). The last two do not notice a slip that vanishes.
    """
    status_s: Annotated[float, msgspec.Meta(gt=0, le=10)] = 1.0
    """A printer that does not say within this many seconds how it is, is silent."""
    print_s: Annotated[float, msgspec.Meta(gt=0, le=300)] = 30.0
    """A slip that is not out after this many seconds is given up."""
    poll_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5.0
    """How often an idle printer is asked for paper and cover; 0 is never."""


class Driver:
    """The printer. It never puts the same job and revision on paper twice, unless the document says that it is a copy.

    `observed.printed` says what became of a slip: `no` with `refused` and `failed`, it can be sent again; `unknown`
    with `unknown`, only a copy may follow.
    """

    kind = "printer"
    capabilities = ("print", "identify")

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Raises `ValueError` and `OSError` for settings that cannot work."""
        self._settings = settings
        self._folder = folder
        self.claims = (Claim(port_of(settings.url)),)
        self._paper = paper_of(settings)
        self._renderer = renderer_of(settings)
        self._link = PrinterLink(transport_of(settings.url), settings.confirm, settings.status_s, settings.print_s)
        self._using = threading.Lock()
        self._condition = UNKNOWN
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._poll, name=f"{folder.name}-poll", daemon=True)
        self._slips: Slips | None = None

    def start(self, report: Report) -> None:
        """Opens its memory; a printer that is off is no reason to fail. Raises `sqlite3.Error` and `OSError`."""
        self._report = report
        self._slips = Slips(self._folder / "slips.db")
        self._counter = Counter(self._link, self._slips, self._renderer.separation())
        if self._settings.poll_s and self._link.answers:
            self._watch.start()

    def stop(self) -> None:
        """Ends the polling, and forgets nothing."""
        self._ended.set()
        if self._watch.is_alive():
            self._watch.join(STOP_S)
        if self._slips:
            self._slips.close()

    def state(self) -> State:
        """What the printer last said."""
        return self._condition.state

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A printer shows nothing."""
        raise ValueError("a printer has nothing to show or to set")

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Prints a slip, or one that says which printer this is."""
        try:
            if isinstance(instruction, Identify):
                return self._print(Key("identify", time.time_ns()), self._identity(), deadline)
            if not isinstance(instruction, Print):
                return NOT_MINE
            return self._print(Key(instruction.job, instruction.revision), instruction.document, deadline)
        except BadDocument as error:
            return result(Outcome.REFUSED, Reason.BAD_ARGS, "no", self._condition, error=str(error))
        except sqlite3.Error:
            # Without the note nothing keeps it from coming out twice, so it does not come out at all.
            log.exception("%s: its memory of slips fails", self._folder.name)
            return result(Outcome.FAILED, Reason.INTERNAL, "no", self._condition)

    def _print(self, key: Key, document: Document, deadline: float) -> Result:
        if not document.copy and (earlier := self._counter.earlier(key, self._condition)):
            return earlier
        slip = self._renderer.render(lay_out(document, self._paper))
        with self._using:
            answer, condition = self._counter.deliver(key, slip, copy=bool(document.copy), deadline=deadline)
        self._show(condition)
        return answer

    def _identity(self) -> Document:
        name = Text(self._folder.name, "center", bold=True, size=2)
        return Document((name, Text(self._settings.url, "center"), Feed()))

    def _show(self, condition: Condition) -> None:
        self._condition = condition
        self._report.state(condition.state)

    def _poll(self) -> None:
        """Asks how the printer is, whenever it has nothing to do."""
        while not self._ended.is_set():
            if self._using.acquire(blocking=False):
                try:
                    condition = self._read_condition()
                finally:
                    self._using.release()
                if not self._ended.is_set():
                    self._show(condition)
            self._ended.wait(self._settings.poll_s)

    def _read_condition(self) -> Condition:
        try:
            with self._link.open():
                return self._link.condition()
        except OSError:
            return AWAY


def paper_of(settings: Settings) -> Paper:
    """The roll, and how much of it this printer reaches."""
    roll = PAPERS[settings.paper]
    return Paper(roll.millimetres, settings.dots // 8 * 8) if settings.dots else roll


def transport_of(url: str) -> Transport:
    """The port, not yet open. Raises `ValueError` for a URL that names none."""
    if url.startswith("file:"):
        path = url.removeprefix("file:").removeprefix("//")
        if not path.strip("/") or not path.startswith("/"):
            raise ValueError(f"port {url!r}: expected file:///dev/usb/lp0")
        return DeviceFile(url, path)
    return from_url(url)


def renderer_of(settings: Settings) -> Renderer:
    """Makes the bytes for this printer. Raises `ValueError` and `OSError` for settings that cannot work."""
    alphabet = Alphabet(settings.cjk == "gb18030", settings.code_page or None, _page_number(settings))
    logos = Path(settings.logos) if settings.logos else None
    head = Head(settings.profile, paper_of(settings).dots, alphabet, settings.cutter, settings.drawer, logos)
    return Renderer(head, _pen(settings))


def _pen(settings: Settings) -> Pen | None:
    """Draws what the printer has no letters for. Only a printer whose Chinese is drawn cannot do without."""
    from device_drivers.printers.document_picture import Pen

    if settings.cjk == "none":
        return None
    try:
        return Pen(Path(settings.font) if settings.font else None)
    except OSError as error:
        if settings.font:
            raise ValueError(f"font: expected the file of a font; found none at {settings.font}") from error
        if settings.cjk == "raster":
            raise
        log.warning("no font with Chinese: letters that the printer does not have come out as ?")
        return None


def _page_number(settings: Settings) -> int:
    """What `ESC t` calls the code page. Raises `ValueError` where the profile does not have it."""
    if not settings.code_page or settings.code_page_number is not None:
        return settings.code_page_number or 0
    from device_drivers.printers.escpos_bytes import new_escpos

    try:
        wanted = codecs.lookup(settings.code_page).name
    except LookupError as error:
        raise ValueError(f"code page: {error}") from None
    pages: dict[str, str] = new_escpos(settings.profile).profile.profile_data["codePages"]
    for number, name in pages.items():
        with contextlib.suppress(LookupError):
            if codecs.lookup(name).name == wanted:
                return int(number)
    raise ValueError(f"code page {settings.code_page!r}: profile {settings.profile} has {', '.join(pages.values())}")
