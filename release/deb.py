"""Debian packages, `python -m release.deb`: the programs of one version, and what every version shares.

`storekeeper-<version>` stands beside the version before, as kernels do; `storekeeper` has units, users and the command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from release import sbom, source, tree
from release.tree import BuildTarget

DEBIAN: Final = source.ROOT / "release" / "debian"
WHO: Final = "The Storekeeper contributors <storekeeper@localhost>"
SCREEN: Final = "libgl1, libegl1, libgles2, libgbm1, libdrm2, libxrender1, libmtdev1"
"""What Kivy draws with: a box without a screen does without."""
VOICE: Final = "espeak-ng, alsa-utils"
"""What a screen reads aloud with."""


def build(folder: Path, wanted: BuildTarget) -> list[Path]:
    """Both packages, in `folder`."""
    version, work = source.version(), source.ROOT / "build" / f"deb-{wanted.suite.name}-{wanted.debian}"
    shutil.rmtree(work, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    full = f"{version}{wanted.suite.suffix}"
    programs = work / "programs"
    tree.plant(programs, wanted)
    _scripts(programs, version, {"postinst": "version.postinst", "prerm": "version.prerm", "postrm": "version.postrm"})
    above = f"{wanted.suite.python.partition('.')[0]}.{int(wanted.suite.python.partition('.')[2]) + 1}"
    _control(
        programs,
        Package=f"storekeeper-{version}",
        Version=full,
        Architecture=wanted.debian,
        Depends=f"python3 (>= {wanted.suite.python}), python3 (<< {above}), libc6 (>= 2.36)",
        Description=f"runs a smart store from a box in its back room: the programs of {version}\n"
        " A virtual environment of its own in /opt/storekeeper, beside that of the version before.",
    )
    shared = work / "shared"
    _share(shared, version)
    _control(
        shared,
        Package="storekeeper",
        Version=full,
        Architecture=wanted.debian,
        Depends=f"storekeeper-{version} (= {full}), mosquitto (>= 2.0.11), systemd (>= 252), procps, ca-certificates",
        Recommends=f"{SCREEN}, {VOICE}, chrony | time-daemon",
        Suggests="restic, libzbar0",
        Description="runs a smart store from a box in its back room\n"
        " Touch screens, carts and lockers that open by QR code, receipt printers, scanners and coupons; it keeps\n"
        " working when the internet does not. This package has the command, users and services.",
    )
    names = (f"storekeeper_{full}_{wanted.debian}.deb", f"storekeeper_{full}_{wanted.debian}_programs.deb")
    return [_pack(shared, folder / names[0]), _pack(programs, folder / names[1])]


def _share(root: Path, version: str) -> None:
    files = {
        "usr/bin/storekeeper": "storekeeper.sh",
        "usr/lib/sysusers.d/storekeeper.conf": "sysusers.conf",
        "usr/lib/tmpfiles.d/storekeeper.conf": "tmpfiles.conf",
        "usr/lib/udev/rules.d/60-storekeeper.rules": "udev.rules",
        "usr/lib/systemd/system/mosquitto.service.d/storekeeper.conf": "mosquitto.conf",
        "etc/apt/apt.conf.d/01storekeeper": "apt.conf",
        "usr/share/doc/storekeeper/copyright": "copyright",
    }
    for there, here in files.items():
        (root / there).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DEBIAN / here, root / there)
    (root / "usr/bin/storekeeper").chmod(0o755)
    for unit in (source.ROOT / "systemd").iterdir():
        shutil.copyfile(unit, root / "usr/lib/systemd/system" / unit.name)
    documents = root / "usr/share/doc/storekeeper"
    shutil.copytree(source.ROOT / "docs", documents, dirs_exist_ok=True)
    shutil.copyfile(source.ROOT / "CHANGELOG.md", documents / "CHANGELOG.md")
    sbom.write(documents / "sbom.cdx.json")
    _scripts(root, version, {name: name for name in ("postinst", "prerm", "postrm")})
    (root / "DEBIAN" / "triggers").write_text("interest-noawait storekeeper-installed\n")
    (root / "DEBIAN" / "conffiles").write_text("/etc/apt/apt.conf.d/01storekeeper\n")


def _scripts(root: Path, version: str, scripts: Mapping[str, str]) -> None:
    (root / "DEBIAN").mkdir(parents=True, exist_ok=True)
    for name, here in scripts.items():
        script = root / "DEBIAN" / name
        script.write_text((DEBIAN / here).read_text("utf-8").replace("@VERSION@", version), "utf-8")
        script.chmod(0o755)


def _control(root: Path, **fields: str) -> None:
    size = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file()) // 1024 + 1
    more = {"Maintainer": WHO, "Section": "misc", "Priority": "optional", "Installed-Size": str(size)}
    description = fields.pop("Description")
    lines = [f"{name}: {value}" for name, value in {**fields, **more}.items()]
    text = "\n".join([*lines, f"Description: {description}"]) + "\n"
    (root / "DEBIAN" / "control").write_text(text, "utf-8")


def _pack(root: Path, package: Path) -> Path:
    moment = source.epoch()
    source.timeless(root, moment)
    told = os.environ | {"SOURCE_DATE_EPOCH": str(moment)}
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(root), str(package)]
    subprocess.run(command, check=True, env=told, stdout=subprocess.DEVNULL)
    return package


def main() -> None:
    """For the suite in `SUITE` (bookworm) and the architecture in `ARCH` (this machine's)."""
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    wanted = tree.target(os.environ.get("SUITE") or "bookworm", os.environ.get("ARCH") or own)
    for package in build(source.ROOT / "dist", wanted):
        sys.stdout.write(f"{package}  {package.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    os.umask(0o022)
    main()
