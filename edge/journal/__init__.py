"""The append-only journal on SQLite: one writer thread, group commit, a hash chain, and tables as its cache."""

from edge.journal.entry import GENESIS, Clock, Entry, Fact, Step, link, name_of
from edge.journal.journal import Journal, lock
from edge.journal.reader import JournalReader
from edge.journal.steady import SteadyClock, newest
from edge.journal.tables import rebuild
from edge.journal.transaction import Applies, Noun, Nouns, Reader, Reads, Rows, Tx, tag
from edge.journal.verify import Verdict, verify

__all__ = [
    "GENESIS",
    "Applies",
    "Clock",
    "Entry",
    "Fact",
    "Journal",
    "JournalReader",
    "Noun",
    "Nouns",
    "Reader",
    "Reads",
    "Rows",
    "SteadyClock",
    "Step",
    "Tx",
    "Verdict",
    "link",
    "lock",
    "name_of",
    "newest",
    "rebuild",
    "tag",
    "verify",
]
