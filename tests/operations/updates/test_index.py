from __future__ import annotations

import io
import json
import random
import subprocess
import tarfile
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from operations.updates import publishing
from operations.updates.disk import Disk
from operations.updates.download import RateLimit, fetch
from operations.updates.index import Index, Release, believed
from operations.updates.publishing import Shelf, make_keys
from operations.updates.source import base_of
from operations.updates.trial import UpdateError
from operations.updates.unpack import unpack
from operations.updates.versions import Versions
from tests.conftest import need
from tests.operations.updates.faulty_disk import Died, FaultyDisk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_800_000_000_000


def tree(path: Path, version: str, *, prefix: str = "", more: dict[str, bytes] | None = None) -> Path:
    """A tar with a version's tree."""
    content = {
        "bin/storekeeper": f"#!/bin/sh\necho {version}\n".encode(),
        "big": random.Random(7).randbytes(300_000),
        **(more or {}),
    }
    with tarfile.open(path, "w:gz") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(f"{prefix}{version}/{name}")
            info.size, info.mode = len(data), 0o755
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    make_keys(tmp_path / "keys")
    shelf = Shelf(tmp_path / "shelf", tmp_path / "keys")
    file = tree(tmp_path / "storekeeper-1.1.0.tar.gz", "1.1.0")
    shelf.publish([(Release("1.1.0", "any", file.name, 300_100), file)], {"all": "1.1.0", "pilot": "1.1.0"}, {})
    return shelf


def read(shelf: Shelf, cache: Path, floors: dict[str, int] | None = None, seen_ms: int = 0) -> Index:
    return believed(base_of(str(shelf.folder)), shelf.root, cache, floors or {}, seen_ms)


def test_a_ring_has_its_version_and_another_ring_another(shelf: Shelf, tmp_path: Path) -> None:
    file = tree(tmp_path / "storekeeper-1.2.0.tar.gz", "1.2.0")
    shelf.publish([(Release("1.2.0", "debian12-arm64", file.name), file)], {"pilot": "1.2.0"}, {"1.0.9": "it jams"})
    index = read(shelf, tmp_path / "cache")
    assert index.offer("all", "1.0.0", "debian12-amd64").version == "1.1.0"
    assert index.offer("pilot", "1.0.0", "debian12-amd64").release is None
    assert index.offer("pilot", "1.0.9", "debian12-arm64").withdrawn == "it jams"
    with pytest.raises(UpdateError, match='no ring "nobody"; it has all, pilot'):
        index.offer("nobody", "1.0.0", "debian12-amd64")


def test_what_no_box_could_follow_is_not_published(shelf: Shelf, tmp_path: Path) -> None:
    """A file of the same name took the place of another version's, or of another system's, whose boxes got it then; and
    boxes kept a version that was withdrawn while their ring had it.
    """
    before = {path: path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file()}
    other = tmp_path / "other"
    other.mkdir()
    same, listing = tree(other / "storekeeper-1.1.0.tar.gz", "1.2.0"), tree(other / "releases.json", "1.2.0")
    deb = tree(other / "storekeeper.deb", "1.2.0")
    two = [(Release("1.2.0", system, deb.name), deb) for system in ("debian12-amd64", "debian12-arm64")]
    with pytest.raises(UpdateError, match=r"would be 1\.1\.0 for any and 1\.2\.0 for any: give each file a name"):
        shelf.publish([(Release("1.2.0", "any", same.name), same)], {}, {})
    with pytest.raises(UpdateError, match="would be the index and"):
        shelf.publish([(Release("1.2.0", "any", listing.name), listing)], {}, {})
    with pytest.raises(UpdateError, match="for debian12-amd64 and"):
        shelf.publish(two, {}, {})
    with pytest.raises(UpdateError, match=r'ring "all" has 1\.1\.0, which is withdrawn'):
        shelf.publish([], {}, {"1.1.0": "it jams"})
    with pytest.raises(UpdateError, match=r'such as "1\.4\.0" to withdraw; found "1\.1"'):
        shelf.publish([], {}, {"1.1": "it jams"})
    assert {path: path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file()} == before


def test_an_index_that_is_damaged_where_it_is_made_is_a_sentence(shelf: Shelf) -> None:
    """It was a traceback of the library's, or of a file that somebody had put beside."""
    (shelf.folder / "metadata" / "notes.targets.json").write_text("")
    shelf.renew()
    for name, act in (
        ("metadata/timestamp.json", shelf.renew),
        ("metadata/1.targets.json", shelf.renew),
        ("releases.json", lambda: shelf.publish([], {"all": "1.1.0"}, {})),
    ):
        path = shelf.folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UpdateError, match="is damaged"):
            act()
        path.write_bytes(whole)
    shelf.renew()


def test_an_index_of_somebody_else_is_not_believed(shelf: Shelf, tmp_path: Path) -> None:
    make_keys(tmp_path / "other")
    theirs = Shelf(tmp_path / "theirs", tmp_path / "other")
    file = tree(tmp_path / "evil-1.1.0.tar.gz", "1.1.0")
    theirs.publish([(Release("1.1.0", "any", file.name), file)], {"all": "1.1.0"}, {})
    with pytest.raises(UpdateError, match="not to be believed"):
        believed(base_of(str(theirs.folder)), shelf.root, tmp_path / "cache", {}, 0)


def test_one_changed_letter_is_not_believed(shelf: Shelf, tmp_path: Path) -> None:
    path = next((shelf.folder / "metadata").glob("*.targets.json"))
    path.write_bytes(path.read_bytes().replace(b"1.1.0", b"6.6.6"))
    with pytest.raises(UpdateError, match="not to be believed"):
        read(shelf, tmp_path / "cache")


def test_an_older_index_is_not_believed_even_by_a_box_that_lost_its_cache(shelf: Shelf, tmp_path: Path) -> None:
    import shutil

    old = tmp_path / "old"
    shutil.copytree(shelf.folder, old)
    shelf.renew()
    floors = read(shelf, tmp_path / "cache").floors
    older = Shelf(old, tmp_path / "keys")
    with pytest.raises(UpdateError, match=r"not to be believed|older"):
        read(older, tmp_path / "cache", floors)
    with pytest.raises(UpdateError, match="older than one that was believed here"):
        read(older, tmp_path / "fresh", floors)


def test_an_index_that_is_held_back_expires(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(publishing.LASTS, "timestamp", timedelta(seconds=-1))
    shelf.renew()
    with pytest.raises(UpdateError, match=r"has expired.*holds a newer one back"):
        read(shelf, tmp_path / "cache")


def test_a_clock_that_went_back_judges_no_index(shelf: Shelf, tmp_path: Path) -> None:
    later = int((datetime.now(UTC) + timedelta(days=40)).timestamp() * 1000)
    with pytest.raises(UpdateError, match=r"the clock says .* no index can be told from an old one"):
        read(shelf, tmp_path / "cache", seen_ms=later)


def test_what_a_power_cut_left_of_the_cache_is_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    read(shelf, cache)
    for path in [*cache.glob("*.json"), *(cache / "root_history").iterdir()]:
        path.write_bytes(b"")
    assert read(shelf, cache).said.rings["all"] == "1.1.0"


def test_without_a_network_it_says_what_it_did_not_reach(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match=r"cannot be reached: http://127\.0\.0\.1:9/"):
        believed("http://127.0.0.1:9", shelf.root, tmp_path / "cache", {}, 0)


class _Cut(SimpleHTTPRequestHandler):
    """Serves a folder, knows `Range`, and breaks off after `most` bytes of a target."""

    most: int | None = None
    asked: list[str]

    def do_GET(self) -> None:
        path = self.translate_path(self.path)
        try:
            data = open(path, "rb").read()  # noqa: PTH123, SIM115 - a path of its own class
        except OSError:
            self.send_error(404)
            return
        type(self).asked.append(f"{self.path} {self.headers.get('Range', '')}")
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        most, type(self).most = (self.most, None) if "/targets/" in self.path and len(data) > 900 else (None, self.most)
        self.wfile.write(data[start:] if most is None else data[start : start + most])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(shelf: Shelf) -> Iterator[str]:
    _Cut.asked, _Cut.most = [], None
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Cut, directory=str(shelf.folder))) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_download_that_breaks_off_is_gone_on_with(shelf: Shelf, server: str, tmp_path: Path) -> None:
    index = believed(server, shelf.root, tmp_path / "cache", {}, 0)
    release = index.release("1.1.0", "any")
    assert release
    target = index.target(release)
    _Cut.most = target.length // 2
    with pytest.raises(UpdateError, match=r"stopped: .* it goes on from there"):
        fetch(server, target, tmp_path / "down", RateLimit(0))
    assert fetch(server, target, tmp_path / "down", RateLimit(0)).stat().st_size == target.length
    assert f"bytes={target.length // 2}-" in _Cut.asked[-1]


def test_a_file_that_was_changed_is_not_kept(shelf: Shelf, server: str, tmp_path: Path) -> None:
    index = believed(server, shelf.root, tmp_path / "cache", {}, 0)
    release = index.release("1.1.0", "any")
    assert release
    target = index.target(release)
    path = shelf.folder / "targets" / f"{target.hashes['sha256']}.{target.path}"
    path.write_bytes(bytes(reversed(path.read_bytes())))
    with pytest.raises(UpdateError, match="not what the index proves"):
        fetch(server, target, tmp_path / "down", RateLimit(0))
    assert not list((tmp_path / "down").iterdir())


def test_a_pace_is_kept_over_the_whole_download() -> None:
    slept: list[float] = []
    pace = RateLimit(1000, slept.append)
    for _ in range(10):
        pace.took(1000)
    assert sum(slept) > 9, "ten thousand bytes at a thousand a second"
    free = RateLimit(0, slept.append)
    slept.clear()
    free.took(10**9)
    assert not slept


def test_a_version_is_unpacked_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tree(tmp_path / "a.tar.gz", "1.1.0", prefix="./opt/storekeeper/")
    done = 0
    for at in range(1, 30):
        root = tmp_path / f"{at}"
        root.mkdir()
        versions = Versions(root, Disk())
        try:
            unpack(file, "1.1.0", versions, FaultyDisk(at, "power"))
        except Died:
            assert not (root / "1.1.0").exists() or (root / "1.1.0" / "big").stat().st_size == 300_000
            unpack(file, "1.1.0", versions, Disk())
        else:
            done += 1
        assert versions.has("1.1.0")
        if done:
            return
    pytest.fail("more primitives than tried")


def test_the_tree_is_taken_out_of_a_debian_package_and_nothing_else(tmp_path: Path) -> None:
    need("dpkg-deb")
    made = tmp_path / "made"
    for name in ("opt/storekeeper/1.1.0/bin/storekeeper", "opt/storekeeper/9.9.9/bin/storekeeper", "etc/evil"):
        (made / name).parent.mkdir(parents=True)
        (made / name).write_text(name)
    (made / "DEBIAN").mkdir()
    (made / "DEBIAN").chmod(0o755)  # whatever mask an earlier test left
    (made / "DEBIAN" / "control").write_text(
        "Package: storekeeper-1.1.0\nVersion: 1.1.0\nArchitecture: all\nMaintainer: x <x@localhost>\nDescription: x\n"
    )
    package = tmp_path / "storekeeper-1.1.0.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", str(made), str(package)], check=True)
    root = tmp_path / "opt"
    root.mkdir()
    versions = Versions(root, Disk())
    unpack(package, "1.1.0", versions, Disk())
    assert [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()] == [
        "1.1.0/bin/storekeeper"
    ]
    package.write_bytes(package.read_bytes()[:300])
    with pytest.raises(UpdateError, match=r"cannot be unpacked|no bin/storekeeper"):
        unpack(package, "1.2.0", versions, Disk())


def test_a_file_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "opt"
    root.mkdir()
    file = tree(tmp_path / "a.tar.gz", "1.1.0", more={"../../../out": b"evil"})
    with pytest.raises(UpdateError, match="cannot be unpacked"):
        unpack(file, "1.1.0", Versions(root, Disk()), Disk())
    assert not (tmp_path / "out").exists()
    assert not list(root.iterdir())


def test_a_torn_file_leaves_nothing(tmp_path: Path) -> None:
    root = tmp_path / "opt"
    root.mkdir()
    file = tree(tmp_path / "a.tar.gz", "1.1.0")
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(UpdateError, match=r"cannot be unpacked|no bin/storekeeper"):
        unpack(file, "1.1.0", Versions(root, Disk()), Disk())
    assert not list(root.iterdir())


def test_what_does_not_fit_is_said_before_it_is_unpacked(tmp_path: Path) -> None:
    file = tree(tmp_path / "a.tar.gz", "1.1.0")
    with pytest.raises(UpdateError, match="MB are free"):
        unpack(file, "1.1.0", Versions(tmp_path, Disk()), Disk(), size=2**60)


def test_keys_are_never_replaced_and_never_for_others_to_read(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    with pytest.raises(UpdateError, match="is not replaced"):
        make_keys(tmp_path / "keys")


def test_the_index_is_json_that_others_can_read(shelf: Shelf) -> None:
    said = json.loads((shelf.folder / "releases.json").read_bytes())
    assert said["rings"] == {"all": "1.1.0", "pilot": "1.1.0"}
    signed = json.loads((shelf.folder / "metadata" / "timestamp.json").read_bytes())["signed"]
    assert datetime.fromisoformat(signed["expires"]).timestamp() > time.time()
