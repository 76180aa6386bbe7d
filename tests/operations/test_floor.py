"""Changes of the floor plan in the text of the settings: what a person wrote stays, comments and all."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.settings.settings import load
from operations.floor.changes import BadChange, FloorChange, plan, read, texts
from operations.floor.errand import Errand, leave, run
from operations.floor.toml_blocks import Blocks, CannotEdit

CONFIG = Path("config")
LABEL = {"zh-CN": "新", "en": 'A "new" one', "de": "Neu \\ ü"}


def lines(name: str, changes: list[FloorChange]) -> tuple[list[str], list[str]]:
    """What went, and what came."""
    before = (CONFIG / name).read_text("utf-8").splitlines()
    after = texts(CONFIG, changes)[name].splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


def test_a_thing_that_is_moved_changes_its_line_alone() -> None:
    gone, come = lines("devices.toml", [FloorChange("device", "cart-12", {"at": [7.3, 17.2]})])
    assert (gone, come) == (["at = [7.2, 17.2]"], ["at = [7.3, 17.2]"])
    gone, come = lines("store.toml", [FloorChange("zone", "baby", {"plan": [21, 0, 9.5, 12.5]})])
    assert (gone, come) == (["plan = [21, 0, 9, 12.5]"], ["plan = [21, 0, 9.5, 12.5]"])
    changed = {"zh-CN": "12号购物车", "en": "Cart twelve", "de": "Wagen 12"}
    gone, come = lines("devices.toml", [FloorChange("device", "cart-12", {"label": changed})])
    assert come == ['label = { zh-CN = "12号购物车", en = "Cart twelve", de = "Wagen 12" }']


def test_comments_stay_where_their_author_put_them() -> None:
    text = texts(
        CONFIG,
        [FloorChange("device", "cart-12"), FloorChange("device", "locker-b"), FloorChange("touchpoint", "badge-li")],
    )
    comments = {
        name: [line for line in (CONFIG / name).read_text("utf-8").splitlines() if line.startswith("#")]
        for name in text
    }
    for name, found in comments.items():
        assert [line for line in text[name].splitlines() if line.startswith("#")] == found
    # What is said of the next array stays before it, and a new table comes in front of that.
    new = texts(
        CONFIG,
        [FloorChange("touchpoint", "shelf-9", {"purpose": "shelf", "zone": "baby", "label": LABEL, "at": [1, 2]})],
    )
    store = new["store.toml"]
    assert (
        store.index('id = "badge-li"')
        < store.index('id = "shelf-9"')
        < store.index("# Offers. The screens")
        < store.index("[[coupons]]")
    )


def test_what_is_written_is_taken_by_the_settings(tmp_path: Path) -> None:
    changes = [
        FloorChange("zone", "bakery", {"name": LABEL, "plan": [0, 20.5, 6, 5]}),
        FloorChange(
            "device",
            "cart-13",
            {"kind": "cart", "driver": "locks.simulated_cart", "zone": "bakery", "label": LABEL, "at": [1, 21]},
        ),
        FloorChange("device", "cart-01", {"driver": None}),
        FloorChange("touchpoint", "shelf-9", {"purpose": "shelf", "zone": "bakery", "label": LABEL, "at": [1.5, 22]}),
        FloorChange("device", "printer-2"),
    ]
    shutil.copytree(CONFIG, tmp_path / "new")
    for name, text in texts(CONFIG, changes).items():
        (tmp_path / "new" / name).write_text(text, "utf-8")
    found = load(tmp_path / "new")
    assert {"bakery"} == {zone.zone for zone in found.zones} - {zone.zone for zone in load(CONFIG).zones}
    devices = {device.id: device for device in found.devices}
    assert (devices["cart-13"].zone, devices["cart-01"].driver, "printer-2" in devices) == (
        "bakery",
        "elsewhere",
        False,
    )
    assert plan(tmp_path / "new")["zones"][-1] == {"id": "bakery", "name": LABEL, "plan": [0, 20.5, 6, 5]}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_keeps_its_own_newlines_and_forms(newline: str) -> None:
    text = newline.join(
        [
            "# first",
            "[[devices]]",
            'id = "a"',
            'note = """',
            "[[devices]]",
            '# inside """',
            "",
            "  [devices.settings]",
            "x = 1",
            "# of b",
            "[[devices]] # b",
            'id = "b"',
            "[other]",
            "y = 2",
        ]
    )
    blocks = Blocks(text, "devices")
    blocks.change("id", "b", {"at": [1, 2]})
    blocks.change("id", "a", {"settings": {"x": 2}})
    blocks.change("id", "c", {"at": [3, 4]})
    assert ("\r\n" in blocks.text) == (newline == "\r\n")
    assert "\n\n\n" not in blocks.text.replace("\r", "")
    found = tomllib.loads(blocks.text)
    assert found["other"] == {"y": 2}
    assert [each["id"] for each in found["devices"]] == ["a", "b", "c"]
    assert found["devices"][0] == {"id": "a", "note": "[[devices]]\n# inside ", "settings": {"x": 2}}
    assert blocks.text.index("# of b") < blocks.text.index("[[devices]] # b")


def test_a_file_that_only_a_person_can_change_is_named() -> None:
    with pytest.raises(CannotEdit, match="under a header"):
        Blocks('devices = [{ id = "a" }]', "devices")


@pytest.mark.parametrize(
    "content",
    [b"[[devices\n", b"devices = 3\n", "# 李\n".encode("gbk"), b"x = " + b"9" * 5000],
    ids=["no toml", "no tables", "no utf-8", "no number"],
)
def test_a_file_that_is_broken_is_named(tmp_path: Path, content: bytes) -> None:
    """The page says it where it checks and applies, and whoever applies leaves an answer."""
    (tmp_path / "devices.toml").write_bytes(content)
    with pytest.raises(CannotEdit, match=r"^devices\.toml: "):
        texts(tmp_path, [FloorChange("device", "cart-01", {"at": [1, 2]})])
    leave(tmp_path, Errand("7", "apply", changes=[FloorChange("device", "cart-01", {"at": [1, 2]})]))
    said = run(tmp_path, tmp_path, ["false"])
    assert said is not None
    assert (said.number, said.state, said.text.startswith("devices.toml: ")) == ("7", "failed", True)


@pytest.mark.parametrize("value", [None, [1, None], {"b": None}])
def test_what_toml_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(CannotEdit, match=r"^devices\.toml: "):
        texts(CONFIG, [FloorChange("device", "cart-01", {"settings": {"a": value}})])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "expected a list of changes"),
        (b'[{"what": "coupon", "id": "a1"}]', "expected a list of changes"),
        (b'[{"what": "device", "id": "../x"}]', "expected an id"),
        (b'[{"what": "device", "id": "ab\\n"}]', "expected an id"),
        (b'[{"what": "zone", "id": "ok", "fields": {"id": "b"}}]', "'id' is not to be changed here"),
        (b'[{"what": "device", "id": "ok", "fields": {"hook": ["sh"]}}]', "'hook' is not to be changed here"),
        (json.dumps([{"what": "device", "id": "ok"}] * 2001).encode(), "at most 2000 changes"),
    ],
)
def test_what_is_no_change_is_refused(content: bytes, expected: str) -> None:
    with pytest.raises(BadChange, match="expected") if "expected" in expected else pytest.raises(BadChange) as error:
        read(content)
    assert expected in str(error.value)


PLACE = st.tuples(st.integers(0, 999), st.floats(0, 999, allow_nan=False).map(lambda each: round(each, 2))).map(list)
TEXT = st.text(min_size=1, max_size=20).filter(lambda text: "\ud800" not in text)
VALUE = TEXT | st.integers(-9, 9) | st.booleans() | st.lists(st.integers(0, 9))
LABELS = st.dictionaries(st.sampled_from(["en", "de", "zh-CN"]), TEXT)
OPTIONAL = {"at": PLACE, "label": LABELS, "zone": st.none() | TEXT, "settings": st.dictionaries(TEXT, VALUE)}
FIELDS: Any = st.fixed_dictionaries({}, optional=OPTIONAL)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["cart-01", "cart-12", "locker-a", "new-1", "new-2"]), st.none() | FIELDS), max_size=6
    )
)
def test_any_changes_mean_in_the_file_what_they_mean(changes: list[tuple[str, dict[str, Any] | None]]) -> None:
    """`texts` holds its result against the document's meaning, and raises where it differs."""
    wanted = [FloorChange("device", id_, fields) for id_, fields in changes]
    text = texts(CONFIG, wanted).get("devices.toml", (CONFIG / "devices.toml").read_text("utf-8"))
    comments = [line for line in (CONFIG / "devices.toml").read_text("utf-8").splitlines() if line.startswith("#")]
    assert [line for line in text.splitlines() if line.startswith("#")] == comments
