"""The store's one key on disk: made once for a new store, and never again behind anybody's back.

Every code, every session and every sealed number hangs on it. So whoever needs it asks here; a key that is missing,
damaged or not the one that the journal knows becomes a sentence, and going on without it somebody's decision.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec
import structlog
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from edge.domain.members.queries import sealed_count
from edge.domain.store import queries as store_queries
from edge.domain.store.decisions import take_key
from edge.domain.store.facts import KeyReason
from edge.domain.store.queries import KeyTaken
from edge.errors import StorekeeperError
from edge.journal import Reader, Reads
from edge.journal.journal import Journal
from edge.journal.queries import has_tables, latest_key, was_used
from edge.secrets import read_only
from edge.secrets.private import fsync_file, fsync_path
from edge.secrets.sealed import sealed_path

log = structlog.get_logger(__name__)

KEY_BYTES: Final = 32
LOST_EXIT: Final = 78
"""EX_CONFIG: starting again does not help, somebody must decide."""

State = Literal["right", "unrecorded", "fresh", "missing", "damaged", "unreadable", "other", "earlier", "persons_lost"]


class VaultError(StorekeeperError):
    """A key is missing or wrong."""


class KeyLost(VaultError):
    """The store's key is not there, or not the right one. The message says what to do."""


class Finding(msgspec.Struct, frozen=True):
    """What was found of the key."""

    state: State
    key: bytes = b""
    sentence: str = ""
    sealed: int = 0
    """How many sealed numbers the journal holds."""


def path_of(data: Path) -> Path:
    """Where the key of that data folder has its home; `edge.secrets.read_only` says where it really is."""
    return data / "secrets" / "store.key"


def derive(key: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose."""
    return hmac.digest(key, purpose.encode(), "sha256")


def check_value(key: bytes) -> str:
    """What the journal keeps of a key."""
    return derive(key, "key check").hex()[:32]


def of_store(path: Path) -> bytes:
    """The key at `path`, proven against the journal of its data folder; made where the store is new.

    Raises `KeyLost`, and `sqlite3.Error` with the journal's path as its note where that cannot be read.
    """
    found = inspect_key(path)
    if found.state == "fresh":
        return make(path)
    if found.state in ("right", "unrecorded"):
        return found.key
    raise KeyLost(found.sentence)


def inspect_key(path: Path) -> Finding:
    """What the key at `path` is to the journal of its data folder. Changes nothing.

    Raises `sqlite3.Error` as `of_store`.
    """
    reader = _reader(path.parent.parent / "storekeeper.db")
    try:
        return judge(reader, path)
    finally:
        if reader is not None:
            reader.close()


async def take(journal: Journal, data: Path, *, new_key: bool = False) -> bytes:
    """The key that the gateway works with; the journal knows it from now on. Raises `KeyLost`.

    With `new_key` somebody decided to go on without the right one. Where the right one is there, that changes nothing,
    so that an option left in a unit file does no harm.
    """
    path = path_of(data)
    found = judge(journal.reads, path)
    if found.state == "right":
        if new_key:
            log.warning("store_key.kept", why="the key is the right one: --new-key has nothing to do, leave it out")
        return found.key
    if found.state in ("fresh", "unrecorded"):
        key = found.key or make(path)
        await journal.write(take_key, check=check_value(key), why="first", sealed=found.sealed)
        return key
    if not new_key or found.state == "unreadable":
        raise KeyLost(found.sentence)
    key, why = _key_to_use(found, path)
    await journal.write(take_key, check=check_value(key), why=why, sealed=found.sealed)
    log.warning("store_key.replaced", why=why, sealed_numbers=found.sealed)
    return key


def judge(reads: Reads | None, path: Path) -> Finding:
    """What the key at `path` is to the journal that `reads` reads; None where there is no journal yet."""
    known = store_queries.keys_taken(reads) if reads and has_tables(reads, "store_keys") else []
    sealed = _sealed(reads)
    try:
        key = read_only.read(path)
    except FileNotFoundError:
        if not known and not _was_used(reads):
            return Finding("fresh")
        return Finding("missing", b"", f"{path}: the key of this store is missing. {_advice(sealed)}", sealed)
    except OSError as error:
        said = f"{path}: the key of this store cannot be read: {error.strerror}. Mend that; where it is lost for good, "
        return Finding("unreadable", b"", f"{said}move the file away, then: storekeeper run --new-key", sealed)
    if len(key) != KEY_BYTES:
        said = (
            f"{path}: the key of this store is damaged: expected {KEY_BYTES} bytes, got {len(key)}. {_advice(sealed)}"
        )
        return Finding("damaged", b"", said, sealed)
    return _compared(reads, path, key, known, sealed)


def _compared(reads: Reads | None, path: Path, key: bytes, known: list[KeyTaken], sealed: int) -> Finding:
    check = check_value(key)
    if known and known[0].check != check:
        before = next((row for row in known if row.check == check), None)
        if before is None:
            said = f"{path}: this is another store's key, or a new one: the journal knows another. "
            return Finding("other", b"", said + _advice(sealed), sealed)
        when = datetime.fromtimestamp(known[0].at_ms / 1000, UTC).strftime("%Y-%m-%d")
        said = (
            f"{path}: the store worked with this key before {when}, and with another one since. Put the latest key "
            "back; to go on with this earlier one: storekeeper run --new-key. What came after it will not open then."
        )
        return Finding("earlier", key, said, sealed)
    if not known and not _opens(reads, key):
        said = f"{path}: this is another store's key, or a new one: it does not open what the journal holds. "
        return Finding("other", b"", said + _advice(sealed), sealed)
    given_up = known[0].sealed if known else 0
    if sealed > given_up and reads is not None and latest_key(reads) is None:
        said = (
            f"{path.parent.parent / 'storekeeper.db'}: it holds {sealed} sealed numbers and not one key that opens "
            "them (the table person_keys is empty). Put the journal back from a backup; to go on without the numbers: "
            "storekeeper run --new-key"
        )
        return Finding("persons_lost", key, said, sealed)
    return Finding("right" if known else "unrecorded", key, "", sealed)


def _key_to_use(found: Finding, path: Path) -> tuple[bytes, KeyReason]:
    """The key to go on with, and why it is that one."""
    if found.state == "earlier":
        return found.key, "earlier"
    if found.state == "persons_lost":
        return found.key, "persons_given_up"
    if read_only.is_handed(path):
        return _handed_anew(path, found), "new"
    _put_aside(path)
    return make(path), "new"


def _handed_anew(path: Path, found: Finding) -> bytes:
    """The key of root's choice. Raises `KeyLost` for one that is none."""
    key = read_only.read(path) if read_only.exists(path) else b""
    if len(key) != KEY_BYTES:
        raise KeyLost(
            f"{found.sentence} The service manager hands this key over: put {KEY_BYTES} random bytes where its unit "
            f"loads it from, delete {sealed_path(path).name} beside it, then start again."
        )
    return key


def _advice(sealed: int) -> str:
    lost = f", and {sealed} sealed phone numbers can never be read again" if sealed else ""
    return (
        "Put it back from a backup. Where it is lost for good, go on with a new one: storekeeper run --new-key. "
        f"Then every printed code must be printed again, everybody is logged out{lost}."
    )


def make(path: Path) -> bytes:
    """A new key at `path`, readable by its owner only. Where somebody else was quicker, theirs."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        fsync_file(file)
    with suppress(FileExistsError):
        os.link(new, path)  # Unlike a rename it never replaces a key.
    new.unlink()
    fsync_path(path.parent)
    return path.read_bytes()


def _put_aside(path: Path) -> None:
    """Keep what lies there: it may be somebody's key."""
    if not path.is_symlink() and not path.exists():
        return
    number = 1
    while (aside := path.with_name(f"{path.name}.aside-{number}")).exists():
        number += 1
    path.rename(aside)


def _reader(journal: Path) -> Reader | None:
    """None where there is no journal yet, or only an empty file."""
    if not journal.exists():
        return None
    try:
        reader = Reader(journal)
        if has_tables(reader, "entries", "person_keys"):
            return reader
        reader.close()
    except sqlite3.Error as error:
        if not hasattr(error, "__notes__"):
            error.add_note(str(journal))
        raise
    return None


def _was_used(reads: Reads | None) -> bool:
    """Whether a gateway worked on this journal. A catalogue may be put into force before there is a key."""
    return reads is not None and was_used(reads)


def _sealed(reads: Reads | None) -> int:
    return sealed_count(reads) if reads is not None and has_tables(reads, "members") else 0


def _opens(reads: Reads | None, key: bytes) -> bool:
    """Whether a person's key of a journal that names no key itself opens. True where there is none to try."""
    wrapped = latest_key(reads) if reads is not None else None
    if wrapped is None:
        return True
    try:
        aes_key_unwrap(derive(key, "person keys"), wrapped)
    except (InvalidUnwrap, ValueError):
        return False
    return True
