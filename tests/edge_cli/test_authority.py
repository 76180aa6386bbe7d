"""The store's authority: what it signs for and what not, whom it convinces, and what a clock that is wrong may do."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from device_drivers import pinning, trusted_time
from device_drivers.broker import BrokerAddress
from edge.domain.needs import LOOK, SOON
from edge.gateway.broker_certificate import BrokerCertificate
from operations.certificates import renewal
from operations.certificates.authority import (
    AUTHORITY_FOR,
    FROM,
    LEAF_FOR,
    Authority,
    CertificateError,
    Names,
    fingerprint,
)
from tests.conftest import need

NOW = datetime(2026, 11, 26, tzinfo=UTC)
NAMES = Names.of(["localhost", "127.0.0.1", "box.lan", "192.168.1.10"])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path / "ca", "s001", NAMES, NOW)


def test_openssl_believes_what_it_signs(authority: Authority, tmp_path: Path) -> None:
    need("openssl")
    leaf = authority.sign("broker", NAMES, NOW)
    (tmp_path / "leaf.crt").write_bytes(leaf.certificate)
    for root in ("ca.crt", "ca-firmware.crt"):
        done = _openssl("verify", "-x509_strict", "-CAfile", f"{tmp_path}/ca/{root}", f"{tmp_path}/leaf.crt")
        assert done.returncode == 0, done.stderr


def test_openssl_refuses_what_lies_outside_its_constraints(authority: Authority, tmp_path: Path) -> None:
    """Whoever steals the key cannot play a bank with it."""
    need("openssl")
    thief = authority._leaf("bank", Names.of(["bank.example", "8.8.8.8"]), authority._key.public_key(), NOW)
    (tmp_path / "leaf.crt").write_bytes(thief.public_bytes(Encoding.PEM))
    done = _openssl("verify", "-CAfile", f"{tmp_path}/ca/ca.crt", f"{tmp_path}/leaf.crt")
    assert done.returncode != 0
    assert "permitted subtree violation" in done.stdout + done.stderr


def test_it_signs_for_the_stores_own_names_alone(authority: Authority) -> None:
    with pytest.raises(CertificateError, match="may sign for"):
        authority.sign("broker", Names.of(["bank.example", "8.8.8.8"]), NOW)
    signed = x509.load_pem_x509_certificate(
        authority.sign("broker", Names.of(["bank.example", "box.lan"]), NOW).certificate
    )
    names = signed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["box.lan"]


def test_it_is_made_once(authority: Authority) -> None:
    with pytest.raises(CertificateError, match="already"):
        Authority.make(authority.folder, "s001", NAMES, NOW)
    again = Authority.read(authority.folder)
    assert again.fingerprint == authority.fingerprint == fingerprint((authority.folder / "ca.crt").read_bytes())
    assert pinning.fingerprint((authority.folder / "ca.crt").read_text()) == authority.fingerprint


@pytest.mark.parametrize("damage", ["ca.key", "ca.crt"])
def test_a_lost_or_foreign_half_is_named(authority: Authority, damage: str, tmp_path: Path) -> None:
    other = Authority.make(tmp_path / "other", "s001", NAMES, NOW)
    (authority.folder / damage).write_bytes((other.folder / damage).read_bytes())
    with pytest.raises(CertificateError, match="is not the key of"):
        Authority.read(authority.folder)
    (authority.folder / damage).write_bytes(b"\x00")
    with pytest.raises(CertificateError, match="cannot be read"):
        Authority.read(authority.folder)
    (authority.folder / damage).unlink()
    with pytest.raises(CertificateError, match=r"storekeeper setup makes it"):
        Authority.read(authority.folder)


@pytest.mark.parametrize("clock", [datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(2031, 5, 1, tzinfo=UTC)])
def test_whatever_the_clock_said_when_it_signed_it_is_valid_today(clock: datetime, tmp_path: Path) -> None:
    made = Authority.make(tmp_path / "ca", "s001", NAMES, clock)
    leaf = x509.load_pem_x509_certificate(made.sign("broker", NAMES, clock).certificate)
    for found, lasts in ((made.certificate, AUTHORITY_FOR), (leaf, LEAF_FOR)):
        assert found.not_valid_before_utc == FROM
        assert found.not_valid_after_utc == max(clock, FROM) + lasts


def test_a_leaf_outlives_ninety_days_without_internet_twice_over(authority: Authority, tmp_path: Path) -> None:
    leaf = authority.sign("broker", NAMES, NOW)
    renewal.put(leaf, tmp_path / "s.crt", tmp_path / "s.key")
    root = authority.folder / "ca.crt"

    def why(days: int, names: Names = NAMES) -> str:
        return renewal.standing(tmp_path / "s.crt", root, names, NOW + timedelta(days=days)).why

    assert why(0) == why(200) == ""
    assert why(300).startswith("it ends in 9")
    assert "also called 192.168.1.77" in why(0, Names.of(["192.168.1.77"]))
    other = Authority.make(tmp_path / "other", "s001", NAMES, NOW)
    assert renewal.standing(tmp_path / "s.crt", other.folder / "ca.crt", NAMES, NOW).why.startswith("it is not of")


# --- whom it convinces ---


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A TLS server whose certificate ended long ago: its port, and the authority that signed it."""
    leaf = authority.sign("broker", NAMES, FROM - LEAF_FOR)  # from 2025 on for 397 days: over since February 2026
    renewal.put(leaf, tmp_path / "s.crt", tmp_path / "s.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "s.crt", tmp_path / "s.key")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context), daemon=True).start()
        yield listener.getsockname()[1], authority.folder / "ca.crt"
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        try:
            context.wrap_socket(line, server_side=True).close()
        except OSError:
            line.close()


def _greet(port: int, root: Path, name: str = "localhost") -> None:
    context = pinning.context(str(root))
    with socket.create_connection(("127.0.0.1", port), 60) as line, context.wrap_socket(line, server_hostname=name):
        pass


def test_no_date_is_judged_before_the_time_is_known(server: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    port, root = server
    monkeypatch.setattr(trusted_time, "synchronised", lambda: False)
    _greet(port, root)
    monkeypatch.setattr(trusted_time, "synchronised", lambda: True)
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        _greet(port, root)
    # A kernel that calls 1970 kept is as wrong as its clock.
    monkeypatch.setattr(trusted_time.time, "time", lambda: 5.0)
    _greet(port, root)


def test_a_wrong_clock_excuses_dates_and_nothing_else(
    server: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, root = server
    monkeypatch.setattr(trusted_time, "synchronised", lambda: False)
    other = Authority.make(tmp_path / "foreign", "s001", NAMES, NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        _greet(port, other.folder / "ca.crt")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _greet(port, root, "elsewhere.lan")


def test_the_end_of_the_brokers_certificate_is_a_need(
    server: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, root = server
    shown = BrokerCertificate(BrokerAddress("localhost", port, tls=True, authority=str(root)))
    monkeypatch.setattr(trusted_time, "synchronised", lambda: False)
    assert shown.needs(0) == []
    shown.look()
    end = round((FROM + LEAF_FOR).timestamp() * 1000)
    assert shown.until_ms == end
    day = 86_400_000
    assert shown.needs(end - 91 * day) == []
    assert [
        (need.kind, need.urgency, need.details["days"])
        for left in (89, 3, -5)
        for need in shown.needs(end - left * day)
    ] == [
        ("broker_certificate_ends", LOOK, 89),
        ("broker_certificate_ends", SOON, 3),
        ("broker_certificate_ends", SOON, 0),
    ]
    monkeypatch.setattr(trusted_time, "synchronised", lambda: True)
    shown.look()
    assert [need.kind for need in shown.needs(0)] == ["broker_certificate_refused"]


def test_a_box_that_wakes_in_1970_connects(server: tuple[int, Path]) -> None:
    """As a process of its own, with a clock that really says so."""
    faketime = shutil.which("faketime")
    if faketime is None:
        need("faketime")
    port, root = server
    code = (
        "import socket, sys, time; from device_drivers import pinning; assert time.time() < 100_000_000\n"
        "line = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 60)\n"
        "pinning.context(sys.argv[2]).wrap_socket(line, server_hostname='localhost').close()"
    )
    done = subprocess.run(
        [str(faketime), "1970-01-02 00:00:00", sys.executable, "-c", code, str(port), str(root)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


def test_a_name_of_other_letters_is_signed_in_its_ascii_form(tmp_path: Path) -> None:
    names = Names.of(["商店.example", "a" * 70 + "é", "BÜRO", "::1", ""])
    assert names == Names(("xn--czrs0t.example", "xn--bro-hoa"), ("::1",))
    authority = Authority.make(tmp_path, "s001", names, datetime.now(UTC))
    assert authority.may_sign(names) == names
