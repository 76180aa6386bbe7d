"""What a file of products is by its name and its first bytes: a table, JSON Lines, or something else with a way out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from edge.products.mistakes import BadFile

_SUFFIXES: Final = {
    ".csv": ".csv", ".tsv": ".csv", ".tab": ".csv", ".txt": ".csv", ".jsonl": ".jsonl", ".ndjson": ".jsonl",
}  # fmt: skip
_FOREIGN: Final = (
    (b"PK\x03\x04", "an Excel workbook"),
    (b"PK\x05\x06", "an empty archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a text document"),
)


def kind_of(path: Path) -> str:
    """`.csv` or `.jsonl`, by name and content. Raises `BadFile` where it is neither."""
    with path.open("rb") as file:
        start = file.read(4096)
    what = next((what for sign, what in _FOREIGN if start.startswith(sign)), "")
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not what and plain.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta")):
        what = "a web page or XML, as some tills call their tables"
    kind = _SUFFIXES.get(path.suffix.lower()) if path.suffix else ".jsonl" if plain.startswith(b"{") else ".csv"
    if what or kind is None:
        ends = "" if kind else ": expected a file that ends in .csv or .jsonl"
        said = f"{' and ' if ends else ' '}{'is ' if not ends else 'this is '}{what}: {_SAVE_AS}" if what else ""
        raise BadFile(f"{path.name}{ends}{said}")
    if re.match(rb"\[\s*[\[{\"\]]", plain):  # `[条码],[品名]` is a heading
        raise BadFile(f"{path.name} is one JSON list: write one product a line, in a .jsonl file")
    if kind == ".csv" and plain.startswith(b'{"'):
        raise BadFile(f"{path.name} holds JSON: call it {path.stem}.jsonl")
    return kind


_SAVE_AS: Final = "open it in a spreadsheet and save it as CSV UTF-8"
