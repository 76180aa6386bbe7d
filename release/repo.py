"""An apt repository in `dist/apt`, `python -m release.repo`: every package that was built, signed, served as files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from release import source
from release.signing import Signer
from release.tree import MACHINES, SUITES

KEYRING: Final = "storekeeper.gpg"


def build(folder: Path, packages: Path, signer: Signer) -> Path:
    """The repository of the packages in `packages`: earlier versions in `folder` stay. Returns its folder."""
    for package in sorted(packages.glob("storekeeper_*.deb")):
        suite = next((each.name for each in SUITES.values() if each.suffix in package.name), None)
        if suite is not None:
            place = folder / "pool" / suite
            place.mkdir(parents=True, exist_ok=True)
            # A plus sign in an address would be read as a space by some servers.
            shutil.copyfile(package, place / package.name.replace("+", "-"))
    for suite in SUITES:
        if (folder / "pool" / suite).is_dir():
            _index(folder, suite, signer)
    signer.public(folder / KEYRING)
    return folder


def _index(folder: Path, suite: str, signer: Signer) -> None:
    top = folder / "dists" / suite
    shutil.rmtree(top, ignore_errors=True)
    every = _ftparchive(folder, "packages", f"pool/{suite}")
    for architecture in MACHINES:
        place = top / "main" / f"binary-{architecture}"
        place.mkdir(parents=True)
        (place / "Packages").write_text(_of(every, architecture), "utf-8")
        subprocess.run(["gzip", "-9nk", str(place / "Packages")], check=True)
    said = {
        "Origin": "Storekeeper",
        "Label": "Storekeeper",
        "Suite": suite,
        "Codename": suite,
        "Components": "main",
        "Architectures": " ".join(MACHINES),
    }
    options = [f"-oAPT::FTPArchive::Release::{name}={value}" for name, value in said.items()]
    release = _ftparchive(folder, "release", f"dists/{suite}", *options)
    moment = datetime.fromtimestamp(source.epoch(), UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    (top / "Release").write_text(re.sub(r"(?m)^Date: .*$", f"Date: {moment}", release), "utf-8")
    signer.within(top / "Release", top / "InRelease")
    signer.detach(top / "Release").rename(top / "Release.gpg")


def _of(every: str, architecture: str) -> str:
    """The packages for one architecture."""
    mine = [each for each in every.split("\n\n") if re.search(rf"(?m)^Architecture: ({architecture}|all)$", each)]
    return "".join(f"{each.strip()}\n\n" for each in mine)


def _ftparchive(folder: Path, what: str, where: str, *options: str) -> str:
    command = ["apt-ftparchive", *options, what, where]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Of what lies in `dist`. Says what a box must be told."""
    packages = source.ROOT / "dist"
    if not any(packages.glob("storekeeper_*.deb")):
        raise SystemExit(f"{packages}: no package there yet; build them first: make deb")
    signer = Signer()
    folder = build(packages / "apt", packages, signer)
    sys.stdout.write(f"{folder}{'  signed by a trial key: give SIGNING_KEY' * signer.is_trial}\n")
    sys.stdout.write(
        "Serve it as files. On a box, with its address in place of HOST:\n"
        f"  curl -o /etc/apt/keyrings/{KEYRING} https://HOST/{KEYRING}\n"
        f'  echo "deb [signed-by=/etc/apt/keyrings/{KEYRING}] https://HOST bookworm main" '
        "> /etc/apt/sources.list.d/storekeeper.list\n"
    )


if __name__ == "__main__":
    os.umask(0o022)
    main()
