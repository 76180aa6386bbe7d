"""Schemathesis against the whole API: half a minute in `make test`, ten minutes in `make test-all`.

All of its checks hold, stateful ones included. Left out are streams, which never end by themselves.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.secrets import tills
from edge.settings.bounds import BoundsSettings, wide
from tests.conftest import new_broker
from tests.rounds import rounds, seed
from tests.web.running import RunningStore, Shopper

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = rounds(50) >= 1000
SECONDS = 300
LIMIT = f"--max-time={SECONDS}" if WHOLE else "--max-examples=4"
AS_A_STRANGER = [] if WHOLE else ["--phases=examples,fuzzing,stateful"]
"""Every edge of every field is tried by the one who is let in: most doors are closed to a stranger before any field."""
SEED = seed()
"""`make test` tries the same again and again, as much of it on a slow machine as on a quick one; the long run something
new."""
STREAMS = "/events$|/box/rehearsals"
"""Left out: what never ends by itself, and what cuts the store off its broker for minutes."""
ENDING = "/(session|sessions|erase|consents)(/|$)"
"""What ends the login, or the consent, that the first run works with; the second one asks it as a stranger."""
RULES = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "410", "429", "5xx"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "431", "5xx"]
[[operations]]
include-name = ["POST /api/v1/slips", "POST /api/v1/orders"]
checks.positive_data_acceptance.enabled = false
"""
"""A code that is good in form may have expired (410), and a body or a head be too long in all (413, 431). What a slip
may say, such as "0 kg" of something, or that each line of an order has a name of its own, is more than schemas say."""


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A store of its own, without bounds: they are tried elsewhere, and would hide everything behind a 429."""
    folder = tmp_path_factory.mktemp("fuzzed")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    bounds = BoundsSettings.model_validate(tomllib.loads(wide())["bounds"])
    running = RunningStore(broker, folder, ("cart-01", "locker-a", "printer-1"), bounds)
    running.start()
    yield running
    running.stop()
    broker.stop()


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 3 + 240)
@pytest.mark.parametrize("logged_in", [True, False])
def test_the_api_does_what_its_document_says(fuzzed: RunningStore, tmp_path: Path, logged_in: bool) -> None:
    shopper = Shopper(fuzzed)
    assert shopper.register(fuzzed.code("poster-door")).ok
    cookies = "; ".join(f"{each.name}={each.value}" for each in shopper.cookies)
    token = tills.add(tills.file_of(fuzzed.data), "till-1")
    login = ["-H", f"Cookie: {cookies}", "-H", f"Authorization: Bearer {token}"]
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(RULES)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={settings}",
        "run",
        f"{fuzzed.base}/openapi.json",
        LIMIT,
        f"--seed={SEED}",
        f"--exclude-path-regex={STREAMS}|{ENDING}" if logged_in else f"--exclude-path-regex={STREAMS}",
        "--request-timeout=60",
        "--no-shrink",
        *(login if logged_in else AS_A_STRANGER),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS * 3 + 200, check=False)
    found = done.stdout.partition("= FAILURES =")[2] or done.stdout
    assert done.returncode == 0, found[:20_000] + done.stderr[-2000:]
    assert "Tested:" in done.stdout
