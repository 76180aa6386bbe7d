"""The append-only journal on SQLite: one writer thread, group commit, a hash chain, and tables as its cache.

Here is what facts and nouns are made of. What opens a file is imported from its own module: a box that only runs
devices knows the facts, and has no library for the file.
"""

from edge.journal.entry import GENESIS, Clock, ClockStep, Entry, Fact, entry_hash, id_text, tag
from edge.journal.transaction import Applies, Projection, Projections, Reader, Reads, Rows, Tx

__all__ = [
    "GENESIS", "Applies", "Clock", "ClockStep", "Entry", "Fact", "Projection", "Projections", "Reader", "Reads", "Rows",
    "Tx", "entry_hash", "id_text", "tag",
]  # fmt: skip
