"""The texts that shoppers agree to: complete in each language, in versions, of a form that can be shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import words
from edge.domain.members.consent_texts import PURPOSES
from edge.gateway.legal import TEXTS, BadText, Documents
from words.languages import known

NEWER = """
purpose = "{purpose}"
[zh-CN]
title = "新版"
[[zh-CN.parts]]
heading = "一"
text = ["新内容"]
[en]
title = "New"
[[en.parts]]
heading = "One"
text = ["Something new"]
"""


def test_every_text_says_as_much_in_each_language() -> None:
    documents = Documents.load(languages=known())
    for text in TEXTS:
        for document in documents.versions(text):
            english = document.wordings["en"]
            for language in known():
                wording = document.wordings[language]
                assert [len(part.text) for part in wording.parts] == [len(part.text) for part in english.parts]
                assert all(part.heading and all(part.text) for part in wording.parts)


def test_a_translation_changes_no_digest_but_that_of_a_store_that_shows_it() -> None:
    """What was published stays what it was; what a German reader agrees to is proven as well."""
    before = Documents.load().current("terms")
    shown = Documents.load(languages=known()).current("terms")
    file = Path(words.__file__).parent / "legal" / f"terms-{before.version}.toml"
    assert before.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert shown.digest != before.digest
    assert before.wording("de").title == "Terms of service"
    assert shown.wording("de").title == "Nutzungsbedingungen"


def test_the_sentences_of_the_first_form_are_kept_as_the_first_version() -> None:
    documents = Documents.load()
    assert [documents.versions(text)[-1].version for text in TEXTS] == ["2026-11"] * 3
    assert documents.current("terms").version > "2026-11"


def test_a_store_brings_a_version_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "terms-2099-01-31.toml").write_text(NEWER.format(purpose="service"), "utf-8")
    documents = Documents.load(tmp_path)
    assert documents.current("terms").version == documents.version_of("service") == "2099-01-31"
    assert documents.find("terms", "2026-11") is not None
    assert documents.version_of("marketing") == Documents.load().version_of("marketing")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("purpose =", "terms-2099-01-31.toml"),
        (NEWER.format(purpose="marketing"), "expected service, found marketing"),
        (NEWER.format(purpose="service").replace("[en]", "[fr]"), "terms-2099-01-31.toml"),
        (NEWER.format(purpose="service") + "\nmore = 1", "terms-2099-01-31.toml"),
    ],
)
def test_a_text_that_cannot_be_shown_is_refused_by_its_name(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "terms-2099-01-31.toml").write_text(content, "utf-8")
    with pytest.raises(BadText, match=said):
        Documents.load(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadText, match="expected a folder"):
        Documents.load(tmp_path / "nowhere")


def test_what_is_published_names_text_version_and_content() -> None:
    published = Documents.load().published()
    assert {each.text: each.purpose for each in published} == dict(PURPOSES)
    assert all(len(each.digest) == 64 for each in published)
