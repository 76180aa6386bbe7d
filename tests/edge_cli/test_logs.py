"""What anybody in the network can cause fills no log."""

from __future__ import annotations

import subprocess
import sys

import pytest
import structlog

from edge.cli.logs import MINUTE_S, MOST, FloodGate


def test_a_flood_is_cut_and_counted() -> None:
    now = [0.0]
    gate = FloodGate(most=3, clock=lambda: now[0])

    def comes(event: str) -> dict[str, object] | None:
        try:
            return dict(gate(None, "warning", {"event": event}))
        except structlog.DropEvent:
            return None

    assert [comes("web.forbidden") for _ in range(5)] == [{"event": "web.forbidden"}] * 3 + [None] * 2
    assert comes("other") == {"event": "other"}, "one kind keeps out no other"
    now[0] += MINUTE_S
    assert comes("web.forbidden") == {"event": "web.forbidden", "left_out": 2}
    assert comes("web.forbidden") == {"event": "web.forbidden"}


@pytest.mark.parametrize("logger", ["structlog.get_logger()", "logging.getLogger('uvicorn.error')"])
def test_services_log_behind_it(logger: str) -> None:
    program = (
        "import logging, structlog\n"
        "from edge.cli.logs import start_logging\n"
        "start_logging()\n"
        f"for _ in range({MOST * 2}): {logger}.warning('flood')\n"
    )
    ran = subprocess.run([sys.executable, "-"], input=program, capture_output=True, text=True, check=True, timeout=60)
    assert len(ran.stderr.splitlines()) == MOST


def test_what_the_system_says_is_told_without_its_number() -> None:
    program = (
        "import logging, pathlib, structlog\n"
        "from edge.cli.logs import start_logging\n"
        "start_logging()\n"
        "for path in ('/nowhere/notes', '/proc/self/mem/x'):\n"
        "    try: pathlib.Path(path).read_text()\n"
        "    except OSError as error:\n"
        "        logging.getLogger('x').error('%s does not run: %s', 'cart-01', error)\n"
        "        structlog.get_logger().warning('status.unwritten', error=error, said=str(error))\n"
    )
    ran = subprocess.run([sys.executable, "-"], input=program, capture_output=True, text=True, check=True, timeout=60)
    assert "cart-01 does not run: /nowhere/notes: there is no folder /nowhere" in ran.stderr
    assert "cart-01 does not run: /proc/self/mem/x: is in a file, expected a folder" in ran.stderr
    assert "Errno" not in ran.stderr
