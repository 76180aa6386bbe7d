"""A scanner on a serial port of this box: `scanner.py PORT BEFORE`. What comes through the pipe BEFORE is scanned."""

from __future__ import annotations

import grp
import os
import sys
import tty
from pathlib import Path


def main(port: Path, before: Path) -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    name = os.ttyname(theirs)
    os.chown(name, 0, grp.getgrnam("dialout").gr_gid)  # as Debian's udev gives serial ports to a group
    Path(name).chmod(0o660)
    port.parent.mkdir(parents=True, exist_ok=True)
    port.symlink_to(name)
    os.mkfifo(before)
    while True:
        os.write(ours, before.read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
