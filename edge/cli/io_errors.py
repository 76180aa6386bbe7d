"""What went wrong with a file, a port or a host, in words that say what to do."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

PORTS: Final = ("/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*", "/dev/ttyS[0-3]", "/dev/usb/lp*")
"""Where serial ports and printers show up."""

_WORDS: Final = {
    errno.EEXIST: "is a file, expected a folder",
    errno.ENOTDIR: "is in a file, expected a folder",
    errno.EISDIR: "is a folder, expected a file",
    errno.ENOSPC: "the disk is full: make space",
    errno.EDQUOT: "the user's share of the disk is used up: make space",
    errno.EROFS: "the disk can only be read",
    errno.EIO: "the disk reports an error: do not trust it",
    errno.EADDRINUSE: "another program has that port: stop it, or choose another",
    errno.EADDRNOTAVAIL: "this box has no such address",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "links lead in a circle",
    errno.EMFILE: "too many files are open",
}


def of_file(error: OSError) -> str:
    """A sentence on a file or folder that could not be used."""
    name = str(error.filename) if error.filename is not None else ""
    if error.errno == errno.ENOENT:
        folder = Path(name).parent
        said = "is not there" if not name or folder.is_dir() else f"there is no folder {folder}"
    elif error.errno in (errno.EACCES, errno.EPERM):
        who = f": run this as {_owner(Path(name))}, or give that user the right" if name else ""
        said = f"user {os.getuid()} may not read or write it{who}"
    else:
        said = _WORDS.get(error.errno or 0, error.strerror or type(error).__name__)
    return f"{name}: {said}" if name else said[:1].upper() + said[1:]


def _owner(path: Path) -> str:
    """Whose a file is; of one that nobody may see, whose the nearest folder above it is."""
    for each in (path, *path.parents):
        with suppress(OSError):
            try:
                return each.owner()
            except KeyError:
                return f"user {each.stat().st_uid}"
    return "root"


def _shut(path: Path) -> str:
    """Why a database, which is read with a file beside it, cannot be used; empty where nothing is in the way."""
    if path.exists() and not os.access(path, os.R_OK):
        return f"user {os.getuid()} may not read it: run this as {_owner(path)}"
    copied = f"copy {path.parent} to a place that can be written, and name that with --data"
    if os.statvfs(path.parent).f_flag & os.ST_RDONLY:
        return f"its disk can only be read: {copied}"
    if not os.access(path.parent, os.W_OK):
        return f"user {os.getuid()} may not write beside it: run this as {_owner(path.parent)}, or {copied}"
    return ""


def of_database(error: sqlite3.Error) -> str:
    """A sentence on a journal, a catalogue or another database that could not be used."""
    name = str(getattr(error, "sqlite_errorname", ""))
    of_disk = name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN"))
    said = "is its disk full, read-only or gone?" if of_disk else "storekeeper doctor looks what is wrong with it"
    notes = getattr(error, "__notes__", ())
    if not notes:
        return f"A database of the store cannot be used ({error}): {said}"
    path = Path(notes[0])
    shut = _shut(path) if path.parent.is_dir() else ""
    if not shut and not path.exists():
        return of_file(FileNotFoundError(errno.ENOENT, "", str(path)))
    return f"{path} cannot be used ({error}): {shut or said}"


_PORT_WORDS: Final = {
    errno.EBUSY: "another program has it: stop the drivers first",
    errno.ECONNREFUSED: "that address answers, but not at that port: check the port, and that the device is set to it",
    **dict.fromkeys(
        (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT),
        "nobody answers at that address: check power, cable and address",
    ),
    **dict.fromkeys((errno.ENOTTY, errno.EINVAL), "it is no serial port"),
    **dict.fromkeys((errno.EIO, errno.ENXIO, errno.ENODEV), "it is gone or not ready: check power and cable"),
}


def of_port(url: str, error: OSError) -> str:
    """A sentence on a port or a device in the network that could not be reached."""
    path = url.rpartition("://")[2].partition("?")[0]
    code = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno or 0
    if isinstance(error, socket.gaierror):
        said = "no host of that name is known here: check the name, or use its IP address"
    elif code == errno.ENOENT:
        there = sorted(str(found) for pattern in PORTS for found in Path("/").glob(pattern[1:]))
        seen = f"there are {', '.join(there[:6])}" if there else "none is plugged in"
        said = f"there is no port {path}: check cable and name; {seen}"
    elif code in (errno.EACCES, errno.EPERM):
        said = f"user {os.getuid()} may not open it: add the user to the group of {path} (dialout or lp), log in again"
    else:
        said = _PORT_WORDS.get(code) or error.strerror or str(error)
    return f"{url}: {said}"
