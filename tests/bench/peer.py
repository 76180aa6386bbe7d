"""The peer: the same unlock as a Node-RED flow, at QoS 0 and without any record of it.

`npm install` puts Node-RED into the benches' cache folder, once. The flow stands in `node_red/`: http in → mqtt out →
cart → mqtt in → http response, matched by the id in the payload.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.place import cache
from tests.bench.store import wait_for

VERSION = "4"
FLOW = Path(__file__).with_name("node_red")


def install() -> Path | None:
    """Where Node-RED lies. None, with a word about it, where there is no npm or it cannot install."""
    home = cache() / "node-red"
    program = home / "node_modules" / "node-red" / "red.js"
    if program.exists():
        return program
    if shutil.which("npm") is None or shutil.which("node") is None:
        print("peer: skipped, npm and node are not installed")
        return None
    home.mkdir(parents=True, exist_ok=True)
    print("peer: installing Node-RED, once")
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), f"node-red@{VERSION}"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        print("peer: skipped, npm could not install node-red")
        return None
    return program


@contextmanager
def node_red(program: Path, folder: Path, http: int, mqtt: int) -> Iterator[int]:
    """Node-RED with the flow, ready to answer `POST /unlock`. Gives its pid."""
    folder.mkdir()
    flow = (FLOW / "flow.json").read_text(encoding="utf-8").replace("BROKER_PORT", str(mqtt))
    (folder / "flow.json").write_text(flow, encoding="utf-8")
    shutil.copy(FLOW / "settings.js", folder)
    log = folder / "log"
    with log.open("ab") as output:
        running = subprocess.Popen(
            ["node", str(program), "--userDir", str(folder), "--settings", str(folder / "settings.js")],
            env={**os.environ, "BENCH_HTTP_PORT": str(http), "NODE_ENV": "production"},
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(lambda: "Connected to broker" in log.read_text(errors="replace"), running, log, 60)
        yield running.pid
    finally:
        running.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(10)
        if running.poll() is None:
            running.kill()
            running.wait()
