# ruff: noqa: E501 - messages stand as they are printed
"""What a person reads whose `gateway.toml` has a mistake, and what a secret that stands there does not do."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from edge.settings.mistakes import File, SettingsError
from edge.settings.model import SettingsModel
from edge.settings.settings import GatewaySettings, load
from edge.settings.toml_files import Mistake
from edge.settings.toml_lines import TomlLines
from operations.floor.toml_blocks import Blocks

EXAMPLE = Path(__file__).parents[2] / "config"
WECHAT = """[payments.wechat]
mchid = "12345678"
appid = "wx0123456789abcdef"
serial = "0123456789ABCDEF"
api_key = "/etc/hostname"
notify_url = "https://shop.example/news"
key = "{}"
"""


def read(folder: Path, text: str) -> tuple[GatewaySettings | None, list[str]]:
    """The settings of a box, and what is wrong with them."""
    path = folder / "gateway.toml"
    path.write_text(text, "utf-8")
    mistakes: list[Mistake] = []
    return File(path, GatewaySettings, mistakes).model, [str(each) for each in mistakes]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('backup = { to = ["copies"] }', 'backup.to[0]: expected a folder such as "/mnt/copies", a stick such as "usb:COPIES", or "restic:/srv/copies"; found "copies"'),
        ('https = { host = "the box" }', 'https.host: expected an address or a name of this box such as 0.0.0.0; found "the box"'),
        ('http = { inside = "999.1.1.1:8081" }', 'http.inside: expected an address such as 0.0.0.0 or 192.168.1.10; found "999.1.1.1"'),
        ('http = { inside = "127.0.0.1:70000" }', "http.inside: expected a port up to 65535; found 70000"),
        ("home_assistant = { enabled = -1 }", "home_assistant.enabled: expected true or false; found -1"),
        ('payments = { terminals = [{ id = "t1", host = "10.0.0.5", password = "1" }] }', "payments.terminals[0].password: expected six digits; found a value that is not shown"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_in_words(tmp_path: Path, text: str, said: str) -> None:
    assert read(tmp_path, text)[1] == [f"gateway.toml:1: {said}"]


@pytest.mark.parametrize("path", ["/" + "x" * 900, "~nobody-here/key.pem", "/nowhere/key.pem", "a\\u0000b"])
def test_a_file_that_cannot_be_looked_at_is_a_mistake_like_any_other(tmp_path: Path, path: str) -> None:
    """It was an error of the system, after which not even the last good settings went on."""
    (found,) = read(tmp_path, WECHAT.format(path))[1]
    assert "payments.wechat.key: expected a f" in found
    assert len(found) < 400


@pytest.mark.parametrize(
    "text",
    [
        f'[aliases]\ncrm_key = "{"geheim" * 50}"',
        "[aliases]\nwechat_secret = [1234567, 'geheim']",
        '[sms]\nheaders = { Authorization = ["geheim"] }',
        '[cloud]\ntoken = "geheim vor allen"',
        "[aliases]\ncrm_key = geheim",
        'broker = { username = "gateway", password = \u201cgeheim\u201d }',
        "[sms]\nheaders = { Authorization = \u201cgeheim\u201d }",
    ],
)  # fmt: skip
def test_a_secret_is_not_shown_however_wrong_it_is(tmp_path: Path, text: str) -> None:
    (found,) = read(tmp_path, text)[1]
    assert "geheim" not in found


def test_a_token_that_no_request_can_carry_is_a_mistake(tmp_path: Path) -> None:
    (found,) = read(tmp_path, '[cloud]\ntoken = "\u201cabc\u201d"')[1]
    assert found == "gateway.toml:2: cloud.token: expected letters, digits and signs, without blanks; found a value that is not shown"  # fmt: skip


def test_files_of_https_may_lie_in_the_users_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were looked for in a folder called `~`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    box, mistakes = read(tmp_path, 'update = { root = "~/root.json" }\nhttps = { certificate = "~/phones.pem" }\n')
    assert mistakes == []
    assert box is not None
    assert box.https.files(Path("data")) == (tmp_path / "phones.pem", tmp_path / "phones.pem")
    assert box.update.root == tmp_path / "root.json"


def test_an_ipv6_address_in_brackets_is_the_address(tmp_path: Path) -> None:
    box, mistakes = read(tmp_path, 'http = { host = "[::1]" }')
    assert (box and box.http.host, mistakes) == ("::1", [])


@pytest.mark.parametrize("row", ['  "06901234567892",\n', '  [1, "]", {x = 2}], # \'[\n'])
@pytest.mark.parametrize("value", ["[\n{}]  # all\n", '"""\n{}"""\n', "'''{}'''''\n"])
def test_a_long_list_is_not_read_again_with_each_of_its_lines(
    monkeypatch: pytest.MonkeyPatch, value: str, row: str
) -> None:
    """A campaign of two thousand products took four seconds, of four thousand a quarter of a minute."""
    times = 0
    loads = tomllib.loads

    def counted(text: str) -> dict[str, Any]:
        nonlocal times
        times += 1
        return loads(text)

    monkeypatch.setattr(tomllib, "loads", counted)
    text = f"[[a]]\nb = {value.format(row * 300)}c = 1\n"
    lines, after = TomlLines(text), 2 + text.count("\n") - 2
    assert (lines.of(("a", 0, "b")), lines.of(("a", 0, "c"))) == (2, after)
    blocks = Blocks(text, "a")
    blocks.change("c", "x", {"d": 1})
    assert blocks.text == f'{text}\n[[a]]\nc = "x"\nd = 1\n'
    assert times < 10


UNSEEN = {
    "\0": "U+0000",
    "\x1b[2J": "U+001B",
    "\x9b": "U+009B",
    "\u202e": "U+202E",
    "\u2066": "U+2066",
    "\n": "U+000A",
    "\r": "U+000D",
}
TEXTS = [
    ("broker.username", "broker = {{ username = {} }}"),
    ("broker.password", 'broker = {{ url = "mqtts://b", password = {} }}'),
    ("cloud.token", "cloud = {{ token = {} }}"),
    ("cloud.url", "cloud = {{ url = {} }}"),
    ("https.acme.contact", "https = {{ acme = {{ contact = {} }} }}"),
    ("https.acme.hook", "https = {{ acme = {{ hook = [{}] }} }}"),
    ("https.certificate", "https = {{ certificate = {} }}"),
    ("backup.to", "backup = {{ to = [{}] }}"),
    ("sms.headers", "sms = {{ headers = {{ Authorization = {} }} }}"),
    ("sms.expect", "sms = {{ expect = {} }}"),
    ("aliases.crm_key", "aliases = {{ crm_key = {} }}"),
    ("update.source", "update = {{ source = {} }}"),
    ("data", "data = {}"),
]


@pytest.mark.parametrize("sign", UNSEEN)
@pytest.mark.parametrize(("key", "form"), TEXTS)
def test_a_text_holds_nothing_that_nobody_sees(tmp_path: Path, key: str, form: str, sign: str) -> None:
    """They were taken: a name with an escape sequence stood on every page, a header with a newline was two."""
    start = (
        "/copies"
        if key in ("backup.to", "data", "https.certificate")
        else "https://x/"
        if key == "cloud.url"
        else "box"
    )
    model, found = read(tmp_path, form.format(json.dumps(f"{start}{sign}y")) + "\n")
    if model is not None and model.cloud.url == "https://x/y":
        return  # of an address they are taken out, as whoever copies one gets them along
    assert found[0].startswith(f"gateway.toml:1: {key}"), found
    assert ": expected " in found[0]
    assert all(each.isprintable() for each in found[0])
    if key in ("broker.password", "cloud.token", "sms.headers", "aliases.crm_key"):
        assert start not in found[0]


@pytest.mark.parametrize(("key", "form"), TEXTS)
def test_a_text_ends_somewhere(tmp_path: Path, key: str, form: str) -> None:
    start = "/" if key in ("backup.to", "data", "https.certificate") else "https://x/" if key == "cloud.url" else ""
    _, found = read(tmp_path, form.format(json.dumps(start + "k" * 5000)) + "\n")
    assert found[0].startswith(f"gateway.toml:1: {key}"), found
    assert "expected" in found[0]
    assert len(found[0]) < 300


@pytest.mark.parametrize("wrong", [*UNSEEN, "k" * 5000])
@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("store.toml", 'zh-CN = "鲜汇生活"', "zh-CN = {}", "store.name.zh-CN"),
        ("store.toml", 'title = {{ zh-CN = "', 'title = {{ zh-CN = {}, x = "', "title.zh-CN"),
        ("devices.toml", "at = [25.5, 11.2]\n", "at = [25.5, 11.2]\nsettings = {{ password = {} }}\n", "settings"),
    ],
)
def test_a_text_of_the_store_is_as_plain(tmp_path: Path, file: str, old: str, new: str, key: str, wrong: str) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "config"))
    text = (folder / file).read_text("utf-8")
    assert old.format() in text
    (folder / file).write_text(text.replace(old.format(), new.format(json.dumps(f"a{wrong}b")), 1), "utf-8")
    with pytest.raises(SettingsError) as told:
        load(folder)
    found = [each for each in told.value.mistakes if f"{key}: expected" in each.text]
    assert found, told.value
    assert all(each.isprintable() for each in str(found[0]))
    assert UNSEEN.get(wrong, "5002") in found[0].text
    assert key != "settings" or "a" + wrong[:1] not in found[0].text, "a driver's password"


def test_what_may_have_several_lines_has_them(tmp_path: Path) -> None:
    found, said = read(tmp_path, 'sms = { body = "{\\n\\t\\"code\\": {code}}" }\n')
    assert (said, found and found.sms.body) == ([], '{\n\t"code": {code}}')
    assert "\\u202e" in read(tmp_path, 'sms = { body = "\\u202e" }\n')[1][0]


def test_every_table_is_one_whose_texts_are_plain() -> None:
    tables = [each for each in BaseModel.__subclasses__() if each.__module__.startswith("edge.settings")]
    assert tables == [SettingsModel]
