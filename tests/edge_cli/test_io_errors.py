"""Every command in a world that is not as it should be: a sentence and a documented exit code, never a traceback."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import box
from edge.cli.app import app
from edge.cli.io_errors import of_database, of_file, of_port
from edge.domain.carts.facts import CartAdded, CartRemoved
from edge.domain.nouns import NOUNS
from edge.errors import JournalTooNew
from edge.journal import Tx
from edge.journal.journal import Journal
from edge.journal.reader import JournalReader
from edge.journal.transaction import open_readonly
from edge.settings.folders import BadFolder
from operations.backups import keys
from tests.command import storekeeper
from tests.domain.conftest import furnish

EXAMPLE = Path(__file__).parents[2] / "config"
EVERYTHING = (
    "journal tail", "journal verify", "journal rebuild", "sync status", "sync run", "staff list",
    "staff remove li", "tills list", "tills add till-1", "catalogue list", "catalogue find x",
    "catalogue rollback", "catalogue check -", "qr show", "operators list", "cloud run --port 1", "devices run",
    "doctor", "run",
)  # fmt: skip


def run(*arguments: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    done = storekeeper(*arguments, "--config", EXAMPLE, given=given, **env)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


@pytest.mark.parametrize("command", EVERYTHING)
def test_a_data_folder_that_is_a_file_is_a_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "data").write_text("x")
    done = run(*command.split(), "--data", str(tmp_path / "data"), given="gtin,name\n")
    assert done.returncode in (0, 1, 78)
    assert len(done.stdout + done.stderr) > 10
    assert "Errno" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "command", ["cloud password", "cloud list", "certificates show", "devices enrol cart-01", "journal tail"]
)
@pytest.mark.parametrize("data", ["", "~nobody-here/store"])
def test_a_data_folder_that_nobody_has_is_made_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, data: str
) -> None:
    """`cloud password --data "~you/cloud"` made a folder of the name "~you" where it was started."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [*command.split(), "--data", data])
    assert isinstance(done.exception, BadFolder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("check", ""), ("apply", ""), ("check", "--data", ""), ("doctor", "--data", "")])
def test_no_folder_at_all_is_a_sentence(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.returncode, done.stderr) == (1, 'expected a folder such as "/var/lib/storekeeper"; found "."\n')


@pytest.mark.parametrize(
    "command",
    [
        "staff list",
        "tills list",
        "operators list",
        "members list",
        "catalogue list",
        "devices list --kind beacon",
        "cloud list",
        "cloud budget list",
        "settings releases",
        "screens shown",
    ],
)
async def test_a_list_of_nothing_is_a_sentence(tmp_path: Path, command: str) -> None:
    Journal(tmp_path / "storekeeper.db", NOUNS).close()
    data = [] if command.startswith("devices") else ["--data", str(tmp_path)]
    done = run(*command.split(), *data)
    assert done.returncode == 0
    assert (done.stdout + done.stderr).startswith("No "), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("devices list --kind scren", 'There is no kind "scren"; did you mean "screen"?'),
        ("qr sheet cart-1", 'There is no touchpoint "cart-1"; did you mean "cart-1'),
        ("qr sheet --zone babyy", 'There is no zone "babyy"; did you mean "baby"?'),
        ("qr sheet --url shop.example", 'did you mean "http://shop.example"?'),
        ("qr show --url http://x:99999", "a port from 1 to 65535"),
    ],
)
def test_a_slip_of_the_pen_is_guessed(command: str, said: str) -> None:
    done = run(*command.split())
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_printed_codes_that_no_phone_reaches_are_said(tmp_path: Path) -> None:
    done = run("qr", "sheet", "cart-01", "--data", str(tmp_path), "--out", str(tmp_path / "x.pdf"))
    assert done.returncode == 0
    assert "no phone reaches it" in done.stderr
    assert "set public_url" in done.stderr
    done = run("qr", "show", "cart-01", "--data", str(tmp_path), "--url", "https://shop.example/")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1", "cp437"])
def test_a_terminal_of_any_letters_will_do(tmp_path: Path, encoding: str) -> None:
    for command in ("devices list", f"qr show cart-01 --data {tmp_path}", f"doctor --data {tmp_path}"):
        assert run(*command.split(), PYTHONIOENCODING=encoding).returncode in (0, 1)


def test_an_old_locale_will_do() -> None:
    argv = [sys.executable, "-m", "edge.cli", "devices", "list", "--config", str(EXAMPLE)]
    old = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=old)
    assert done.returncode == 0, done.stderr
    assert "cart-01" in done.stdout


def test_whoever_stops_reading_stops_the_command(tmp_path: Path) -> None:
    program = f"{sys.executable} -m edge.cli qr show --config {EXAMPLE} --data {tmp_path} | head -1"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False, timeout=300)
    assert "Traceback" not in done.stdout + done.stderr
    assert "BrokenPipe" not in done.stdout + done.stderr


async def test_a_second_gateway_on_the_same_data_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    try:
        done = await asyncio.to_thread(run, "run", "--data", str(tmp_path))
    finally:
        journal.close()
    assert done.returncode == 70
    assert "another process" in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("serial:///dev/ttyNOPE0", "there is no port /dev/ttyNOPE0"),
        ("file:///dev/usb/lp99", "there is no port /dev/usb/lp99"),
        ("tcp://nohost.invalid:5000", "no host of that name"),
    ],
)
def test_a_port_that_is_not_there_is_said_in_words(url: str, said: str) -> None:
    done = storekeeper("devices", "probe", url)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Errno" not in done.stderr


def test_a_port_where_nobody_listens_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = storekeeper("devices", "probe", f"tcp://127.0.0.1:{port}")
    assert (done.returncode, "not at that port" in done.stderr) == (1, True)


def test_a_copy_or_a_key_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["backup", "verify", str(tmp_path / "no.age")], input=f"{keys.fresh()}\n")
    assert (said.exit_code, said.output) == (1, f"{tmp_path / 'no.age'}: is not there\n")
    (tmp_path / "copy.age").touch()
    (tmp_path / "sheet.pdf").write_bytes(b"%PDF-1.4\n%\x93\x8c\x8b\x9e")
    words = [
        "restore",
        tmp_path / "copy.age",
        "--key-file",
        tmp_path / "sheet.pdf",
        "--config",
        tmp_path,
        "--data",
        tmp_path,
    ]
    said = CliRunner().invoke(app, [str(word) for word in words])
    assert (said.exit_code, "this is no recovery key" in said.output) == (1, True), said.output


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("update --services none", 1, "current leads to no version"),
        ("update status", 0, "No version lies in"),
        (f"update hold --for {'9' * 5000}h", 2, "expected a length such as 30m"),
    ],
)
def test_a_box_without_versions_is_said_in_words(tmp_path: Path, command: str, code: int, said: str) -> None:
    places = ["--config", str(EXAMPLE), "--data", str(tmp_path)]
    places += [] if "hold" in command else ["--root", str(tmp_path), "--state", str(tmp_path)]
    done = CliRunner().invoke(app, [*command.split(), *places])
    assert (done.exit_code, said in done.output, "None" in done.output) == (code, True, False), done.output


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("reconcile --day 9999-12-31", "--day: expected a date"),
        ("record --at 0001-01-01T00:00+14:00", "--at: expected a moment"),
        ("record --at 0001-01-01", "--at: expected a moment"),
    ],
)
async def test_a_day_that_no_calendar_has_is_said_in_words(tmp_path: Path, command: str, said: str) -> None:
    Journal(tmp_path / "storekeeper.db", NOUNS).close()
    done = CliRunner().invoke(app, [*command.split(), "--config", str(EXAMPLE), "--data", str(tmp_path)])
    assert (done.exit_code, said in done.output) == (2, True), done.output


@pytest.mark.parametrize("words", ["members list -n", "update --wait", "update --within"])
def test_a_number_without_an_end_is_refused_by_its_range(tmp_path: Path, words: str) -> None:
    """`members list -n` with 23 digits was an OverflowError."""
    done = CliRunner().invoke(app, [*words.split(), "9" * 23, "--config", str(EXAMPLE), "--data", str(tmp_path)])
    assert (done.exit_code, "less than or equal to" in " ".join(done.output.split())) == (2, True), done.output


def test_nobody_reads_the_numbers_of_errors(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["update", "renew", str(tmp_path), "--keys", str(EXAMPLE / "store.toml")])
    assert (done.exit_code, "Errno" in done.output) == (1, False), done.output


@pytest.mark.parametrize("command", ["check", "apply"])
def test_links_that_lead_in_a_circle_are_said_in_words(tmp_path: Path, command: str) -> None:
    (circle := tmp_path / "circle").symlink_to(circle)
    done = CliRunner().invoke(app, [command, str(circle), "--config", str(EXAMPLE), "--data", str(tmp_path / "data")])
    assert done.exit_code in (1, 2)
    assert not isinstance(done.exception, RuntimeError)
    assert "Errno" not in done.output


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ("{}", 1, "is damaged"),
        ("[]", 1, "is damaged"),
        ('{"last":5,"acked":5,"state":"ok","since":"today","error":"[/b] \\u202e"}', 0, "[/b] \\u202e"),
    ],
)
def test_whatever_sync_left_is_said_in_words(tmp_path: Path, found: str, code: int, said: str) -> None:
    (tmp_path / "sync.json").write_text(found)
    done = CliRunner().invoke(app, ["sync", "status", "--config", str(EXAMPLE), "--data", str(tmp_path)])
    assert (done.exit_code, said in done.output) == (code, True), done.output


async def test_a_journal_of_a_later_version_is_not_taken_for_a_gateway(tmp_path: Path) -> None:
    path = tmp_path / "storekeeper.db"
    Journal(path, NOUNS).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(JournalTooNew):
        await box._act_alone(path, NOUNS, lambda journal: journal.write(Tx.beat))


@pytest.mark.parametrize("cloud", ["http://10.0.0.5:8090", "http://cloud.example.com"])
async def test_a_journal_is_verified_also_where_the_cloud_may_not_be_asked(tmp_path: Path, cloud: str) -> None:
    """It ended with the refusal to speak in clear, and said nothing of the chain on the box."""
    path = tmp_path / "data" / "storekeeper.db"
    path.parent.mkdir()
    journal = Journal(path, NOUNS)
    await journal.write(furnish)
    last = journal.sequence
    journal.close()
    shutil.copytree(EXAMPLE, tmp_path / "config")
    (tmp_path / "config" / "gateway.toml").write_text(f'[cloud]\nurl = "{cloud}"\n[broker]\nkind = "external"\n')
    words = ["journal", "verify", "--config", str(tmp_path / "config"), "--data", str(path.parent)]
    done = CliRunner().invoke(app, words)
    said = " ".join(done.output.split())
    assert (done.exit_code, f"{last} facts, an unbroken chain" in said) == (0, True), done.output
    assert "cloud: the cloud was not asked: the cloud's address is http://" in said
    with closing(JournalReader(path)) as reader:
        digest = (reader.hash_at(last) or b"").hex()
    for kept, code, expected in ((digest, 0, "as this box remembers it"), ("00" * 32, 1, "is not the one that")):
        path.with_name("sync.json").write_text(json.dumps({"acked": last, "acked_hash": kept}))
        done = CliRunner().invoke(app, words)
        assert (done.exit_code, expected in " ".join(done.output.split())) == (code, True), done.output


async def test_the_tail_counts_what_it_shows_and_knows_its_types(tmp_path: Path) -> None:
    """`--type nonsense` said nothing at all, and the newest twenty of everything were looked through for a type."""

    def tail(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["journal", "tail", *words, "--config", str(EXAMPLE), "--data", str(tmp_path)])
        return done.exit_code, done.output

    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    assert tail() == (0, "No facts yet.\n")
    carts = [f"cart-{number}" for number in range(30)]
    await journal.write(lambda tx: [tx.emit(CartRemoved(cart=each)) for each in carts[:3]] and None)
    await journal.write(lambda tx: [tx.emit(CartAdded(cart=each)) for each in carts] and None)
    journal.close()
    shown = tail("--type", "cart.removed", "-n", "2")[1]
    assert ("cart-0" in shown, "cart-2" in shown, len(shown.splitlines())) == (False, True, 2)
    assert len(tail("--type", "cart.removed", "-n", str(10**30))[1].splitlines()) == 3
    assert tail("--type", "cart", "-n", "0") == (0, "")
    assert tail("--type", "coupon.claimed") == (0, "No facts of coupon.claimed yet.\n")
    assert tail("--type", "coupn") == (2, 'No type begins with "coupn"; did you mean "coupon"?\n')
    code, said = tail("--type", "zzzz%")
    assert (code, 'begins with "zzzz%"; known: ' in said, "cart" in said) == (2, True, True)


def test_every_trouble_has_a_sentence() -> None:
    for code in errno.errorcode:
        assert ": " in (file := of_file(OSError(code, os.strerror(code), "/x/y")))
        assert ": " in (port := of_port("serial:///dev/x", OSError(code, "?")))
        assert "Errno" not in file + port


def test_a_database_that_cannot_be_used_is_said_with_what_to_do(tmp_path: Path) -> None:
    """On a full disk `journal verify` said "OperationalError: disk I/O error"."""
    with pytest.raises(sqlite3.Error) as told:
        sqlite3.connect(tmp_path / "nothing" / "storekeeper.db")
    assert of_database(told.value).endswith("(unable to open database file): is its disk full, read-only or gone?")
    assert of_database(sqlite3.DatabaseError("no such table: x")).endswith(
        "storekeeper doctor looks what is wrong with it"
    )


def test_a_journal_that_may_not_be_used_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that cannot be written not even the tail was shown, and nobody was told which file, or why."""
    with pytest.raises(sqlite3.OperationalError) as told:
        open_readonly(tmp_path / "none" / "storekeeper.db")
    assert of_database(told.value) == f"{tmp_path}/none/storekeeper.db: there is no folder {tmp_path}/none"
    (path := tmp_path / "storekeeper.db").mkdir()
    with pytest.raises(sqlite3.OperationalError) as told:
        open_readonly(path)
    for denied, said in (
        (os.R_OK, "may not read it: run this as "),
        (os.W_OK, "may not write beside it: run this as "),
    ):
        monkeypatch.setattr(os, "access", lambda _, asked, denied=denied: asked != denied)
        assert of_database(told.value).startswith(f"{path} cannot be used (")
        assert said + path.owner() in of_database(told.value)
    assert f"copy {tmp_path} to a place that can be written" in of_database(told.value)
    assert of_file(PermissionError(errno.EACCES, "", str(path / "x"))).endswith(
        f"run this as {path.owner()}, or give that user the right"
    )


def test_a_recovery_sheet_whose_key_the_box_did_not_take_is_no_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk it was left, printed, and opened no copy; the next was refused because it was there."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    command = ["backup", "sheet", str(tmp_path / "sheet.pdf"), "--config", str(EXAMPLE), "--data", str(tmp_path / "d")]
    monkeypatch.setattr(keys, "take", full)
    assert isinstance(CliRunner().invoke(app, command).exception, OSError)
    assert not (tmp_path / "sheet.pdf").exists()
    monkeypatch.undo()
    assert CliRunner().invoke(app, command).exit_code == 0
    assert (tmp_path / "sheet.pdf").exists()
