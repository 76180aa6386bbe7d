"""Who can open a copy: whoever holds the recovery key, and nobody else.

The box keeps the public half, so a stolen box opens no copy. The other half is printed once, on the recovery sheet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeAlias

import pyrage
from pyrage import x25519

from edge.secrets.private import write_private
from operations.backups.errors import BackupError, WrongKey

Identity: TypeAlias = Any
"""The recovery key."""
Recipient: TypeAlias = Any
"""Its public half: what seals."""

NAME: Final = "backup.recipient"


def path_of(data: Path) -> Path:
    """Where a box keeps the public half."""
    return data / "secrets" / NAME


def recipient_of(data: Path) -> Recipient:
    """For whom this box seals its copies. Raises `BackupError` where there is no recovery key yet."""
    path = path_of(data)
    try:
        return x25519.Recipient.from_str(path.read_text("ascii").strip())
    except FileNotFoundError:
        raise BackupError(
            "there is no recovery key yet: `storekeeper backup sheet recovery.pdf` makes one and prints it; without it"
            " nobody could open a copy"
        ) from None
    except (pyrage.RecipientError, UnicodeDecodeError) as error:
        raise BackupError(f"{path}: expected a line that begins with age1, found something else: {error}") from None


def fresh() -> Identity:
    """A key that is nowhere yet."""
    return x25519.Identity.generate()


def take(data: Path, identity: Identity) -> None:
    """Seal for this key from now on. The box keeps its public half alone; earlier copies need the earlier one."""
    path = path_of(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, f"{identity.to_public()}\n".encode())


def parse(text: str) -> Identity:
    """The recovery key as somebody typed it or as a file holds it. Raises `WrongKey`."""
    lines = [line.strip() for line in text.splitlines()]
    found = "".join("".join(line.split()) for line in lines if line and not line.startswith("#")).upper()
    if not found:
        raise WrongKey("without the recovery key a copy cannot be opened: it stands on the sealed recovery sheet")
    try:
        return x25519.Identity.from_str(found)
    except pyrage.IdentityError:
        raise WrongKey(
            "this is no recovery key: expected AGE-SECRET-KEY-1 and 58 letters and digits, as on the recovery sheet"
        ) from None
