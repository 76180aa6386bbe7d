"""The words that shoppers and staff read: those that were given up do not come back, and each thing has one name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from edge.web.language import Texts

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    *sorted(path for path in (ROOT / "words").glob("*/*.toml") if path.parent.name != "legal"),
    *sorted((ROOT / "config").glob("*.toml")),
    ROOT / "edge" / "cli" / "qr_sheet.py",
)
CHINESE = (
    "寄存", "登记", "号门", "号柜门", "触点", "点按", "妥善记录", "券包", "授权文本", "您的授权", "为我开一个柜门",
    "容易够到", "还要放东西", "没有脚本", "没有成功", "这里什么也没有", "一串数字", "不是本店的码", "马上回来",
    "搭配更好", "您是谁？", "失声", "日志可写", "让它闪灯", "15件", "4件", "12件",
)  # fmt: skip
ENGLISH = (
    "applies itself", "apply themselves", "Deposit something", "safe with us", "does not lend", "worthless",
    "fully claimed", "takes nothing on", "Needs a hand", "should be empty, and is not", "Phone is empty",
    "Journal writes", "in touch", "kept nowhere", "stays like this", "on the staff yet", "Tell us once", "Shelf card,",
    "tired arms",
)  # fmt: skip
TEXTS = Texts.load()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_that_were_given_up_do_not_come_back(path: Path) -> None:
    said = "\n".join(line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith("#"))
    assert [word for word in (*CHINESE, *ENGLISH) if word in said] == []


def test_no_bare_date_is_shown() -> None:
    """Dates are said as people say them (`edge.web.moments`), in every template and on the staff page."""
    for path in (*(ROOT / "edge/web").rglob("*.html"), ROOT / "edge/web/pages/staff/parcels.py"):
        assert "%m-%d" not in path.read_text("utf-8"), path.name


def test_a_full_sentence_ends_with_its_mark() -> None:
    for key in TEXTS.keys("en"):
        if key.partition(".")[0] in ("refusals", "failures") and not key.endswith("later"):
            assert TEXTS.say("zh-CN", key)[-1] in "。！？", key
            assert TEXTS.say("en", key).rstrip()[-1] in ".!?", key


def test_pieces_are_counted_as_chinese_counts_them() -> None:
    from edge.products import plain_words
    from edge.products.values import _size

    lines = (ROOT / "config/products.jsonl").read_text("utf-8").splitlines()
    sizes = [str(json.loads(line).get("size", "")) for line in lines if line.strip()]
    shown = {plain_words.size(_size(size), "zh-CN") for size in sizes if re.search(r"[枚只片]$", size)}
    assert {"15枚", "4只", "12片"} <= shown
    assert not [size for size in shown if size.endswith("件")]
