"""Pictures and films of the playlists on this kiosk: by the hash of their bytes, each whole or not there.

One thread fetches what is missing and drops what is not wanted any more. A file takes its name only once all of its
bytes are on the disk and their hash is right, so what a power cut leaves half is never shown. After a start each is
checked once before it is shown. Playlists that no message holds come the same way, and stay until others are whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from device_drivers.contract import CouponWall, Service
from device_drivers.contract.playlists import MediaFile, Repertoire, RepertoireFile
from kiosk_ui.gateway_routes import GatewayRoutes

log = logging.getLogger(__name__)

ROOT: Final = "/api/v1/screens/media/"
ANSWER_S: Final = 10.0
PIECE: Final = 256 * 1024
AGAIN_S: Final = 15.0
"""How long the next try waits after one that failed."""
REPERTOIRE: Final = "repertoire.json"
ENDINGS: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "video/mp4": ".mp4"}


class MediaCache:
    """Made once; `want` returns at once."""

    def __init__(
        self, folder: Path, told: Callable[[Mapping[str, str]], None], changed: Callable[[], None] = lambda: None
    ) -> None:
        """`told` gets the paths of all that is whole, by hash, whenever that changes; `changed` is called when another
        repertoire is whole. Both in the cache's own thread.
        """
        self._folder = folder
        self._told = told
        self._repertoire_changed = changed
        self._part: RepertoireFile | None = None
        self._files: tuple[MediaFile, ...] | None = None
        """None until somebody has said what is wanted: until then nothing is dropped."""
        self._gone: frozenset[str] = frozenset()
        self._service: Service | None = None
        self._ways = GatewayRoutes()
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._whole: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="media", daemon=True)

    def start(self) -> None:
        """Begins to fetch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends soon; what is half there goes on another time."""
        self._stopped.set()
        self._changed.set()

    def want(self, wall: CouponWall) -> None:
        """These files, and none of those that are withdrawn: they leave the disk before this returns."""
        gone = frozenset(wall.withdrawn)
        for sha256 in gone:
            self._remove(sha256)
        service, part = wall.service, wall.repertoire
        if (wall.media, gone, service, part) != (self._files, self._gone, self._service, self._part):
            self._files, self._gone, self._service, self._part = wall.media, gone, service, part
            self._changed.set()

    def repertoire(self, sha256: str = "") -> Repertoire | None:
        """The one on the disk, where it has this hash, or whichever it is; None where none came whole."""
        try:
            content = (self._folder / REPERTOIRE).read_bytes()
            if sha256 and hashlib.sha256(content).hexdigest() != sha256:
                return None
            return msgspec.json.decode(content, type=Repertoire)
        except (OSError, ValueError, RecursionError):
            return None

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._changed.clear()
            done = self._once()
            self._changed.wait(None if done else AGAIN_S)

    def _once(self) -> bool:
        """Whether all that is wanted is here."""
        files, gone, service = self._files, self._gone, self._service
        if files is None:
            return True
        done = self._take_repertoire(service)
        if self._files is not files:
            return False
        wanted = [file for file in files if file.sha256 not in gone]
        self._drop({REPERTOIRE, *(file.sha256 + ENDINGS[file.type] for file in wanted)})
        for file in wanted:
            if self._stopped.is_set() or self._files is not files:
                return False
            done = self._take(file, service) and done
        return done

    def _take_repertoire(self, service: Service | None) -> bool:
        part = self._part
        if part is None or self._is_whole(self._folder / REPERTOIRE, part):
            return True
        if not self._fetched(self._folder / REPERTOIRE, part, service):
            return False
        self._repertoire_changed()
        return True

    def _take(self, file: MediaFile, service: Service | None) -> bool:
        path = self._folder / (file.sha256 + ENDINGS[file.type])
        if file.sha256 in self._whole and path.is_file():  # withdrawn and back again meanwhile, it is gone
            return True
        if not self._is_whole(path, file) and not self._fetched(path, file, service):
            return False
        self._tell({**self._whole, file.sha256: str(path)})
        return True

    def _is_whole(self, path: Path, file: MediaFile | RepertoireFile) -> bool:
        try:
            if path.stat().st_size != file.bytes:
                return False
            found = hashlib.sha256()
            with path.open("rb") as content:
                while piece := content.read(PIECE):
                    found.update(piece)
        except OSError:
            return False
        return found.hexdigest() == file.sha256

    def _fetched(self, path: Path, file: MediaFile | RepertoireFile, service: Service | None) -> bool:
        if service is None:
            return False
        new = path.with_suffix(".new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._download(new, file, service)
            new.replace(path)
        except (OSError, ValueError) as error:
            log.warning("the file %s does not come: %s", file.sha256[:12], error)
            return False
        finally:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
        return True

    def _download(self, new: Path, file: MediaFile | RepertoireFile, service: Service) -> None:
        """Raises `OSError` and `ValueError`."""
        headers = {"Authorization": f"Bearer {service.code}", "X-Session": "00000000-0000-0000-0000-000000000000"}
        found, size = hashlib.sha256(), 0
        asked = self._ways.request(service, ROOT + file.sha256, headers, within_s=ANSWER_S)
        with asked as answer, new.open("wb") as out:
            while piece := answer.read(PIECE):
                size += len(piece)
                if size > file.bytes or self._stopped.is_set():
                    break
                found.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        if size != file.bytes or found.hexdigest() != file.sha256:
            raise ValueError(f"expected {file.bytes} bytes of this hash; found {size} others")

    def _drop(self, wanted: Iterable[str]) -> None:
        names = set(wanted)
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.name not in names:
                    path.unlink(missing_ok=True)
        left = {sha256: path for sha256, path in self._whole.items() if Path(path).name in names}
        if left != self._whole:
            self._tell(left)

    def _remove(self, sha256: str) -> None:
        if len(sha256) != 64 or not sha256.isalnum():
            return
        for ending in ENDINGS.values():
            with contextlib.suppress(OSError):
                (self._folder / (sha256 + ending)).unlink(missing_ok=True)

    def _tell(self, whole: dict[str, str]) -> None:
        self._whole = whole
        self._told(dict(whole))
