"""What happens to the box that the store runs on: every fact of operations.

A fact's tag is `subject.happened.v1`, such as `settings.applied.v1`; of each the last word is kept, by subject and by
what it is `about` where a fact has such a field (a certificate, a target of backups). To add one: its class here, its
place in `FACTS`, its sentence in each `words/<language>/facts.toml`, and, where it is trouble, a line in
`edge.domain.box.needs.TROUBLES`.
"""

from __future__ import annotations

from typing import Final

from edge.journal.entry import Fact
from edge.journal.facts import JournalPruned, StreamOpened


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
    """The store opened while its settings could not be used: with the last good ones."""

    sha256: str
    """Of the good ones."""
    mistakes: int
    first: str
    """The first mistake, with its file and its line."""


class UpdateInstalled(Fact, frozen=True, tag="update.installed.v1"):
    """The store works with this version of Storekeeper, and was found healthy with it."""

    version: str
    before: str
    closed_ms: int
    """How long the store was closed for it."""


class UpdateRolledBack(Fact, frozen=True, tag="update.rolled_back.v1"):
    """The store was not healthy with a version: the one before runs again."""

    version: str
    """The one that was left."""
    back_to: str
    why: str
    """What was not well, for store IT."""
    closed_ms: int


class UpdateWaits(Fact, frozen=True, tag="update.waits.v1"):
    """Shoppers kept a version waiting beyond its hours: staff say when."""

    version: str


class UpdateWanted(Fact, frozen=True, tag="update.wanted.v1"):
    """Staff said that the version may come now."""

    staff: str


class UpdateHeld(Fact, frozen=True, tag="update.held.v1"):
    """No version is switched to until a moment, or until it is let go."""

    by: str
    why: str
    until_ms: int
    """Wall time; a lease ends by itself."""


class UpdateLetGo(Fact, frozen=True, tag="update.let_go.v1"):
    """Versions may be switched to again."""

    by: str


class TelemetryLost(Fact, frozen=True, tag="telemetry.lost.v1"):
    """Facts of how things went are not on record, for want of space: how many, and in which span of time."""

    count: int
    types: dict[str, int]
    from_ms: int
    to_ms: int


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


class CertificateRenewed(Fact, frozen=True, tag="certificate.renewed.v1"):
    """A certificate of the store's own authority was signed anew."""

    about: str
    """Whose: `broker`."""
    until_ms: int


FACTS: Final[tuple[type[Fact], ...]] = (
    SettingsApplied,
    SettingsRolledBack,
    SettingsFellBack,
    UpdateInstalled,
    UpdateRolledBack,
    UpdateWaits,
    UpdateWanted,
    UpdateHeld,
    UpdateLetGo,
    TelemetryLost,
    JournalPruned,
    StreamOpened,
    BackupMade,
    BackupFailed,
    CertificateRenewed,
    ReconciliationAgreed,
    ReconciliationDiffered,
    RehearsalPassed,
    RehearsalFailed,
)
"""What is kept as a last word."""
