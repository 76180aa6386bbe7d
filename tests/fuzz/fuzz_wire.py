"""What atheris runs: bytes come as a batch; they are entries, or one of the two errors that the receiver knows.

`python tests/fuzz/fuzz_wire.py -max_total_time=60`
"""

from __future__ import annotations

import sys

import atheris
import zstandard

with atheris.instrument_imports(include=["sync.wire"]):
    from sync.wire import Batch, ChainBroken, Malformed, unpack

PACK = zstandard.ZstdCompressor(level=1)


def one(data: bytes) -> None:
    """One input of atheris: lines that are nearly right and packed well, or a body that is not even that."""
    wishes = atheris.FuzzedDataProvider(data)
    count = wishes.ConsumeIntInRange(1, 5)
    kind = wishes.ConsumeIntInRange(0, 3)
    if kind:
        lines = b"".join(line(wishes) for _ in range(count)) if kind > 1 else wishes.ConsumeBytes(1 << 16)
        content = PACK.compress(lines)
    else:
        content = wishes.ConsumeBytes(1 << 16)
    headers = Batch(bytes(16), 1, count, bytes(16), bytes(16), content).headers()
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        unpack(Batch.parse(bytes(16).hex(), lower, content))
    except (Malformed, ChainBroken):
        return


def line(wishes: atheris.FuzzedDataProvider) -> bytes:
    """An entry as it is sent, with one of its parts as atheris likes it."""
    parts = [b'"0191d2a0-0000-7000-8000-000000000000"', b"5", b"0", b'{"type":"x"}', b'"%s"' % (b"0" * 32)]
    parts += [b'"parked"', b'"base64"'][: wishes.ConsumeIntInRange(0, 1)]
    parts[wishes.ConsumeIntInRange(0, len(parts) - 1)] = wishes.ConsumeBytes(wishes.ConsumeIntInRange(0, 60))
    return b"[" + b",".join(parts) + b"]\n"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
