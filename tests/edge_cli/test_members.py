"""`storekeeper members`: take over a list, look, and erase, with and without a gateway that runs."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.bootstrap.gateway import open_gateway
from edge.cli import input_files
from edge.cli.app import app
from edge.cli.member_lists import Listed, MemberList
from edge.domain.callers import Caller, Proof
from edge.domain.members import decisions as members
from edge.domain.members import numbers
from edge.domain.members.facts import Consents
from edge.domain.members.rules import Browser
from edge.gateway.gateway import Gateway
from edge.journal import Reader
from edge.products.mistakes import BadFile, Mistake
from tests.edge_cli.test_store_key import settings_of

CONFIG = Path(__file__).resolve().parents[2] / "config"
PHONE = "+8613800138000"


async def join(gateway: Gateway, phone: str, number: int = 1) -> Caller:
    made = await gateway.decide(
        members.register,
        shown={},
        sealed=gateway.parts.vault.seal(phone),
        consents=Consents(service=True, marketing=False),
        language="en",
        touchpoint="poster-door",
        request=f"r{number}",
        browser=Browser(f"b{number}", f"s{number}"),
    )
    return Caller(made.member, f"b{number}", Proof.DEVICE, made.session)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A store with one member."""

    async def once() -> None:
        async with open_gateway(settings_of(tmp_path / "data")) as gateway:
            await join(gateway, PHONE)

    asyncio.run(once())
    return tmp_path / "data"


def run(data: Path, *words: str, said: str = "") -> Result:
    return CliRunner().invoke(app, ["members", *words, "--config", str(CONFIG), "--data", str(data)], input=said)


def ask(data: Path, sql: str) -> list[tuple[object, ...]]:
    reader = Reader(data / "storekeeper.db")
    found = [tuple(row) for row in reader.all(sql)]
    reader.close()
    return found


def test_a_number_comes_by_standard_input_and_is_erased(data: Path) -> None:
    shown = run(data, "show", said="138 0013 8000\n")
    assert shown.exit_code == 0, shown.output
    assert "service 2026-11-26" in shown.output
    assert "13800138000" not in shown.output.replace(" ", "")
    done = run(data, "erase", "--yes", said="138 0013 8000\n")
    assert (done.exit_code, done.output) == (0, "Erased: 1.\n")
    assert ask(data, "SELECT count(*) FROM person_keys") == [(0,)]
    assert len([line for line in (data / "erased.txt").read_text().splitlines() if not line.startswith("#")]) == 1
    again = run(data, "erase", "--yes", said="13800138000\n")
    assert (again.exit_code, "Nobody" in again.output) == (1, True)


@pytest.mark.parametrize("words", [("show", "nope"), ("erase", "nope"), ("erase", "nope", "--yes")])
def test_nobody_of_that_id_is_said_before_anything_is_asked(data: Path, words: tuple[str, ...]) -> None:
    done = run(data, *words)
    assert (done.exit_code, "Nobody is registered so." in done.output, "for good" in done.output) == (1, True, False)


def test_members_are_listed_without_their_numbers(data: Path) -> None:
    found = run(data, "list")
    assert found.exit_code == 0
    assert found.output.rstrip().endswith("1 phone")
    assert "138" not in found.output.split()[-1]


def test_a_journal_of_an_earlier_version_is_opened_first(data: Path) -> None:
    with closing(sqlite3.connect(data / "storekeeper.db", isolation_level=None)) as old:
        old.execute("DROP TABLE person_numbers")
        old.execute("DROP TABLE consents")
        old.execute("DELETE FROM _sqlite_migrations WHERE name='person_numbers'")
        old.execute("DELETE FROM cache")
    found = run(data, "list")
    assert found.exit_code == 0, found.output


LIST = "手机号,卡号,积分\n13900139000,VIP-001,1200\n139 0013 9001,VIP-002,\n"


@pytest.mark.parametrize(
    "raw",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("gbk"),
        LIST.replace("\n", "\r\n").encode("gb18030"),
        LIST.replace(",", ";").encode(),
        LIST.replace(",", "\t").encode("utf-16"),
        ("sep=,\n" + LIST).encode(),
        LIST.replace("\n", "\r").encode(),
        LIST.replace("1200", '"1,200.00"').encode(),
        b"Phone,Card No.,Points,Birthday\n+86 139 0013 9000,VIP-001,1200,x\n13900139001,VIP-002,0,y\n",
        ("会员资料表,,\n导出时间:2026-11-27,,\n" + LIST + ",,\n合计,,1200\n").encode(),
        LIST.replace(",", "，").encode(),
        "姓名,联系电话,手机号码*,会员卡号(必填),累计积分,可用积分(分)\n李,010-62345678,13900139000,VIP-001,9000,1200\n"
        "王,,13900139001,VIP-002,10,0\n".encode("gb18030"),
        b'Telefon;Kundenkarte;Punkte\n="+8613900139000";="VIP-001";1200,00\n\'13900139001;\'VIP-002;0,00\n',
        '手機號碼,會員卡號,積分\n13900139000,VIP-001,"1,200"\n"139\n00139001",VIP-002,\n'.encode("big5"),
    ],
)
def test_a_list_of_any_dialect_is_read(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(raw)
    found = list(MemberList(file, "CN"))
    assert [(each.number, each.card, each.points) for each in found if isinstance(each, Listed)] == [
        ("+8613900139000", "VIP-001", 1200),
        ("+8613900139001", "VIP-002", 0),
    ]


@pytest.mark.parametrize("none", ["-", "无", "NULL", "n/a", "0", "0000", "暂无"])
def test_a_word_for_no_card_is_no_card(tmp_path: Path, none: str) -> None:
    """The second one was taken for the first one's card, and its member left out."""
    file = tmp_path / "members.csv"
    file.write_text(f"number,card,points\n13900139000,{none},1\n13900139001,{none},2\n13900139002,A-0,null\n", "utf-8")
    found = [each for each in MemberList(file, "CN") if isinstance(each, Listed)]
    assert [(each.card, each.points) for each in found] == [("", 1), ("", 2), ("A-0", 0)]


def test_a_card_that_a_spreadsheet_took_for_an_amount(tmp_path: Path) -> None:
    """Its `.0` became one more digit of the number, that of another card."""
    file = tmp_path / "members.csv"
    file.write_text("number,card,points\n13900139000.0,12345678.0,12.0\n13900139001,6.22e+15,1\n")
    first, second = MemberList(file, "CN")
    assert isinstance(first, Listed)
    assert (first.number, first.card, first.points) == ("+8613900139000", "12345678", 12)
    assert isinstance(second, Mistake)
    assert (second.line, second.field) == (3, "card")


@pytest.mark.parametrize("heading", ["手机号,积分,积分", "手机号,积分(累计),积分(可用)", "手机号,手机号,积分"])
def test_two_columns_of_one_field_are_asked_about(tmp_path: Path, heading: str) -> None:
    file = tmp_path / "members.csv"
    file.write_text(f"{heading}\n13900139000,9000,12\n")
    with pytest.raises(BadFile, match="both mean"):
        list(MemberList(file, "CN"))


def test_points_with_a_comma_do_not_fill_the_next_cell(tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text("number,points,level\n13900139000,1,234,\n13900139001,1,200,gold\n13900139002,5,gold\n")
    found = list(MemberList(file, "CN"))
    assert [each.line for each in found if isinstance(each, Mistake)] == [2, 3]


def test_each_bad_line_is_named_and_costs_itself(tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    rows = ["number,card,points", "13900139000,a,1", "12345,b,2", "13900139001,c,-5", "13900139000,d,1", "1.39E+10,e,1"]
    rows += [f"13900139002,{'x' * 41},1", "13900139003,f,1.5", "13900139004,g,10"]
    file.write_text("\n".join(rows))
    found = list(MemberList(file, "CN"))
    assert [each.line for each in found if isinstance(each, Mistake)] == [3, 4, 5, 6, 7, 8]
    assert [each.line for each in found if isinstance(each, Listed)] == [2, 9]
    assert all("139001390" not in str(each) for each in found if isinstance(each, Mistake))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("13900139001,6.22E+15,5", "card"),
        ("13900139001,vip-001,5", "card"),
        ("13900139001,VIP 001,5", "card"),
        ("13900139001,VIP-002,1,200", ""),
        ("13900139001,VIP-002,1.200", "points"),
        ("13900139001,VIP-002,12,5", ""),
        ('13900139001,VIP-002,"12,5"', "points"),
        ('"13900139001,VIP-002,5', ""),
    ],
)
def test_what_could_be_read_as_something_else_is_named(tmp_path: Path, line: str, field: str) -> None:
    """One point in the place of a thousand, and cards that a spreadsheet made one of, were taken over in silence."""
    file = tmp_path / "members.csv"
    file.write_text(f"number,card,points\n13900139000,VIP-001,1\n{line}\n13900139002,VIP-003,3\n")
    found = list(MemberList(file, "CN"))
    assert [each.line for each in found if isinstance(each, Listed)] == [2, 4]
    wrong = [each for each in found if isinstance(each, Mistake)]
    assert [(each.line, each.field) for each in wrong] == [(3, field)]
    assert "139001390" not in str(wrong)


@pytest.mark.parametrize("content", ["", "name,colour\nli,red\n", "\n\n"])
def test_a_file_that_is_no_list_is_refused_in_words(tmp_path: Path, content: str) -> None:
    file = tmp_path / "members.csv"
    file.write_text(content)
    with pytest.raises(BadFile):
        list(MemberList(file, "CN"))


def test_a_list_is_taken_over_once(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes((LIST + "nonsense,x,1\n").encode("gbk"))
    checked = run(data, "import", str(file), "--check")
    assert "2 good lines, 1 bad ones" in checked.output
    assert ask(data, "SELECT count(*) FROM imported") == [(0,)]
    done = run(data, "import", str(file))
    assert (done.exit_code, "2 members taken over" in done.output) == (1, True)
    assert "line 4, number" in done.output
    again = run(data, "import", str(file))
    assert "0 members taken over, 2 were there already" in again.output
    assert sorted(ask(data, "SELECT points, card FROM imported")) == [(0, 1), (1200, 1)]
    found = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert b"13900139000" not in found
    assert b"VIP-001" not in found


async def test_whoever_proves_the_number_is_that_person(tmp_path: Path) -> None:
    async with open_gateway(settings_of(tmp_path / "data")) as gateway:
        from edge.domain.members import decisions as members
        from edge.domain.members.rules import Newcomer

        early = await join(gateway, "+8613900139001", 1)
        day = 24 * 3600_000
        await gateway.decide(
            numbers.prove, caller=early, index=gateway.parts.vault.index("+8613900139001"), proof_ms=90 * day
        )
        people = [
            Newcomer(gateway.parts.vault.seal("+8613900139000"), 1200, gateway.parts.vault.card_index("VIP-001")),
            Newcomer(gateway.parts.vault.seal("+8613900139001"), 70),
        ]
        assert await gateway.decide(members.import_members, people=people, source="old.csv", proof_ms=90 * day) == 2
        assert await gateway.decide(members.import_members, people=people, source="old.csv", proof_ms=90 * day) == 0
        late = await join(gateway, "+8613900139000", 2)
        assert not gateway.reads.one("SELECT 1 FROM kin WHERE member=? AND other<>member", late.member)
        await gateway.decide(
            numbers.prove, caller=late, index=gateway.parts.vault.index("+8613900139000"), proof_ms=90 * day
        )
        for caller, person in ((late, people[0]), (early, people[1])):
            assert gateway.reads.one("SELECT 1 FROM kin WHERE member=? AND other=?", caller.member, person.phone.member)


def test_a_list_comes_through_a_pipe(data: Path) -> None:
    result = run(data, "import", "-", said="number,card,points\n13900139000,C1,5\n")
    assert (result.exit_code, result.stdout) == (0, "1 members taken over, 0 were there already, 0 bad lines.\n")


@pytest.mark.parametrize("command", [["members", "import"], ["catalogue", "check"]])
def test_what_never_ends_is_refused(data: Path, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # A gibibyte of nothing takes as long to refuse as the disk is slow.
    monkeypatch.setattr(input_files, "LARGEST_PIPE", 3 << 20)
    result = CliRunner().invoke(app, [*command, "/dev/zero", "--config", str(CONFIG), "--data", str(data)])
    assert result.exit_code == 1
    assert "/dev/zero: more than 3 MiB come through the pipe; import a file instead" in result.output
