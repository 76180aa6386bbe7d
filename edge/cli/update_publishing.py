"""`storekeeper update keys | publish | renew`: the other side, for whoever gives versions out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.exits import WRONG_SETTINGS, fail, refusals_in_words
from edge.cli.optional_parts import part
from edge.cli.options import examples

if TYPE_CHECKING:
    from operations.updates.index import Release

app = typer.Typer()

Shelf = Annotated[Path, typer.Argument(help="Folder with the index and its files, to be served as it is.")]
Keys = Annotated[Path, typer.Option("--keys", help="Folder of the keys.")]


@app.command(epilog=examples("update keys ./keys"))
def keys(folder: Annotated[Path, typer.Argument(help="A new folder, for a drawer.")]) -> None:
    """Make the keys that versions are signed by. For whoever publishes versions, never on a store's box."""
    with part("gateway"):
        from operations.updates.publishing import make_keys
    with refusals_in_words():
        make_keys(folder)
    typer.echo(f"{folder}/root.pem signs versions: keep it in a drawer. {folder}/fresh.pem renews the index each day.")


@app.command(
    epilog=examples(
        "update publish ./shelf --keys ./keys --ring pilot=1.4.0 1.4.0:debian12-amd64:storekeeper-1.4.0_amd64.deb"
    )
)
def publish(
    shelf: Shelf,
    files: Annotated[
        list[str] | None,
        typer.Argument(help="VERSION:SYSTEM:FILE, such as 1.4.0:debian12-amd64:storekeeper-1.4.0_amd64.deb."),
    ] = None,
    *,
    keys: Keys,
    ring: Annotated[list[str] | None, typer.Option("--ring", help="RING=VERSION: what its boxes should run.")] = None,
    withdraw: Annotated[
        list[str] | None, typer.Option("--withdraw", help="VERSION=WHY: boxes go back from it.")
    ] = None,
) -> None:
    """Put versions into an index, give them to rings, and sign it.

    What boxes must be given once is then in root.json beside it.
    """
    with part("gateway"):
        from operations.updates.publishing import Shelf as Publishing
    with refusals_in_words():
        said = Publishing(shelf, keys).publish(
            [_file(each) for each in files or ()],
            _pairs(ring or (), "RING=VERSION"),
            _pairs(withdraw or (), "VERSION=WHY"),
        )
    for name, version in sorted(said.rings.items()):
        typer.echo(f"{name}  {version}")


@app.command(epilog=examples("update renew ./shelf --keys ./keys  each day, by a timer of the server"))
def renew(shelf: Shelf, *, keys: Keys) -> None:
    """Say again that what is published still is: an index that nobody renews is believed no longer."""
    with part("gateway"):
        from operations.updates.publishing import Shelf as Publishing
    with refusals_in_words():
        Publishing(shelf, keys).renew()


def _file(text: str) -> tuple[Release, Path]:
    from operations.updates.index import Release
    from operations.updates.names import is_name
    from operations.updates.unpack import size_of

    version, _, rest = text.partition(":")
    system, _, name = rest.partition(":")
    path = Path(name)
    if not (is_name(version) and system and path.is_file()):
        fail(f'expected VERSION:SYSTEM:FILE with a file that is there; found "{text}"', WRONG_SETTINGS)
    return Release(version, system, path.name, size_of(path, version)), path


def _pairs(texts: Sequence[str], form: str) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            fail(f'expected {form}; found "{text}"', WRONG_SETTINGS)
        found[name] = value
    return found
