# ruff: noqa: E501 - messages stand as they are printed
"""What a person reads whose `gateway.toml` has a mistake, and what a secret that stands there does not do."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge.settings.mistakes import File
from edge.settings.settings import GatewaySettings
from edge.settings.toml_files import Mistake
from edge.settings.toml_lines import TomlLines
from operations.floor.toml_blocks import Blocks

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


@pytest.mark.parametrize("path", ["/" + "x" * 5000, "~nobody-here/key.pem", "/nowhere/key.pem", "a\\u0000b"])
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
