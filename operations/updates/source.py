"""Where updates come from: an address, or a folder (a USB stick, a share). What comes of it is proven afterwards."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote, unquote, urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface

from edge.http_client.exchanges import opener

PIECE: Final = 64 * 1024
"""Bytes read at once."""
PATIENCE_S: Final = 30.0
"""How long a server may be silent, or slower than anybody's line."""


class Gone(DownloadError):
    """What was asked for is not to be had now; whether it ever was, nobody knows."""


def base_of(source: str) -> str:
    """Returns the address of a source as settings name it: itself, or that of a folder. Raises `ValueError`."""
    scheme = urlsplit(source).scheme
    if scheme in ("http", "https", "file"):
        return source.rstrip("/")
    if scheme:
        raise ValueError(f'expected an address by https://, or a folder; found "{source}"')
    return Path(source).expanduser().resolve().as_uri()


def opened(url: str, start: int = 0) -> tuple[IO[bytes] | http.client.HTTPResponse, int]:
    """Opens an address from a byte on. Returns it and the byte at which it really begins. Raises `DownloadError`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _opened_file(Path(unquote(parts.path)), start)
    headers = {"User-Agent": "storekeeper", **({"Range": f"bytes={start}-"} if start else {})}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was looked at: `base_of`
    try:
        answer: http.client.HTTPResponse = opener(redirects=True).open(request, timeout=PATIENCE_S)
    except urllib.error.HTTPError as error:
        raise DownloadHTTPError(f"{url}: {error.code} {error.reason}", error.code) from None
    except (OSError, http.client.HTTPException) as error:
        raise Gone(f"{url}: {getattr(error, 'reason', error)}") from None
    return answer, start if answer.status == http.HTTPStatus.PARTIAL_CONTENT else 0


def _opened_file(path: Path, start: int) -> tuple[IO[bytes], int]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise DownloadHTTPError(f"{path} is not there", 404) from None
    except OSError as error:
        raise Gone(f"{path}: {error.strerror}") from None
    file.seek(start)
    return file, start


class Fetcher(FetcherInterface):
    """The index's way to its files, for `tuf`."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        answer, _ = opened(url)
        with closing(answer):
            try:
                while piece := answer.read(PIECE):
                    yield piece
            except (OSError, http.client.HTTPException) as error:
                raise Gone(f"{url} ended too early: {error}") from None


def below(base: str, *names: str) -> str:
    """The address of a file below a base."""
    return "/".join([base, *map(quote, names)])
