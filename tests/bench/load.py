"""HTTP load from a process of its own: wrk where it is installed, otherwise a tight asyncio client.

python -m tests.bench.load PORT REQUESTS RUN CONNECTIONS SECONDS SCHEME
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import uvloop

from tests.bench.report import percentile

SCRIPT = Path(__file__).with_name("unlock.lua")


class Answered(msgspec.Struct, frozen=True):
    """What came of one run of the load."""

    requests: int
    seconds: float
    errors: int
    """Connections that failed and answers other than 2xx."""
    p50: float
    """Seconds."""
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return (self.requests - self.errors) / self.seconds


def raw_request(port: int, path: str, body: str, cookie: str = "") -> str:
    """An HTTP request as one line, for the file of requests; `%s` in the body stands for the request id."""
    cookie_line = f"Cookie: {cookie}\\r\\n" if cookie else ""
    length = len(body) - 2 + 36 if "%s" in body else len(body)
    return (
        f"POST {path} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n{cookie_line}Content-Type: application/json\\r\\n"
        f"Content-Length: {length}\\r\\n\\r\\n{body}"
    )


def write_requests(path: Path, requests: Sequence[str]) -> Path:
    """The file that the load reads its requests from, one after the other, again and again."""
    path.write_text("\n".join(requests) + "\n", encoding="ascii")
    return path


def load(port: int, requests: Path, connections: int, seconds: float, *, tls: bool = False) -> Answered:
    """As many requests as are answered on so many connections, each waiting for its answer before it asks again."""
    run, scheme = secrets.token_hex(4), "https" if tls else "http"
    if shutil.which("wrk"):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout=20s", "-s", str(SCRIPT)]
        command.append(f"{scheme}://127.0.0.1:{port}")
    else:
        command = [
            sys.executable,
            "-m",
            "tests.bench.load",
            str(port),
            str(requests),
            run,
            str(connections),
            str(seconds),
            scheme,
        ]
    environment = {**os.environ, "BENCH_REQUESTS": str(requests), "BENCH_RUN": run}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return msgspec.json.decode(said.splitlines()[-1], type=Answered)


def one_by_one(port: int, requests: Path, seconds: float, between: Callable[[], None]) -> Answered:
    """The first request of a file, with `between` after each answer; only the answers' own time counts."""
    text = requests.read_text(encoding="ascii").splitlines()[0].replace("\\r\\n", "\r\n")
    taken: list[float] = []
    errors = 0
    with socket.create_connection(("127.0.0.1", port), 20) as connection, connection.makefile("rb") as lines:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            asked = text.replace("%s", str(uuid.uuid4())).encode()
            began = time.perf_counter()
            connection.sendall(asked)
            first = lines.readline()
            head = b"".join(iter(lines.readline, b"\r\n"))
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            lines.read(int(length[1]) if length else 0)
            taken.append(time.perf_counter() - began)
            errors += not first.startswith(b"HTTP/1.1 2")
            between()
    return Answered(len(taken), sum(taken), errors, percentile(taken, 50), percentile(taken, 99))


def unchecked() -> ssl.SSLContext:
    """TLS to whoever answers: what it costs is measured, not whom one trusts."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _connection(
    port: int, requests: list[str], ids: list[int], run: str, end: float, taken: list[float], tls: ssl.SSLContext | None
) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    errors = 0
    while time.perf_counter() < end:
        ids[0] += 1
        text = requests[ids[0] % len(requests)].replace("%s", f"{run}-0000-7000-8000-{ids[0]:012x}")
        began = time.perf_counter()
        writer.write(text.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        taken.append(time.perf_counter() - began)
        errors += not head.startswith(b"HTTP/1.1 2")
    writer.close()
    return errors


async def _main(
    port: int, requests: list[str], run: str, connections: int, seconds: float, tls: ssl.SSLContext | None
) -> None:
    taken: list[float] = []
    began, ids = time.perf_counter(), [0]
    end = began + seconds
    errors = sum(
        await asyncio.gather(*[_connection(port, requests, ids, run, end, taken, tls) for _ in range(connections)])
    )
    answered = Answered(len(taken), time.perf_counter() - began, errors, percentile(taken, 50), percentile(taken, 99))
    print(json.dumps(msgspec.to_builtins(answered)))


def main() -> None:
    port, path, run, connections, seconds, scheme = sys.argv[1:]
    requests = [line.replace("\\r\\n", "\r\n") for line in Path(path).read_text(encoding="ascii").splitlines()]
    uvloop.run(
        _main(int(port), requests, run, int(connections), float(seconds), unchecked() if scheme == "https" else None)
    )


if __name__ == "__main__":
    main()
