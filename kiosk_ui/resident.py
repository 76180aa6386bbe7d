"""What a process holds of the machine's memory and need not: it is given back while nobody waits."""

from __future__ import annotations

import ctypes
import gc
import mmap
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPINGS: Final = Path("/proc/self/smaps")
"""Where Linux says what lies in this process's memory."""
OF_A_FILE: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9][0-9]* ")
"""Begin and end of what is run or read of a file, and may not be written."""
AS_ON_DISK: Final = (re.compile(r"^Anonymous: +0 kB$", re.MULTILINE), re.compile(r"^Swap: +0 kB$", re.MULTILINE))


def free() -> None:
    """Frees what nobody uses, Python's rubbish too: nobody may be there, as looking for that takes its time."""
    gc.collect()
    trim()


def trim() -> None:
    """Gives back what the C library keeps of what was freed, and code and constants of libraries.

    They come back from the disk, or from what the kernel keeps of it, as soon as they are used.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
    if MAPPINGS.is_file():
        for begin, end in clean(MAPPINGS.read_text("ascii", "replace")):
            library.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), mmap.MADV_DONTNEED)


def clean(mappings: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each piece of memory that is code or constants of a file, every page of it as on the disk: what
    the loader has written is left out, though it may be read alone by now.
    """
    for mapping in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", mappings, flags=re.MULTILINE):
        found = OF_A_FILE.match(mapping)
        if found and all(each.search(mapping) for each in AS_ON_DISK):
            yield int(found[1], 16), int(found[2], 16)
