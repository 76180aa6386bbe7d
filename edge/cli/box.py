"""Acts on this box from the command line: through the gateway that runs on it, or, where none runs, straight into the
journal. One process writes a journal, so it is always one of the two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from edge.domain.box import decisions as box
from edge.domain.noun import Noun
from edge.errors import JournalBroken, JournalError, JournalTooNew, Refusal, StorekeeperError
from edge.journal.entry import Fact, tag
from edge.journal.journal import Journal
from edge.secrets import store_key
from edge.secrets.vault import Vault
from edge.settings.settings import GatewaySettings, Settings
from operations.inside import Inside, NotReached

PATIENCE_S: Final = 60.0
"""A large catalogue is read whole before it comes into force."""

T = TypeVar("T")


class JournalTaken(StorekeeperError):
    """Another process, the gateway, writes the journal."""


def alone(path: Path, nouns: Sequence[Noun], act: Callable[[Journal], Awaitable[T]]) -> T:
    """Returns what `act` makes of the journal. Raises `JournalTaken` where a gateway has it, `JournalBroken`."""
    return asyncio.run(_act_alone(path, nouns, act))


async def _act_alone(path: Path, nouns: Sequence[Noun], act: Callable[[Journal], Awaitable[T]]) -> T:
    try:
        journal = Journal(path, nouns)
    except (JournalBroken, JournalTooNew):
        raise
    except JournalError:
        raise JournalTaken from None
    try:
        return await act(journal)
    finally:
        journal.close()


def ask(
    box: GatewaySettings, vault: Vault, path: str, body: Mapping[str, Any], refusals: Collection[str] = ()
) -> dict[str, Any]:
    """Returns what the running gateway answers. Raises `NotReached`, and `Refusal` for the codes in `refusals`."""
    inside = Inside(box, vault)
    try:
        answer = inside.post(path, body, PATIENCE_S)
    except NotReached as error:
        raise NotReached(f"a gateway works on {box.data} but does not answer: {error}") from None
    said: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
    if said.get("code") in refusals:
        raise Refusal(said["code"], **({"count": said["count"]} if "count" in said else {}))
    if answer.status >= 400 or not isinstance(answer.body, dict):
        raise NotReached(f"the gateway refused: {said.get('title', answer.status)}")
    return said


def record(settings: Settings, fact: Fact, nouns: Sequence[Noun]) -> bool:
    """Put on record what was done to this box. False where the last word says the same. Raises as `ask` and `alone`."""
    try:
        return alone(settings.gateway.data / "storekeeper.db", nouns, lambda journal: journal.write(box.record, fact))
    except JournalTaken:
        vault = Vault.open(store_key.path_of(settings.gateway.data))
        said = {"type": tag(type(fact)), "fact": msgspec.to_builtins(fact)}
        said["fact"].pop("type", None)
        return bool(ask(settings.gateway, vault, "/api/v1/box/facts", said)["changed"])
