"""A cart with a computer of its own, in a box that took a bundle of `devices enrol`: `cart.py BUNDLE ID FOLDER`."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from device_drivers.agent import Agent, Link
from device_drivers.locks.simulated_cart import Driver, Settings


def main(bundle: Path, device: str, folder: Path) -> None:
    said = json.loads(bundle.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    authority = folder / "ca.crt"
    authority.write_text(said["ca"])
    port = urlsplit(said["broker"]).port
    link = Link(
        "127.0.0.1", port or 8883, said["store"], device, said["logins"][device], True, authority=str(authority)
    )
    Agent(device, Driver(Settings(), folder), link, folder).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
