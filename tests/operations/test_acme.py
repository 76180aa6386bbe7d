"""A certificate by ACME from a real authority for tests (Pebble), proven by DNS-01 in a real DNS server."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from edge.cli.app import app
from edge.secrets.certificates import load
from tests.conftest import free_port
from tests.web.authority import Authority
from tests.web.running import wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOOK = """#!{python}
import json, os, sys, urllib.request
act, name, value = sys.argv[1:]
with open({log!r}, "a") as log:
    print(act, name, file=log)
if os.path.exists({broken!r}):
    sys.exit("the provider's API is away")
path = {{"present": "set-txt", "cleanup": "clear-txt"}}[act]
body = json.dumps({{"host": name, "value": value}}).encode()
urllib.request.urlopen("http://127.0.0.1:{port}/" + path, body, timeout=60)
"""


class Pebble:
    """The authority and its DNS."""

    def __init__(self, folder: Path) -> None:
        self.root = Authority(folder)
        self.root.issue(folder / "directory.pem", "localhost")
        self.acme, management, self.dns, self.records = (free_port() for _ in range(4))
        pem = str(folder / "directory.pem")
        config = {
            "listenAddress": f"127.0.0.1:{self.acme}",
            "managementListenAddress": f"127.0.0.1:{management}",
            "certificate": pem,
            "privateKey": pem,
            "httpPort": 5002,
            "tlsPort": 5001,
        }
        (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._running = [
            subprocess.Popen(
                ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{self.dns}", "-management", f"127.0.0.1:{self.records}",
                 "-http01", "", "-https01", "", "-tlsalpn01", ""],
                **quiet,
            ),
            subprocess.Popen(
                ["pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"127.0.0.1:{self.dns}"],
                env=os.environ | {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"},
                **quiet,
            ),
        ]  # fmt: skip
        for port in (self.acme, self.records):
            wait(lambda port=port: _listens(port))

    def stop(self) -> None:
        for each in self._running:
            each.kill()
            each.wait()


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def pebble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pebble]:
    if not (shutil.which("pebble") and shutil.which("pebble-challtestsrv")):
        if os.environ.get("CI"):
            pytest.fail("Pebble is missing: apt-get install pebble")
        pytest.skip("Pebble is missing: apt-get install pebble")
    running = Pebble(tmp_path_factory.mktemp("pebble"))
    yield running
    running.stop()


class Box:
    """A store's settings and data, and the command line."""

    def __init__(self, folder: Path, pebble: Pebble, names: tuple[str, ...] = ("shop.example.com",)) -> None:
        self.data, self.config = folder / "data", folder / "config"
        self.log, self.broken = folder / "hook.log", folder / "broken"
        hook = folder / "hook"
        hook.write_text(
            HOOK.format(python=sys.executable, log=str(self.log), broken=str(self.broken), port=pebble.records)
        )
        hook.chmod(0o755)
        shutil.copytree("config", self.config)
        self.acme = {
            "names": list(names), "hook": [str(hook)], "directory": f"https://localhost:{pebble.acme}/dir",
            "trust": str(pebble.root.root), "wait_s": 0,
        }  # fmt: skip
        self.write()
        self.pem = self.data / "secrets" / "phones.pem"

    def write(self) -> None:
        lines = [f"{key} = {json.dumps(value)}" for key, value in self.acme.items()]
        text = 'data = "data"\n[broker]\nkind = "external"\n[https.acme]\n' + "\n".join(lines)
        (self.config / "gateway.toml").write_text(text)

    def run(self, *words: str) -> tuple[int, str]:
        ended = CliRunner().invoke(app, ["https", *words, "-c", str(self.config), "-d", str(self.data)])
        assert ended.exception is None or isinstance(ended.exception, SystemExit)
        return ended.exit_code, ended.output

    def records(self) -> list[str]:
        return self.log.read_text().split("\n")[:-1] if self.log.exists() else []


@pytest.fixture
def box(tmp_path: Path, pebble: Pebble) -> Box:
    return Box(tmp_path, pebble)


def test_a_certificate_is_fetched_renewed_when_due_and_kept_private(box: Box) -> None:
    code, said = box.run("renew")
    assert (code, "Certificate for shop.example.com" in said) == (0, True), said
    assert box.records() == [f"{act} _acme-challenge.shop.example.com." for act in ("present", "cleanup")]
    first = load(box.pem, box.pem)
    assert first.covers("shop.example.com")
    for path in (box.pem, box.data / "secrets" / "acme-account.pem", box.data / "https.json"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert box.run("renew") == (
        0,
        f"Not due: good until {time.strftime('%Y-%m-%d %H:%M', time.gmtime(first.until_ms / 1000))} UTC.\n",
    )
    # The authority knows the account by its key, and proves the name again.
    assert box.run("renew", "--now")[0] == 0
    assert load(box.pem, box.pem).serial != first.serial
    assert "good until" in box.run("show")[1]


def test_one_that_is_due_or_lacks_a_name_is_fetched(box: Box, pebble: Pebble) -> None:
    pebble.root.issue(box.pem, "shop.example.com", days=90, age_days=61)
    assert "Due: less than a third of its life is left." in box.run("renew")[1]
    box.acme["names"] = ["shop.example.com", "*.shop.example.com"]
    box.write()
    code, said = box.run("renew")
    assert (code, "Due: the certificate does not name *.shop.example.com." in said) == (0, True), said
    assert load(box.pem, box.pem).covers("till.shop.example.com")


def test_what_goes_wrong_is_said_and_the_one_before_goes_on(box: Box, pebble: Pebble) -> None:
    before = pebble.root.issue(box.pem, "shop.example.com", days=90, age_days=61)
    box.broken.touch()
    code, said = box.run("renew")
    assert code == 1
    assert "present _acme-challenge.shop.example.com.: exit code 1: the provider's API is away" in said
    assert box.records()[-1] == "cleanup _acme-challenge.shop.example.com."
    box.broken.unlink()
    good = dict(box.acme)
    for change, expected in (
        ({"hook": ["/nowhere/hook"]}, "/nowhere/hook present"),
        ({"hook": ["true"]}, "the authority could not see the records: shop.example.com:"),
        ({"directory": f"https://localhost:{free_port()}/dir"}, "Not renewed: https://localhost"),
        ({"trust": str(box.config / "store.toml")}, "Not renewed:"),
    ):
        box.acme = good | change
        box.write()
        code, said = box.run("renew")
        assert (code, expected in said, "Traceback" in said) == (1, True, False), said
    assert load(box.pem, box.pem).serial == before
    assert "Last attempt to fetch one" in box.run("show")[1]
    # What was started and not finished leaves nothing that is served.
    assert not box.pem.with_suffix(".new").exists()


def test_the_settings_say_what_is_wrong_with_them(box: Box) -> None:
    for change, expected in (
        ({"hook": []}, "expected `hook`"),
        ({"names": ["192.168.1.10"]}, "names"),
        ({"names": ["Shop.example.com"]}, "names"),
        ({"wait_s": -1}, "wait_s"),
    ):
        box.acme = box.acme | change
        box.write()
        code, said = box.run("renew")
        assert (code, expected in said) == (2, True), said
        box.acme = box.acme | {"hook": ["true"], "names": ["shop.example.com"], "wait_s": 0}
    (box.config / "gateway.toml").write_text('data = "data"\n')
    assert box.run("renew")[0] == 2
    assert "http alone" in box.run("show")[1]
