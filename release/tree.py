"""`/opt/storekeeper/<version>`: a virtual environment made by hand from locked wheels, for any architecture.

Nothing of it is run to make it, so that a box of another kind can be built for; each wheel is proven by its hash.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from release import source, wheel

HOME: Final = Path("/opt/storekeeper")
_GLIBC: Final = range(36, 16, -1)
"""Debian 12 has 2.36; a wheel for an older one runs on it."""


class Suite(msgspec.Struct, frozen=True):
    """A release of Debian, as far as it matters here."""

    name: str
    suffix: str
    python: str


class BuildTarget(msgspec.Struct, frozen=True):
    """What is built for."""

    suite: Suite
    debian: str
    machine: str


SUITES: Final = {
    "bookworm": Suite("bookworm", "+deb12", "3.11"),
    "trixie": Suite("trixie", "+deb13", "3.13"),
}
MACHINES: Final = {"amd64": "x86_64", "arm64": "aarch64"}


def target(suite: str, architecture: str) -> BuildTarget:
    """Raises `SystemExit` for one that nothing is built for."""
    if suite not in SUITES or architecture not in MACHINES:
        raise SystemExit(
            f'nothing is built for "{suite}" on "{architecture}": expected {" or ".join(SUITES)}, '
            f"on {' or '.join(MACHINES)}"
        )
    return BuildTarget(SUITES[suite], architecture, MACHINES[architecture])


def plant(root: Path, wanted: BuildTarget) -> Path:
    """The environment below `root`, ready to be packed. Returns its folder."""
    version = source.version()
    place = root / HOME.relative_to("/") / version
    shutil.rmtree(place, ignore_errors=True)
    packages = place / "lib" / f"python{wanted.suite.python}" / "site-packages"
    packages.mkdir(parents=True)
    _install(packages, wanted, "--require-hashes", "-r", str(source.ROOT / "requirements.lock"))
    _install(packages, wanted, str(wheel.build(source.ROOT / "dist")))
    _tidy(place, packages)
    _programs(place, version, wanted.suite.python)
    _compile(place, version, wanted.suite.python)
    return place


def _install(packages: Path, wanted: BuildTarget, *what: str) -> None:
    platforms = [f"--platform=manylinux_2_{minor}_{wanted.machine}" for minor in _GLIBC]
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    kind = ["--only-binary=:all:", "--no-compile", "--upgrade", "--implementation=cp"]
    place = [f"--python-version={wanted.suite.python}", f"--target={packages}"]
    more = [f"--platform=manylinux2014_{wanted.machine}", f"--platform=linux_{wanted.machine}", "--platform=any"]
    env = os.environ | {"PIP_NO_WARN_SCRIPT_LOCATION": "1"}
    subprocess.run([*pip, *kind, *place, *platforms, *more, *what], check=True, env=env)


def _tidy(place: Path, packages: Path) -> None:
    """What pip leaves beside the packages is put where an environment has it; what differs each time goes."""
    shutil.rmtree(packages / "bin", ignore_errors=True)
    example = packages / "share" / "storekeeper"
    (place / "share").mkdir()
    shutil.move(example, place / "share" / "storekeeper")
    shutil.rmtree(packages / "share")
    for passing in (*packages.rglob("direct_url.json"), *packages.rglob("REQUESTED")):
        passing.unlink()


def _programs(place: Path, version: str, python: str) -> None:
    programs = place / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(f"/usr/bin/python{python}")
    (programs / "python").symlink_to("python3")
    program = programs / "storekeeper"
    program.write_text(
        f"#!{HOME / version}/bin/python3 -I\nimport sys\n\nfrom edge.cli.__main__ import main\n\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    lines = ("home = /usr/bin", "include-system-site-packages = false", f"version = {python}")
    (place / "pyvenv.cfg").write_text("".join(f"{line}\n" for line in lines))


def _compile(place: Path, version: str, python: str) -> None:
    """Where there is that Python here: a service's user may not write, so it would compile at every start."""
    program = shutil.which(f"/usr/bin/python{python}") or shutil.which(f"python{python}")
    if program is None:
        return
    command = [program, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    told = os.environ | {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(source.epoch())}
    # A library may carry a file for another Python, which is nothing that anybody imports.
    subprocess.run([*command, "-s", str(place), "-p", str(HOME / version), str(place / "lib")], check=False, env=told)
    if next(packages_of(place).glob("*/__pycache__/*.pyc"), None):
        (place / "compiled").touch()


def packages_of(place: Path) -> Path:
    """Where the libraries of an environment lie."""
    return next(place.glob("lib/python3.*/site-packages"))
