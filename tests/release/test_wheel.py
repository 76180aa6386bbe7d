"""The wheel is whole, the same each time, and runs the demo of a folder that has nothing in it."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import pytest

from edge.cli.demo.supervisor import answers
from release import source, wheel
from tests.conftest import free_port

pytestmark = pytest.mark.skipif(not os.environ.get("STOREKEEPER_ROUNDS"), reason="builds packages: make test-all")

KEPT = ("edge", "device_drivers", "gs1", "kiosk_ui", "operations", "pricing", "signage", "sync", "wayfinding", "words")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel.build(tmp_path_factory.mktemp("wheel"))


def test_it_has_everything_that_git_keeps(built: Path) -> None:
    names = zipfile.ZipFile(built).namelist()
    listed = subprocess.run(["git", "ls-files", *KEPT, "config"], capture_output=True, text=True, check=True)
    example = f"storekeeper-{source.version()}.data/data/share/storekeeper/"
    wanted = {f"{example}{name}" if name.startswith("config/") else name for name in listed.stdout.split()}
    assert wanted - set(names) == set()


def test_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = wheel.build(tmp_path)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(built.read_bytes()).digest()


def test_it_runs_the_demo_where_there_is_no_source(built: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    # The libraries of these tests, without the source that an editable installation would add.
    Path(site, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(built)]
    subprocess.run(pip, check=True)
    opens_a_demo(tmp_path / "venv" / "bin" / "storekeeper", tmp_path)


def test_pipx_installs_it_whole_as_the_document_says(built: Path, tmp_path: Path) -> None:
    """With every library of `[all]`, from the registry."""
    document = (source.ROOT / "docs" / "operate" / "install.md").read_text("utf-8")
    found = re.search(r'pipx install "(.+)"', document)
    assert found
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "tools")], check=True)
    tools = tmp_path / "tools" / "bin"
    subprocess.run([tools / "pip", "install", "--quiet", "pipx"], check=True)
    told = os.environ | {"PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    what = found[1].replace("$PWD", str(built.parent)).replace("0.1.0", source.version())
    subprocess.run([tools / "pipx", "install", what], check=True, env=told)
    opens_a_demo(tmp_path / "bin" / "storekeeper", tmp_path)


def opens_a_demo(program: Path, folder: Path) -> None:
    """In an empty folder, without the source."""
    port = free_port()
    empty = folder / "empty"
    empty.mkdir()
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "STOREKEEPER_CONFIG")}
    with (folder / "log").open("wb") as log:
        demo = subprocess.Popen(
            [str(program), "demo", "--no-kiosk", "--broker", "embedded", "--port", str(port)],
            cwd=empty, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=own,
        )  # fmt: skip
        try:
            until = time.monotonic() + 90
            while not answers(port, "/healthz"):
                assert demo.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.1)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
