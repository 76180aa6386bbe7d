"""A restored box tells the cloud at once that the store goes on in it, without waiting for the uplink."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from edge.journal.reader import JournalReader
from sync.client import Cloud, CloudUnreachable
from sync.handshake import agrees, branches_of, handshake


def announce(journal: Path, cloud: Cloud) -> None:
    """HELLO for the newest stream. Raises `CloudError`, also where the cloud was told another history."""
    with closing(JournalReader(journal)) as reader:
        newest = branches_of(reader)[-1]
        reply = handshake(cloud, reader, newest, newest)
        if not agrees(reader, reply):
            raise CloudUnreachable("it was told another history")
        if reply.verdict == "fenced":
            raise CloudUnreachable("another box works in the store's place, of a later generation")
