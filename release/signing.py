"""Signatures of a release: checksums of all that is published, and who signed them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from release import sbom, source, wheel

SUMS: Final = "SHA256SUMS"
TRIAL: Final = "Storekeeper trial key (not a release key)"


class Signer:
    """GnuPG with the key in `SIGNING_KEY`; without one, with a trial key in `build/`, which says so by its name."""

    def __init__(self) -> None:
        self._key = os.environ.get("SIGNING_KEY", "")
        self._home: Path | None = None
        if not self._key:
            self._key, self._home = TRIAL, source.ROOT / "build" / "trial-key"
            self._make_trial_key()

    @property
    def is_trial(self) -> bool:
        """Whether nobody should trust it."""
        return self._home is not None

    def _make_trial_key(self) -> None:
        assert self._home is not None  # noqa: S101 - a trial key has its own home
        if self._home.exists():
            return
        self._home.mkdir(mode=0o700, parents=True)
        self._gpg("--quick-generate-key", "--passphrase", "", self._key, "ed25519", "sign", "never")

    def detach(self, file: Path) -> Path:
        """`<file>.asc`, a signature beside it."""
        return self._sign(file, file.with_name(f"{file.name}.asc"), "--detach-sign")

    def within(self, file: Path, signed: Path) -> Path:
        """The text of `file` with the signature around it, as apt reads `InRelease`."""
        return self._sign(file, signed, "--clearsign")

    def public(self, file: Path) -> Path:
        """The key that others check with."""
        file.write_bytes(self._gpg("--export", self._key))
        return file

    def _sign(self, file: Path, signed: Path, how: str) -> Path:
        signed.unlink(missing_ok=True)
        self._gpg(
            "--local-user", self._key, "--armor", "--digest-algo", "SHA256", "--output", str(signed), how, str(file)
        )
        return signed

    def _gpg(self, *words: str) -> bytes:
        home = ["--homedir", str(self._home)] if self._home else []
        command = ["gpg", "--batch", "--yes", "--quiet", "--no-permission-warning", *home, *words]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"gpg {words[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout


def sign(folder: Path, signer: Signer) -> Path:
    """`SHA256SUMS` of everything in `folder`, its signature, and the key to check it with."""
    signer.public(folder / "storekeeper.gpg")
    found = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(SUMS))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in found]
    sums = folder / SUMS
    sums.write_text("".join(lines), "utf-8")
    return signer.detach(sums)


def main() -> None:
    """A release: wheel, Debian packages, list of parts, checksums and their signature."""
    from release import deb  # noqa: PLC0415 - the packages carry the list, and the list is made here

    folder = source.ROOT / "dist"
    wheel.build(folder)
    sbom.write(folder / f"storekeeper-{source.version()}.cdx.json")
    deb.main()
    signer = Signer()
    sys.stdout.write(f"{sign(folder, signer)}{'  signed by a trial key: give SIGNING_KEY' * signer.is_trial}\n")


if __name__ == "__main__":
    os.umask(0o022)
    main()
