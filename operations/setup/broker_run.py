"""The broker of a store that was set up: the box's own service, or a trial of its files where none runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from operations.setup import broker_files, services
from operations.setup.places import Places
from operations.setup.services import BrokerFailed

READY_S: Final = 60.0
SYSTEMD: Final = Path("/run/systemd/system")
"""There where systemd manages this box (sd_booted(3))."""


@contextlib.contextmanager
def running(places: Places, port: int) -> Iterator[str]:
    """The broker runs for as long as this lasts. What is said in the end: how the store is opened now.

    Raises `BrokerFailed`.
    """
    if places.root == Path("/") and SYSTEMD.is_dir():
        services.open_store(places, broker_answers=_answers(port))
        yield "The store is open."
        return
    if _answers(port):
        yield _by_hand(places)
        return
    process = _started(places, port)
    try:
        yield _by_hand(places)
    finally:
        process.terminate()
        process.wait(10)


def _started(places: Places, port: int) -> subprocess.Popen[bytes]:
    binary = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        raise BrokerFailed("mosquitto is not installed: apt install mosquitto")
    conf = broker_files.main_file(places)
    process = subprocess.Popen([binary, "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + READY_S
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            said = process.communicate()[1].decode(errors="replace").strip().splitlines()
            raise BrokerFailed(f"mosquitto -c {conf} does not listen on port {port}: {' / '.join(said[-3:])}")
        time.sleep(0.05)
    return process


def _by_hand(places: Places) -> str:
    options = f"--config {places.config}"
    return (
        "This store can open. No service manager runs here, so start by hand:\n"
        f"  mosquitto -c {broker_files.main_file(places)}\n"
        f"  storekeeper run {options}\n"
        f"  storekeeper devices run {options}"
    )


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False
