"""A gateway that takes orders for slips over a line of its own: what a till's program would do, without a till.

One JSON object a line; the answer comes when the order is durable. Run as `python -m tests.faults.press CONFIG PORT`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from edge.bootstrap.gateway import open_gateway
from edge.domain.printing import decisions as printing
from edge.settings.settings import load


async def serve(config: str, port: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_gateway(load(Path(config))) as gateway:
        decisions: dict[str, Any] = {"order": printing.order, "settle_doubt": printing.settle_doubt}

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                asked = json.loads(line)
                await gateway.decide(decisions[asked.pop("do")], **asked)
                writer.write(b"durable\n")
                await writer.drain()

        server = await asyncio.start_server(take, "127.0.0.1", int(port))
        async with server:
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
