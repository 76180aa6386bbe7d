"""Facts that cannot be read here any more, as the cloud has them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from edge.journal.entry import Entry

if TYPE_CHECKING:
    from operations.retention.repair import Fetch


def fetching(url: str, store: str, token: str | None) -> Fetch | None:
    """Returns what asks the cloud at an address; None on a box without the part that talks to one."""
    if importlib.util.find_spec("requests") is None:
        return None

    def fetch(stream: bytes, place: int, previous: bytes) -> Iterator[Entry]:
        from sync.archive import Archive  # noqa: PLC0415
        from sync.client import CloudError, HttpCloud  # noqa: PLC0415 - a box may be without that part

        try:
            with closing(HttpCloud(url, store, token)) as cloud:
                archive = Archive(cloud)
                while (found := archive.after(stream.hex(), place, previous)) is not None:
                    for sequence, identity, kind, wall, mono, boot, body, digest in found.rows:
                        if body is None:
                            return  # the cloud never had what it says
                        yield Entry(sequence, stream, identity, kind, wall, mono, boot, body, digest)
                        place, previous = sequence, digest
        except CloudError as error:
            raise OSError(f"the cloud: {error}") from None

    return fetch
