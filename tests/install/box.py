"""A bare Debian 12, booted: `debootstrap`, then `systemd-nspawn -b`. Needs root and the network of this machine."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

BARE: Final = "systemd,systemd-sysv,dbus,ca-certificates"
"""What Debian's own installer leaves on every box, and debootstrap's smallest variant not."""
MIRROR: Final = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")


class Box:
    """One machine. Commands run in it as root does them by hand."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    @classmethod
    def bare(cls, root: Path) -> Box:
        """Makes one that nothing was done to; or a copy of `STOREKEEPER_BARE`, one made before."""
        if there := os.environ.get("STOREKEEPER_BARE"):
            subprocess.run(["cp", "-a", there, str(root)], check=True)
            return cls(root)
        command = ["debootstrap", "--variant=minbase", f"--include={BARE}", "bookworm", str(root), MIRROR]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=1800)
        return cls(root)

    def boot(self) -> None:
        """Returns when it runs whole."""
        command = ["systemd-nspawn", "-q", "-D", str(self.root), "-b", "--register=no", "--keep-unit"]
        with (self.root.parent / "console.log").open("ab") as log:
            self._nspawn = subprocess.Popen(
                [*command, "--resolv-conf=copy-host", "-M", f"storekeeper-{os.getpid()}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 600
        while not self._is_up():
            assert self._nspawn.poll() is None, (self.root.parent / "console.log").read_text(errors="replace")
            assert time.monotonic() < until, "it does not boot"
            time.sleep(0.2)

    def _is_up(self) -> bool:
        assert self._nspawn
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        if not children:
            return False
        self._leader = int(children[0])
        return self.run("systemctl is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def run(self, command: str, *, check: bool = True, patience_s: float = 1800) -> subprocess.CompletedProcess[str]:
        """What a shell in it makes of a command line."""
        inside = ["nsenter", "-t", str(self._leader), "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        done = subprocess.run(
            [*inside, "HOME=/root", "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8", "bash", "-c", f"cd; {command}"],
            capture_output=True, text=True, check=False, timeout=patience_s,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def until(self, command: str, wanted: str, seconds: float = 240) -> str:
        """What a command says, once it says what is wanted."""
        end = time.monotonic() + seconds
        while wanted not in (said := self.run(command, check=False).stdout):
            assert time.monotonic() < end, f"{command}: {said}"
            time.sleep(0.5)
        return said

    def start_once(self, unit: str) -> str:
        """Starts a unit that does its work and ends; what it said."""
        done = self.run(f"systemctl start {unit}", check=False)
        said = self.run(
            f"journalctl --no-pager -o cat -u {unit} _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID {unit})"
        )
        assert done.returncode == 0, f"{unit}: {done.stderr}\n{said.stdout}"
        assert self.run(f"systemctl show -P Result {unit}").stdout.strip() == "success", said.stdout
        return said.stdout

    def secret(self, name: str) -> bytes:
        """One of root's, opened as the box alone can."""
        sealed = f"/etc/storekeeper/secrets/{name}.cred"
        return base64.b64decode(self.run(f"systemd-creds decrypt {sealed} - | base64").stdout)

    def take(self, file: Path, there: str) -> None:
        """A file of this machine, carried to it."""
        target = self.root / there.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)

    def destroy(self) -> None:
        """Switches it off and takes it away."""
        if self._nspawn:
            self._nspawn.send_signal(signal.SIGTERM)
            try:
                self._nspawn.wait(60)
            except subprocess.TimeoutExpired:
                self._nspawn.kill()
                self._nspawn.wait()
        shutil.rmtree(self.root, ignore_errors=True)
