"""Terms and privacy are pages with a version, in both languages, and earlier versions can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from edge.gateway.legal import TEXTS

if TYPE_CHECKING:
    from tests.web.running import RunningStore


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_each_text_is_a_page_with_its_version(store: RunningStore, text: str, language: str) -> None:
    found = requests.get(f"{store.base}/{text}", headers={"Accept-Language": language}, timeout=60)
    document = store.gateway.people.legal.current(text)
    assert found.status_code == 200
    assert document.wordings[language].title in found.text
    assert document.version in found.text
    assert f'href="/{text}/2026-11"' in found.text
    assert "{store}" not in found.text
    assert "{contact}" not in found.text


@pytest.mark.parametrize("text", TEXTS)
def test_an_earlier_version_says_that_it_is_one(store: RunningStore, text: str) -> None:
    found = requests.get(f"{store.base}/{text}/2026-11", headers={"Accept-Language": "en"}, timeout=60)
    assert found.status_code == 200
    assert "This is an earlier version" in found.text
    assert f'href="/{text}"' in found.text


def test_a_version_that_never_was_is_not_found(store: RunningStore) -> None:
    found = requests.get(f"{store.base}/terms/1999-01-01", headers={"Accept": "text/html"}, timeout=60)
    assert found.status_code == 404
