"""Takes pictures and films into a store's settings, and says to the gateway what is shown no more."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from device_drivers.contract.playlists import MediaFile
from edge.cli.box import JournalTaken, alone, ask
from edge.domain.nouns import NOUNS
from edge.domain.playlists import decisions
from edge.secrets import store_key
from edge.secrets.vault import Vault
from edge.settings import file_sets
from edge.settings.media_files import FILE, FOLDER, NAME
from edge.settings.settings import Settings
from edge.settings.toml_files import BadToml, read_toml
from operations.inside import Inside, NotReached
from signage.media import MAX_FILM_BYTES, BadMedia, examined

HEAD: Final = "# Pictures and films of the screens, by name. `storekeeper screens add FILE` writes it.\n"
TAKEN_S: Final = 60.0
"""How long a gateway may take to copy and check what is new."""
QUALITY: Final = 90
"""Of a picture that is turned, which is written anew."""
CLOSED: Final = "no gateway answers"
KEYS: Final = ("sha256", "type", "bytes", "width", "height", "ms")


class BadMediaFile(ValueError):
    """A file that screens cannot show; the message names it."""


def take(files: Sequence[Path], folder: Path) -> Iterator[str]:
    """Checks all files, then takes each; yields a sentence for each. Raises `BadMediaFile`, `OSError`."""
    checked = [(_name(path), *_checked(path)) for path in files]
    known = _entries(folder)
    names = [name for name, _, _ in checked]
    for name in names:
        if names.count(name) > 1:
            raise BadMediaFile(f"{name}: two of the files have this name; every one needs its own")
    for name, content, found in checked:
        file_sets.put(folder / FOLDER / name, content)
        known[name] = {key: getattr(found, key) for key in KEYS}
        size = f"{found.width} x {found.height}"
        length = f", {found.ms / 1000:g} s" if found.ms else ""
        yield f"{name}: {found.type}, {size}{length}, {found.bytes} bytes, sha256:{found.sha256}"
    file_sets.put(folder / FILE, _toml(known).encode())


def _name(path: Path) -> str:
    made = re.sub(r"[^a-z0-9._-]+", "-", path.name.lower()).strip("-.")
    if not re.fullmatch(NAME, made):
        raise BadMediaFile(f'{path.name}: expected a file name of at most 61 of a-z, 0-9, ".", "_" and "-"')
    return made


def _checked(path: Path) -> tuple[bytes, MediaFile]:
    try:
        if not path.is_file():
            raise BadMediaFile(f"{path}: there is no such file")
        if path.stat().st_size > MAX_FILM_BYTES:
            raise BadMediaFile(
                f"{path}: expected at most {MAX_FILM_BYTES // 2**20} MiB; found {path.stat().st_size / 2**20:.0f}"
            )
        content = path.read_bytes()
    except OSError as error:
        raise BadMediaFile(f"{path}: {error.strerror}") from None
    try:
        if examined(content).type.startswith("image"):
            content = _upright(content)
        return content, examined(content)
    except BadMedia as error:
        raise BadMediaFile(f"{path}: {error}") from None


def _upright(content: bytes) -> bytes:
    """A picture as it is meant to be seen, where phones only mark how to turn it. Raises `BadMedia` for damage."""
    from PIL import Image

    from signage.upright import turned

    try:
        with Image.open(io.BytesIO(content)) as found:
            found.load()
            if (upright := turned(found)) is not None:
                out = io.BytesIO()
                upright.save(out, found.format, quality=QUALITY, icc_profile=found.info.get("icc_profile"))
                return out.getvalue()
    except (OSError, ValueError, SyntaxError) as error:
        raise BadMedia(f"expected a whole picture; it is damaged: {error}") from None
    return content


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    if not (folder / FILE).exists():
        return {}
    try:
        found = read_toml(folder / FILE)[0].get("media", {})
    except BadToml as error:
        raise BadMediaFile(str(error)) from None
    return {name: dict(each) for name, each in found.items()} if isinstance(found, dict) else {}


def _toml(known: dict[str, dict[str, Any]]) -> str:
    parts = [HEAD]
    for name, each in sorted(known.items()):
        lines = [f'{key} = "{each[key]}"' if isinstance(each[key], str) else f"{key} = {each[key]}" for key in KEYS]
        parts.append("\n".join([f'[media."{name}"]', *lines]) + "\n")
    return "\n".join(parts)


def let_take_in(settings: Settings, sha256: str) -> str:
    """Lets the gateway that runs take in what screens play by the files of its settings, which have this hash.

    Returns why it does not; empty where it did.
    """
    if not (settings.gateway.data / "storekeeper.db").exists():
        return CLOSED
    inside = Inside(settings.gateway, Vault.open(store_key.path_of(settings.gateway.data)))
    try:
        answer = inside.post("/api/v1/content/take", {"settings": sha256}, TAKEN_S)
    except NotReached:
        return CLOSED
    said = answer.body if isinstance(answer.body, dict) else {}
    return "" if answer.status == 200 else str(said.get("why") or said.get("title") or answer.status)


def act(settings: Settings, what: str, content: str, *, by: str, reason: str) -> bool:
    """Withdraws something or restores it, through the gateway that runs or straight into the journal.

    Returns whether anything changed. Raises `Refusal`, `NotReached`, `JournalError`.
    """
    journal = settings.gateway.data / "storekeeper.db"
    decision: Any = decisions.withdraw if what == "withdraw" else decisions.restore
    values = {"content": content, "by": by} | ({"reason": reason} if what == "withdraw" else {})
    try:
        return bool(alone(journal, NOUNS, lambda found: found.write(decision, **values)))
    except JournalTaken:
        vault = Vault.open(store_key.path_of(settings.gateway.data))
        answer = ask(settings.gateway, vault, f"/api/v1/content/{what}", values, ("content_unknown", "reason_missing"))
        return bool(answer["changed"])
