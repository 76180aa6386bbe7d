"""The append-only journal on SQLite: one writer thread, group commit, a hash chain, and tables as its cache.

Here is what facts and nouns are made of. What opens a file is imported from its own module: a box that only runs
devices knows the facts, and has no library for the file.
"""

from edge.journal.entry import GENESIS, Clock, ClockStep, Entry, Fact, link, name_of, tag
from edge.journal.transaction import Applies, Noun, Nouns, Reader, Reads, Rows, Tx

__all__ = [
    "GENESIS", "Applies", "Clock", "ClockStep", "Entry", "Fact", "Noun", "Nouns", "Reader", "Reads", "Rows", "Tx",
    "link", "name_of", "tag",
]  # fmt: skip
