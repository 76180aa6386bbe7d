"""Numbers in sentences: the sentence says how, its language with which marks, and no code does it by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import words
from edge.web.rendering import environment
from words.languages import known
from words.money import (
    format_bytes,
    format_money,
    format_number,
    format_percent,
    format_plain,
    format_share,
    format_span,
)
from words.sentences import NOTHING, Plural, Texts, say, sentences, set_close

ROOT = Path(words.__file__).parents[1]
WAYS = {"share", "percent", "bytes", "span"}
"""Of `words.numbers`, and of slips (`edge.gateway.documents`) together with `SLIPS`."""
SLIPS = {"money", "moment", "day", "clock", "kilos", "whole", "decimal"}


def saying(text: str) -> Texts:
    marks = {"en": ("{number}%", "."), "de": ("{number} %", ",")}
    return Texts(
        {
            language: {"x": text, "number.percent": percent, "number.decimal": point, "number.group": ""}
            for language, (percent, point) in marks.items()
        }
    )


@pytest.mark.parametrize(
    ("text", "value", "english", "german"),
    [
        ("{x} %", 9.5, "9.5 %", "9,5 %"),
        ("{x}", 1e6, "1000000", "1000000"),
        ("{x}", 0.1 + 0.2, "0.3", "0,3"),
        ("{x}", 7, "7", "7"),
        ("{x:2}", 7, "7.00", "7,00"),
        ("{x:share}", 0.534, "53%", "53 %"),
        ("{x:percent}", 34, "34%", "34 %"),
        ("{x:percent}", 9.5, "9.5%", "9,5 %"),
        ("{x}", -0.5, "−0.5", "−0,5"),
        ("{x:bytes}", 1_234_000_000, "1.2\u00a0GB", "1,2\u00a0GB"),
        ("{x:bytes}", 999, "1\u00a0kB", "1\u00a0kB"),
        ("{x:point|points}", 1, "1 point", "1 point"),
        ("{x:point|points}", 0, "0 points", "0 points"),
        ("{x:point|points}", "1", "1 point", "1 point"),
        ("{x:bytes}", None, "None", "None"),
        ("{x:no such way}", 2, "2", "2"),
    ],
)
def test_a_value_is_written_as_its_sentence_and_language_have_it(
    text: str, value: object, english: str, german: str
) -> None:
    texts = saying(text)
    assert (texts.say("en", "x", x=value), texts.say("de", "x", x=value)) == (english, german)


def test_a_value_that_is_missing_is_a_dash_in_every_way() -> None:
    assert saying("{x:bytes} {y:1} {z:a|b} {w}").say("en", "x", v=1) == f"{NOTHING} {NOTHING} {NOTHING} b {NOTHING}"


def test_percent_bytes_and_spans_in_three_languages() -> None:
    each = ("en", "de", "zh-CN")
    assert [format_share(0.095, 1, language) for language in each] == ["9.5%", "9,5\u00a0%", "9.5%"]
    assert [format_bytes(2_500_000, language) for language in each] == ["2.5\u00a0MB", "2,5\u00a0MB", "2.5\u00a0MB"]
    assert [format_span(3 * 86_400, language) for language in each] == ["3 days", "3 Tage", "3 天"]
    assert [format_plain(12.5, language) for language in each] == ["12.5", "12,5", "12.5"]
    assert [say(language, "it.span.days", n=1) for language in each] == ["1 day", "1 Tag", "1 天"]


@pytest.mark.parametrize("language", known())
def test_every_way_in_a_sentence_is_one_that_there_is(language: str) -> None:
    for key, text in sentences(language).items():
        for form in [text] if isinstance(text, str) else [text.other, text.one or ""]:
            ways = set(re.findall(r"{\w+:([^}]*)}", form))
            known_ways = WAYS | SLIPS if key.startswith("slip.") else WAYS
            assert not {way for way in ways if "|" not in way and not way.isdecimal()} - known_ways, key


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_sentence_says_a_number_of_several_for_one(language: str) -> None:
    """A noun behind a number has its form for one: as a plural of its own, or `{n:day|days}`."""
    several = r"(points|days|hours|facts|Punkten?|Tagen?|Stunden|Jahren?|Einträgen?)\b"
    odd = re.compile(rf"{{\w+}} {several}")
    said = [key for key, text in sentences(language).items() for each in _for_one(text) if odd.search(each)]
    assert [key for key in said if key not in AT_LEAST_TWO] == []


AT_LEAST_TWO = {
    "kiosk_find.product.age", "refusals.age_needs_staff",  # an age from which goods are sold
}  # fmt: skip


def _for_one(text: str | Plural) -> list[str]:
    return [text] if isinstance(text, str) else [text.one] if text.one else []


@pytest.mark.parametrize("language", known())
def test_percent_stands_as_its_language_has_it(language: str) -> None:
    """A value is never followed by a sign of its sentence's own, and a sign is not torn off its number."""
    wrong = re.compile(r"} ?%|\d %")
    found = {key for key, text in sentences(language).items() if wrong.search(str(text))}
    assert found <= {"number.percent"}


@pytest.mark.parametrize("language", known())
def test_below_zero_is_one_sign_wherever_people_read(language: str) -> None:
    less = [
        format_money(-500, "CNY", language), format_number(-1.5, 1, language), format_plain(-3, language),
        format_plain(-2.5, language), format_percent(-34, language), format_share(-0.34, 0, language),
        say(language, "money.off", percent=34), Texts.load([language]).say(language, "number.percent", number=-3.5),
    ]  # fmt: skip
    assert {each[0] for each in less} == {"\N{MINUS SIGN}"}
    assert [key for key, text in sentences(language).items() if re.search(r"(^|\s)-\{", str(text))] == []


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert [format_number(-0.04, 1), format_plain(-0.00001), format_share(-0.001)] == ["0.0", "0", "0%"]


def test_a_price_is_lowered_in_percent_as_each_language_writes_it() -> None:
    each = ("en", "de", "zh-CN")
    assert [say(one, "money.off", percent=34) for one in each] == ["−34%", "−34\u00a0%", "−34%"]
    assert [say(one, "money.off", percent=12.5) for one in each] == ["−12.5%", "−12,5\u00a0%", "−12.5%"]


def test_no_page_formats_a_number_itself() -> None:
    """But lengths of drawings, which no language writes."""
    rooms = ("edge/web/**/*.html", "edge/web/**/*.py", "edge/web/**/*.js", "operations/diagnosis/*.py",
             "kiosk_ui/**/*.py", "kiosk_ui/**/*.kv", "pricing/*.py", "sync/cloud/**/*.html")  # fmt: skip
    files = [file for room in rooms for file in ROOT.glob(room)]
    own = re.compile(
        r"\"%\.?\d*f|:\.\d%|%%\"|:\.\df} ?[A-Zk%s]|:,}|:\.\df}\"\.replace"
        r"|[-−]\{\{ ?format|f\"[-−]\{(\w*money|.*}%)|} kg|(?<!width:){{ [\w.]+ }} ?%|\+ '%'"
    )
    drawn = re.compile(r"<rect width=|:\.2f} \{y")
    found = [
        f"{file.name}: {line.strip()[:80]}"
        for file in files
        for line in file.read_text("utf-8").splitlines()
        if own.search(line) and not drawn.search(line)
    ]
    assert found == []


def test_chinese_leaves_no_space_behind_a_stop_and_the_others_do() -> None:
    page = "<p>卡住了。 请换一辆！ <a>好</a>， a: b</p>"
    assert set_close("zh-CN", page) == "<p>卡住了。请换一辆！<a>好</a>，a: b</p>"
    assert [set_close(language, page) for language in ("en", "de")] == [page, page]


def test_what_somebody_typed_keeps_its_spaces() -> None:
    page = environment([]).from_string("<p>{{ said }} {{ typed }}</p>{% macro m() %}{{ typed }}{% endmacro %}{{ m() }}")
    made = page.render(said="原因：", typed="坏了， 真的。 走了")
    assert set_close("zh-CN", made) == "<p>原因：坏了， 真的。 走了</p>坏了， 真的。 走了"
    assert set_close("en", made) == "<p>原因： 坏了， 真的。 走了</p>坏了， 真的。 走了"
