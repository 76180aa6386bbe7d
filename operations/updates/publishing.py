"""The other side of the index, for whoever publishes versions: keys are made, files put in, and everything signed.

Two keys: `root` proves what is published and stays in a drawer; `fresh` says each day that it is still so, and may lie
on the server. A box is given `root.json` once.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.exceptions import StorageError
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from edge.secrets.private import fsync_path
from operations.updates.index import FORMAT, RELEASES, Release, Releases
from operations.updates.names import is_name
from operations.updates.trial import UpdateError

LASTS: Final = {
    "root": timedelta(days=730),
    "targets": timedelta(days=365),
    "snapshot": timedelta(days=7),
    "timestamp": timedelta(days=7),
}
"""How long each part is believed. The last two are renewed each day, so an index that is held back is noticed within
a week."""
KEYS: Final = {"root": "root", "targets": "root", "snapshot": "fresh", "timestamp": "fresh"}


def make_keys(folder: Path) -> None:
    """Makes both keys. Raises `UpdateError` where there are some."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in dict.fromkeys(KEYS.values()):
        path = folder / f"{name}.pem"
        if path.exists():
            raise UpdateError(f"{path} is there already: boxes trust that key, so it is not replaced")
        path.touch(mode=0o600)
        path.write_bytes(
            Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


class Shelf:
    """A folder with an index and its files, to be served as it is."""

    def __init__(self, folder: Path, keys: Path) -> None:
        self.folder = folder
        self._metadata, self._targets = folder / "metadata", folder / "targets"
        self._keys = keys

    @property
    def root(self) -> bytes:
        """What boxes are given once."""
        return (self.folder / "root.json").read_bytes()

    def said(self) -> Releases:
        """What is published now."""
        path = self.folder / RELEASES
        if not path.exists():
            return Releases(FORMAT, {}, ())
        with _in_words(path):
            return msgspec.json.decode(path.read_bytes(), type=Releases)

    def publish(
        self, files: Iterable[tuple[Release, Path]], rings: Mapping[str, str], withdrawn: Mapping[str, str]
    ) -> Releases:
        """Add versions, give them to rings, withdraw others. Raises `UpdateError`."""
        before = self.said()
        added = list(files)
        again = {(new.version, new.system) for new, _ in added}
        kept = [each for each in before.releases if (each.version, each.system) not in again]
        said = Releases(
            FORMAT,
            {**before.rings, **rings},
            (*kept, *(each for each, _ in added)),
            {**before.withdrawn, **withdrawn},
        )
        _check(said, rings)
        self._begin()
        for _, path in added:
            self._add(path)
        listing = self.folder / RELEASES
        _put(listing, msgspec.json.format(msgspec.json.encode(said), indent=1))
        self._add(listing)
        self._sign_targets()
        self.renew()
        return said

    def renew(self) -> None:
        """Say again that what is published is still what is published. Raises `UpdateError` without a key."""
        targets = self._newest("targets")
        snapshot = Metadata(Snapshot(self._next("snapshot"), meta={"targets.json": MetaFile(targets.signed.version)}))
        self._write(snapshot, "snapshot", consistent=True)
        timestamp = Metadata(Timestamp(self._next("timestamp"), snapshot_meta=MetaFile(snapshot.signed.version)))
        self._write(timestamp, "timestamp", consistent=False)

    def _begin(self) -> None:
        for folder in (self._metadata, self._targets):
            folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / "root.json").exists():
            return
        root = Root(consistent_snapshot=True)
        for role, key in KEYS.items():
            root.add_key(self._signer(key).public_key, role)
        self._write(Metadata(root), "root", consistent=True)
        shutil.copyfile(self._metadata / "1.root.json", self.folder / "root.json")

    def _add(self, path: Path) -> None:
        target = TargetFile.from_file(path.name, str(path), ["sha256"])
        shutil.copyfile(path, self._targets / f"{target.hashes['sha256']}.{path.name}")

    def _sign_targets(self) -> None:
        """Prove every file that `releases.json` names, and it itself; what nobody names any more goes."""
        names = {each.file for each in self.said().releases} | {RELEASES}
        newest: dict[str, Path] = {}
        for path in sorted(self._targets.iterdir(), key=lambda path: path.stat().st_mtime_ns):
            newest[path.name.partition(".")[2]] = path
        proven = {
            name: TargetFile.from_file(name, str(path), ["sha256"]) for name, path in newest.items() if name in names
        }
        if missing := names - proven.keys():
            raise UpdateError(f"{min(missing)} is published and not in {self._targets}")
        self._write(Metadata(Targets(self._next("targets"), targets=proven)), "targets", consistent=True)

    def _newest(self, role: str) -> Metadata[Any]:
        number = self._next(role) - 1
        if not number:
            raise UpdateError(f"{self._metadata} has no index yet: publish a version first")
        path = self._metadata / f"{number}.{role}.json"
        with _in_words(path):
            return Metadata.from_file(str(path))

    def _next(self, role: str) -> int:
        if role == "timestamp":
            path = self._metadata / "timestamp.json"
            with _in_words(path):
                return Metadata.from_file(str(path)).signed.version + 1 if path.exists() else 1
        numbers = [path.name.partition(".")[0] for path in self._metadata.glob(f"*.{role}.json")]
        return max((int(number) for number in numbers if number.isdecimal()), default=0) + 1

    def _write(self, metadata: Metadata[Any], role: str, *, consistent: bool) -> None:
        metadata.signed.expires = datetime.now(UTC).replace(microsecond=0) + LASTS[role]
        metadata.sign(self._signer(KEYS[role]))
        name = f"{metadata.signed.version}.{role}.json" if consistent else f"{role}.json"
        _put(self._metadata / name, metadata.to_bytes(JSONSerializer(compact=True)))

    def _signer(self, key: str) -> CryptoSigner:
        path = self._keys / f"{key}.pem"
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise UpdateError(
                f"{path} is no key: {error}; make one with: storekeeper update keys {self._keys}"
            ) from None
        return CryptoSigner(private)  # a PEM may hold other kinds, which signing refuses


def _check(said: Releases, rings: Mapping[str, str]) -> None:
    """Raises `UpdateError` for what no box could follow."""
    known = {each.version for each in said.releases}
    for ring, version in rings.items():
        if version not in known:
            raise UpdateError(f'ring "{ring}" cannot have {version}: no file of it is published')
    for version in said.withdrawn:
        if not is_name(version):
            raise UpdateError(f'expected a version such as "1.4.0" to withdraw; found "{version[:40]}"')
    for ring, version in said.rings.items():
        if version in said.withdrawn:
            raise UpdateError(
                f'ring "{ring}" has {version}, which is withdrawn ({said.withdrawn[version]}): its boxes would keep it;'
                f" give them another with --ring {ring}=VERSION"
            )
    _check_names(said)


def _check_names(said: Releases) -> None:
    of = {RELEASES: "the index"}
    for each in said.releases:
        name = f"{each.version} for {each.system}"
        if each.file in of:
            raise UpdateError(
                f"{each.file} would be {of[each.file]} and {name}: give each file a name of its own, such as"
                f" storekeeper-{each.version}-{each.system}.deb"
            )
        of[each.file] = name


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Raises `UpdateError` for a part of the index that cannot be read."""
    try:
        yield
    except (RepositoryError, StorageError, ValueError) as error:
        raise UpdateError(f"{path} is damaged ({error}): put it back from a copy of this folder") from None


def _put(path: Path, content: bytes) -> None:
    """In one step: boxes fetch it at any moment, and half of it would end every later one. Raises `OSError`."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    fsync_path(new)
    new.replace(path)
