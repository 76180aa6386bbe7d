# ruff: noqa: E501 - lines stand as they are printed
"""What would change in a store, told line by line; secrets without their values."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.settings.settings import Settings, load
from operations.releases.changes import Changes, compare

EXAMPLE = Path(__file__).parents[3] / "config"


@pytest.fixture
def now() -> Settings:
    return load(EXAMPLE)


def changed(folder: Path, now: Settings, *changes: tuple[str, str, str]) -> Changes:
    new = Path(shutil.copytree(EXAMPLE, folder / "new"))
    for file, old, better in changes:
        text = (new / file).read_text("utf-8")
        assert old in text
        (new / file).write_text(text.replace(old, better, 1), "utf-8")
    return compare(now, load(new))


def test_nothing_is_nothing(now: Settings, tmp_path: Path) -> None:
    found = changed(tmp_path, now, ("store.toml", "[store]", "# a remark\n[store]"))
    assert found == Changes()


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "restarts"),
    [
        ("store.toml", "[carts]", "[carts]\nlow_battery = 0.2", "store.toml: carts.low_battery: 0.15 → 0.2", ("gateway",)),
        ("devices.toml", 'en = "Cart 1"', 'en = "Trolley"', 'devices.toml: device cart-01: label.en: "Cart 1" → "Trolley"', ("gateway",)),
        ("devices.toml", "hands = true", "hands = false", "devices.toml: device locker-a: settings.hands: true → false", ("gateway", "devices")),
        ("gateway.toml", "port = 8080", "port = 81", "gateway.toml: http.port: 8080 → 81", ("gateway",)),
        ("gateway.toml", 'username = "gateway"', 'password = "hush"', "gateway.toml: broker.password: changed", ("gateway",)),
        ("gateway.toml", "127.0.0.1:8090", "cloud.example", 'gateway.toml: cloud.url: "http://127.0.0.1:8090" → "http://cloud.example"', ("gateway", "sync")),
        ("gateway.toml", "127.0.0.1:1883", "127.0.0.1:1884", 'gateway.toml: broker.url: "mqtt://127.0.0.1:1883" → "mqtt://127.0.0.1:1884"', ("gateway", "devices", "kiosk")),
    ],
)  # fmt: skip
def test_each_difference_is_a_line(
    now: Settings, tmp_path: Path, file: str, old: str, new: str, line: str, restarts: tuple[str, ...]
) -> None:
    found = changed(tmp_path, now, (file, old, new))
    assert found.lines == (line,)
    assert found.restarts == restarts
    assert not found.another_store


def test_things_that_come_and_go(now: Settings, tmp_path: Path) -> None:
    found = changed(tmp_path, now, ("devices.toml", 'id = "cart-03"', 'id = "cart-33"'))
    assert found.gone == ("cart-03",)
    assert found.lines == (
        "devices.toml: new device cart-33, cart by locks.simulated_cart",
        "devices.toml: device cart-03 goes",
    )
    assert found.remarks == ("printed codes that lead nowhere from then on: cart-03",)


def test_what_makes_another_store_of_it(now: Settings, tmp_path: Path) -> None:
    found = changed(tmp_path, now, ("store.toml", 'id = "s001"', 'id = "s002"'), ("gateway.toml", '"data"', '"other"'))
    assert len(found.another_store) == 2


def test_a_new_address_asks_for_new_codes(now: Settings, tmp_path: Path) -> None:
    found = changed(
        tmp_path, now, ("gateway.toml", "unlock_ttl_ms", 'public_url = "http://shop.example"\nunlock_ttl_ms')
    )
    assert "print them again" in found.remarks[0]


def test_what_screens_play_needs_no_start(now: Settings, tmp_path: Path) -> None:
    found = changed(tmp_path, now, ("playlists.toml", "priority = 30", "priority = 31"))
    assert (found.lines, found.restarts, found.content) == (
        ("playlists.toml: playlist night: priority: 30 → 31",),
        (),
        True,
    )


def test_what_screens_play_and_something_else_needs_one(now: Settings, tmp_path: Path) -> None:
    two = [("playlists.toml", "priority = 30", "priority = 31"), ("gateway.toml", "port = 8080", "port = 81")]
    found = changed(tmp_path, now, *two)
    assert (found.restarts, found.content) == (("gateway",), False)
