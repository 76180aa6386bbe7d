"""The services of a box by systemd and by a command. `systemctl` is a script here: no unit can run in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operations.releases.services import NoServices, ServiceCommand, ServiceError, Systemd, services_of

if TYPE_CHECKING:
    from pathlib import Path

SYSTEMCTL = """#!/bin/sh
echo "$@" >> {said}
case "$*" in
  "list-units"*kiosk*) echo "storekeeper-kiosk@screen-baby.service loaded active running x" ;;
  "list-units"*gateway*) echo "storekeeper-gateway.service loaded active running x" ;;
  "list-units"*devices*) echo "storekeeper-devices.service loaded inactive dead x" ;;
  "list-unit-files"*sync*) echo "storekeeper-sync.service enabled enabled" ;;
  "list-unit-files"*kiosk*) echo "storekeeper-kiosk@.service enabled enabled" ;;
  "show"*gateway*|"show"*kiosk*) printf 'active\\nenabled\\n' ;;
  "show"*devices*) printf 'inactive\\ndisabled\\n' ;;
esac
{end}
"""


def systemctl(folder: Path, end: str = "") -> tuple[Systemd, Path]:
    said, script = folder / "said", folder / "systemctl"
    script.write_text(SYSTEMCTL.format(said=said, end=end))
    script.chmod(0o755)
    return Systemd(str(script)), said


def orders(said: Path) -> list[str]:
    return [line for line in said.read_text().splitlines() if line.split()[0] in ("start", "stop", "restart")]


def test_what_is_meant_to_run_here_is_restarted(tmp_path: Path) -> None:
    services, said = systemctl(tmp_path)
    services.act("restart", ["gateway", "devices", "kiosk", "sync"])
    assert orders(said) == [
        "restart --no-block storekeeper-gateway.service storekeeper-kiosk@screen-baby.service storekeeper-sync.service"
    ]


def test_a_stop_waits(tmp_path: Path) -> None:
    services, said = systemctl(tmp_path)
    services.act("stop", ["gateway"])
    assert orders(said) == ["stop storekeeper-gateway.service"]


def test_nothing_here_is_nothing_to_do(tmp_path: Path) -> None:
    services, said = systemctl(tmp_path)
    services.act("restart", ["devices", "cloud"])
    assert orders(said) == []


def test_what_fails_is_said(tmp_path: Path) -> None:
    services, _ = systemctl(tmp_path, end='case "$1" in restart) echo "Access denied" >&2; exit 4;; esac')
    with pytest.raises(ServiceError, match="Access denied"):
        services.act("restart", ["gateway"])


def test_a_command_is_asked_for_each_part(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ServiceCommand(f"sh -c 'echo {{act}} {{part}} >> {log}'").act("restart", ["gateway", "sync"])
    assert log.read_text().splitlines() == ["restart gateway", "restart sync"]
    with pytest.raises(ServiceError, match="exit code 1"):
        ServiceCommand("false {act} {part}").act("stop", ["gateway"])
    with pytest.raises(ServiceError, match="No such file"):
        ServiceCommand("/no/such/thing {act} {part}").act("stop", ["gateway"])


@pytest.mark.parametrize("how", ["command:", "command:supervisorctl restart", "command:'", "docker"])
def test_what_is_no_such_way_is_said(how: str) -> None:
    with pytest.raises(ServiceError, match="services: "):
        services_of(how)


def test_by_hand() -> None:
    assert isinstance(services_of("none"), NoServices)
    with pytest.raises(ServiceError, match="by hand"):
        services_of("none").act("restart", ["gateway"])
