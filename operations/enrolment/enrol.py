"""Enrol, rotate, revoke, replace: each one act, after which settings, services and broker agree.

Whoever is shut out is off the bus at once: Mosquitto reads its files anew and ends connections whose password is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.errors import StorekeeperError
from edge.secrets.private import alone, write_private
from edge.settings import file_sets
from edge.settings.mistakes import SettingsError, did_you_mean
from edge.settings.settings import load
from edge.settings.toml_files import read_toml
from operations.certificates.authority import CERTIFICATE
from operations.enrolment import bundle, logins, waiting
from operations.enrolment.bundle import EnrolmentBundle
from operations.enrolment.code import PRINT_BYTES, JoinCode
from operations.enrolment.logins import OWN, Logins
from operations.setup import broker_files, settings_files
from operations.setup.answers import DeviceAnswers
from operations.setup.broker_run import SYSTEMD
from operations.setup.places import Places
from operations.setup.present import Present


class EnrolmentError(StorekeeperError):
    """A device cannot be enrolled or shut out: which, and why."""


class Enrolment:
    """The store's logins, on the store's own box."""

    def __init__(self, places: Places) -> None:
        """Raises `EnrolmentError` where no store was set up here, and `BadToml`."""
        if not (places.authority / CERTIFICATE).exists() or not (places.config / "gateway.toml").exists():
            raise EnrolmentError(f"no store was set up at {places.config}: storekeeper setup makes one")
        self.places = places
        self.present = Present.there(places)
        self.logins = Logins.read(places)

    def add(self, devices: Sequence[DeviceAnswers]) -> None:
        """Put them into `devices.toml`, behind what stands there. Raises `EnrolmentError` where the settings would have
        a mistake that they have not now; then nothing is changed.
        """
        path = self.places.config / "devices.toml"
        with alone(path.parent):
            text = path.read_text("utf-8-sig").rstrip("\n") + "\n" + "".join(map(settings_files.entry, devices))
            files = file_sets.read(self.places.config)
            before = _mistakes(files)
            if more := [each for each in _mistakes(files | {path.name: text.encode()}) if each not in before]:
                raise EnrolmentError("; ".join(more))
            mode = path.stat().st_mode & 0o777
            write_private(path, text.encode())
            path.chmod(mode)
        self.present = Present.there(self.places)

    def admit(self, devices: Collection[str], *, elsewhere: bool) -> bool:
        """A new password for each, and an earlier one is good no more. Whether the broker was told."""
        self._require_known(devices)
        if elsewhere and (own := sorted({*OWN} & {*devices})):
            raise EnrolmentError(f"{own[0]} is the store's own and runs on this box: rotate it instead")
        for device in devices:
            waiting.drop(self.places.waiting, device)
        return self._write(lambda there: there.admitting(devices, elsewhere=devices if elsewhere else ()))

    def revoke(self, device: str, now: datetime) -> bool:
        """Shut it out until it is enrolled again. Whether the broker was told. Raises `EnrolmentError`."""
        if device not in self.logins.known:
            raise EnrolmentError(self._unknown(device, "has a login", [*self.logins.known]))
        if device in OWN:
            raise EnrolmentError(f"{device} is the store's own; rotate it instead")
        waiting.drop(self.places.waiting, device)
        return self._write(lambda there: there.revoking(device, now.date().isoformat()))

    def bundle(self, devices: Collection[str], host: str) -> EnrolmentBundle:
        """What the box of these devices needs."""
        return bundle.make(self.places, devices, self.logins.known, host, self.present.broker_port)

    def code(self, made: EnrolmentBundle, host: str, port: int, now: datetime) -> JoinCode:
        """Let a bundle wait for whoever has this code."""
        from operations.certificates.authority import fingerprint  # noqa: PLC0415 - no part of a device box

        token = waiting.put(self.places.waiting, made, now)
        return JoinCode(host, port, fingerprint(self.places.ca.read_bytes())[:PRINT_BYTES], token)

    def is_elsewhere(self, device: str) -> bool:
        """Whether it runs on another box. The store's own logins never do."""
        return device in self.logins.elsewhere and device not in OWN

    def entry(self, device: str) -> dict[str, Any]:
        """As it stands in `devices.toml`; empty where it does not."""
        found, _ = read_toml(self.places.config / "devices.toml")
        return next((each for each in found.get("devices", []) if each.get("id") == device), {})

    def _require_known(self, devices: Collection[str]) -> None:
        for device in devices:
            if device not in self.present.devices and device not in OWN:
                raise EnrolmentError(self._unknown(device, "stands in devices.toml", [*self.present.devices]))

    def _unknown(self, device: str, lacks: str, known: list[str]) -> str:
        return f'no device "{device}" {lacks}{did_you_mean(device, known)}'

    def _write(self, change: Callable[[Logins], Logins]) -> bool:
        with alone(self.places.all_logins.parent):
            self.logins = change(Logins.read(self.places))
            logins.write(self.places, self.logins, self.present)
        return reload_broker(self.places)


def _mistakes(files: file_sets.Files) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file_sets.write(Path(folder), files)
        try:
            load(Path(folder))
        except SettingsError as error:
            return [each.text for each in error.mistakes]
    return []


def reload_broker(places: Places) -> bool:
    """Mosquitto reads its files anew: passwords, rights, certificate. False where it does not run here. Raises
    `EnrolmentError` where it runs and cannot be told.
    """
    if places.root == Path("/") and SYSTEMD.is_dir():
        done = subprocess.run(["systemctl", "reload", "mosquitto"], capture_output=True, text=True, check=False)  # noqa: S607
        if done.returncode:
            raise EnrolmentError(f"systemctl reload mosquitto: {done.stderr.strip() or done.returncode}")
        return True
    try:
        pid = int(broker_files.pid_file(places).read_text("ascii"))
        if Path(f"/proc/{pid}/comm").read_text("utf-8").strip() != "mosquitto":
            return False  # an old note of a number that somebody else has now
        os.kill(pid, signal.SIGHUP)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False
    except PermissionError:
        raise EnrolmentError("the broker runs as another user, who must tell it: kill -HUP its process") from None
    return True
