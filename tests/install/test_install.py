"""From a bare Debian to an open store, a version further and back, and away again: in minutes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from PIL import Image

from release import source
from tests.install.box import Box
from tests.install.hardware import CARTS, Hardware
from tests.install.shopper import SHOP, Shopper, away, wait

pytestmark = [
    pytest.mark.skipif(not os.environ.get("STOREKEEPER_ROUNDS"), reason="boots a Debian: make test-all"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may boot a machine"),
    pytest.mark.timeout(7200),
]

SECONDS_AT_MOST = 600
TIMERS = 5
KEY = "gateway/store.key"
NEXT = "99.0.0"
"""A later version, the same but for its name."""


def built(version: str) -> list[Path]:
    """The packages of a version for this machine, as `make deb` makes them; those in `STOREKEEPER_PACKAGES` where it is
    set.
    """
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    packages = f"storekeeper_{version}+deb12_{own}*.deb"
    if there := os.environ.get("STOREKEEPER_PACKAGES"):
        return sorted(Path(there).glob(packages))
    told = os.environ | {"STOREKEEPER_VERSION": version}
    subprocess.run([sys.executable, "-m", "release.deb"], check=True, cwd=source.ROOT, env=told)
    return sorted((source.ROOT / "dist").glob(packages))


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
        yield found
    finally:
        found.destroy()


@pytest.fixture(scope="module")
def hardware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hardware]:
    found = Hardware(tmp_path_factory.mktemp("hardware"))
    yield found
    found.switch_off()


@pytest.fixture
def shopper(box: Box) -> Shopper:
    """One whom the store does not know yet."""
    lines = [line.split() for line in box.run("storekeeper qr show").stdout.splitlines()]
    return Shopper({words[0]: words[-1] for words in lines})


def facts(box: Box, kind: str) -> str:
    """Those of a type, as the journal has them."""
    return box.run(f"storekeeper journal tail --json --count 1000000 --type {kind}").stdout


def test_a_bare_box_becomes_an_open_store(box: Box, hardware: Hardware, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    box.run("apt-get update")
    said = box.run(f"apt-get install -y ./{source.version()}/storekeeper_*.deb").stdout
    assert said.strip().splitlines()[-1].endswith("Next, make this box a store:  storekeeper setup"), said
    hardware.plug_scanner_into(box)
    who = "--name 'Fresh Life' --languages en,de --region DE --currency EUR --manager Ada"
    said = box.run(f"storekeeper setup {who} {hardware.flags}").stdout
    assert "The store is open." in said, said
    for cart in CARTS:
        box.run(f"storekeeper devices enrol {cart} --kind cart --no-wait --bundle /root/{cart}.json")
    hardware.start_carts(box)
    wait(lambda: away(box.secret(KEY)) == [])
    took = time.monotonic() - began
    with capsys.disabled():
        sys.stdout.write(f"\nfrom a bare Debian 12 to an open store with all its devices: 5 commands, {took:.0f} s\n")
    assert took < SECONDS_AT_MOST


def test_a_shopper_takes_a_cart_and_leaves_a_parcel(box: Box, hardware: Hardware, shopper: Shopper) -> None:
    assert (hardware.opened(), hardware.printed().count(b"/t/")) == ([], 0), "setup looked, and touched nothing"
    shopper.register("poster-door")
    assert shopper.unlock("cart-01") in ("unlocked", "seen")
    opening = shopper.deposit("locker-a")
    wait(lambda: shopper.opening(opening["opening"])["stage"] == "open")
    hardware.put_into(opening["door"])
    wait(lambda: shopper.opening(opening["opening"])["done"])
    assert hardware.opened() == [opening["door"]]
    wait(lambda: b"/t/" in hardware.printed())
    assert facts(box, "member.registered")


def test_what_a_scanner_reads_is_on_record(box: Box, hardware: Hardware) -> None:
    hardware.hold_before_scanner(box, "4006381333931")
    wait(lambda: "scanner-1" in facts(box, "code.read"))


def test_each_service_runs_as_its_own_user_with_its_own_secrets(box: Box) -> None:
    for service in ("gateway", "devices"):
        box.run(f"systemctl start storekeeper-{service}")
        assert box.until(f"systemctl is-active storekeeper-{service}", "active")
    users = box.run("systemctl show -P User storekeeper-gateway storekeeper-devices storekeeper-sync").stdout.split()
    assert users == ["storekeeper", "storekeeper-devices", "storekeeper-sync"]
    assert box.run("find /etc/storekeeper/secrets -type f -not -name '*.cred'").stdout == "", "all are sealed"
    handed = "/run/credentials/storekeeper-gateway.service/store.key.cred"
    assert box.run(f"wc -c < {handed}").stdout.strip() == "32", "systemd opened it for its unit"
    secrets = ("/etc/storekeeper/secrets/gateway/store.key.cred", handed)
    for stranger in ("storekeeper-devices", "storekeeper-kiosk", "storekeeper-sync", "nobody"):
        group = stranger.replace("nobody", "nogroup")
        for secret in secrets:
            as_stranger = f"setpriv --reuid {stranger} --regid {group} --clear-groups"
            assert box.run(f"{as_stranger} cat {secret}", check=False).returncode != 0, f"{stranger} reads {secret}"
    for service in ("storekeeper", "storekeeper-devices", "storekeeper-kiosk", "storekeeper-sync"):
        box.run(f"setpriv --reuid {service} --regid {service} --init-groups head -c 1 /etc/storekeeper/store.toml")
    as_nobody = "setpriv --reuid nobody --regid nogroup --clear-groups"
    for name in ("store", "devices", "gateway"):
        assert box.run(f"{as_nobody} cat /etc/storekeeper/{name}.toml", check=False).returncode != 0, name
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


def changed(box: Box, *scripts: str) -> subprocess.CompletedProcess[str]:
    """A copy of the settings in force is changed, and applied."""
    box.run("rm -rf next && mkdir next && cp /etc/storekeeper/*.toml next")
    for script in scripts:
        box.run(f"cd next && {script}")
    return box.run("storekeeper apply next", check=False)


WELL = "sed -i 's/^hours = 24 .*/hours = 12/' store.toml"
ILL = "sed -i 's/:8883\"/:8884\"/' gateway.toml"
"""A broker where none is: nothing is wrong with the words, and no device comes back."""


def test_settings_come_into_force_and_bad_ones_go_back(box: Box) -> None:
    said = changed(box, WELL)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "is in force: the store is well" in said.stdout
    assert "hours = 12" in box.run("cat /etc/storekeeper/store.toml").stdout
    said = changed(box, ILL)
    assert said.returncode == 1, said.stdout + said.stderr
    assert "the store is well again" in said.stderr
    assert ":8883" in box.run("cat /etc/storekeeper/gateway.toml").stdout
    assert away(box.secret(KEY)) == []
    assert "settings.rolled_back" in facts(box, "settings")


PLAYLISTS = """
[[playlists]]
id = "day"
priority = 10
items = [{ id = "apples", show = "picture", picture = "apples.png", s = 10 }]
"""
GAME = """
[[games]]
id = "wheel"
kind = "wheel"
name = { en = "Wheel of luck", de = "Gl\u00fccksrad" }
cap = 1000
cap_day = 100

[[games.prizes]]
id = "points"
name = { en = "10 points", de = "10 Punkte" }
percent = 20
points = 10
cost = 10
stock = 5
art = "gift"
"""


def test_what_screens_show_is_taken_in_and_comes_into_force(box: Box, tmp_path: Path) -> None:
    Image.new("RGB", (1920, 1080), "#8A1538").save(tmp_path / "apples.png")
    (tmp_path / "playlists.toml").write_text(PLAYLISTS, "utf-8")
    (tmp_path / "game.toml").write_text(GAME, "utf-8")
    for name in ("apples.png", "playlists.toml", "game.toml"):
        box.take(tmp_path / name, f"/root/{name}")
    assert "1920 x 1080" in box.run("storekeeper screens add apples.png").stdout
    said = changed(box, "cp ~/playlists.toml .", "cat ~/game.toml >> store.toml")
    assert said.returncode == 0, said.stdout + said.stderr
    as_gateway = "setpriv --reuid storekeeper --regid storekeeper --init-groups"
    box.run(f"{as_gateway} cmp /etc/storekeeper/media/apples.png /dev/stdin < /root/apples.png")
    box.run(f"{as_gateway} grep apples.png /etc/storekeeper/playlists.toml")
    assert requests.get(f"{SHOP}/fair/wheel", timeout=60).status_code == 200


def test_a_change_that_is_cut_short_goes_back_when_the_store_starts(box: Box) -> None:
    box.run(f"rm -rf next && mkdir next && cp /etc/storekeeper/*.toml next && cd next && {ILL}")
    box.run("systemd-run --unit=apply --working-directory=/root storekeeper apply next")
    box.until("cat /etc/storekeeper/gateway.toml", ":8884")
    box.run("systemctl kill -s KILL --kill-whom=all apply")
    box.run("systemctl restart storekeeper-gateway", check=False)
    box.until("cat /etc/storekeeper/gateway.toml", ":8883")
    wait(lambda: away(box.secret(KEY)) == [])
    wait(lambda: '"because":"stopped"' in facts(box, "settings.rolled_back"))


def test_a_copy_of_the_store_is_made_by_its_unit(box: Box) -> None:
    box.run("storekeeper backup sheet sheet.pdf")
    said = changed(box, "printf '\\n[backup]\\nto = [\"/mnt/copies\"]\\n' >> gateway.toml", "mkdir -p /mnt/copies")
    assert said.returncode == 0, said.stdout + said.stderr
    box.start_once("storekeeper-backup.service")
    assert box.run("ls /mnt/copies/*.age").stdout
    assert "/mnt/copies" in facts(box, "backup.made")


def test_what_comes_round_by_itself_does_its_work(box: Box) -> None:
    assert box.run("systemctl list-timers --no-legend 'storekeeper-*'").stdout.count(".timer") == TIMERS
    assert "Nothing is asked for" in box.start_once("storekeeper-floor.service")
    box.start_once("storekeeper-https.service")
    box.start_once("storekeeper-update.service")
    assert "Not due" in box.start_once("storekeeper-renew.service")
    box.run("rm /etc/storekeeper/mosquitto/server.crt")
    assert "The broker has taken it up" in box.start_once("storekeeper-renew.service")
    assert facts(box, "certificate.renewed")
    box.start_once("storekeeper-reconcile.service")
    assert facts(box, "reconciliation")
    assert away(box.secret(KEY)) == []


def test_a_cloud_on_a_box_takes_the_journal(box: Box) -> None:
    box.run("systemctl enable --now storekeeper-cloud")
    token = box.run("storekeeper cloud admit s001 --data /var/lib/storekeeper-cloud").stdout.strip()
    said = changed(box, "printf '\\n[cloud]\\nurl = \"http://127.0.0.1:8090\"\\n' >> gateway.toml")
    assert said.returncode == 0, said.stdout + said.stderr
    code = f"storekeeper://enrol/1?store=s001&cloud=http://127.0.0.1:8090&token={token}"
    box.run(f"echo '{code}' | storekeeper setup --code -")
    box.until("systemctl is-active storekeeper-sync", "active")
    box.until("storekeeper sync status", "nothing waits")
    assert "compared" in box.run("storekeeper reconcile --day today --json", check=False).stdout
    box.start_once("storekeeper-reconcile.service")
    assert box.run("find /var/lib/storekeeper -not -user storekeeper").stdout == "", "root worked there too"


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


def test_an_update_takes_it_through_the_gate_and_goes_back(box: Box, shopper: Shopper) -> None:
    said = box.run("storekeeper update --now", check=False)
    assert NEXT in box.run("storekeeper --version").stdout, said.stdout + said.stderr
    box.until("systemctl is-active storekeeper-gateway", "active")
    said = box.run("storekeeper update back", check=False)
    assert source.version() in box.run("storekeeper --version").stdout, said.stdout + said.stderr
    box.until("systemctl is-active storekeeper-gateway", "active")
    wait(lambda: away(box.secret(KEY)) == [])
    shopper.register("poster-door")


def test_remove_keeps_what_is_the_stores_and_purge_nothing(box: Box) -> None:
    box.run("apt-get remove -y storekeeper")
    assert box.run("systemctl is-active storekeeper-gateway", check=False).stdout.strip() != "active"
    assert box.run("test -e /var/lib/storekeeper/storekeeper.db -a -e /etc/storekeeper/store.toml").returncode == 0
    box.run("apt-get purge -y 'storekeeper*'")
    left = box.run(
        "find / -xdev ( -iname '*storekeeper*' ) -not -path '/proc/*' -not -path '/root/*' -not -path '/var/log/*' "
        "-not -path '/var/lib/apt/*' -not -path '/var/cache/*' -not -path '/tmp/*' -not -path '/mnt/*'".replace(
            "(", "\\("
        ).replace(")", "\\)")
    ).stdout
    assert left.split() == []
    assert box.run("ls /mnt/copies/*.age").stdout, "copies elsewhere stay"
    assert "storekeeper" not in box.run("getent passwd; getent group").stdout
