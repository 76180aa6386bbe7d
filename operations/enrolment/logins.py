"""Every login at the broker with its password: who runs on this box, who elsewhere, and who was shut out.

The one list is `logins.toml`; what services read and what Mosquitto reads is made of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from edge.secrets import sealed, tables
from edge.secrets.credentials import login_table, read_passwords
from operations.enrolment.handing_out import shares
from operations.setup import broker_files
from operations.setup.places import Places
from operations.setup.present import Present

OWN: Final = ("gateway", "doctor")
"""Who has a login beside the devices."""
HEAD: Final = (
    "# Every login at the broker. Made by `storekeeper setup` and `storekeeper devices`; keep it to yourself.\n"
)


class Logins(msgspec.Struct, frozen=True):
    """Passwords by login."""

    here: dict[str, str] = {}
    """Who runs on this box, and the gateway itself."""
    elsewhere: dict[str, str] = {}
    """Who has firmware of its own, or runs on another box."""
    revoked: dict[str, str] = {}
    """Who was shut out, and on which day: setup gives them no new password."""

    @classmethod
    def read(cls, places: Places) -> Logins:
        """What there is; of a store older than this list, the table that its services read. Raises `OSError` and
        `ValueError`.
        """
        if sealed.exists(places.all_logins):
            return tables.typed(places.all_logins, sealed.read(places.all_logins), cls)
        return cls(here=read_passwords(places.logins)) if sealed.exists(places.logins) else cls()

    @property
    def known(self) -> dict[str, str]:
        """Everybody whom the broker lets in."""
        return self.here | self.elsewhere

    def lacking(self, present: Present) -> list[str]:
        """Who ought to have a login and has none."""
        known = self.known
        return [login for login in (*OWN, *present.devices) if login not in known and login not in self.revoked]

    def admitting(self, logins: Iterable[str], *, elsewhere: Iterable[str] = ()) -> Logins:
        """With a new password for each."""
        away = set(elsewhere)
        found = self
        for login in logins:
            rest = found.without(login)
            own = {login: secrets.token_urlsafe(18)}
            found = msgspec.structs.replace(
                rest,
                here=rest.here if login in away else rest.here | own,
                elsewhere=rest.elsewhere | own if login in away else rest.elsewhere,
            )
        return found

    def without(self, login: str) -> Logins:
        """As if there had never been such a login."""
        return Logins(*(_without(table, login) for table in (self.here, self.elsewhere, self.revoked)))

    def revoking(self, login: str, day: str) -> Logins:
        """Who was let in is let in no more."""
        rest = self.without(login)
        return msgspec.structs.replace(rest, revoked=rest.revoked | {login: day})

    def text(self) -> str:
        """`logins.toml`."""
        return HEAD + "".join(
            f"\n[{name}]\n"
            + "".join(f"{login} = {msgspec.json.encode(word).decode()}\n" for login, word in sorted(t.items()))
            for name, t in (("here", self.here), ("elsewhere", self.elsewhere), ("revoked", self.revoked))
        )

    def files(self, places: Places, present: Present) -> dict[Path, str]:
        """All that is made of the list, Mosquitto's last: who reads it then finds the passwords that fit."""
        handed = shares(places, self.here, present.kiosks) if places.handed else {}
        return {
            places.all_logins: self.text(),
            places.logins: login_table(self.here),
            **handed,
            places.passwords: broker_files.password_file(places, self.known),
        }


def write(places: Places, logins: Logins, present: Present) -> None:
    """Write whatever differs, each file in one step."""
    files = logins.files(places, present)
    for path in differing(files):
        if path == places.passwords:
            broker_files.shared(path, files[path], places)
            continue
        places.keep(path, files[path].encode())


def differing(files: dict[Path, str]) -> list[Path]:
    """Those that are not there, or not so."""
    return [path for path, text in files.items() if not sealed.exists(path) or sealed.read(path) != text.encode()]


def _without(table: dict[str, str], login: str) -> dict[str, str]:
    return {name: word for name, word in table.items() if name != login}
