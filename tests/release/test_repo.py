"""A signed apt repository that apt itself believes, and a release whose signature holds."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release import repo, signing, source
from release.signing import Signer

CONTROL = """Package: {name}
Version: {version}+deb12
Architecture: amd64
Maintainer: nobody <nobody@localhost>
Description: a package
"""


def package(folder: Path, version: str) -> Path:
    """As small as a package can be, and named as ours are."""
    (folder / "tree" / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (folder / "tree" / "DEBIAN" / "control").write_text(CONTROL.format(name="storekeeper", version=version))
    there = folder / f"storekeeper_{version}+deb12_amd64.deb"
    subprocess.run(["dpkg-deb", "-b", str(folder / "tree"), str(there)], check=True, capture_output=True)
    return there


pytestmark = pytest.mark.skipif(not os.environ.get("STOREKEEPER_ROUNDS"), reason="builds packages: make test-all")


@pytest.fixture
def signer(monkeypatch: pytest.MonkeyPatch, require: Callable[[str], None]) -> Iterator[Signer]:
    for program in ("apt-ftparchive", "gpg", "dpkg-deb"):
        require(program)
    monkeypatch.delenv("SIGNING_KEY", raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    # Its agent listens at a socket, whose path may have 107 characters: the test's own folder is deeper.
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(source, "ROOT", Path(folder))
        yield Signer()


def apt(folder: Path, repository: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """apt with nothing but our repository."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    line = f"deb [arch=amd64 signed-by={repository}/storekeeper.gpg] file:{repository} bookworm main\n"
    (folder / "sources.list").write_text(line)
    options = {
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Dir::State::status": folder / "status",
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "APT::Architecture": "amd64",
        "APT::Sandbox::User": "root",
    }
    given = [f"-o{name}={value}" for name, value in options.items()]
    return subprocess.run([words[0], *given, *words[1:]], capture_output=True, text=True, check=False)


def test_apt_believes_the_repository_and_finds_the_newest(tmp_path: Path, signer: Signer) -> None:
    for version in ("0.1.0", "0.2.0"):
        package(tmp_path, version)
    built = repo.build(tmp_path / "apt", tmp_path, signer)
    updated = apt(tmp_path / "box", built, "apt-get", "update")
    assert updated.returncode == 0, updated.stderr
    assert not updated.stderr, updated.stderr
    assert "0.2.0+deb12" in apt(tmp_path / "box", built, "apt-cache", "madison", "storekeeper").stdout


def test_apt_believes_no_package_list_that_somebody_changed(tmp_path: Path, signer: Signer) -> None:
    package(tmp_path, "0.1.0")
    built = repo.build(tmp_path / "apt", tmp_path, signer)
    for there in (built / "dists/bookworm/main/binary-amd64").iterdir():
        there.unlink()
    listed = built / "dists/bookworm/main/binary-amd64/Packages"
    listed.write_text(CONTROL.format(name="storekeeper", version="9.9.9"))
    refused = apt(tmp_path / "box", built, "apt-get", "update")
    assert refused.returncode != 0
    assert "storekeeper" not in apt(tmp_path / "box", built, "apt-cache", "madison", "storekeeper").stdout


def test_a_release_is_checked_with_the_programs_that_every_debian_has(tmp_path: Path, signer: Signer) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "storekeeper-0.1.0-py3-none-any.whl").write_bytes(b"a wheel")
    signing.sign(folder, signer)
    check = ["gpgv", "--keyring", "./storekeeper.gpg", "SHA256SUMS.asc", "SHA256SUMS"]
    assert subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode == 0
    assert (
        subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False).returncode == 0
    )
    with (folder / "SHA256SUMS").open("a") as sums:
        sums.write(f"{'0' * 64}  another.whl\n")
    assert subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode != 0


def test_a_trial_key_says_what_it_is(signer: Signer, tmp_path: Path) -> None:
    assert signer.is_trial
    shown = subprocess.run(
        ["gpg", "--show-keys", str(signer.public(tmp_path / "key.gpg"))], capture_output=True, text=True, check=True
    )
    assert "not a release key" in shown.stdout
