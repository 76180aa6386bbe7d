from __future__ import annotations

import re
from pathlib import Path

import pytest

from device_drivers.contract import Reason
from edge.domain.nouns import NOUNS
from edge.errors import REFUSALS
from edge.web.api.demo import ACTIONS
from edge.web.language import Texts, accepted
from edge.web.problems import STATUS
from edge.web.registry import pages

ROOT = Path(__file__).resolve().parent.parent.parent
WEB, DOCS = ROOT / "edge" / "web", ROOT / "docs"
TEXTS = Texts.load()
OURS = {"no_reply", "late", "gateway_restarted", "unknown", "expired", "already"}
COMPUTED = (
    "step_", "say_", "state_", "door_", "legend_", "lock_", "paper_", "kind_", "purpose_", "cloud_", "docked_",
    "act_", "cell_", "shut_", "trouble_", "cart_why_", "cart_", "bar_", "why_",
)  # fmt: skip
ONLY_WEB = {"cross_origin", "head_too_large", "method_not_allowed", "too_large", "unlock_failed", "wrong_host"}


def test_every_refusal_has_a_status_and_a_sentence() -> None:
    assert set(STATUS) == REFUSALS | ONLY_WEB
    assert {key.removeprefix("refusals.") for key in TEXTS.keys("en") if key.startswith("refusals.")} == set(STATUS)


def test_every_fact_has_a_sentence() -> None:
    tags = {str(fact.__struct_config__.tag) for noun in NOUNS for fact in noun.facts}
    assert {key.removeprefix("facts.") for key in TEXTS.keys("en") if key.startswith("facts.")} == tags | {"other"}


def test_every_reason_has_a_sentence() -> None:
    said = {key.removeprefix("reasons.") for key in TEXTS.keys("en") if key.startswith("reasons.")}
    assert said == {reason.value for reason in Reason} | OURS


def test_every_code_of_an_offer_that_does_not_apply_has_a_sentence() -> None:
    table = (DOCS / "offers.md").read_text("utf-8").partition("| `code` |")[2]
    documented = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    codes = {code for row in documented for code in re.findall(r"`(\w+)`", row)}
    said = {key.removeprefix("basket.not.") for key in TEXTS.keys("en") if key.startswith("basket.not.")}
    assert said == codes | {"other"}


@pytest.mark.parametrize(
    ("kind", "strange"),
    [
        ("cart", r"locker|printer|paper|roll|door|柜|纸|打印"),
        ("locker", r"cart|printer|paper|roll|dock|车|纸|打印"),
        ("printer", r"\blocks?\b|cart|door|dock|锁|车|柜"),
    ],
)
def test_a_reason_is_said_in_words_of_the_device(kind: str, strange: str) -> None:
    for reason in {reason.value for reason in Reason} | OURS:
        for language in TEXTS.languages:
            said = TEXTS.reason(language, kind, reason)
            assert said != reason, f"nothing says {reason} of a {kind}"
            if (kind, reason) != ("cart", "not_docked"):
                assert not re.search(strange, said), (kind, reason, said)


def test_no_sentence_is_missing_or_left_over() -> None:
    source = "\n".join(
        path.read_text("utf-8") for path in WEB.rglob("*") if path.suffix in (".py", ".html", ".js") and path.is_file()
    )
    used = (
        set(re.findall(r"[\"'](?:\w+\.)?([a-z_]+)[\"']", source))
        | set(re.findall(r"words\.(\w+)", source))
        | {done for page in pages() for done in page.notices}
    )
    used |= {f"act_{action.replace('-', '_')}" for pattern in ACTIONS.values() for action in pattern.pattern.split("|")}
    for key in TEXTS.keys("en"):
        section, _, name = key.partition(".")
        if section in ("shopper", "store", "advice"):
            assert name in used or name.startswith(COMPUTED), f"nothing says {key}"
    said = re.findall(r"(?:\bt|say)\((?:language, )?\"([a-z_]+\.[a-z_.]+)\"[,)]", source)
    assert len(said) > 100
    for key in said:
        assert TEXTS.has(key), f"no text has {key}"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("zh;q=0.2, en;q=0.8", "en"),
        ("fr-FR, zh;q=0.5", "zh-CN"),
        ("fr", "en"),
        ("zh-TW", "zh-CN"),
        ("*", "zh-CN"),
        ("en;q=0, zh", "zh-CN"),
        ("en;q=rubbish", "en"),
        (";;;,,", "en"),
    ],
)
def test_the_browser_chooses_the_language(header: str, language: str) -> None:
    assert accepted(header, ("zh-CN", "en")) == language
