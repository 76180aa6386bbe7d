"""How a draw comes out: a chain of seeds whose root is published first, and a ticket that each seed gives.

    s_N is secret; s_{i-1} = SHA-256(s_i); s_0 is the root, published before the first play
    ticket of play i = HMAC-SHA256(s_i, "draw.v1|game|i|request") in eight-byte words: the first below the largest
    multiple of a million, modulo a million; where none is, the digest is hashed again

Who has the root can check every seed that is revealed, and cannot compute the next. Who has the seeds cannot change
them, and does not know what a player's request will be.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

MILLION: Final = 1_000_000
"""Tickets run from 0 to below it."""
LENGTH: Final = 10_000
"""Plays of one chain. When they are used up the game opens anew, with another root."""
WORD: Final = 8


def chain(last: bytes, length: int) -> tuple[bytes, ...]:
    """The seeds s_0 (the root) to s_length, of the last one."""
    found = [last]
    for _ in range(length):
        found.append(hashlib.sha256(found[-1]).digest())
    return tuple(reversed(found))


def leads_to(seed: bytes, earlier: bytes, steps: int = 1) -> bool:
    """Whether hashing a seed so often gives one that was known before."""
    for _ in range(steps):
        seed = hashlib.sha256(seed).digest()
    return hmac.compare_digest(seed, earlier)


def ticket(seed: bytes, game: str, number: int, request: str) -> int:
    """The ticket of a play, from 0 to 999,999."""
    return _number_below(MILLION, seed, f"draw.v1|{game}|{number}|{request}")


def seat(seed: bytes, game: str, number: int, request: str, players: int) -> int:
    """Which of several players a draw falls on, from 0."""
    return _number_below(players, seed, f"seat.v1|{game}|{number}|{request}") if players > 1 else 0


def _number_below(bound: int, seed: bytes, message: str) -> int:
    """A whole number below `bound`, each as likely as the others."""
    digest = hmac.digest(seed, message.encode(), "sha256")
    limit = 2 ** (8 * WORD) // bound * bound
    while True:
        for start in range(0, len(digest), WORD):
            word = int.from_bytes(digest[start : start + WORD], "big")
            if word < limit:
                return word % bound
        digest = hashlib.sha256(digest).digest()


class Chains:
    """The store's chains, one for each time that a game was opened. Its key never leaves the box."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._made = lru_cache(16)(self._make)

    def root(self, game: str, run: int, length: int) -> str:
        """What is published before the first play; hexadecimal."""
        return self._made(game, run, length)[0].hex()

    def seed(self, game: str, run: int, length: int, number: int) -> bytes:
        """The seed of a play, from 1. It is secret until that play is durable."""
        return self._made(game, run, length)[number]

    def _make(self, game: str, run: int, length: int) -> tuple[bytes, ...]:
        return chain(hmac.digest(self._key, f"chain.v1|{game}|{run}".encode(), "sha256"), length)
