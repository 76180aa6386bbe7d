"""What happens to the box that the store runs on: every fact of operations.

A fact's tag is `subject.happened.v1`, such as `settings.applied.v1`; of each the last word is kept, by subject and by
what it is `about` where a fact has such a field (a certificate, a target of backups). To add one: its class here, its
place in `FACTS`, its sentence in each `words/<language>/facts.toml`, and, where it is trouble, a line in
`edge.domain.box.needs.TROUBLES`.
"""

from __future__ import annotations

from typing import Final

from edge.journal.entry import Fact
from edge.journal.streams import StreamOpened


class BoxNoted(Fact, frozen=True, tag="box.noted.v1"):
    """Somebody has seen what went wrong with the box: it no longer stands on the staff page."""

    subject: str
    staff: str
    about: str = ""


class SettingsApplied(Fact, frozen=True, tag="settings.applied.v1"):
    """The store works by this release of its settings, and was found healthy with it."""

    number: int
    sha256: str
    """Of its files, hexadecimal."""
    by: str


class SettingsRolledBack(Fact, frozen=True, tag="settings.rolled_back.v1"):
    """The store was not healthy with a release of its settings: those before are in force again."""

    number: int
    """The release that was left."""
    back_to: int
    because: str
    """Why, as a key of `[box]` in the words."""
    by: str
    which: str = ""
    """What was not well, by its ids."""


class SettingsFellBack(Fact, frozen=True, tag="settings.fell_back.v1"):
    """The store opened while its settings had mistakes: with the last good release."""

    number: int
    mistakes: int
    first: str
    """The first mistake, with its file and its line."""


class BackupMade(Fact, frozen=True, tag="backup.made.v1"):
    """A copy of the store lies at a target, and was opened again to prove it."""

    about: str
    """The target: `folder`, `usb` or `restic`, and which."""
    upto: int
    """The newest fact in it."""
    bytes: int


class BackupFailed(Fact, frozen=True, tag="backup.failed.v1"):
    """No copy could be made at a target."""

    about: str
    because: str
    """In English, for whoever mends it."""


class ReconciliationAgreed(Fact, frozen=True, tag="reconciliation.agreed.v1"):
    """Devices, store and cloud have the same of one day."""

    day: str
    facts: int
    cloud: bool
    """Whether the cloud took part."""


class ReconciliationDiffered(Fact, frozen=True, tag="reconciliation.differed.v1"):
    """Devices, store and cloud do not have the same of one day."""

    day: str
    facts: int
    differences: int
    cloud: bool


class RehearsalPassed(Fact, frozen=True, tag="rehearsal.passed.v1"):
    """An outage was rehearsed, and the store kept its targets."""

    rehearsal: str
    of: str
    """`uplink` or `broker`."""
    targets: int
    seconds: int
    """How long it lasted."""


class RehearsalFailed(Fact, frozen=True, tag="rehearsal.failed.v1"):
    """An outage was rehearsed, and the store missed a target, or it could not be brought to its end."""

    rehearsal: str
    of: str
    missed: int
    targets: int
    seconds: int


FACTS: Final[tuple[type[Fact], ...]] = (
    SettingsApplied,
    SettingsRolledBack,
    SettingsFellBack,
    StreamOpened,
    BackupMade,
    BackupFailed,
    ReconciliationAgreed,
    ReconciliationDiffered,
    RehearsalPassed,
    RehearsalFailed,
)
"""What is kept as a last word."""
