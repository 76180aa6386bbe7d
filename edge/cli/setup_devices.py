"""What setup asks of devices at an address: it reads, and opens and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.cli.io_errors import of_port
from edge.cli.optional_parts import part
from operations.setup.answers import BadAnswer
from operations.setup.found_devices import bank, settings_of


def look(tell: Callable[[str], None]) -> Callable[[str, str], Mapping[str, Any]]:
    """Asks whoever is at an address what it is, and tells what it hears."""

    def ask(kind: str, url: str) -> Mapping[str, Any]:
        try:
            return _LOOKS[kind](url, tell)
        except KeyError:
            raise BadAnswer(f"device: nothing of kind {kind} has an address; expected {kind}=ID") from None
        except ValueError as error:
            raise BadAnswer(f"device {url}: {error}") from None
        except OSError as error:
            raise BadAnswer(f"device: {of_port(url, error)}") from None

    return ask


def _locks(url: str, tell: Callable[[str], None]) -> Mapping[str, Any]:
    with part("devices"):
        from device_drivers.probe import Asker, probe

    found = probe(url, Asker(tell, lambda _: False))
    if not found.boards:
        raise BadAnswer(f"device {url}: no lock board answers. Power, A and B, baud rate? A printer: printer={url}")
    closed = int(2 * found.ones >= found.locks)  # a new bank stands closed
    tell(f"most contacts read {closed}: taken for closed doors (closed_bit)")
    driver = found.boards[0].split()[0]
    return {"driver": driver, "settings": settings_of(found.settings, closed), "bank": bank(found.locks)}


def _printer(url: str, tell: Callable[[str], None]) -> Mapping[str, Any]:
    with part("devices"):
        from device_drivers.printers.escpos_probe import probe_printer
        from device_drivers.probe import Asker

    found = probe_printer(url, Asker(tell, lambda _: False), None)
    if not found.answers:
        raise BadAnswer(f"device {url}: no printer answers. Power, cable, speed?")
    return {"driver": "printers.escpos", "settings": settings_of(found.settings, 1)}


def _scanner(url: str, _tell: Callable[[str], None]) -> Mapping[str, Any]:
    """A scanner says nothing until somebody scans: what it is hangs on its address alone."""
    if url.startswith("/dev/input/"):
        return {"driver": "scanners.hid", "settings": {"path": url}}
    with part("devices"):
        from device_drivers.transports import from_url

    from_url(url, 9600)
    return {"driver": "scanners.serial", "settings": {"url": url}}


_LOOKS: Mapping[str, Callable[[str, Callable[[str], None]], Mapping[str, Any]]] = {
    "locker": _locks,
    "printer": _printer,
    "scanner": _scanner,
}
