"""What a print document may say, and what is refused at the border."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from device_drivers.contract import MAX_BYTES
from device_drivers.contract.documents import BadDocument, parse
from tests.device_drivers.printers.samples import SAMPLES, document


def _with(**line: Any) -> dict[str, Any]:
    return {"language": "en", "lines": [line]}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_slips_of_a_store_are_documents_and_fit_a_command(name: str, language: str) -> None:
    import msgspec

    raw = document(name, language)
    assert parse(raw).language == language
    assert len(msgspec.json.encode(raw)) < MAX_BYTES / 8


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"kind": "text"}, "text"),
        ({"kind": "text", "text": "x", "colour": "red"}, "colour"),
        ({"kind": "text", "text": "x", "size": 3}, "<= 2"),
        ({"kind": "banner", "text": "x"}, "banner"),
        ({"kind": "text", "text": "drawer\x1bp\x00"}, r"U\+001B"),
        ({"kind": "text", "text": "\x10\x04\x01"}, r"U\+0010"),
        ({"kind": "columns", "cells": []}, "cells"),
        ({"kind": "columns", "cells": [{"text": "a\nb"}]}, r"U\+000A"),
        ({"kind": "barcode", "symbology": "ean13", "data": "4006381333932"}, "check digit 2, expected 1"),
        ({"kind": "barcode", "symbology": "ean13", "data": "123"}, "13 digits"),
        ({"kind": "barcode", "symbology": "ean13", "data": "４００６３８１３３３９３１"}, "13 digits"),
        ({"kind": "barcode", "symbology": "code128", "data": "柜"}, "ASCII"),
        ({"kind": "qr", "data": ""}, "data"),
        ({"kind": "logo"}, "either"),
        ({"kind": "logo", "name": "../../secret"}, "regex"),
        ({"kind": "logo", "png": "!"}, "base64"),
        ({"kind": "logo", "png": base64.b64encode(b"GIF89a").decode()}, "PNG"),
        ({"kind": "feed", "lines": 99}, "<= 10"),
    ],
)
def test_a_bad_line_is_named(line: dict[str, Any], says: str) -> None:
    with pytest.raises(BadDocument, match=says):
        parse(_with(**line))


@pytest.mark.parametrize("raw", [None, [], "slip", {"lines": []}, {"lines": "x"}, {"lines": [1]}])
def test_what_is_no_document_is_refused(raw: Any) -> None:
    with pytest.raises(BadDocument):
        parse(raw)


def test_the_place_of_a_mistake_is_said() -> None:
    raw = {"lines": [{"kind": "cut"}, {"kind": "text", "text": "\x00"}]}
    with pytest.raises(BadDocument, match=r"lines\[1\]"):
        parse(raw)
