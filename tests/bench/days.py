"""A day that a store really had, lived again by other people: the same facts under other names and at later times.

What shoppers do comes from the demo: the whole store as processes, with simulated shoppers who look around, fill
baskets, pay, leave bags in lockers and bring goods back. Each repetition goes through the journal's own writer, a group
at a time, so that every fact is chained and changes the tables as it did when it was decided.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Final

from edge.bootstrap.journal import journal_path
from edge.cli.options import with_data
from edge.domain.coupons.facts import CouponClaimed
from edge.domain.members.facts import ConsentGiven, MemberRegistered, SessionOpened
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints.facts import TouchpointScanned
from edge.journal import Projections, chain
from edge.journal.entry import Entry, Fact, id_text, tag
from edge.journal.journal import Journal
from edge.journal.reader import JournalReader
from edge.journal.transaction import Tx, open_readonly
from edge.settings.settings import Settings, load
from tests.bench.place import free_port
from tests.bench.store import wait_for

GROUP: Final = 2_000
"""Facts that share a commit."""
NEW_EVERY: Final = 20
"""Among so many repetitions one is of people who were never there; the others come back."""
ONCE: Final = frozenset(map(tag, (MemberRegistered, SessionOpened, ConsentGiven, CouponClaimed)))
"""What who comes back does not do again: each person, and each phone, has a coupon once."""
OPEN_ENDS: Final = """SELECT grant_id FROM carts WHERE grant_id IS NOT NULL
    UNION SELECT basket FROM baskets WHERE state IN ('open', 'held')"""
EXAMPLE: Final = Path(__file__).resolve().parents[2] / "config"
PATIENCE_S: Final = 900.0

_OTHERS: Final = re.compile(
    rb'([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|(?<="seed":")[0-9a-z]{12}(?=")'
    rb"|(?<=[:\[,])1[789]\d{11}(?=[,}\]]))"
)
"""What is another's: names that were made up (of persons, browsers, baskets, requests, entries), parcels' seeds, and
moments in milliseconds."""
_SEED, _MOMENT = 12, 13
"""Their lengths. Names are longer."""
_MIXED: Final = 0x9E3779B97F4A7C15
_DIGITS: Final = b"0123456789abcdefghijklmnopqrstuvwxyz"


class Day:
    """What happened, in order. `settings` are those of the store in which it did."""

    def __init__(self, settings: Settings, entries: list[Entry]) -> None:
        self.settings = settings
        self._entries = entries
        self._bodies = [_OTHERS.split(entry.body) for entry in entries]
        self._persons = {
            name for entry in entries if entry.type == tag(SessionOpened) for name in _OTHERS.findall(entry.body)
        }
        self._readers = Projections(NOUNS).readers
        self._times = 0

    def __len__(self) -> int:
        return len(self._entries)

    def what(self) -> str:
        """What it is made of, for people."""
        kinds = Counter(entry.type.rpartition(".")[0] for entry in self._entries)
        most = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(12))
        return f"a day of {len(self):,} facts, {len(kinds)} kinds: {most} …"

    @staticmethod
    def _who(times: int) -> int:
        """Whose turn it is: strangers each so many times, else some who were there before. The same on each machine."""
        return times if times % NEW_EVERY == 1 else 1 + NEW_EVERY * (times * 7919 % (1 + (times - 1) // NEW_EVERY))

    async def again(self, journal: Journal, now_ms: int) -> int:
        """Once more, beginning now. Returns how many facts that were."""
        self._times += 1
        who, made = self._who(self._times), 0
        others = _Others(self._times, now_ms - self._entries[0].wall_ms)
        for person in self._persons:
            others[person] = _other(person, who)
        known = who != self._times
        for begin in range(0, len(self._entries), GROUP):
            places = range(begin, min(begin + GROUP, len(self._entries)))
            made += await journal.write(self._emit, places, others, known=known)
        return made

    def _emit(self, tx: Tx, places: range, others: _Others, *, known: bool) -> int:
        for place in places:
            entry, body = self._entries[place], self._bodies[place].copy()
            if known and entry.type in ONCE:
                continue
            body[1::2] = [others[each] for each in body[1::2]]
            fact: Fact = self._readers[entry.type](b"".join(body))
            others[id_text(entry.id).encode()] = id_text(tx.emit(fact)).encode()
            if isinstance(fact, MemberRegistered):  # as `members.make_member` keeps them
                tx.keep_key(fact.member, os.urandom(60))
                tx.keep_number(fact.member, os.urandom(16).hex())
        return len(tx.emitted)


class _Others(dict[bytes, bytes]):
    """What takes the place of what in one repetition."""

    def __init__(self, times: int, later_ms: int) -> None:
        super().__init__()
        self._times, self._later_ms = times, later_ms

    def __missing__(self, then: bytes) -> bytes:
        if len(then) == _MOMENT:
            now = b"%d" % (int(then) + self._later_ms)
        elif len(then) == _SEED:
            now = _seed((int(then, 36) + self._times * 1_000_003) % 36**_SEED)
        else:
            now = _other(then, self._times)
        self[then] = now
        return now


def _other(name: bytes, times: int) -> bytes:
    """Nearly every digit is another one: what packs names finds as little in them as in those of a store."""
    begin = min(8, len(name) - 12)
    first, last = int(name[:begin], 16) ^ times * _MIXED, int(name[-12:], 16) ^ times * _MIXED
    return b"%0*x" % (begin, first & 16**begin - 1) + name[begin:-12] + b"%012x" % (last & 16**12 - 1)


def _seed(number: int) -> bytes:
    digits = bytearray()
    for _ in range(_SEED):
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    return bytes(reversed(digits))


def lived(folder: Path, shoppers: int, facts: int, spare: str) -> Day:
    """Opens the example store and lets so many shoppers in until that many facts are there. Without those of the cart
    `spare`, which is nobody's in what is lived again, and of rides and baskets that nobody ended: nobody has two carts,
    and a store gives up what lies.
    """
    folder.mkdir(parents=True)
    settings = with_data(load(EXAMPLE), folder)
    command = [
        sys.executable, "-m", "edge.cli", "demo", "--config", str(EXAMPLE), "--data", str(folder), "--no-kiosk",
        "--shoppers", str(shoppers), "--seed", "1", "--port", str(free_port()),
    ]  # fmt: skip
    with (folder / "demo.log").open("ab") as log:
        demo = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    path = journal_path(settings)
    try:
        wait_for(lambda: _newest(path) >= facts, demo, folder / "demo.log", PATIENCE_S)
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(60)
    with closing(JournalReader(path)) as reader, closing(open_readonly(path)) as tables:
        entries = reader.after(0, _newest(path))
        open_ends = tables.execute(OPEN_ENDS).fetchall()
    first = next(place for place, entry in enumerate(entries) if entry.type == tag(TouchpointScanned))
    names = re.compile("|".join(map(re.escape, (spare, *(row[0] for row in open_ends)))).encode())
    left = [each for each in entries[first:] if not names.search(id_text(each.id).encode() + each.body)]
    return Day(settings, left)


def _newest(path: Path) -> int:
    """The number of the newest entry; 0 while there is no journal."""
    if not path.exists():
        return 0
    with closing(open_readonly(path)) as connection:
        return chain.last(connection)[0] if chain.has_entries(connection) else 0
