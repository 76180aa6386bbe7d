"""`storekeeper catalogue` as a person meets it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.command import storekeeper
from tests.edge.products.conftest import LOAF, MILK, TEA

EXAMPLE = Path(__file__).parents[2] / "config"


def run(data: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = storekeeper("catalogue", *arguments, "--config", EXAMPLE, "--data", data, given=given)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_check_names_every_mistake(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text(f"gtin,name,price\n{MILK},x,twelve\n12345,y,1\n{LOAF},,2\n", "utf-8")
    for command in ("check", "import"):
        done = run(tmp_path / "data", command, str(file))
        assert done.returncode == 1
        for said in ("line 2, price: 'twelve'", "line 3, gtin: '12345'", "line 4, name: ''"):
            assert said in done.stdout, done.stderr


def test_a_pipe_is_as_good_as_a_file(tmp_path: Path) -> None:
    table = f"gtin,name,price\n{MILK},奶,1\n".encode()
    for name in ("-", "/dev/stdin"):
        done = run(tmp_path / "data", "import", name, given=table)
        assert done.returncode == 0, done.stderr
        assert "1 products is built" in done.stdout
    assert (
        "1 good products"
        in run(tmp_path / "data", "check", "-", given=b'{"gtin": "%s", "name": "x"}' % TEA.encode()).stdout
    )


def test_find_shows_the_price_of_the_page(tmp_path: Path) -> None:
    table = f"gtin,name,price,promo_price,sold_by\n{MILK},奶,19.80,12.90,\n{LOAF},[b]面包,3,,kg\n".encode()
    assert run(tmp_path, "import", "-", "--activate", given=table).returncode == 0
    assert "¥12.90" in run(tmp_path, "find", "奶").stdout
    assert "¥3.00 / kg" in (found := run(tmp_path, "find", "面包").stdout)
    assert "[b]面包" in found


@pytest.mark.parametrize("what", ["folder", "nothing", "workbook"])
def test_what_is_no_table_is_a_sentence(tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "workbook").write_bytes(b"PK\x03\x04" + bytes(100))
    done = run(tmp_path / "data", "check", str(tmp_path / what))
    assert done.returncode in (1, 2)
    assert len(done.stderr) > 20


def test_a_data_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    done = run(tmp_path / "data", "check", "-", given=f"gtin,name\n{MILK},x\n".encode())
    assert done.returncode == 1
    assert str(tmp_path / "data") in done.stderr
