from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from kiosk_ui import resident

MAPPING = """\
{begin:x}-{end:x} {mode} 00000000 08:01 {inode} {spaces}{path}
Size:                 64 kB
Rss:                  64 kB
Anonymous:            {written} kB
Swap:                 {swapped} kB
VmFlags: rd ex mr mw me
"""


def mapping(number: int, mode: str = "r-xp", inode: int = 7, written: int = 0, swapped: int = 0) -> str:
    """The text of one, as Linux writes it."""
    begin = number * 0x10000
    path = "/usr/lib/lib of code.so" if inode else ""
    return MAPPING.format(
        begin=begin,
        end=begin + 0x10000,
        mode=mode,
        inode=inode,
        spaces="   ",
        path=path,
        written=written,
        swapped=swapped,
    )


def test_what_is_as_on_the_disk_alone_is_given_back() -> None:
    kept = [
        mapping(1, mode="r--p", written=8),  # what the loader wrote and closed again
        mapping(2, mode="rw-p"),
        mapping(3, mode="r-xs"),
        mapping(4, inode=0),  # made here: the shaders' own
        mapping(5, written=4),  # a debugger's
        mapping(6, swapped=4),
    ]
    assert list(resident.clean("".join([*kept, mapping(7), *kept, mapping(9, mode="r--p")]))) == [
        (0x70000, 0x80000),
        (0x90000, 0xA0000),
    ]


def resident_kb() -> int:
    """How much code of files lies in this process's memory."""
    found = resident.MAPPINGS.read_text("ascii", "replace")
    begins = {begin for begin, _end in resident.clean(found)}
    sizes = re.findall(r"^([0-9a-f]+)-[0-9a-f]+ [^\0]*?^Rss: +(\d+) kB$", found, re.MULTILINE)
    return sum(int(kb) for begin, kb in sizes if int(begin, 16) in begins)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone says what lies where")
def test_code_that_is_not_run_is_no_longer_resident() -> None:
    assert unicodedata.name("a")
    before = resident_kb()
    resident.free()
    assert resident_kb() < before
    assert unicodedata.name("a") == "LATIN SMALL LETTER A", "it comes back"
