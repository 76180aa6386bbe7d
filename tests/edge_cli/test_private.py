"""What lies in the data folder is for its owner alone, and no secret passes where others look: argv, logs, messages."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from device_drivers.contract import Channel, ContractError, Topic, decode
from device_drivers.contract.documents import BadDocument, parse
from edge.cli.app import app
from edge.cli.logs import discreet
from edge.domain.nouns import NOUNS
from edge.journal.journal import Journal
from edge.secrets import private
from edge.secrets.private import write_private
from edge.secrets.staff_pins import read
from edge.settings.settings import SettingsError, load
from sync.cloud.sqlite_store import SqliteStore
from sync.status import Status

CONFIG = Path(__file__).resolve().parents[2] / "config"
CANARY = "13800138000"


def open_files(folder: Path) -> dict[str, str]:
    """Whatever others have rights to, below `folder`."""
    return {str(path.relative_to(folder)): f"{mode:o}" for path, mode in private.open_to_others(folder)}


def loosen(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o644)


@pytest.fixture
def lax() -> object:
    """The umask that most boxes have."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_file_that_was_replaced_stays_replaced_after_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its new name is on the disk too: the folder is written after the rename."""
    path = tmp_path / "staff.toml"
    write_private(path, b"li and wang")
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append((os.fstat(handle).st_ino, path.read_bytes())))
    write_private(path, b"li")
    assert synced == [(path.stat().st_ino, b"li and wang"), (tmp_path.stat().st_ino, b"li")]


@pytest.mark.usefixtures("lax")
class TestFilesArePrivateWhateverTheUmask:
    async def test_the_journal(self, tmp_path: Path) -> None:
        journal = Journal(tmp_path / "data" / "storekeeper.db", NOUNS)
        assert {path.name for path in (tmp_path / "data").iterdir()} >= {"storekeeper.db-wal", "storekeeper.db-shm"}
        assert open_files(tmp_path / "data") == {}
        journal.close()

    async def test_a_journal_from_before_is_mended(self, tmp_path: Path) -> None:
        folder, again = tmp_path / "killed", tmp_path / "again"
        journal = Journal(folder / "storekeeper.db", NOUNS)
        shutil.copytree(folder, again)  # with its -wal, as after a kill
        journal.close()
        loosen(again)
        Journal(again / "storekeeper.db", NOUNS).close()
        assert open_files(again) == {}

    def test_the_cloud_and_the_status_file(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        store = SqliteStore(folder / "cloud.db")
        status = Status(folder / "sync.json")
        status.tell("ok", last=3)
        status.flush()
        assert {"cloud.db", "cloud.db-wal", "sync.json"} <= {path.name for path in folder.iterdir()}
        assert open_files(folder) == {}
        store.close()


@pytest.mark.usefixtures("lax")
def test_every_service_mends_what_an_earlier_version_left_open(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("logs/gateway.log", "catalogue/catalogue-1.db", "broker/mosquitto.db", "sync.json"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("{}")
    (data / "elsewhere").symlink_to(tmp_path / "theirs")
    (tmp_path / "theirs").write_text("not in the data folder")
    (tmp_path / "theirs").chmod(0o644)
    assert open_files(data)
    config = ["--config", str(CONFIG), "--data", str(data)]
    process = subprocess.Popen([sys.executable, "-m", "edge.cli", "sync", "run", *config], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while open_files(data) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert open_files(data) == {}
        assert (tmp_path / "theirs").stat().st_mode & 0o777 == 0o644
    finally:
        process.kill()
        process.wait()


def run(*words: str, data: Path, said: str = "") -> tuple[int, str]:
    found = CliRunner().invoke(app, [*words, "--config", str(CONFIG), "--data", str(data)], input=said)
    return found.exit_code, found.output


def test_a_pin_comes_by_standard_input_and_never_by_an_option(tmp_path: Path) -> None:
    code, said = run("staff", "add", "li", "--pin", "917204", data=tmp_path)
    assert code == 2
    assert "No such option" in said
    code, said = run("staff", "add", "li", data=tmp_path, said="917204\n")
    assert code == 0
    assert list(read(tmp_path / "secrets" / "staff.toml")) == ["li"]
    assert "917204" not in said
    assert run("staff", "add", "wang", data=tmp_path, said="")[0] == 2
    assert open_files(tmp_path) == {}


def test_no_option_of_any_command_takes_a_secret() -> None:
    import typer.main

    asks: list[str] = []

    def walk(command: object, path: str) -> None:
        for name, sub in getattr(command, "commands", {}).items():
            walk(sub, f"{path} {name}")
        for param in getattr(command, "params", []):
            if not getattr(param, "is_flag", False):  # which says nothing but yes
                asks.extend(f"{path} {option}" for option in param.opts)

    walk(typer.main.get_command(app), "storekeeper")
    secret = {option for option in asks for word in ("pin", "password", "token", "secret") if f"-{word}" in option}
    no_secrets = {"storekeeper devices run --passwords", "storekeeper restore --new-cloud-token"}  # a file, a switch
    assert secret <= no_secrets


@pytest.mark.parametrize(
    ("wrong", "canary"),
    [
        ("[broker]\npassword = 13800138000\n", CANARY),
        ('[cloud]\ntoken = ["13800138000"]\n', CANARY),
        ('[cloud]\nurl = "ftp://store:13800138000@cloud.example"\n', CANARY),
        ('[broker]\nurl = "mqtt://gateway:13800138000@box"\n', CANARY),
    ],
)
def test_a_mistake_in_the_settings_shows_no_secret(tmp_path: Path, wrong: str, canary: str) -> None:
    for name in ("store.toml", "devices.toml"):
        (tmp_path / name).write_text((CONFIG / name).read_text("utf-8"), "utf-8")
    (tmp_path / "gateway.toml").write_text(wrong)
    with pytest.raises(SettingsError) as found:
        load(tmp_path)
    assert canary not in str(found.value)


BODIES: dict[str, bytes] = {
    "no JSON": b"call me: 13800138000",
    "half": b'{"boot":"13800138000',
    "a number in a wrong place": b'{"boot":13800138000,"online":"13800138000"}',
    "a value that is none of ours": b'{"id":"00000000-0000-4000-8000-000000000000","outcome":"13800138000"}',
    "a text with quotes": b'{"id":"00000000-0000-4000-8000-000000000000","outcome":"it\'s 13800138000"}',
    "no UTF-8": b'{"boot":"\xff13800138000"}',
    "deep": b'["13800138000",' * 2000,
}


@pytest.mark.parametrize("channel", [Channel.STATUS, Channel.EVENT, Channel.REPLY, Channel.STATE])
@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_no_device_should_send_is_named_by_length_and_hash(channel: Channel, body: str) -> None:
    said = refused(channel, BODIES[body])
    assert CANARY not in said
    assert not said or f"{len(BODIES[body])} bytes, hash" in said


def refused(channel: Channel, body: bytes) -> str:
    """What is said against a body; nothing where it passes."""
    try:
        decode(channel, body)
    except ContractError as error:
        return str(error)
    return ""


def test_a_topic_that_is_none_is_not_quoted() -> None:
    for text in (f"sk/s001/{CANARY}!/event", f"{CANARY}", f"sk/s001/cart-01/{CANARY}"):
        with pytest.raises(ContractError) as found:
            Topic.parse(text)
        assert CANARY not in str(found.value)


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "text", "text": f"{CANARY}\u0007"},
        {"kind": "barcode", "data": f"{CANARY}é", "symbology": "code128"},
        {"kind": "barcode", "data": CANARY, "symbology": "ean13"},
    ],
)
def test_a_bad_slip_is_refused_without_its_words(line: dict[str, str]) -> None:
    with pytest.raises(BadDocument) as found:
        parse({"lines": [line], "language": "en"})
    assert CANARY not in str(found.value)


NUMBERS = ("13800138000", "+8613800138000", "+86 138 0013 8000", "138-0013-8000", "0086 13800138000", "+4915112345678")
PLAIN = ("2026-11-26 00:12:34", "1790000000000", "6901234567892", "10.0.0.138:13800", "0.138001380", "seq 138001")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_log_line_has_no_number(number: str) -> None:
    assert discreet(f"ValueError: bad {number!r}, again") == "ValueError: bad '(number)', again"


@pytest.mark.parametrize("text", PLAIN)
def test_a_log_line_keeps_its_figures(text: str) -> None:
    assert discreet(f"at {text}.") == f"at {text}."


def test_a_traceback_quotes_nobody() -> None:
    program = (
        "import logging, structlog\n"
        "from edge.cli.logs import start_logging\n"
        "start_logging()\n"
        f"phone = {CANARY!r}\n"
        "def fail():\n    typed = phone\n    raise ValueError(f'{typed!r} is no number')\n"
        "for log in (structlog.get_logger('x'), logging.getLogger('x')):\n"
        "    try: fail()\n"
        "    except ValueError as error:\n        log.exception('it failed'); log.error('again', exc_info=error)\n"
        f"structlog.get_logger('x').error('said', error=str(ValueError({CANARY!r})), why=ValueError({CANARY!r}))\n"
        "logging.getLogger('x').warning('typed: %s', phone)\n"
    )
    found = subprocess.run([sys.executable, "-"], input=program, capture_output=True, text=True, check=True)
    assert found.stderr.count("ValueError") >= 5
    assert CANARY not in found.stdout + found.stderr
    assert len(re.findall(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} ", found.stderr)) >= 5, (
        "each says of which zone"
    )


@pytest.mark.usefixtures("lax")
class TestAFolderWithAGroup:
    """Sync has a user of its own on an installed box."""

    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        folder = tmp_path / "data"
        folder.mkdir()
        folder.chmod(0o2750)
        return folder

    def test_the_group_may_read_the_journal_and_nothing_else(self, data: Path) -> None:
        sqlite = [data / f"storekeeper.db{more}" for more in ("", "-wal", "-shm")]
        private.database(sqlite[0])
        write_private(data / "staff.toml", b"")
        (data / "catalogue").mkdir()
        private.database(data / "catalogue" / "catalogue-1.db")
        connection = sqlite3.connect(sqlite[0])
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE some (thing)")
        before = os.umask(0o022)
        private.make_private(data)
        os.umask(before)
        modes = {path.name: path.stat().st_mode & 0o777 for path in data.rglob("*")}
        readable = {name for name, mode in modes.items() if mode & private.OTHERS}
        assert readable == {path.name for path in sqlite}
        assert {modes[name] for name in readable} == {0o640}
        assert data.stat().st_mode & 0o7777 == 0o2750
        connection.close()

    def test_nobody_else_may_read_even_that(self, data: Path) -> None:
        (data / "storekeeper.db").touch(0o644)
        (data / "storekeeper.db").chmod(0o646)
        private.make_private(data)
        assert (data / "storekeeper.db").stat().st_mode & 0o777 == 0o640

    def test_what_sync_says_is_for_the_gateway_to_read(self, data: Path) -> None:
        os.umask(0o077)
        Status(data / "sync.json").flush()
        assert (data / "sync.json").stat().st_mode & 0o777 == 0o640

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_what_root_makes_is_the_services(self, data: Path) -> None:
        os.chown(data, 65534, 65534)
        write_private(data / "tills.toml", b"")
        private.database(data / "storekeeper.db")
        (data / "catalogue").mkdir()
        (data / "catalogue" / "list").touch()
        (data / "link").symlink_to("/etc/passwd")
        private.chown_to_owner(data)
        assert {path.lstat().st_uid for path in data.rglob("*") if not path.is_symlink()} == {65534}
        assert (data / "link").lstat().st_uid == 0
        assert Path("/etc/passwd").stat().st_uid == 0
