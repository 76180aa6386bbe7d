"""What is vendored is exactly what its table names."""

from __future__ import annotations

import gzip
import hashlib
import re
from importlib import resources
from pathlib import Path

import pytest

import edge.web
from edge.web.assets import Assets

WEB = Path(edge.web.__path__[0])
VENDOR = resources.files("edge.web") / "static" / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \| `[^`]+` \| ([0-9,]+) \| ([0-9,]*) ?\| `([0-9a-f]{64})` \|$", re.MULTILINE)


@pytest.mark.parametrize("name", sorted(folder.name for folder in VENDOR.iterdir()))
def test_the_files_are_those_of_the_table(name: str) -> None:
    folder = VENDOR / name
    table = ROW.findall((folder / "README.md").read_text("utf-8"))
    assert {file for file, _, _, _ in table} == {file.name for file in folder.iterdir()} - {"README.md"}
    for file, size, packed, digest in table:
        body = (folder / file).read_bytes()
        assert len(body) == int(size.replace(",", "")), file
        assert hashlib.sha256(body).hexdigest() == digest, file
        if packed:
            # zlib's versions differ a little.
            assert len(gzip.compress(body)) < int(packed.replace(",", "")) * 1.05, file


def test_the_decoder_is_served_as_what_it_is() -> None:
    assets = Assets.load()
    assert re.fullmatch(r"/static/zxing_reader\.[0-9a-f]{12}\.wasm", assets.url("zxing_reader.wasm"))
    assert assets.url("zxing_reader.js").endswith(".js")


def test_every_file_that_a_template_shows_is_served() -> None:
    assets = Assets.load()
    templates = [path for path in WEB.rglob("*") if path.suffix in (".html", ".svg") and path.parent.name != "vendor"]
    assert len(templates) > 50
    for path in templates:
        text = path.read_text("utf-8")
        assert "/static/" not in text, f"{path}: a name without its hash, which nobody serves"
        for name in re.findall(r'assets\.url\("([\w.-]+\.webp)"\)', text):
            assert assets.url(name), path
