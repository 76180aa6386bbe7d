"""From a bare Debian to an open store, a version further and back, and away again: in minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release import source
from tests.install.box import Box

pytestmark = [
    pytest.mark.skipif(not os.environ.get("STOREKEEPER_ROUNDS"), reason="boots a Debian: make test-all"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may boot a machine"),
    pytest.mark.timeout(3600),
]

SECONDS_AT_MOST = 600
NEXT = "99.0.0"
"""A later version, the same but for its name."""
HERE = Path(__file__).parent


def built(version: str) -> list[Path]:
    """The packages of a version, as `make deb` makes them; those in `STOREKEEPER_PACKAGES` where it is set."""
    if there := os.environ.get("STOREKEEPER_PACKAGES"):
        return sorted(Path(there).glob(f"storekeeper_{version}+deb12_*.deb"))
    told = os.environ | {"STOREKEEPER_VERSION": version}
    subprocess.run([sys.executable, "-m", "release.deb"], check=True, cwd=source.ROOT, env=told)
    return sorted((source.ROOT / "dist").glob(f"storekeeper_{version}+deb12_*.deb"))


def bring(box: Box, version: str) -> None:
    """The packages of a version, onto the box."""
    for package in built(version):
        box.take(package, f"/root/{version}/{package.name}")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Box]:
    need: Callable[[str], None] = request.getfixturevalue("require")
    for program in ("debootstrap", "systemd-nspawn", "dpkg-deb"):
        need(program)
    found = Box.bare(tmp_path_factory.mktemp("machine") / "root")
    bring(found, source.version())
    try:
        found.boot()
        found.run("apt-get update")
        yield found
    finally:
        found.destroy()


def until(box: Box, command: str, wanted: str, seconds: float = 60) -> str:
    """What a command says, once it says what is wanted."""
    end = time.monotonic() + seconds
    while wanted not in (said := box.run(command, check=False).stdout):
        assert time.monotonic() < end, f"{command}: {said}"
        time.sleep(0.5)
    return said


def test_a_bare_box_becomes_an_open_store(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    said = box.run(f"apt-get install -y ./{source.version()}/storekeeper_*.deb").stdout
    assert said.strip().splitlines()[-1].endswith("Next, make this box a store:  storekeeper setup"), said
    said = box.run("storekeeper setup --name 'Fresh Life' --languages en,de --region DE --currency EUR --manager Ada")
    assert "The store is open." in said.stdout, said.stdout
    for number in (1, 2):
        box.run(f"storekeeper devices enrol cart-0{number} --kind cart --no-wait --bundle /root/cart-0{number}.json")
    asked = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8080/healthz').status)"
    until(box, f'python3 -c "{asked}"', "200")
    took = time.monotonic() - began
    with capsys.disabled():
        sys.stdout.write(f"\nfrom a bare Debian 12 to an open store: 4 commands, {took:.0f} s\n")
    assert took < SECONDS_AT_MOST


def test_a_cart_with_a_computer_of_its_own_comes_in_by_its_bundle(box: Box) -> None:
    box.take(HERE / "cart.py", "/root/cart.py")
    for number in (1, 2):
        command = (
            f"/opt/storekeeper/current/bin/python3 cart.py cart-0{number}.json cart-0{number} /root/cart-0{number}"
        )
        box.run(f"systemd-run --unit=cart-0{number} --working-directory=/root --setenv=PYTHONPATH= {command}")
        until(box, "storekeeper journal tail --count 200", f"cart-0{number}")


def test_each_service_runs_as_its_own_user_with_its_own_secrets(box: Box) -> None:
    for service in ("gateway", "devices"):
        box.run(f"systemctl start storekeeper-{service}")
        assert until(box, f"systemctl is-active storekeeper-{service}", "active")
    users = box.run("systemctl show -P User storekeeper-gateway storekeeper-devices storekeeper-sync").stdout.split()
    assert users == ["storekeeper", "storekeeper-devices", "storekeeper-sync"]
    secrets = ("/etc/storekeeper/secrets/gateway/store.key", "/run/credentials/storekeeper-gateway.service/store.key")
    for stranger in ("storekeeper-devices", "storekeeper-kiosk", "storekeeper-sync", "nobody"):
        group = stranger.replace("nobody", "nogroup")
        for secret in secrets:
            as_stranger = f"setpriv --reuid {stranger} --regid {group} --clear-groups"
            assert box.run(f"{as_stranger} cat {secret}", check=False).returncode != 0, f"{stranger} reads {secret}"
    # Sync reads the journal through its group, and no other file of the gateway.
    as_sync = (
        "setpriv --reuid storekeeper-sync --regid storekeeper-sync --groups $(getent group storekeeper | cut -d: -f3)"
    )
    assert box.run(f"{as_sync} head -c 15 /var/lib/storekeeper/storekeeper.db").stdout == "SQLite format 3"
    assert box.run(f"{as_sync} ls /var/lib/storekeeper/secrets", check=False).returncode != 0


def test_systemd_finds_little_that_a_service_could_do(box: Box) -> None:
    for service, most in (("gateway", 15), ("sync", 15), ("cloud", 15), ("devices", 25)):
        box.run(f"systemd-analyze security --no-pager --threshold={most} storekeeper-{service}.service")


def test_a_second_setup_changes_nothing(box: Box) -> None:
    before = box.run("find /etc/storekeeper /etc/mosquitto -type f -exec sha256sum {} +").stdout
    said = box.run("storekeeper setup").stdout
    assert "  made " not in said, said
    assert box.run("find /etc/storekeeper /etc/mosquitto -type f -exec sha256sum {} +").stdout == before


def test_apt_lays_a_version_beside_the_one_in_force_and_moves_nothing(box: Box) -> None:
    bring(box, NEXT)
    said = box.run(f"apt-get install -y ./{NEXT}/storekeeper_*.deb").stdout
    assert "lies beside the version in force" in said.strip().splitlines()[-1], said
    box.run("apt-get autoremove -y")
    assert box.run("ls -d /opt/storekeeper/*/").stdout.count(source.version()) == 1
    assert box.run("readlink -f /opt/storekeeper/current").stdout.strip().endswith(source.version())
    assert source.version() in box.run("storekeeper --version").stdout
    refused = box.run(f"apt-get purge -y storekeeper-{source.version()}", check=False)
    assert "is in force" in refused.stdout + refused.stderr


def test_an_update_takes_it_through_the_gate_and_goes_back(box: Box) -> None:
    said = box.run("storekeeper update --now", check=False)
    assert NEXT in box.run("storekeeper --version").stdout, said.stdout + said.stderr
    until(box, "systemctl is-active storekeeper-gateway", "active")
    said = box.run("storekeeper update back", check=False)
    assert source.version() in box.run("storekeeper --version").stdout, said.stdout + said.stderr
    until(box, "systemctl is-active storekeeper-gateway", "active")


def test_remove_keeps_what_is_the_stores_and_purge_nothing(box: Box) -> None:
    box.run("apt-get remove -y storekeeper")
    assert box.run("systemctl is-active storekeeper-gateway", check=False).stdout.strip() != "active"
    assert box.run("test -e /var/lib/storekeeper/storekeeper.db -a -e /etc/storekeeper/store.toml").returncode == 0
    box.run("apt-get purge -y 'storekeeper*'")
    left = box.run(
        "find / -xdev ( -iname '*storekeeper*' ) -not -path '/proc/*' -not -path '/root/*' -not -path '/var/log/*' "
        "-not -path '/var/lib/apt/*' -not -path '/var/cache/*' -not -path '/tmp/*'".replace("(", "\\(").replace(
            ")", "\\)"
        )
    ).stdout
    assert left.split() == []
    assert "storekeeper" not in box.run("getent passwd; getent group").stdout
