# ruff: noqa: E501 - messages stand as they are printed
"""The settings of the example store, and what a person reads who made a mistake in theirs."""

from __future__ import annotations

import inspect
import os
import re
import shutil
from pathlib import Path

import msgspec
import pytest
from pydantic import BaseModel

from edge.settings import settings
from edge.settings.settings import SettingsError, load

EXAMPLE = Path(__file__).parents[2] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "config"))


SPOKEN = 'languages = ["zh-CN", "en", "de"]'


def change(folder: Path, file: str, old: str, new: str, count: int = 1) -> int:
    """Replace the first `old`; the line it stands on."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_example_store_is_valid() -> None:
    store = load(EXAMPLE)
    assert store.store.name == {"zh-CN": "鲜汇生活", "en": "Fresh Life", "de": "Frisch & Gut"}
    assert store.store.languages == ("zh-CN", "en", "de")
    assert [zone.zone for zone in store.zones] == ["entrance", "fresh", "dairy", "baby", "checkout"]
    kinds = [device.kind for device in store.devices]
    assert {kind: kinds.count(kind) for kind in kinds} == {"cart": 12, "locker": 2, "printer": 2, "screen": 3}
    assert sum("baby" in each.when.zones for each in store.campaigns if each.claim) >= 4


def test_carts_lockers_and_screens_get_a_code_of_their_own() -> None:
    store = load(EXAMPLE)
    own = {touchpoint.touchpoint: touchpoint for touchpoint in store.touchpoints if touchpoint.device}
    assert len(own) == 17
    assert own["cart-07"].purpose == "cart"
    assert own["cart-07"].device == "cart-07"
    assert own["screen-baby"].zone == "baby"
    assert "printer-1" not in own


def test_everything_stands_inside_its_zone() -> None:
    store = load(EXAMPLE)
    plans = {zone.zone: zone.plan for zone in store.zones}
    for thing in (*store.devices, *store.touchpoints):
        x, y, width, height = plans[thing.zone]
        assert x <= thing.at[0] <= x + width, thing
        assert y <= thing.at[1] <= y + height, thing


def test_every_field_says_when_to_change_it() -> None:
    models = [model for _, model in inspect.getmembers(settings, inspect.isclass) if issubclass(model, BaseModel)]
    silent = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert not silent


def test_all_mistakes_of_all_files_come_at_once(folder: Path) -> None:
    zone = change(folder, "store.toml", 'zone = "baby"', 'zone = "babby"')
    kind = change(folder, "devices.toml", 'kind = "cart"', 'knid = "cart"')
    port = change(folder, "gateway.toml", "port = 8080", 'port = "http"')
    key = change(folder, "gateway.toml", "unlock_ttl_ms", "unlock_ttl")
    assert mistakes(folder) == [
        f'store.toml:{zone}: zone: there is no zone "babby"; did you mean "baby"?',
        f'devices.toml:{kind - 2}: "kind" is missing in [[devices]]',
        f'devices.toml:{kind}: unknown key "knid"; did you mean "kind"?',
        f'gateway.toml:{key}: unknown key "unlock_ttl"; did you mean "unlock_ttl_ms"?',
        f'gateway.toml:{port}: http.port: expected a whole number; found "http"',
    ]


def test_the_whole_report_reads_well(folder: Path) -> None:
    line = change(folder, "gateway.toml", "port = 8080", "port = 80800")
    with pytest.raises(SettingsError) as caught:
        load(folder)
    assert str(caught.value) == (
        f"1 mistake in the settings in {folder}:\n"
        f"  gateway.toml:{line}: http.port: expected less than or equal to 65535; found 80800"
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("devices.toml", '"cart-02"', '"cart-01"', 'id: "cart-01" is taken by line 10; every one of [[devices]] needs its own'),
        ("devices.toml", '"cart-03"', '"Cart_03"', 'id: expected 2 to 39 of a-z, 0-9 and "-", not starting with "-"; found "Cart_03"; did you mean "cart-03"?'),
        ("devices.toml", 'kind = "locker"', 'kind = "loker"', 'kind: expected one of cart, locker, printer, screen, scanner, beacon; found "loker"; did you mean "locker"?'),
        ("devices.toml", 'driver = "locks.simulated_cart"', 'driver = "simulated"', 'driver: expected "family.name" such as "locks.simulated_cart"; found "simulated"'),
        ("devices.toml", "at = [1.2, 15.0]", "at = [1.2]", "at: too few values; found [1.2]"),
        ("store.toml", "was = 990", "was = 9.90", "was: expected a whole number; found 9.9; amounts stand in the smallest unit, did you mean 990?"),
        ("store.toml", "stock = 1500", "stock = 9223372036854775808", "stock: expected less than or equal to 9007199254740991; found 9223372036854775808"),
        ("store.toml", "price = 0", "price = 2290", "price: expected less than was (990); found 2290"),
        ("store.toml", 'art = "gift"', 'art = "diapers"', 'art: expected one of milk, croissant, cheese, strawberry, diaper, formula, wipes, egg, apple, fish, bread, coffee, greens, carrot, tangerine, banana, grapes, meat, shrimp, butter, wine, potato, gift; found "diapers"; did you mean "diaper"?'),
        ("store.toml", 'tint = "#F6DCD4"', 'tint = "blue"', 'tint: expected a colour such as #EFE7DA; found "blue"'),
        ("store.toml", 'id = "poster-door"', 'id = "cart-01"', 'id: "cart-01" is the name of a device, whose own code has it; choose another'),
        ("gateway.toml", 'kind = "embedded"', 'kind = "mosquito"', 'broker.kind: expected one of embedded, mosquitto, external; found "mosquito"; did you mean "mosquitto"?'),
        ("gateway.toml", '"mqtt://127.0.0.1:1883"', '"127.0.0.1:1883"', 'broker.url: expected an address such as mqtt://127.0.0.1:1883; found "127.0.0.1:1883"; did you mean "mqtt://127.0.0.1:1883"?'),
        ("gateway.toml", 'data = "data"', "data = ", "not valid TOML: invalid value (column 34)"),
    ],
)  # fmt: skip
def test_a_mistake_says_where_what_and_what_instead(folder: Path, file: str, old: str, new: str, said: str) -> None:
    line = change(folder, file, old, new)
    assert mistakes(folder) == [f"{file}:{line}: {said}"]


def test_a_text_in_one_language_only(folder: Path) -> None:
    line = change(folder, "store.toml", ', en = "Fresh food"', "")
    assert mistakes(folder) == [f"store.toml:{line}: name: text missing in en"]


def test_a_language_that_nobody_reads(folder: Path) -> None:
    line = change(folder, "store.toml", 'zh-CN = "鲜', 'zh-TW = "鲜')
    assert (
        f'store.toml:{line}: store.name.zh-TW: expected one of zh-CN, en, de; found "zh-TW"; did you mean "zh-CN"?'
        in mistakes(folder)
    )


def test_a_store_chooses_its_languages(folder: Path) -> None:
    change(folder, "store.toml", SPOKEN, 'languages = ["en"]')
    change(folder, "store.toml", 'zh-CN = "鲜汇生活"\n', "")
    change(
        folder,
        "store.toml",
        'name = { zh-CN = "生鲜", en = "Fresh food", de = "Frische" }',
        'name = { en = "Fresh food" }',
    )
    settings = load(folder)
    assert settings.store.languages == ("en",)
    fresh = next(zone.name for zone in settings.zones if zone.zone == "fresh")
    assert fresh["zh-CN"] == fresh["en"] == "Fresh food"
    assert next(zone.name for zone in settings.zones if zone.zone == "dairy")["zh-CN"] == "乳品烘焙"


def test_a_store_that_chooses_none_speaks_what_it_spoke(folder: Path) -> None:
    change(folder, "store.toml", SPOKEN, "")
    assert load(folder).store.languages == ("zh-CN", "en")


def test_texts_are_needed_in_the_first_language_and_in_english_where_it_is_spoken(folder: Path) -> None:
    change(folder, "store.toml", SPOKEN, 'languages = ["zh-CN"]')
    change(folder, "devices.toml", ', en = "Cart 1", de = "Wagen 1" }', " }")
    assert load(folder).devices[0].label["en"] == "1号购物车"
    line = change(folder, "devices.toml", 'zh-CN = "2号购物车", ', "")
    assert mistakes(folder) == [f"devices.toml:{line}: label: text missing in zh-CN"]


def test_settings_from_before_german_go_on_loading(folder: Path) -> None:
    for file in ("store.toml", "devices.toml"):
        path = folder / file
        path.write_text(re.sub(r', de = "[^"]*"|^de = .*\n', "", path.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    settings = load(folder)
    assert settings.store.languages == ("zh-CN", "en", "de")
    assert settings.store.name["de"] == "Fresh Life"
    assert settings.devices[0].label["de"] == "Cart 1"


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        ('["en", "en"]', 'languages: expected each language once; found "en" twice'),
        ("[]", "languages: expected at least one"),
        ('["en", "zh"]', 'did you mean "zh-CN"?'),
    ],
)
def test_languages_that_cannot_be_spoken(folder: Path, languages: str, said: str) -> None:
    change(folder, "store.toml", SPOKEN, f"languages = {languages}")
    assert len(mistakes(folder)) == 1
    assert said in mistakes(folder)[0]


def test_a_touchpoint_for_a_device_that_is_not_there(folder: Path) -> None:
    line = change(folder, "store.toml", "at = [25.5, 2.0]", 'at = [25.5, 2.0]\ndevice = "screen-bay"')
    assert mistakes(folder) == [
        f'store.toml:{line + 1}: device: there is no device "screen-bay"; did you mean "screen-baby"?'
    ]


def test_a_device_may_not_log_in_as_the_gateway(folder: Path) -> None:
    line = change(folder, "devices.toml", '"cart-05"', '"gateway"')
    assert mistakes(folder) == [f'devices.toml:{line}: id: "gateway" is a login of the box itself; choose another']


def test_a_missing_file_and_an_empty_one(folder: Path) -> None:
    (folder / "devices.toml").unlink()
    (folder / "store.toml").write_text("")
    assert mistakes(folder) == [
        'store.toml:1: "store" is missing',
        'store.toml:1: "zones" is missing',
        f"devices.toml: no such file in {folder}",
    ]


def test_a_file_in_another_encoding(folder: Path) -> None:
    (folder / "gateway.toml").write_bytes('data = "数据"'.encode("gb18030"))
    assert mistakes(folder) == [
        "gateway.toml:1: expected UTF-8 text, found byte 0xca (column 9): save the file as UTF-8"
    ]


def test_lines_are_right_after_values_that_span_several(folder: Path) -> None:
    change(folder, "store.toml", "plan = [0, 13, 9.5, 7]", "plan = [\n  0,\n  13,\n  9.5,\n  7,\n]")
    line = change(folder, "store.toml", '= "badge"', '= "bagde"')
    assert mistakes(folder)[0].startswith(f"store.toml:{line}: purpose: ")


def test_a_bank_of_other_doors_and_what_is_agreed(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "config")
    file = folder / "devices.toml"
    own = 'kind = "locker"\nbank = { S = ["A1"], M = ["A2"], L = [], low = ["A2"] }'
    file.write_text(file.read_text("utf-8").replace('kind = "locker"', own, 1), "utf-8")
    settings = load(folder)
    banks = [device.bank for device in settings.devices if device.kind == "locker"]
    assert (banks[0].S, banks[0].low, len(banks[1].S)) == (("A1",), ("A2",), 6)
    assert (settings.lockers.fee, settings.lockers.grace_ms, settings.carts.deposit) == (200, 60_000, 0)


@pytest.mark.parametrize(
    ("bank", "said"),
    [
        ('{ S = ["01"], M = ["01"], L = [], low = [] }', "found one twice"),
        ('{ S = ["01"], M = [], L = [], low = ["09"] }', "low: expected doors of S, M or L; found 09"),
        ('{ XL = ["01"] }', 'unknown key "XL"'),
    ],
)
def test_doors_that_do_not_fit_together(tmp_path: Path, bank: str, said: str) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "config")
    file = folder / "devices.toml"
    file.write_text(file.read_text("utf-8").replace('kind = "locker"', f'kind = "locker"\nbank = {bank}', 1), "utf-8")
    with pytest.raises(SettingsError, match=re.escape(said)):
        load(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("store.toml", 'currency = "CNY"', 'currency = "RMB"', 'store.currency: expected three capital letters such as CNY (ISO 4217); found "RMB"; did you mean "CNY"?'),
        ("store.toml", 'currency = "CNY"', 'currency = "XXX"', 'store.currency: expected three capital letters such as CNY (ISO 4217); found "XXX"'),
        ("store.toml", 'currency = "CNY"', 'currency = "cny"', 'store.currency: expected three capital letters such as CNY (ISO 4217); found "cny"; did you mean "CNY"?'),
        ("store.toml", 'region = "CN"', 'region = "UK"', 'store.region: expected a country\'s two capital letters such as CN (ISO 3166); found "UK"; did you mean "GB"?'),
        ("store.toml", 'region = "CN"', 'region = "XX"', 'store.region: expected a country\'s two capital letters such as CN (ISO 3166); found "XX"'),
        ("store.toml", "price = 0", "price = true", "price: expected a whole number; found true"),
        ("store.toml", "price = 0", 'price = "1290"', 'price: expected a whole number; found "1290"; did you mean 1290, without quotes?'),
        ("store.toml", "price = 0", "price = 1290.0", "price: expected a whole number; found 1290.0; amounts stand in the smallest unit, did you mean 129000?"),
        ("store.toml", "hours = 24 ", "hours = nan", "lockers.hours: expected a number; found nan"),
        ("store.toml", "hours = 24 ", "hours = inf", "lockers.hours: expected a number; found inf"),
        ("store.toml", "plan = [0, 13, 9.5, 7]", 'plan = "[0, 13, 9.5, 7]"', 'plan: expected a list in [ ]; found "[0, 13, 9.5, 7]"; did you mean [0, 13, 9.5, 7], without quotes?'),
        ("gateway.toml", "port = 8080", 'port = "8080"', 'http.port: expected a whole number; found "8080"; did you mean 8080, without quotes?'),
        ("gateway.toml", "demo = false", 'demo = "false"', 'demo: expected true or false; found "false"; did you mean false, without quotes?'),
        ("gateway.toml", "demo = false", "demo = 0", "demo: expected true or false; found 0"),
        ("gateway.toml", "demo = false", "demo = False", "not valid TOML: invalid value (column 8); did you mean demo = false"),
        ("gateway.toml", "mqtt://127.0.0.1:1883", "mqtt://127.0.0.1:99999", 'broker.url: expected a port from 1 to 65535; found "mqtt://127.0.0.1:99999"'),
        ("gateway.toml", 'host = "0.0.0.0"', "host = 127", 'http.host: expected text in quotes; found 127; did you mean "127"?'),
        ("gateway.toml", 'host = "0.0.0.0"', "host = \u201c0.0.0.0\u201d", 'not valid TOML: invalid value (column 8); curly quotes or full-width signs, did you mean host = "0.0.0.0"'),
        ("gateway.toml", 'host = "0.0.0.0"', 'host \uff1d "0.0.0.0"', "not valid TOML: expected '=' after a key in a key/value pair (column 6); curly quotes or full-width signs, did you mean host = \"0.0.0.0\""),
        ("gateway.toml", 'host = "0.0.0.0"', "host = localhost", 'not valid TOML: invalid value (column 8); did you mean host = "localhost"'),
        ("gateway.toml", "port = 8080", "port = 8080\nport = 81", "not valid TOML: a key or table that stands there already; keep one of them (column 10)"),
        ("gateway.toml", 'data = "data"', 'data = ""', 'data: expected a folder such as "/var/lib/storekeeper"; found "."'),
        ("gateway.toml", 'data = "data"', 'data = "~nobody-here/x"', 'data: expected a folder; found "~nobody-here/x", and nobody here is called so'),
        ("gateway.toml", "demo = false", 'demo = false\npublic_url = "shop.example"', 'public_url: expected an address such as http://192.168.1.10:8080; found "shop.example"; did you mean "http://shop.example"?'),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_never_taken(folder: Path, file: str, old: str, new: str, said: str) -> None:
    line = change(folder, file, old, new) + new.count("\n")
    assert mistakes(folder) == [f"{file}:{line}: {said}"]


def test_editors_of_windows_write_good_settings(folder: Path) -> None:
    for file in ("store.toml", "devices.toml", "gateway.toml"):
        text = (folder / file).read_text("utf-8").replace(" = ", "\t=\t")
        (folder / file).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert _of_nowhere(load(folder)) == _of_nowhere(load(EXAMPLE))


def _of_nowhere(found: settings.Settings) -> settings.Settings:
    """Without what says which files it came of."""
    return found.model_copy(update={"sha256": "", "playing": msgspec.structs.replace(found.playing, beside=None)})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(folder: Path, encoding: str) -> None:
    file = folder / "gateway.toml"
    file.write_bytes(file.read_text("utf-8").encode(encoding))
    assert mistakes(folder) == ["gateway.toml:1: expected UTF-8 text, found UTF-16: save the file as UTF-8"]


def test_a_file_that_is_none(folder: Path, tmp_path: Path) -> None:
    (folder / "gateway.toml").unlink()
    (folder / "gateway.toml").mkdir()
    assert mistakes(folder) == ["gateway.toml: expected a file, found a folder of that name"]
    assert mistakes(tmp_path / "nowhere")[0] == f"store.toml: there is no folder {tmp_path / 'nowhere'}"
    assert "found the file" in mistakes(folder / "store.toml")[0]


def test_a_folder_of_ones_own_may_be_meant(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/li")
    change(folder, "gateway.toml", 'data = "data"', 'data = "~/store"')
    assert load(folder).gateway.data == Path("/home/li/store")


def test_a_line_separator_within_a_text_moves_no_line(folder: Path) -> None:
    change(folder, "store.toml", 'zh-CN = "鲜汇生活"', 'zh-CN = "鲜汇\u2028生活"')
    line = change(folder, "store.toml", "price = 0", "price = -1")
    assert mistakes(folder)[1].startswith(f"store.toml:{line}: price: ")


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, f"0x{'f' * 5000}", "1_000" * 1000])
def test_a_number_that_nothing_can_hold(folder: Path, number: str) -> None:
    line = change(folder, "store.toml", "fee = 200", f"fee = {number}")
    (said,) = mistakes(folder)
    assert said.startswith(f"store.toml:{line}: ")
    assert said.endswith("expected a whole number of at most 64 bits; found a longer one")


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "gateway.toml").unlink()
    os.mkfifo(folder / "gateway.toml")
    assert mistakes(folder) == ["gateway.toml: expected a file, found a pipe of that name"]


def test_what_cannot_be_read_as_a_whole_is_a_mistake(folder: Path) -> None:
    for number in range(501):
        (folder / "campaigns" / f"{number}.toml").touch()
    assert mistakes(folder) == ["config: expected the settings of a store, found more than 500 TOML files"]


def test_a_key_of_a_table_by_name_is_guessed(folder: Path) -> None:
    line = change(folder, "media.toml", "sha256 = ", "sha265 = ")
    assert f'media.toml:{line}: unknown key "sha265"; did you mean "sha256"?' in mistakes(folder)


def test_an_id_that_is_no_text_is_named(folder: Path) -> None:
    line = change(folder, "devices.toml", 'id = "cart-02"', "id = [{}]")
    assert mistakes(folder) == [f"devices.toml:{line}: id: expected text in quotes; found [{{}}]"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at = [1.2, 15.0]", "at = [1, 2, 3]", "at: expected at most 2 values; found [1, 2, 3]"),
        ("at = [1.2, 15.0]", 'at = [1, 2]\nbank = { S = ["A/1"] }', 'bank.S[0]: expected a door such as "05": 1 to 8 letters and digits; found "A/1"'),
    ],
)  # fmt: skip
def test_what_was_expected_is_said_in_words(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, "devices.toml", old, new)
    assert mistakes(folder)[0].partition(": ")[2] == said


@pytest.mark.parametrize("names", [33, 500, 3000])
def test_tables_within_tables_are_bounded_and_named(folder: Path, names: int) -> None:
    with (folder / "store.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[{'.'.join('a' * names)}]\nb = 1\n")
    found = mistakes(folder)
    assert found[0].startswith("store.toml: a.a.a")
    assert found[0].endswith("expected at most 32 tables and lists within one another")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('trusted_proxies = ["nope"]', 'http.trusted_proxies[0]: expected an address or a network such as 192.168.1.10 or 10.0.0.0/24; found "nope"'),
        ("trusted_proxies = [7]", "http.trusted_proxies[0]: expected an address or a network such as 192.168.1.10 or 10.0.0.0/24; found 7"),
        ('trusted_proxies = ["10.0.0.5/24"]', 'http.trusted_proxies[0]: expected an address or a network such as 192.168.1.10 or 10.0.0.0/24; found "10.0.0.5/24"; did you mean "10.0.0.0/24"?'),
        ('hosts = ["http://shop.local"]', 'http.hosts[0]: expected a name or an address such as "shop.local", without http:// and without a port; found "http://shop.local"'),
    ],
)  # fmt: skip
def test_who_is_believed_and_how_the_box_is_called(folder: Path, key: str, said: str) -> None:
    line = change(folder, "gateway.toml", "[http]\n", f"[http]\n{key}\n") + 1
    assert mistakes(folder) == [f"gateway.toml:{line}: {said}"]
