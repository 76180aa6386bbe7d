"""The form of a copy: one file, a tar of the store's files, compressed and sealed with age.

Its first member is the manifest with the SHA-256 of every other. Any age program opens it with the recovery key
(`age -d -i key.txt copy.age | tar -xz`), so a store is not lost together with this software.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

import msgspec
import pyrage

from edge.secrets.private import fsync_file
from operations.backups.errors import BackupError, Damaged, WrongKey
from operations.backups.keys import Identity, Recipient

FORM: Final = 1
MANIFEST: Final = "manifest.json"
ROOTS: Final = ("data", "config", "ca")
"""What a copy consists of: the gateway's data, the settings, the store's own certificate authority."""
_CHUNK: Final = 1024 * 1024


class ArchiveMember(msgspec.Struct, frozen=True):
    """One file of a copy."""

    name: str
    """`data/…`, `config/…` or `ca/…`."""
    size: int
    sha256: str
    mode: int


class Manifest(msgspec.Struct, frozen=True):
    """What a copy says of itself."""

    form: int
    store: str
    version: str
    """Of the program that made it."""
    made_ms: int
    upto: int
    """The newest fact in it."""
    upto_ms: int
    """When that happened."""
    hash: str
    stream: str
    generation: int
    members: list[ArchiveMember]


def seal(
    manifest: Manifest, files: Sequence[tuple[ArchiveMember, Path]], out: Path, recipients: Sequence[Recipient]
) -> None:
    """Write a copy to `out`; on the disk when it returns. Raises `BackupError`, `OSError`."""

    def write(into: IO[bytes]) -> None:
        with (
            gzip.GzipFile(fileobj=into, mode="wb", compresslevel=1) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            _put(tar, MANIFEST, msgspec.json.encode(manifest))
            for member, path in files:
                with path.open("rb") as file:
                    head = tarfile.TarInfo(member.name)
                    head.size, head.mode, head.mtime = member.size, member.mode, manifest.made_ms // 1000
                    tar.addfile(head, file)

    with out.open("wb") as file:
        with _piped(write) as plain:
            try:
                pyrage.encrypt_io(plain, file, list(recipients))
            except pyrage.EncryptError as error:
                raise BackupError(f"{out}: the copy cannot be written: {error}") from None
        fsync_file(file)


def _put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    head = tarfile.TarInfo(name)
    head.size, head.mode = len(content), 0o600
    tar.addfile(head, io.BytesIO(content))


def verify(path: Path, identity: Identity) -> Manifest:
    """Open a copy and compare every byte with its manifest. Raises `WrongKey`, `Damaged`, `OSError`."""
    return _read(path, identity, lambda _member, chunks: sum(map(len, chunks)))


def extract(path: Path, identity: Identity, into: Path) -> Manifest:
    """The same, and its files below `into`, with the rights that they had."""

    def keep(member: ArchiveMember, chunks: Iterator[bytes]) -> None:
        place = into / member.name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, member.mode)
            for chunk in chunks:
                file.write(chunk)
            fsync_file(file)

    return _read(path, identity, keep)


def digest(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    size, found = 0, hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            found.update(chunk)
    return size, found.hexdigest()


def _read(path: Path, identity: Identity, take: Callable[[ArchiveMember, Iterator[bytes]], object]) -> Manifest:
    _proven(path, identity)

    def decrypt(into: IO[bytes]) -> None:
        try:
            with path.open("rb") as file:
                pyrage.decrypt_io(file, into, [identity])
        except BrokenPipeError:
            raise
        except (OSError, pyrage.DecryptError) as error:
            raise Damaged(f"{path}: this copy is damaged, or cannot be read to its end: {error}") from None

    try:
        with _piped(decrypt) as plain, tarfile.open(fileobj=plain, mode="r|gz") as tar:
            return _members(path, tar, take)
    except (tarfile.TarError, EOFError, msgspec.DecodeError, pyrage.DecryptError) as error:
        raise Damaged(f"{path}: this copy is damaged: {error}") from None


def _proven(path: Path, identity: Identity) -> None:
    """The head of the file tells whether the key is right: before anything is read that is taken for damage."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    try:
        pyrage.decrypt(head, [identity])
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise WrongKey(f"{path}: the recovery key is not the one that this copy was made for") from None
        if not head.startswith(b"age-encryption.org/"):
            raise Damaged(f"{path}: this is no copy of a store") from None
        # The first mebibyte of a longer file ends in the middle of a block: the key is right.


def _members(path: Path, tar: tarfile.TarFile, take: Callable[[ArchiveMember, Iterator[bytes]], object]) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None:
        raise Damaged(f"{path}: this is no copy of a store: it has no manifest")
    manifest = msgspec.json.decode(content.read(), type=Manifest)
    if manifest.form > FORM:
        raise Damaged(f"{path}: a later version made this copy (form {manifest.form}, expected up to {FORM})")
    waiting = {member.name: member for member in manifest.members}
    while (head := tar.next()) is not None:
        member = waiting.pop(head.name, None)
        file = tar.extractfile(head) if head.isreg() else None
        if member is None or file is None or not _is_safe(head.name):
            raise Damaged(f"{path}: it holds {head.name!r}, which its manifest does not name")
        _compare(path, member, file, take)
    if waiting:
        raise Damaged(f"{path}: {len(waiting)} files are missing, such as {min(waiting)!r}")
    return manifest


def _compare(
    path: Path, member: ArchiveMember, file: IO[bytes], take: Callable[[ArchiveMember, Iterator[bytes]], object]
) -> None:
    found = hashlib.sha256()

    def chunks() -> Iterator[bytes]:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
            yield chunk

    take(member, chunks())
    if found.hexdigest() != member.sha256:
        raise Damaged(f"{path}: {member.name} is not what was written")


def _is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) > 1 and parts[0] in ROOTS and ".." not in parts


@contextmanager
def _piped(write: Callable[[IO[bytes]], None]) -> Iterator[IO[bytes]]:
    """What `write` writes, to be read meanwhile. Raises what it raised."""
    from_, to = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(to, "wb") as file:
                write(file)
        except BrokenPipeError:
            return  # whoever reads has given up, and says why
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            failed.append(error)

    thread = threading.Thread(target=run, name="backup", daemon=True)
    thread.start()
    file = os.fdopen(from_, "rb")
    try:
        yield file
        while file.read(_CHUNK):
            pass  # the end of a tar is not the end of what seals it
    except BaseException:
        file.close()
        thread.join()
        if failed:
            raise failed[0] from None
        raise
    file.close()
    thread.join()
    if failed:
        raise failed[0]
