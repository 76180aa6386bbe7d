"""`storekeeper record`."""

from __future__ import annotations

import importlib.metadata
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.exits import fail
from edge.cli.optional_parts import part
from edge.cli.options import DEFAULT_CONFIG, Config, Data, examples, settings_of
from edge.errors import StorekeeperError

if TYPE_CHECKING:
    from edge.settings.settings import Settings

EPILOG = examples(
    "record",
    'record --at "2026-11-26 10:31" --minutes 10 --out /tmp',
)

At = Annotated[str, typer.Option("--at", help='The moment, in the store\'s time: "2026-11-26 10:31". Left out: now.')]
Minutes = Annotated[int, typer.Option("--minutes", min=1, max=120, help="How many minutes to each side of it.")]
Out = Annotated[Path, typer.Option("--out", help="The folder that gets the bundle.")]


def record(
    at: At = "", minutes: Minutes = 5, out: Out = Path(), config: Config = DEFAULT_CONFIG, data: Data = None
) -> None:
    """The flight recorder: facts, device messages by size, logs and states around a moment, in which nobody is named.

    Asks the gateway that runs, which knows most; without one it takes what lies on the disk.
    """
    settings = settings_of(config, data)
    zone = settings.store.zone
    try:
        moment = datetime.fromisoformat(at) if at else datetime.now(UTC)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        fail(f'--at: expected a moment such as "2026-11-26 10:31"; found {at!r}')
    if not out.is_dir():
        fail(f"--out: {out} is no folder")
    made = _of_gateway(settings, moment, minutes)
    if made is None:
        with part("gateway"):
            from operations.diagnosis.recording.bundle import bundle
        version = importlib.metadata.version("storekeeper")
        made = bundle(settings.gateway.data, int(moment.timestamp() * 1000), minutes, version)
    path = out / f"storekeeper-{settings.store.id}-{moment:%Y%m%d-%H%M}.zip"
    path.write_bytes(made)
    path.chmod(0o600)
    typer.echo(f"{path}: {len(made) / 1000:.0f} kB. Nobody is named in it.")


def _of_gateway(settings: Settings, moment: datetime, minutes: int) -> bytes | None:
    """What the gateway that runs makes of it; none where there is none."""
    import http.client
    from urllib.parse import urlencode

    with part("gateway"):
        from edge.secrets.vault import Vault, operator_token

    box = settings.gateway
    host, port = box.http.inside_address() or (box.http.host, box.http.port)
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    line = http.client.HTTPConnection(host, port, timeout=60)
    try:
        token = operator_token(Vault.open(box.data / "secrets" / "store.key"))
        asked = urlencode({"at": moment.isoformat(), "minutes": minutes})
        line.request("GET", f"/it/recorder.zip?{asked}", headers={"Authorization": f"Bearer {token}"})
        answer = line.getresponse()
        return answer.read() if answer.status == 200 else None
    except (OSError, http.client.HTTPException, StorekeeperError):
        return None
    finally:
        line.close()
