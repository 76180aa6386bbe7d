"""A copy: taken while the store is open, sealed, written, read back, and the old ones ended."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from device_drivers.trusted_time import is_trusted
from edge.secrets.private import alone, fsync_path, write_private
from operations.backups import archive, names, targets
from operations.backups.errors import BackupError, Damaged, TargetAway
from operations.backups.gather import JOURNAL, Sources, gather, hold, snapshot
from operations.backups.keys import fresh, recipient_of

ERASED: Final = "erased.txt"
PASSWORD: Final = "restic.password"  # noqa: S105 - a name
TAG: Final = "storekeeper"
_NEW: Final = ".new"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there, for root alone


class Backup(msgspec.Struct, frozen=True):
    """A copy that lies at its target and was opened there."""

    target: str
    name: str
    """Of the file, or of restic's snapshot."""
    bytes: int
    manifest: archive.Manifest
    ended: int
    """How many old copies went."""
    beside: bool
    """Whether it lies on the disk that it is a copy of."""


class _Summary(msgspec.Struct):
    """Restic's last line."""

    snapshot_id: str
    data_added: int = 0


def make(sources: Sources, target: str, keep_days: int = names.KEEP_DAYS) -> Backup:
    """Make a copy at one target, after one that is being made. Raises `BackupError`, `OSError`."""
    journal = sources.data / JOURNAL
    if not journal.exists():
        raise BackupError(f"{journal} is not there: the gateway has not run on this data yet, there is nothing to copy")
    with alone(sources.data):  # each clears away what a killed one has left
        if targets.is_restic(target):
            return _into_restic(sources, target, keep_days)
        return _into_folder(sources, target, keep_days)


def _into_folder(sources: Sources, target: str, keep_days: int) -> Backup:
    recipient, folder = recipient_of(sources.data), targets.folder_of(target)
    _clear(folder, sources.store)
    with _staged(sources) as staged, _in_memory() as opened:
        # Sealed for a key of this moment as well: what lies there is opened again, and the box keeps no key for it.
        proof = fresh()
        manifest, files = gather(sources, staged, opened)
        path = folder / names.name_of(sources.store, manifest.made_ms)
        new = path.with_name(path.name + _NEW)
        try:
            archive.seal(manifest, files, new, [recipient, proof.to_public()])
            _forget_cached(new)
            _require_same(archive.verify(new, proof), manifest, new)
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    fsync_path(folder)
    _tell_erased(sources.data, folder)
    gone = end(folder, sources.store, manifest.made_ms, keep_days)
    return Backup(target, path.name, path.stat().st_size, manifest, gone, targets.is_beside(folder, sources.data))


def _require_same(found: archive.Manifest, wanted: archive.Manifest, where: object) -> None:
    if found != wanted:
        raise Damaged(f"{where}: what lies there is another copy than the one that was written")


def end(folder: Path, store: str, now_ms: int, keep_days: int = names.KEEP_DAYS) -> int:
    """Delete the copies whose time is over. Returns how many those were."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    gone = names.ended(names.lying(folder, store), now, keep_days, sure=is_trusted())
    for copy in gone:
        copy.path.unlink(missing_ok=True)
    return len(gone)


@contextmanager
def _staged(sources: Sources) -> Iterator[Path]:
    """A snapshot of the journal, in a folder of its own that is gone afterwards."""
    with suppress(OSError):
        for old in sources.data.glob(".backup-*"):
            shutil.rmtree(old)  # of one that was killed
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=sources.data) as folder:
        staged = Path(folder) / JOURNAL
        snapshot(sources.data / JOURNAL, staged)
        yield staged


@contextmanager
def _in_memory() -> Iterator[Path]:
    """A folder for what lies on the disk sealed; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="storekeeper-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)


def _into_restic(sources: Sources, target: str, keep_days: int) -> Backup:
    repository, password = target.removeprefix(targets.RESTIC), _password(sources.data)
    with suppress(TargetAway):
        targets.restic(repository, password, "init")  # it says so where there is one already
    with _staged(sources) as staged, _in_memory() as opened:
        manifest, files = gather(sources, staged, opened)
        tree = staged.parent / "tree"
        for member, path in files:
            hold(path, tree / member.name)
        (tree / archive.MANIFEST).write_bytes(msgspec.json.encode(manifest))
        said = targets.restic(
            repository,
            password,
            "backup",
            "--json",
            "--tag",
            TAG,
            "--host",
            sources.store,
            "--exclude-caches",
            "--time",
            f"{datetime.fromtimestamp(manifest.made_ms / 1000):%Y-%m-%d %H:%M:%S}",  # noqa: DTZ006 - as restic reads it
            str(tree),
        )
    summary = _summary(said)
    if summary is None:
        raise BackupError(f"{target}: restic does not say which snapshot it made")
    # Read back like any other copy: every byte of the repository that this snapshot needs.
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=sources.data) as folder:
        _require_same(from_restic(repository, password, summary.snapshot_id, Path(folder)), manifest, target)
    targets.restic(
        repository, password, "forget", "--tag", TAG, "--host", sources.store, "--group-by", "host,tags",
        "--keep-within-hourly", "2d", "--keep-within-daily", f"{keep_days}d", "--keep-last", "1", "--prune",
    )  # fmt: skip
    return Backup(target, summary.snapshot_id, summary.data_added, manifest, 0, beside=False)


def _summary(said: str) -> _Summary | None:
    """What restic says last; None where it says nothing, or something else."""
    try:
        return msgspec.json.decode(said.strip().rpartition("\n")[2], type=_Summary)
    except ValueError:
        return None


def from_restic(
    repository: str, password: Path, snapshot_id: str, into: Path, store: str | None = None
) -> archive.Manifest:
    """A snapshot's files in `into`, each compared with its manifest; of `latest`, that of this store, where it is said.

    Raises `Damaged`, `TargetAway`.
    """
    whose = ["--host", store] if store else []
    targets.restic(repository, password, "restore", snapshot_id, "--tag", TAG, *whose, "--target", str(into / "restic"))
    found = next((into / "restic").rglob(archive.MANIFEST), None)
    if found is None:
        raise Damaged(f"restic:{repository}: snapshot {snapshot_id} is no copy of a store")
    try:
        manifest = msgspec.json.decode(found.read_bytes(), type=archive.Manifest)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"restic:{repository}: the manifest of snapshot {snapshot_id} is damaged: {error}") from None
    for member in manifest.members:
        path = found.parent / member.name
        if not path.is_file() or archive.digest(path)[1] != member.sha256:
            raise Damaged(f"restic:{repository}: {member.name} is not what was written")
    for root in archive.ROOTS:
        if (found.parent / root).is_dir():
            (found.parent / root).rename(into / root)
    return manifest


def _password(data: Path) -> Path:
    """Restic seals with a password: the box has to keep it. It stands on the recovery sheet too."""
    path = data / "secrets" / PASSWORD
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, secrets.token_urlsafe(24).encode())
    return path


def restic_password(data: Path) -> str:
    """For the recovery sheet; made where there is none yet."""
    return _password(data).read_text("ascii").strip()


def _tell_erased(data: Path, folder: Path) -> None:
    """Who was erased, by random ids, beside the copies: an older one is restored without them."""
    path = data / ERASED
    if path.exists():
        new = folder / (ERASED + _NEW)
        shutil.copyfile(path, new)
        fsync_path(new)  # a half list would bring back who is not in it
        new.replace(folder / ERASED)
        fsync_path(folder)


def _clear(folder: Path, store: str) -> None:
    """Of one that was killed, or whose disk was full; what another store writes here now is its own."""
    for left in folder.glob(f"*{names.SUFFIX}{_NEW}"):
        if names.store_of(left.name.removesuffix(_NEW)) == store:
            left.unlink(missing_ok=True)


def _forget_cached(path: Path) -> None:
    """Have what is read back come from the disk, as far as the system does that."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
