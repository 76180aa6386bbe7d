"""Every language says everything, with the same values, and each sentence has one home."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import words
from words.languages import USUAL, Wording, in_each, in_language, known, language
from words.money import format_money, format_number, format_plain, price
from words.sentences import Plural, Texts, has, say, section, sentences

FOLDER = Path(words.__file__).parent
OTHERS = [each for each in known() if each != "en"]


def forms(text: str | Plural) -> list[str]:
    return [text] if isinstance(text, str) else [text.other, *([text.one] if text.one else [])]


def values(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)", text))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language: str) -> None:
    assert sentences(language).keys() ^ sentences("en").keys() == set()


def test_german_has_one_word_for_the_store_a_coupon_its_wallet_a_phone_staff_and_members() -> None:
    store = r"\bLadens?\b|\bLäden|Filial"
    others = re.compile(rf"{store}|Gutschein|Brieftasche|Telefone?n?\b|Personals?\b|Mitarbeit|Mitglied")
    said = [key for key, text in sentences("de").items() for form in forms(text) if others.search(form)]
    assert said == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_names_the_same_values(language: str) -> None:
    for key, text in sentences("en").items():
        wanted = set().union(*map(values, forms(text)))
        for form in forms(sentences(language)[key]):
            # The form for one may leave the number out.
            assert values(form) <= wanted, key
        assert set().union(*map(values, forms(sentences(language)[key]))) == wanted, key


@pytest.mark.parametrize("language", known())
def test_nothing_is_left_empty_but_what_is_empty_on_purpose(language: str) -> None:
    empty = {key for key, text in sentences(language).items() if "" in forms(text)}
    empty -= {"shopper.consent_and", "number.group", "gap"}
    assert {key for key in empty if not key.startswith("code.label.")} == set()


@pytest.mark.parametrize("language", known())
def test_every_language_has_the_same_files_and_a_section_stands_in_one(language: str) -> None:
    files = sorted((FOLDER / language).glob("*.toml"))
    assert [file.name for file in files] == [file.name for file in sorted((FOLDER / "en").glob("*.toml"))]
    tops = Counter(top for file in files for top in tomllib.loads(file.read_text("utf-8")))
    assert [top for top, count in tops.items() if count > 1] == []


def test_a_language_is_a_folder() -> None:
    assert set(known()) == {file.parent.name for file in FOLDER.glob("*/language.toml")}
    assert known()[:2] == USUAL
    assert language("en") == "en"
    with pytest.raises(ValueError, match=r'found "zh"; did you mean "zh-CN"\?'):
        language("zh")


def test_english_stands_in_for_what_is_missing_then_whatever_there_is() -> None:
    assert in_language({"zh-CN": "乳品", "en": "Dairy"}, "de") == "Dairy"
    assert in_language({"zh-CN": "乳品"}, "de") == "乳品"
    assert in_language({"zh-CN": "乳品", "en": ""}, "en") == "乳品"
    assert in_language({}, "de", "–") == "–"
    assert Wording({"en": "Dairy"})["de"] == "Dairy"
    assert in_each({"en": "Dairy"}, ("zh-CN", "de")) == {"zh-CN": "Dairy", "de": "Dairy"}
    assert in_each({}, ("zh-CN",)) == {}


def test_a_plural_is_chosen_by_its_number() -> None:
    few = sentences("en")["kiosk.wall.few"]
    assert isinstance(few, Plural)
    assert (few.of(1), few.of(3)) == ("Last one", "Only 3 left")
    assert say("en", "kiosk.wall.few", count=1) == "Last one"
    assert say("zh-CN", "kiosk.wall.few", count=1) == "仅剩 1 张"


def test_a_sentence_never_fails_for_want_of_a_value() -> None:
    assert say("en", "refusals.pin_locked") == "Too many wrong PINs. Try again –."
    assert Texts.load(["en"]).languages == ("en",)
    with pytest.raises(KeyError):
        say("en", "refusals.nothing")


def test_sections_come_as_they_stand() -> None:
    assert section("en", "slip.receipt")["total"] == "Total"
    assert section("en", "slip.closing")["day"] == "{day_ms:day}"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "said"),
    [
        (1290, "CNY", "zh-CN", "¥12.90"),
        (129_900, "CNY", "zh-CN", "¥1299.00"),
        (123_456_789, "CNY", "zh-CN", "¥1234567.89"),
        (99_999, "EUR", "en", "€999.99"),
        (123_456, "EUR", "en", "€1,234.56"),
        (-123_456_789, "CNY", "en", "−¥1,234,567.89"),
        (-5, "CNY", "en", "−¥0.05"),
        (1290, "JPY", "en", "¥1,290"),
        (12_345, "KWD", "en", "KWD 12.345"),
        (1290, "EUR", "de", "12,90\N{NO-BREAK SPACE}€"),
        (-123_456_789, "CNY", "de", "−1.234.567,89\N{NO-BREAK SPACE}¥"),
        (12_345, "KWD", "de", "12,345\N{NO-BREAK SPACE}KWD"),
    ],
)
def test_money(amount: int, currency: str, language: str, said: str) -> None:
    assert format_money(amount, currency, language) == said
    assert "".join(price(amount, currency, language)) == said


def test_numbers() -> None:
    assert format_number(0.532, 3) == "0.532"
    assert format_number(-12, 0) == "−12"
    assert format_number(1234.5, 1, "en") == "1,234.5"
    assert format_number(1234.5, 1, "de") == "1.234,5"


def test_a_number_has_the_places_that_it_has() -> None:
    assert [format_plain(value, language) for value in (15.0, 12.5, 0.25) for language in ("en", "de")] == [
        "15", "15", "12.5", "12,5", "0.25", "0,25",
    ]  # fmt: skip


def test_staff_are_told_in_words_why_money_found_no_way_back() -> None:
    ports = Path(words.__file__).parents[1] / "edge" / "gateway" / "payments"
    said = [re.findall(r'state="abnormal", reason="(\w+)"', file.read_text()) for file in ports.glob("*.py")]
    reasons = {reason for each in said for reason in each}
    assert reasons
    assert {reason for reason in reasons if not has(f"hindrances.{reason}")} == set()
