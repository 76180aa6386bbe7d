"""What systemd hears of the services beside the gateway."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.example import CONFIG


@pytest.mark.parametrize(
    "command",
    [["devices", "run", "cart-01"], ["sync", "run"], ["cloud", "run", "--port", "0"]],
    ids=lambda words: words[0],
)
def test_a_service_says_that_it_is_ready_and_goes_on_saying_that_it_lives(command: list[str], tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    gateway = config / "gateway.toml"
    # At the example's own address a demo's broker may listen, and its cart 1 would lose its place to this one.
    gateway.write_text(gateway.read_text("utf-8").replace("127.0.0.1:1883", f"127.0.0.1:{free_port()}"), "utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(300)
        told = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000"}
        told.pop("WATCHDOG_PID", None)
        place = ["--config", str(config), "--data", str(tmp_path / "data")]
        service = subprocess.Popen([sys.executable, "-m", "edge.cli", *command, *place], env=told)
        try:
            assert "READY=1" in manager.recv(4096).decode()
            assert manager.recv(4096) == b"WATCHDOG=1"
            assert manager.recv(4096) == b"WATCHDOG=1"
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(60)
