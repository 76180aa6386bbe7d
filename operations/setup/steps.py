"""What setup does, step by step: each looks first, so that doing it all again changes nothing, and a plan is the same
walk without the doing.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from edge.errors import StorekeeperError
from edge.secrets import credentials, operators, staff_pins, store_key
from edge.secrets.credentials import write_private
from operations.certificates import renewal
from operations.certificates.authority import CERTIFICATE, KEY, Authority
from operations.setup import broker_files, settings_files
from operations.setup.answers import OPERATOR, Answers
from operations.setup.initial_words import new_password, new_pin
from operations.setup.places import Places
from operations.setup.present import Present

USER: Final = "storekeeper"
LOGINS: Final = ("gateway", "doctor")
"""Who has a login at the broker beside the devices."""
BROKER_NAME: Final = "broker"


class Step(msgspec.Struct, frozen=True):
    """One thing that must be so."""

    what: str
    change: str
    """What will be done, in a few words; empty where nothing is to be done."""
    act: Callable[[], None] = lambda: None


class Told(msgspec.Struct):
    """Secrets that are made for people, to be shown once."""

    pin: str = ""
    password: str = ""


class Setup:
    """The steps for one box. `answers` matter where something is not there yet."""

    def __init__(self, answers: Answers, places: Places, now: datetime) -> None:
        """Raises `StorekeeperError` where what is there already cannot be gone on from."""
        self._answers, self._places, self._now = answers, places, now
        self.present = Present.of(answers, places)
        self.told = Told()

    def steps(self) -> Iterator[Step]:
        """In the order in which they are done; each looks at the box when its turn comes."""
        for one in (self._authority, self._public, self._settings, self._secrets, self._certificate, self._broker):
            yield from one()
        yield from self._people()

    def _settings(self) -> Iterator[Step]:
        config, answers = self._places.config, self._answers
        for name, text in (
            ("store.toml", settings_files.store(answers)),
            ("devices.toml", settings_files.devices(answers.devices)),
            ("gateway.toml", settings_files.gateway(answers, self._places)),
        ):
            path = config / name
            yield _missing(f"settings: {path}", path, text)

    def _authority(self) -> Iterator[Step]:
        folder = self._places.authority
        there = (folder / KEY).exists()
        names = renewal.names_of_box(self.present.host)
        yield Step(
            f"authority of the store: {folder}",
            "" if there else "make it; its key never leaves this box",
            lambda: _unit(Authority.make(folder, self.present.store, names, self._now)),
        )

    def _public(self) -> Iterator[Step]:
        source, target = self._places.authority / CERTIFICATE, self._places.ca
        there = target.exists() and source.exists() and target.read_bytes() == source.read_bytes()

        def act() -> None:
            content = source.read_bytes()  # raises where the authority's folder lost it
            target.parent.mkdir(parents=True, exist_ok=True)
            write_private(target, content)
            target.chmod(0o644)

        yield Step(f"authority's certificate, for devices to pin: {target}", "" if there else "copy it", act)

    def _secrets(self) -> Iterator[Step]:
        folder = self._places.secrets
        known = credentials.read_passwords(self._places.logins) if self._places.logins.exists() else {}
        logins = [*LOGINS, *self.present.devices]
        lacking = [each for each in logins if each not in known]
        key = store_key.path_of(self._places.data)
        yield Step(
            f"store's key: {folder / 'store.key'}",
            "" if (folder / "store.key").exists() or (self._places.data / "storekeeper.db").exists() else "make it",
            lambda: _unit(store_key.make(folder / "store.key")),
        )
        yield Step(
            f"broker's logins: {self._places.logins}",
            f"make {len(lacking)} passwords: {', '.join(lacking)}" if lacking else "",
            lambda: credentials.add_passwords(self._places.logins, lacking),
        )
        for name in ("store.key", "devices.toml", "cloud.token"):
            link = key.with_name(name)
            if folder != key.parent and not link.is_symlink():
                yield Step(f"way to {name} for root: {link}", "link it", lambda link=link, name=name: _link(link, folder / name))  # type: ignore[misc]

    def _certificate(self) -> Iterator[Step]:
        places = self._places
        folder = places.authority
        if not (folder / KEY).exists():  # a plan on an empty box
            yield Step(f"broker's certificate: {places.certificate}", "sign it")
            return
        authority = Authority.read(folder)
        names = authority.may_sign(renewal.names_of_box(self.present.host))
        why = renewal.standing(places.certificate, folder / CERTIFICATE, names, self._now).why

        def act() -> None:
            _folder(places.broker)
            leaf = authority.sign(BROKER_NAME, names, self._now)
            renewal.put(leaf, places.certificate, places.key, broker_files.GROUP)

        yield Step(f"broker's certificate: {places.certificate}", f"sign it: {why}" if why else "", act)

    def _broker(self) -> Iterator[Step]:
        places, present = self._places, self.present
        logins = credentials.read_passwords(places.logins) if places.logins.exists() else {}
        files = {
            places.passwords: broker_files.password_file(places, logins),
            places.acl: broker_files.rights(present.store),
            places.broker_conf: broker_files.conf(places, present.broker_port),
        }
        if places.root != Path("/"):
            files[broker_files.main_file(places)] = broker_files.main_conf(places)
            _folder_step = broker_files.pid_file(places).parent
            yield Step(f"folder {_folder_step}", "" if _folder_step.is_dir() else "make it", lambda: _folder(_folder_step))
        for path, text in files.items():
            same = path.exists() and path.read_text("utf-8") == text
            change = "" if same else "write it anew" if path.exists() else "write it"
            yield Step(f"broker: {path}", change, lambda path=path, text=text: _shared(path, text, places))  # type: ignore[misc]

    def _people(self) -> Iterator[Step]:
        places, answers = self._places, self._answers
        staff, team = places.data / "secrets" / "staff.toml", operators.file_of(places.data)
        anybody = any(each.role == "manager" for each in staff_pins.read(staff).values())

        def appoint() -> None:
            self.told.pin = new_pin()
            staff_pins.put(staff, answers.manager_id, answers.manager, "manager", self.told.pin)

        def let_in() -> None:
            self.told.password = new_password()
            operators.put(team, OPERATOR, "Store IT", self.told.password)

        yield Step(f"manager: {staff}", "" if anybody else f"appoint {answers.manager} with a new PIN", appoint)
        yield Step(f"operator: {team}", "" if operators.read(team) else f"let {OPERATOR} in with a new password", let_in)


def _missing(what: str, path: Path, text: str) -> Step:
    def act() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, text.encode())
        path.chmod(0o644)

    return Step(what, "" if path.exists() else "write it", act)


def _shared(path: Path, text: str, places: Places) -> None:
    """A file that the broker reads: its own group's, where root writes it."""
    _folder(path.parent)
    write_private(path, text.encode())
    if path.parent == places.broker:
        renewal.share(path, broker_files.GROUP)
    else:
        path.chmod(0o644)


def _folder(path: Path) -> None:
    made = not path.exists()
    path.mkdir(parents=True, exist_ok=True)
    if made:
        renewal.share(path, broker_files.GROUP)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    link.symlink_to(target)


def _unit(_: object) -> None:
    """For steps whose outcome nobody needs."""
