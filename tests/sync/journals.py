"""Journals made for the tests: real files with the real schema and chain, with facts such as a store's."""

from __future__ import annotations

import os
import random
import uuid
from contextlib import closing
from pathlib import Path

import msgspec

from edge.domain.members.facts import Consents, MemberRegistered
from edge.journal.entry import GENESIS, Clock, Entry, Ids, entry_hash
from edge.journal.reader import JournalReader
from edge.journal.schema import open_writer

BODIES = 2_000


class JournalFile:
    """Appends to a journal as the gateway does, one commit a call. Only the gateway's decisions are missing."""

    def __init__(self, path: Path, seed: int = 0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.connection = open_writer(str(path))
        self.stream: bytes = self.connection.execute("SELECT stream FROM streams").fetchone()[0]
        last = self.connection.execute("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
        self.sequence, self.hash = (last[0], last[1]) if last else (0, GENESIS)
        self._ids, self._clock, self._random = Ids(), Clock(), random.Random(seed)
        self._members = [str(uuid.UUID(int=self._random.getrandbits(128))) for _ in range(BODIES)]
        self._grant = b""

    def append(self, count: int, *bodies: bytes) -> None:
        """So many facts of a store's day, or the given bodies."""
        chosen, rows = bodies or [b""] * count, []
        wall, mono = self._clock.wall_ms() - 450 * len(chosen), self._clock.mono_ms()
        for body in chosen:
            wall, mono = wall + self._random.randint(0, 900), mono + self._random.randint(0, 900)
            identity = self._ids.new(wall)
            written = body or self._fact(identity)
            sequence = self.sequence + 1
            self.hash = entry_hash(self.hash, self.stream, sequence, identity, wall, mono, self._clock.boot, written)
            rows.append((sequence, self.stream, identity, "t", wall, mono, self._clock.boot, written, self.hash))
            self.sequence = sequence
        with_one_commit(self.connection, rows)

    def entries(self) -> list[tuple[object, ...]]:
        """sequence, id, wall_ms, mono_ms, boot, body, hash of every entry."""
        found = self.connection.execute(
            "SELECT sequence, id, wall_ms, mono_ms, boot, body, hash FROM entries ORDER BY sequence"
        )
        return [tuple(row) for row in found]

    def tamper(self, sequence: int, body: bytes) -> None:
        """Change an entry behind the journal's back, as only somebody with the file can."""
        self.connection.execute("DROP TRIGGER entries_stay_unchanged")
        self.connection.execute("UPDATE entries SET body=? WHERE sequence=?", (body, sequence))

    def close(self) -> None:
        self.connection.close()

    def _fact(self, identity: bytes) -> bytes:
        """An unlock's grant, then its outcome, which names the grant; at times a registration."""
        cart = f"cart-{self._random.randint(1, 12):02}"
        if self._grant:
            grant, self._grant = str(uuid.UUID(bytes=self._grant)), b""
            return msgspec.json.encode({"type": "cart.unlocked.v1", "cart": cart, "grant": grant})
        member = self._random.choice(self._members)
        request = str(uuid.UUID(bytes=os.urandom(16)))
        if self._random.random() < 0.05:
            consents = {"service": True, "marketing": self._random.random() < 0.5, "version": "2026-11"}
            return msgspec.json.encode(
                {
                    "type": "member.registered.v1", "member": member, "phone_index": os.urandom(16).hex(),
                    "phone_sealed": os.urandom(40).hex(), "language": "zh-CN", "consents": consents,
                    "touchpoint": cart, "request": request,
                }
            )  # fmt: skip
        self._grant = identity
        fence = 1_790_000_000 + self.sequence
        return msgspec.json.encode(
            {
                "type": "cart.unlock_granted.v1", "cart": cart, "member": member, "touchpoint": cart,
                "request": request, "fence": fence,
            }
        )  # fmt: skip


def registered(member: str, *, touchpoint: str = "entrance", language: str = "zh-CN") -> bytes:
    """The body of a registration as stores send it."""
    consents = Consents(service=True, marketing=False)
    fact = MemberRegistered(
        member=member, phone_sealed="00", language=language, consents=consents, touchpoint=touchpoint, request="r"
    )
    return msgspec.json.encode(fact)


def entries(path: Path) -> list[Entry]:
    """Every fact of a journal, in its order."""
    with closing(JournalReader(path)) as reader:
        return reader.after(0, 10_000_000)


def with_one_commit(connection: object, rows: list[tuple[object, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
    connection.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?)", rows)  # type: ignore[attr-defined]
    connection.execute("COMMIT")  # type: ignore[attr-defined]
