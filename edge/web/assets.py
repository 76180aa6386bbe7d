"""Static files under names that carry their content's hash, so that browsers may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from edge.web.audience import ANYBODY, audience
from edge.web.packing import takes_gzip
from edge.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from edge.web.page import Page

MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
}

WORKER_POLICY: Final = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""What a script may do as a worker: run our own scripts and WebAssembly, and talk to the gateway alone."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file, compressed once."""

    body: bytes
    packed: bytes
    media_type: str
    etag: str


class Assets:
    """The files of `static/`, and those that pages link to; read once."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._urls: dict[str, str] = {}
        self._files: dict[str, Asset] = {}
        for name, body in files.items():
            digest = hashlib.blake2b(body, digest_size=6).hexdigest()
            path = PurePosixPath(name)
            hashed = f"{path.stem}.{digest}{path.suffix}"
            self._urls[name] = f"/static/{hashed}"
            self._files[hashed] = Asset(body, gzip.compress(body, mtime=0), MEDIA_TYPES[path.suffix], f'"{digest}"')

    @classmethod
    def load(cls, pages: Iterable[Page[Any, Any]] = ()) -> Assets:
        """The files that ship with this package, and those of the pages."""
        static = resources.files("edge.web") / "static"
        found = [file for each in (static / "vendor").iterdir() for file in each.iterdir()]
        found += (static / "art").iterdir()
        found += [resources.files(page.folder) / name for page in pages for name in page.assets]
        return cls({file.name: file.read_bytes() for file in found if PurePosixPath(file.name).suffix in MEDIA_TYPES})

    def url(self, name: str) -> str:
        """Where a page finds the file now. Raises `KeyError` for a name that is not there."""
        return self._urls[name]

    @audience(ANYBODY)
    async def serve(self, request: Request) -> Response:
        """`GET /static/{name}`."""
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            raise Problem("not_found")
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "ETag": asset.etag,
            "Vary": "Accept-Encoding",
            "Content-Security-Policy": WORKER_POLICY,
        }
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        if takes_gzip(request):
            headers["Content-Encoding"] = "gzip"
            return Response(asset.packed, 200, headers, asset.media_type)
        return Response(asset.body, 200, headers, asset.media_type)
