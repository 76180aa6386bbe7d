"""What setup does, step by step: each looks first, so that doing it all again changes nothing, and a plan is the same
walk without the doing.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from edge.secrets import operators, private, sealed, staff_pins, store_key
from edge.secrets.private import write_private
from operations.certificates import renewal
from operations.certificates.authority import CERTIFICATE, KEY, Authority
from operations.enrolment import logins
from operations.enrolment.logins import Logins
from operations.setup import broker_files, settings_files
from operations.setup.answers import OPERATOR, Answers
from operations.setup.initial_words import new_password, new_pin
from operations.setup.places import Places
from operations.setup.present import Present

USER: Final = "storekeeper"
BROKER_NAME: Final = "broker"


class SetupStep(msgspec.Struct, frozen=True):
    """One thing that must be so."""

    what: str
    change: str
    """What will be done, in a few words; empty where nothing is to be done."""
    act: Callable[[], None] = lambda: None


class IssuedSecrets(msgspec.Struct):
    """Secrets that are made for people, to be shown once."""

    pin: str = ""
    password: str = ""


class Setup:
    """The steps for one box. `answers` matter where something is not there yet."""

    def __init__(self, answers: Answers, places: Places, now: datetime) -> None:
        """Raises `StorekeeperError` where what is there already cannot be gone on from."""
        self.answers, self._places, self._now = answers, places, now
        self.present = Present.of(answers, places)
        self.told = IssuedSecrets()

    def steps(self) -> Iterator[SetupStep]:
        """In the order in which they are done; each looks at the box when its turn comes."""
        for one in (self._authority, self._public, self._settings, self._secrets, self._certificate, self._broker):
            yield from one()
        yield from self._people()
        yield from self._owners()

    def _settings(self) -> Iterator[SetupStep]:
        for name, text in settings_files.made(self.answers, self._places).items():
            path = self._places.config / name
            yield _missing(f"settings: {path}", path, text)

    def _authority(self) -> Iterator[SetupStep]:
        folder = self._places.authority
        there = (folder / KEY).exists()
        names = renewal.names_of_box(self.present.host)
        yield SetupStep(
            f"authority of the store: {folder}",
            "" if there else "make it; its key never leaves this box",
            lambda: _unit(Authority.make(folder, self.present.store, names, self._now)),
        )

    def _public(self) -> Iterator[SetupStep]:
        source, target = self._places.authority / CERTIFICATE, self._places.ca
        there = target.exists() and source.exists() and target.read_bytes() == source.read_bytes()

        def act() -> None:
            content = source.read_bytes()  # raises where the authority's folder lost it
            target.parent.mkdir(parents=True, exist_ok=True)
            write_private(target, content)
            target.chmod(0o644)

        yield SetupStep(f"authority's certificate, for devices to pin: {target}", "" if there else "copy it", act)

    def _secrets(self) -> Iterator[SetupStep]:
        known = Logins.read(self._places)
        lacking = known.lacking(self.present)
        home, key = store_key.path_of(self._places.data), self._places.store_key
        # A lost one is for somebody to decide.
        there = sealed.exists(key) or (self._places.data / "storekeeper.db").exists()
        yield SetupStep(f"store's key: {key}", "" if there else "make it", self._key)
        token = self._places.cloud_token
        given = self.answers.token
        if given is not None:
            late = not sealed.exists(token) or sealed.read(token).strip() != given.encode()
            yield SetupStep(
                f"cloud's token: {token}",
                "put it there" if late else "",
                lambda: self._places.keep(token, given.encode()),
            )
        yield self._logins(known.admitting(lacking, elsewhere=self.present.elsewhere), lacking)
        if self._places.handed:
            for source in (key, self._places.logins, self._places.cloud_token):
                yield _linked(home.with_name(source.name), source)
            yield self._seal()

    def _key(self) -> None:
        folder, key = self._places.secrets, self._places.store_key
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # by itself: parents are made for everybody to look into
        if self._places.seals:
            self._places.keep(key, os.urandom(store_key.KEY_BYTES))
        else:
            store_key.make(key)

    def _seal(self) -> SetupStep:
        """What lies there in clear is of a version that did not seal, or came back with a copy."""
        found = sealed.in_clear(self._places.secrets) if self._places.seals else []
        said = f"seal {', '.join(str(path.relative_to(self._places.secrets)) for path in found)}"
        return SetupStep(
            f"secrets, sealed to this box: {self._places.secrets}",
            said if found else "",
            lambda: sealed.seal_all(self._places.secrets),
        )

    def _logins(self, wanted: Logins, lacking: list[str]) -> SetupStep:
        late = logins.differing(wanted.files(self._places, self.present))
        new = f"make {len(lacking)} passwords: {', '.join(lacking)}"
        return SetupStep(
            f"logins at the broker: {self._places.all_logins}",
            new if lacking else f"write {', '.join(map(str, late))}" if late else "",
            lambda: logins.write(self._places, wanted, self.present),
        )

    def _certificate(self) -> Iterator[SetupStep]:
        places = self._places
        folder = places.authority
        if not (folder / KEY).exists():  # a plan on an empty box
            yield SetupStep(f"broker's certificate: {places.certificate}", "sign it")
            return
        authority = Authority.read(folder)
        names = authority.may_sign(renewal.names_of_box(self.present.host))
        why = renewal.standing(places.certificate, folder / CERTIFICATE, names, self._now).why

        def act() -> None:
            broker_files.folder(places.broker)
            leaf = authority.sign(BROKER_NAME, names, self._now)
            renewal.put(leaf, places.certificate, places.key, broker_files.GROUP)

        yield SetupStep(f"broker's certificate: {places.certificate}", f"sign it: {why}" if why else "", act)

    def _broker(self) -> Iterator[SetupStep]:
        places, present = self._places, self.present
        files = {
            places.acl: broker_files.rights(present.store),
            places.broker_conf: broker_files.conf(places, present.broker_port),
        }
        if places.root != Path("/"):
            files[broker_files.main_file(places)] = broker_files.main_conf(places)
            run = broker_files.pid_file(places).parent
            yield SetupStep(f"folder {run}", "" if run.is_dir() else "make it", lambda: broker_files.folder(run))
        for path, text in files.items():
            yield _written(path, text, places)

    def _people(self) -> Iterator[SetupStep]:
        places, answers = self._places, self.answers
        staff, team = staff_pins.file_of(places.data), operators.file_of(places.data)
        anybody = any(each.role == "manager" for each in staff_pins.read(staff).values())

        def appoint() -> None:
            self.told.pin = new_pin()
            staff_pins.put(staff, answers.manager_id, answers.manager, "manager", self.told.pin)

        def let_in() -> None:
            self.told.password = new_password()
            operators.put(team, OPERATOR, "Store IT", self.told.password)

        yield SetupStep(f"manager: {staff}", "" if anybody else f"appoint {answers.manager} with a new PIN", appoint)
        yield SetupStep(
            f"operator: {team}", "" if operators.read(team) else f"let {OPERATOR} in with a new password", let_in
        )

    def _owners(self) -> Iterator[SetupStep]:
        """On an installed box the gateway's user has the data, whoever ran setup."""
        data = self._places.data
        if os.geteuid() != 0 or self._places.root != Path("/"):
            return
        try:
            user = pwd.getpwnam(USER)
        except KeyError:  # not installed as a package: whoever runs the services has the data already
            return
        others = [data, *data.rglob("*")] if data.exists() else []
        foreign = [path for path in others if path.lstat().st_uid != user.pw_uid]

        def act() -> None:
            for path in (data, *data.rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)

        yield SetupStep(f"data of the user {USER}: {data}", "hand it over" if foreign else "", act)


def _missing(what: str, path: Path, text: str) -> SetupStep:
    def act() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, text.encode())
        path.chmod(private.mode_in(path.parent))

    return SetupStep(what, "" if path.exists() else "write it", act)


def _written(path: Path, text: str, places: Places) -> SetupStep:
    same = path.exists() and path.read_text("utf-8") == text
    change = "" if same else "write it anew" if path.exists() else "write it"
    return SetupStep(f"broker: {path}", change, lambda: broker_files.shared(path, text, places))


def _linked(link: Path, target: Path) -> SetupStep:
    """Root's commands look into the data folder; what services are handed lies elsewhere, and both are one."""
    return SetupStep(
        f"way to {target.name} for root: {link}", "" if link.is_symlink() else "link it", lambda: _link(link, target)
    )


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    link.symlink_to(target)


def _unit(_: object) -> None:
    """For steps whose outcome nobody needs."""
