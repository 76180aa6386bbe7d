"""The doctor says what is so: parts, time, disk, the broker's rights, and what was never done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

from device_drivers import trusted_time
from device_drivers.broker import BrokerAddress
from edge.bus import brokers
from edge.bus import rights as trying
from edge.bus.rights import rights
from edge.journal import outage
from edge.secrets import credentials
from operations.diagnosis import expiry, installed, on_the_bus, room, synchronised, uplink
from operations.diagnosis.findings import Finding, Health
from tests.conftest import free_port, new_broker

EXAMPLE = Path(__file__).parents[2] / "config"
GATEWAY = ("argon2", "cryptography", "fastapi", "jinja2", "prometheus_client", "starlette", "uvicorn")


def doctor(*arguments: str, without: tuple[str, ...] = (), **env: str) -> subprocess.CompletedProcess[str]:
    blocked = f"import sys; [sys.modules.update({{name: None}}) for name in {without!r}];"
    program = f"{blocked}from edge.cli.__main__ import main; main()"
    argv = [sys.executable, "-c", program, "doctor", "--config", str(EXAMPLE), *arguments]
    return subprocess.run(
        argv, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "COLUMNS": "250", **env}
    )


def by_part(found: list[Finding]) -> dict[str, list[str]]:
    return {finding.part: [each.code for each in found if each.part == finding.part] for finding in found}


def test_json_names_every_part_and_ends_like_the_text(tmp_path: Path) -> None:
    done = doctor("--json", "--data", str(tmp_path))
    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert said["format"] == 1
    assert said["health"] == "note"
    parts = {finding["part"] for finding in said["findings"]}
    assert parts >= {
        "parts",
        "settings",
        "device_settings",
        "clock",
        "disk",
        "broker",
        "sync",
        "backup",
        "certificates",
    }
    assert all(finding["health"] in ("ok", "note", "bad") and finding["text"] for finding in said["findings"])
    backup = next(finding for finding in said["findings"] if finding["part"] == "backup")
    assert "no backup was ever made" in backup["text"]


@pytest.mark.parametrize("name", ["devices.toml", "store.key", "cloud.token", "staff.toml", "operators.toml"])
@pytest.mark.parametrize("how", ["folder", "circle"])
def test_a_file_that_cannot_be_read_hides_nothing_else(tmp_path: Path, name: str, how: str) -> None:
    """Whoever forgot sudo heard of the first file, by the number of an error, and of nothing that came after it."""
    (secret := tmp_path / "secrets" / name).parent.mkdir(mode=0o700)
    if how == "folder":
        secret.mkdir()
    else:
        secret.symlink_to(secret)
    done = doctor("--data", str(tmp_path), "--json")
    parts = {each["part"] for each in json.loads(done.stdout)["findings"]}
    assert {"settings", "broker", "sync", "backup", "certificates"} <= parts, done.stderr
    assert "Errno" not in done.stdout + done.stderr


def test_a_journal_that_cannot_be_opened_is_said_and_no_backup_is_denied(tmp_path: Path) -> None:
    """Nothing was said of it, and that no backup was ever made, which stands in it."""
    (tmp_path / "storekeeper.db").mkdir()
    found = json.loads(doctor("--data", str(tmp_path), "--json").stdout)["findings"]
    assert [each["health"] for each in found if each["part"] == "journal"] == ["bad"]
    assert "backup" not in {each["part"] for each in found}


def test_mistakes_in_the_settings_are_one_document_too(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text("prot = 1")
    done = doctor("--json", "--config", str(tmp_path))
    said = json.loads(done.stdout)
    assert (done.returncode, said["health"], said["findings"][-1]["part"]) == (1, "bad", "settings")
    assert 'unknown key "prot"' in said["findings"][-1]["text"]


def test_without_the_gateway_s_part_no_box_can_run_a_store(tmp_path: Path) -> None:
    done = doctor("--data", str(tmp_path), without=GATEWAY)
    assert done.returncode == 1, done.stderr
    assert "the part “gateway” is not installed" in done.stdout
    assert 'pip install "storekeeper[gateway]"' in done.stdout
    assert "can run a store" not in done.stdout
    assert "Traceback" not in done.stderr


def test_a_box_for_devices_alone_needs_no_gateway(tmp_path: Path) -> None:
    done = doctor("--box", "devices", "--data", str(tmp_path), without=GATEWAY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "This box can run devices of a store." in done.stdout


def test_the_list_of_parts_is_the_package_s_own() -> None:
    named: dict[str, set[str]] = {part: set() for part in installed.PARTS}
    for requirement in requires("storekeeper") or ():
        extra = re.search(r'extra == "(\w+)"', requirement)
        name = re.match(r"[\w.-]+", requirement)
        if extra and name and extra[1] in named:
            named[extra[1]].add(name[0].lower())
    of_module: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        of_module[module] = {each.lower().replace("_", "-") for each in distributions}
    for part, modules in installed.PARTS.items():
        if part != "tracing":
            provided = set().union(*(of_module.get(module, set()) for module in modules))
            assert named[part] - provided == set(), part
        assert installed.missing(part) == []


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker may be slow to answer, as this machine is."""
    monkeypatch.setattr(trying, "PATIENCE_S", 60.0)


@pytest.fixture
def checked(tmp_path: Path, require: Callable[[str], None]) -> Iterator[Callable[..., brokers.Broker]]:
    require("mosquitto")
    running: list[brokers.Broker] = []

    def start(logins: dict[str, str] | None) -> brokers.Broker:
        broker = new_broker("mosquitto", tmp_path / f"broker-{len(running)}", logins)
        broker.start()
        running.append(broker)
        return broker

    yield start
    for broker in running:
        broker.stop()


def test_a_foreign_device_is_refused_by_the_store_s_own_rights(
    checked: Callable[..., brokers.Broker], tmp_path: Path
) -> None:
    credentials.prepare(tmp_path, ["gateway", "doctor", "cart-01"])
    logins = credentials.passwords(tmp_path)
    where = BrokerAddress.parse(checked(logins).url)
    tried = rights(where, "s001", logins["doctor"])
    assert tried == type(tried)(stranger=False)
    (finding,) = on_the_bus.broker_rights(where, tried, loopback=False)
    assert (finding.code, finding.health) == ("rights_held", Health.WELL)
    wrong = rights(where, "s001", "not the password")
    (finding,) = on_the_bus.broker_rights(where, wrong, loopback=False)
    assert (finding.code, finding.health) == ("rights_untried", Health.NOTE)


def test_a_broker_whose_rights_are_gone_is_found_out(checked: Callable[..., brokers.Broker], tmp_path: Path) -> None:
    credentials.prepare(tmp_path, ["gateway", "doctor"])
    logins = credentials.passwords(tmp_path)
    broker = checked(logins)
    folder = tmp_path / "broker-0"
    broker.stop()
    config = (folder / "mosquitto.conf").read_text("utf-8")
    assert "acl_file" in config
    (folder / "mosquitto.conf").write_text(re.sub(r"acl_file .*\n", "", config), "utf-8")
    argv = ["mosquitto", "-c", str(folder / "mosquitto.conf")]
    path = f"{os.environ['PATH']}:/usr/sbin"
    process = subprocess.Popen(argv, env={**os.environ, "PATH": path}, stderr=subprocess.DEVNULL)
    try:
        where = BrokerAddress.parse(broker.url)
        wait_for(where)
        codes = by_part(list(on_the_bus.broker_rights(where, rights(where, "s001", logins["doctor"]), loopback=False)))
        assert codes == {"broker_rights": ["rights_speaks"]}
    finally:
        process.terminate()
        process.wait(60)


def wait_for(where: BrokerAddress) -> None:
    import socket

    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection((where.host, where.port), 1).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.02)
        else:
            return


def test_a_broker_without_passwords_is_a_demo_s_on_loopback_and_bad_elsewhere(
    checked: Callable[..., brokers.Broker],
) -> None:
    where = BrokerAddress.parse(checked(None).url)
    tried = rights(where, "s001", None)
    assert tried.stranger
    assert tried.speaks
    assert [each.code for each in on_the_bus.broker_rights(where, tried, loopback=True)] == ["rights_loopback"]
    found = list(on_the_bus.broker_rights(where, tried, loopback=False))
    assert [each.code for each in found] == ["rights_stranger", "rights_speaks"]
    assert {each.health for each in found} == {Health.ILL}


def test_a_clock_that_contradicts_the_journal_or_the_cloud_is_said() -> None:
    now = int(time.time() * 1000)
    year = 366 * 86_400_000
    assert next(iter(synchronised.clock(now + 3_600_000, None))).code == "clock_behind"
    assert next(iter(synchronised.clock(now - 2 * year, None))).code == "clock_jumped"
    off = next(iter(synchronised.clock(now, 7200.0)))
    assert (off.code, off.health) == ("clock_off", Health.ILL)
    assert "2\u00a0h" in off.text
    last = list(synchronised.clock(now, 0.2))[-1]
    assert last.code in ("clock_kept", "clock_not_yet", "clock_alone_agrees")


def test_the_kernel_is_asked_whether_somebody_keeps_its_clock() -> None:
    state = trusted_time.kernel()
    assert state is not None
    assert state.error_s >= 0


def test_the_cloud_s_own_clock_is_asked(require: Callable[[str], None]) -> None:
    require("requests")
    import http.server
    import threading

    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.RequestHandlerClass.log_message = lambda *_: None  # type: ignore[method-assign,assignment]
    server.RequestHandlerClass.date_time_string = lambda *_: "Fri, 01 Jan 2038 00:00:00 GMT"  # type: ignore[assignment,method-assign]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        ahead = synchronised.told_by(f"http://127.0.0.1:{server.server_address[1]}")
        assert ahead is not None
        assert ahead > 86_400
        assert synchronised.told_by(f"http://127.0.0.1:{free_port()}") is None
        server.RequestHandlerClass.date_time_string = lambda *_: f"Fri, 01 Jan {10**20} 00:00:00 GMT"  # type: ignore[assignment,method-assign]
        assert synchronised.told_by(f"http://127.0.0.1:{server.server_address[1]}") is None, "no date has that year"
    finally:
        server.shutdown()
        server.server_close()


class Grown:
    """A journal of so many facts over so many days, as `room` asks it."""

    def __init__(self, facts: int, days: float, now_ms: int) -> None:
        self.facts, self.first, self.step = facts, now_ms - days * room.DAY_MS, days * room.DAY_MS / facts

    def one(self, sql: str, *given: int) -> dict[str, int] | None:
        if "min(sequence)" in sql:
            return {"first": 1, "last": self.facts}
        return {"wall_ms": int(self.first + (given[0] - 1) * self.step)}


def test_the_disk_lasts_as_long_as_the_journal_s_pace_says(tmp_path: Path) -> None:
    (tmp_path / "storekeeper.db").write_bytes(bytes(2_320_000))
    now = 1_800_000_000_000
    found = room.room(tmp_path, Grown(10_000, 100, now), now)  # type: ignore[arg-type]
    assert found.per_day == pytest.approx(23_200, rel=0.02)
    assert found.days == pytest.approx(found.free / 23_200, rel=0.02)
    assert room.room(tmp_path, Grown(10_000, 0.001, now), now).days is None  # type: ignore[arg-type]


def test_an_uplink_that_stopped_is_not_taken_for_one_that_is_well(tmp_path: Path) -> None:
    path = tmp_path / "sync.json"
    said = {"acked": 7, "last": 9, "state": "ok", "since": "2026-11-26T08:00:00Z", "at": "2026-11-26T08:00:01Z"}
    path.write_text(json.dumps(said), "utf-8")
    assert next(uplink.sync(tmp_path)).code == "sync_stopped"
    for at in (f"{datetime.now(UTC) + timedelta(hours=9):%Y-%m-%dT%H:%M:%SZ}", "2026-11-26T08:00:01", "soon"):
        path.write_text(json.dumps({**said, "at": at}), "utf-8")
        assert next(uplink.sync(tmp_path)).code == "sync_stopped", "the clock went back since, or it is no moment"
    lively = {**said, "state": "offline", "error": "no route", "at": datetime.now(UTC).isoformat()}
    path.write_text(json.dumps(lively), "utf-8")
    away = next(uplink.sync(tmp_path))
    assert (away.code, away.details["since"]) == ("sync_offline", "2026-11-26 08:00 UTC")
    outage.begin(tmp_path, "uplink", 60, "chen")
    assert next(uplink.sync(tmp_path)).code == "sync_rehearsed", "and nobody looks for a broken line"
    path.write_text(json.dumps({**said, "state": "diverged"}), "utf-8")
    assert next(uplink.sync(tmp_path)).health is Health.ILL
    path.write_text("{", "utf-8")
    assert next(uplink.sync(tmp_path)).code == "sync_never"


def test_certificates_are_read_and_their_end_is_said(tmp_path: Path, require: Callable[[str], None]) -> None:
    require("openssl")
    for name, days in (("late", "300"), ("soon", "20"), ("now", "3")):
        files = ["-keyout", str(tmp_path / f"{name}.key"), "-out", str(tmp_path / f"{name}.crt")]
        argv = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ed25519",
            "-nodes",
            "-days",
            days,
            "-subj",
            f"/CN={name}",
            *files,
        ]
        subprocess.run(argv, check=True, capture_output=True)
    found = list(expiry.expiries(expiry.certificates([tmp_path])))
    assert [(each.details["name"], each.health) for each in found] == [
        ("CN=now", Health.ILL), ("CN=soon", Health.NOTE), ("CN=late", Health.WELL)
    ]  # fmt: skip
    assert [each.code for each in expiry.expiries([])] == ["certificates_none"]


def test_what_is_no_whole_certificate_stops_no_doctor(tmp_path: Path) -> None:
    """A damaged extension was a traceback, and a pipe by that name was waited for."""
    os.mkfifo(tmp_path / "pipe.pem")
    key, name = Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "damaged")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=300))
    names = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\xff")
    made = made.add_extension(names, critical=False)
    pem = made.sign(key, None).public_bytes(Encoding.PEM)
    (tmp_path / "damaged.crt").write_bytes(pem)
    found = list(expiry.expiries(expiry.certificates([tmp_path])))
    assert [(each.details["name"], each.health) for each in found] == [("CN=damaged", Health.WELL)]
