"""`storekeeper devices enrol | rotate | revoke | replace | hand-over`: who may speak at the broker."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from device_drivers.contract import ID_PATTERN
from edge.cli.exits import FAILED, fail
from edge.cli.optional_parts import part
from edge.cli.options import examples
from edge.settings.folders import given

if TYPE_CHECKING:
    from operations.enrolment.bundle import EnrolmentBundle
    from operations.enrolment.enrol import Enrolment
    from operations.setup.places import Places

Ids = Annotated[list[str], typer.Argument(help="Devices, by id: those of one box together.")]
Id = Annotated[str, typer.Argument(help="The device, by id.")]
Kind = Annotated[
    Literal["cart", "locker", "printer", "screen", "scanner", "beacon"] | None,
    typer.Option(help="Of a device that devices.toml does not have yet."),
]
Zone = Annotated[str | None, typer.Option(help="Where a new device stands. Default: the first zone.")]
Label = Annotated[str | None, typer.Option(help="What people call a new device.")]
Here = Annotated[bool, typer.Option("--here", help="Its driver runs on this box: nothing is handed over.")]


def _may_be_written(file: Path | None) -> Path | None:
    """Looked at before anything is done. The file is replaced whole, which would put an end to `/dev/null`."""
    if file is not None and file.exists() and not file.is_file():
        raise typer.BadParameter(f"{file}: expected a file, or the name of a new one; found a folder or a device")
    if file is not None and not file.parent.is_dir():
        raise typer.BadParameter(f"{file}: expected a folder that is there; found none called {file.parent}")
    return file


File = Annotated[
    Path | None,
    typer.Option("--bundle", callback=_may_be_written, help="Write all that the other box needs into this file."),
]
Qr = Annotated[bool, typer.Option("--qr", help="Show the code as a QR code, too.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the other box has fetched it.")]
Address = Annotated[str | None, typer.Option(help="How the other box reaches this one. Default: as phones do.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Where it is fetched.")]
Root = Annotated[Path, typer.Option(help="A box below this folder.")]
Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings, in place of ROOT/etc/storekeeper.", callback=given)
]
Data = Annotated[
    Path | None, typer.Option("--data", "-d", help="Data, in place of ROOT/var/lib/storekeeper.", callback=given)
]
SLASH: Final = Path("/")
DESK: Final = 8884


def add_to(app: typer.Typer) -> None:
    """Hang the commands onto `storekeeper devices`."""
    app.command(
        epilog=examples(
            "devices enrol cart-13 --kind cart  a cart with firmware of its own, or on another box",
            "devices enrol locker-a printer-1  a box with both: one code",
            "devices enrol locker-a --here  its driver runs on this box",
            "devices enrol screen-door --bundle screen-door.json --no-wait  by a USB stick",
        )
    )(enrol)
    app.command(epilog=examples("devices rotate cart-13", "devices rotate gateway"))(rotate)
    app.command(epilog=examples("devices revoke cart-13  stolen: out at once"))(revoke)
    app.command(epilog=examples("devices replace cart-13  other hardware, the same place"))(replace)
    app.command("hand-over", epilog=examples("devices hand-over"))(hand_over)


def enrol(
    ids: Ids,
    *,
    kind: Kind = None,
    zone: Zone = None,
    label: Label = None,
    here: Here = False,
    file: File = None,
    qr: Qr = False,
    wait: Wait = True,
    address: Address = None,
    port: Port = DESK,
    root: Root = SLASH,
    config: Config = None,
    data: Data = None,
) -> None:
    """Give devices a login, and another box all that it needs: a code for `storekeeper join`, or a file.

    What devices.toml does not have yet is added to it. An earlier login of the same device is good no more. The code
    can be used once, within a day.
    """
    office = _office(root, config, data)
    new = _add(office, ids, kind, zone, label)
    with _words():
        told = office.admit(ids, elsewhere=not here)
    _tell(office, told)
    _services(office, gateway=new, devices=here)
    if here:
        typer.echo(f"{', '.join(ids)}: enrolled on this box.")
        return
    _hand(office, ids, file, address, port, qr=qr, wait=wait)


def rotate(
    ids: Ids,
    *,
    file: File = None,
    qr: Qr = False,
    wait: Wait = True,
    address: Address = None,
    port: Port = DESK,
    root: Root = SLASH,
    config: Config = None,
    data: Data = None,
) -> None:
    """Give devices, or the gateway itself, a new password; the old one ends at once, with its connection."""
    office = _office(root, config, data)
    away = [device for device in ids if office.is_elsewhere(device)]
    own = [device for device in ids if device not in away]
    told = office.admit(own, elsewhere=False) if own else True
    told = office.admit(away, elsewhere=True) and told if away else told
    _tell(office, told)
    _services(office, gateway="gateway" in own, devices=any(each not in ("gateway", "doctor") for each in own))
    typer.echo(f"{', '.join(ids)}: a new password.")
    if away:
        _hand(office, away, file, address, port, qr=qr, wait=wait)


def revoke(ids: Ids, root: Root = SLASH, config: Config = None, data: Data = None) -> None:
    """Shut devices out, at once: stolen, or taken away. They stay in devices.toml, and `enrol` lets them in again."""
    office = _office(root, config, data)
    for device in ids:
        with _words():
            told = office.revoke(device, datetime.now(UTC))
        _tell(office, told)
        typer.echo(f"{device}: shut out.")


def replace(
    device: Id,
    *,
    file: File = None,
    qr: Qr = False,
    wait: Wait = True,
    address: Address = None,
    port: Port = DESK,
    root: Root = SLASH,
    config: Config = None,
    data: Data = None,
) -> None:
    """Other hardware takes a device's place: the old one is shut out, the new one gets a code or a file."""
    office = _office(root, config, data)
    here = not office.is_elsewhere(device) and bool(office.entry(device).get("driver"))
    with _words():
        told = office.admit([device], elsewhere=not here)
    _tell(office, told)
    _services(office, gateway=False, devices=here)
    typer.echo(f"{device}: whoever had its place is out.")
    if here:
        typer.echo("Its driver runs on this box with the new password; its settings are those in devices.toml.")
        return
    _hand(office, [device], file, address, port, qr=qr, wait=wait)


def hand_over(port: Port = DESK, root: Root = SLASH, config: Config = None, data: Data = None) -> None:
    """Wait at this box's desk until every code that was given out is used, or over."""
    _serve(_office(root, config, data).places, port)


def _office(root: Path, config: Path | None, data: Path | None) -> Enrolment:
    with part("gateway"):
        from operations.enrolment.enrol import Enrolment
        from operations.setup.places import Places
    with _words():
        return Enrolment(Places.of(root, config, data))


def _add(office: Enrolment, ids: list[str], kind: str | None, zone: str | None, label: str | None) -> bool:
    """Whether one of them is new in devices.toml. All are looked at before the first is written."""
    new = [device for device in dict.fromkeys(ids) if device not in office.present.devices]
    for device in new:
        if not re.fullmatch(ID_PATTERN, device):
            fail(f'"{device}": expected small letters, digits and hyphens, such as cart-13')
        if kind is None:
            fail(f"{device} does not stand in devices.toml: say what it is with --kind cart, locker, printer, screen …")
    if new:
        from operations.setup.new_devices import entry_of

        with _words():
            office.add([entry_of(office.places, device, str(kind), zone, label) for device in new])
    return bool(new)


def _hand(
    office: Enrolment, ids: list[str], file: Path | None, address: str | None, port: int, *, qr: bool, wait: bool
) -> None:
    from edge.settings.own_address import own_address

    host = address or office.present.host or own_address()
    with _words():
        made = office.bundle(ids, host)
    if file is not None:
        _write(file, made)
        typer.echo(f"{file}: on the other box, storekeeper join {file.name}. Who reads it can play these devices.")
        return
    with _words():
        given = office.code(made, host, port, datetime.now(UTC))
    code = str(given)
    typer.echo(f"On the other box, once, within a day:\n\n  storekeeper join {code}\n")
    if qr:
        import segno

        segno.make(code, error="m").terminal(compact=True)
    if wait:
        _serve(office.places, port, given.name)


def _write(file: Path, made: EnrolmentBundle) -> None:
    from edge.secrets.private import write_private

    write_private(file, made.encode())


def _serve(places: Places, port: int, name: str = "") -> None:
    """Until nothing waits any more: of one code, or of all."""
    import threading

    from operations.enrolment.desk import EnrolmentServer

    with _words():
        desk = EnrolmentServer(places, port)
    thread = threading.Thread(target=desk.serve_forever, daemon=True)
    thread.start()
    typer.echo(f"Waiting for it at port {port}. Ctrl-C ends that; `storekeeper devices hand-over` waits again.")
    try:
        left = desk.left(name)
        while left:
            desk.fetched.wait(1.0)
            left = desk.left(name)
            if desk.fetched.is_set():
                desk.fetched.clear()
                typer.echo("Fetched; more are waited for." if left else "Fetched.")
    finally:
        desk.shutdown()
        desk.server_close()


def _tell(office: Enrolment, told: bool) -> None:
    if not told:
        typer.echo(f"No broker runs here now; it reads {office.places.passwords} when it starts.", err=True)


def _services(office: Enrolment, *, gateway: bool, devices: bool) -> None:
    """What must be started anew for it, where a service manager runs this box."""
    from operations.releases.services import Part, services_of

    parts: list[Part] = [*(["gateway"] if gateway else []), *(["devices"] if devices else [])]  # type: ignore[list-item]
    services = services_of("auto" if office.places.root == SLASH else "none")
    if not parts:
        return
    if services.can_act:
        with _words():
            services.act("restart", parts)
    else:
        typer.echo(f"Start anew what runs here: {', '.join(parts)}.", err=True)


def _words() -> _Words:
    return _Words()


class _Words:
    """Ends the command with a sentence where something of the house says no."""

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from edge.errors import StorekeeperError
        from edge.settings.toml_files import BadToml

        if isinstance(error, BadToml | StorekeeperError):
            fail(str(error), FAILED)
        if isinstance(error, PermissionError):
            fail(f"{error.filename}: this user may not do that. Run it as root, or with --root", FAILED)
