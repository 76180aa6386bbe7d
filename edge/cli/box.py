"""Acts on this box from the command line: through the gateway that runs on it, or, where none runs, straight into the
journal. One process writes a journal, so it is always one of the two.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from edge.domain.box import decisions as box
from edge.domain.noun import Noun
from edge.errors import JournalBroken, JournalError, Refusal, StorekeeperError
from edge.journal.entry import Fact, tag
from edge.journal.journal import Journal
from edge.secrets.vault import Vault, operator_token
from edge.settings.settings import GatewaySettings, Settings

PATIENCE_S: Final = 60.0
"""A large catalogue is read whole before it comes into force."""

T = TypeVar("T")


class NotReached(StorekeeperError):
    """A gateway runs on this data and does not answer."""


class JournalTaken(StorekeeperError):
    """Another process, the gateway, writes the journal."""


def alone(path: Path, nouns: Sequence[Noun], act: Callable[[Journal], Awaitable[T]]) -> T:
    """Returns what `act` makes of the journal. Raises `JournalTaken` where a gateway has it, `JournalBroken`."""
    return asyncio.run(_alone(path, nouns, act))


async def _alone(path: Path, nouns: Sequence[Noun], act: Callable[[Journal], Awaitable[T]]) -> T:
    try:
        journal = Journal(path, nouns)
    except JournalBroken:
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
    host, port = box.http.inside_address() or (box.http.host, box.http.port)
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {operator_token(vault)}"}
    line = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        line.request("POST", path, json.dumps(body), headers)
        answer = line.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotReached(f"a gateway works on {box.data} but does not answer at {host}:{port}: {error}") from None
    finally:
        line.close()
    if said.get("code") in refusals:
        raise Refusal(said["code"], **({"count": said["count"]} if "count" in said else {}))
    if answer.status >= 400:
        raise NotReached(f"the gateway refused: {said.get('title', answer.status)}")
    return said


def record(settings: Settings, fact: Fact, nouns: Sequence[Noun]) -> bool:
    """Put on record what was done to this box. False where the last word says the same. Raises as `ask` and `alone`."""
    try:
        return alone(settings.gateway.data / "storekeeper.db", nouns, lambda journal: journal.write(box.record, fact))
    except JournalTaken:
        vault = Vault.open(settings.gateway.data / "secrets" / "store.key")
        said = {"type": tag(type(fact)), "fact": msgspec.to_builtins(fact)}
        said["fact"].pop("type", None)
        return bool(ask(settings.gateway, vault, "/api/v1/box/facts", said)["changed"])
