"""The three files of settings, written once from the templates beside this module; what IT changes later stays."""

from __future__ import annotations

import string
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from edge.settings.settings import SettingsError, load
from operations.setup.answers import Answers, BadAnswer, DeviceAnswers
from operations.setup.places import Places
from words.sentences import say_in

NAMED: Final = (
    *(("zone", one) for one in ("entrance", "fresh", "dairy", "checkout")),
    *(("touchpoint", one) for one in ("poster_door", "shelf_fruit", "shelf_dairy")),
)
"""What the template names, in every language of the store."""
NAMES: Final = ("store.toml", "devices.toml", "gateway.toml")
TEMPLATES: Final = Path(__file__).with_name("template")


def prove(answers: Answers, places: Places) -> None:
    """Raises `BadAnswer` where the settings that these answers make have mistakes: before anything is made of them."""
    with tempfile.TemporaryDirectory() as folder:
        trial = msgspec.structs.replace(places, config=Path(folder))
        trial.ca.touch()
        try:
            for name, text in made(answers, trial).items():
                (trial.config / name).write_text(text, "utf-8")
            load(trial.config)
        except UnicodeEncodeError as error:
            raise BadAnswer(f"expected text in this terminal's encoding; found {error.object!a}") from None
        except SettingsError as error:
            raise BadAnswer("; ".join(each.text for each in error.mistakes)) from None


def made(answers: Answers, places: Places) -> dict[str, str]:
    """The three files."""
    return dict(zip(NAMES, (store(answers), devices(answers.devices), gateway(answers, places)), strict=True))


def store(answers: Answers) -> str:
    """`store.toml`."""
    zone = f"timezone = {value(answers.timezone)}\n" if answers.timezone else ""
    return _filled(
        "store.toml",
        id=value(answers.store),
        languages=value(list(answers.languages)),
        region=value(answers.region),
        currency=value(answers.currency),
        timezone=zone,
        name="\n".join(f"{tag} = {value(text)}" for tag, text in answers.name.items()),
        **{f"{kind}_{one}": value(say_in(answers.languages, f"setup.{kind}.{one}")) for kind, one in NAMED},
    )


def gateway(answers: Answers, places: Places) -> str:
    """`gateway.toml`."""
    url = value(answers.cloud) if answers.cloud else '"https://cloud.example"'
    note = "the token lies with the store's secrets" if answers.cloud else "none yet: the store works on its own"
    lines = f"[cloud]   # {note}\nurl = {url}"
    return _filled(
        "gateway.toml",
        data=value(str(places.data)),
        public_url=value(answers.address),
        port=str(answers.port),
        inside=value(f"127.0.0.1:{answers.inside}"),
        broker=value(f"mqtts://127.0.0.1:{answers.broker_port}"),
        authority=value(str(places.ca)),
        cloud=lines if answers.cloud else "\n".join(f"# {line}" for line in lines.splitlines()),
    )


def devices(found: tuple[DeviceAnswers, ...]) -> str:
    """`devices.toml`."""
    return _filled("devices.toml") + "".join(entry(device) for device in found)


def entry(device: DeviceAnswers) -> str:
    """One `[[devices]]`, with an empty line before it."""
    lines = ["", "[[devices]]", f"id = {value(device.id)}", f"kind = {value(device.kind)}"]
    if device.driver:
        lines.append(f"driver = {value(device.driver)}")
    if device.settings:
        lines.append(f"settings = {value(device.settings)}")
    lines += [f"zone = {value(device.zone)}", f"label = {value(device.label)}", f"at = {value(list(device.at))}"]
    if device.bank:
        lines.append(f"bank = {value(device.bank)}")
    return "\n".join(lines) + "\n"


def tables(document: Mapping[str, Any]) -> str:
    """A whole document: plain values first, then tables, then lists of tables."""
    plain = [f"{_key(key)} = {value(each)}" for key, each in document.items() if not _is_table(each)]
    blocks = ["\n".join(plain)] if plain else []
    for name, each in document.items():
        if isinstance(each, Mapping):
            blocks.append(_block(f"[{_key(name)}]", each))
        elif _is_table(each):
            blocks += [_block(f"[[{_key(name)}]]", one) for one in each]
    return "\n\n".join(blocks) + "\n"


def _is_table(found: Any) -> bool:
    return isinstance(found, Mapping) or (
        isinstance(found, list) and bool(found) and all(isinstance(each, Mapping) for each in found)
    )


def _block(head: str, table: Mapping[str, Any]) -> str:
    return "\n".join([head, *(f"{_key(key)} = {value(each)}" for key, each in table.items())])


def value(found: Any) -> str:
    """As TOML writes it, on one line."""
    if isinstance(found, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {value(each)}" for key, each in found.items()) + " }"
    if isinstance(found, list | tuple):
        return "[" + ", ".join(value(each) for each in found) + "]"
    # JSON's texts, numbers and truths are TOML's, but for this sign.
    return msgspec.json.encode(found).decode().replace("\x7f", "\\u007f")


def _key(text: str) -> str:
    return text if text.replace("-", "").replace("_", "").isalnum() and text.isascii() else value(text)


def _filled(name: str, /, **values: str) -> str:
    return string.Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)
