"""What a commit brings about, by what the nouns declare: here one of its own, with a device that nobody has."""

from __future__ import annotations

import uuid
from typing import Any

from edge.domain.actuations import Actuation, GrantProgress
from edge.domain.commands import DeviceCommand
from edge.domain.noun import Change, Noun
from edge.gateway.after_commit import AfterCommit
from edge.gateway.outcomes import Outcomes
from edge.journal import Entry, Fact, Reads


class Lent(Fact, frozen=True, tag="umbrella.lent.v1"):
    stand: str
    hook: int
    member: str
    fence: int = 1


class Released(Fact, frozen=True, tag="umbrella.released.v1"):
    grant: str
    stand: str
    hook: int


class Stuck(Fact, frozen=True, tag="umbrella.stuck.v1"):
    grant: str
    stand: str
    hook: int
    hop: str
    reason: str


class Lapsed(Fact, frozen=True, tag="umbrella.lapsed.v1"):
    grant: str
    stand: str
    hook: int
    hop: str
    reason: str


class Stocked(Fact, frozen=True, tag="umbrella.stocked.v1"):
    stand: str


def nothing(*_: Any) -> None:
    """The journal would apply it."""


def progress(_: Reads, grant: str) -> GrantProgress | None:
    return GrantProgress(grant=grant, device="stand-1", holder="anna", stage="asked")


RELEASE = Actuation(
    verb="release", device="stand", args=("hook",), granted=Lent, done=Released, failed=Stuck, lapsed=Lapsed,
    select="", done_stage="released", on_done=nothing, progress=progress,
)  # fmt: skip
STAND = Noun(
    name="umbrellas",
    schema="",
    facts=dict.fromkeys((Lent, Released, Stuck, Lapsed, Stocked), nothing),
    actuations=(RELEASE,),
    watched={"stand": "device", "grant": "grant"},
    changes={Stocked: lambda _, fact: [Change("grant", {"stand-1": "all of stand-1"}[fact.stand])]},
    notices={"screens": (Stocked,)},
)


class Effects:
    def __init__(self) -> None:
        self.begun: list[DeviceCommand] = []

    def begin(self, command: DeviceCommand) -> None:
        if command.args["hook"] == 13:
            raise ValueError
        self.begun.append(command)


class Feed:
    watched = True

    def __init__(self) -> None:
        self.told: list[Change] = []

    def tell(self, change: Change) -> None:
        self.told.append(change)


class House:
    """A gateway's middle, with hands and ears of its own."""

    def __init__(self) -> None:
        reads: Any = None
        self.effects: Any = Effects()
        self.feed: Any = Feed()
        self.outcomes = Outcomes(reads, [STAND])
        self.noticed: list[Fact] = []
        self.after = AfterCommit(
            [STAND], reads, self.effects, self.outcomes, self.feed, {"screens": self.noticed.append}
        )
        self._count = 0

    def commit(self, *facts: Fact) -> list[str]:
        """As the journal tells of one commit. Returns the ids of its entries."""
        placed = []
        for fact in facts:
            self._count += 1
            identity = uuid.UUID(int=self._count)
            body: Any = {"sequence": self._count, "id": identity.bytes, "wall_ms": 0, "type": "", "body": b""}
            known = {name: body.get(name, b"") for name in Entry.__struct_fields__}
            placed.append((Entry(**known), fact))
        self.after(placed)
        return [str(uuid.UUID(bytes=entry.id)) for entry, _ in placed]


async def test_a_grant_begins_its_command_and_its_end_is_told_and_counted() -> None:
    house = House()
    (grant,) = house.commit(Lent("stand-1", 4, "anna"))
    (command,) = house.effects.begun
    assert (str(command.id), command.device, command.verb, command.args) == (grant, "stand-1", "release", {"hook": 4})
    house.outcomes.sent(grant)
    assert house.outcomes.progress(grant).stage == "sent"  # type: ignore[union-attr]
    house.commit(Released(grant, "stand-1", 4))
    end = await house.outcomes.end(grant, 1)
    assert (end.stage, end.device, end.holder) == ("released", "stand-1", "anna")  # type: ignore[union-attr]
    assert house.after.commands == {("release", "done"): 1}


async def test_what_failed_says_where_and_why() -> None:
    house = House()
    (grant,) = house.commit(Lent("stand-1", 4, "anna"))
    house.commit(Stuck(grant, "stand-1", 4, "lock", "jammed"))
    end = await house.outcomes.end(grant, 1)
    assert (end.stage, end.hop, end.reason) == ("failed", "lock", "jammed")  # type: ignore[union-attr]
    assert house.after.commands == {("release", "jammed"): 1}


async def test_a_fact_that_cannot_be_followed_holds_no_other_back() -> None:
    house = House()
    house.commit(Lent("stand-1", 13, "anna"), Lent("stand-1", 4, "ben"))
    assert [command.args["hook"] for command in house.effects.begun] == [4]


async def test_what_a_noun_cannot_tell_holds_no_other_back() -> None:
    house = House()
    house.commit(Stocked("nowhere"), Stocked("stand-1"))
    assert house.feed.told[-1] == Change("grant", "all of stand-1")


async def test_watchers_hear_the_device_the_grant_and_what_else_changed() -> None:
    house = House()
    house.commit(Stocked("stand-1"), Released("g", "stand-2", 4))
    assert house.feed.told == [
        Change("entry", "1"), Change("device", "stand-1"), Change("grant", "all of stand-1"),
        Change("entry", "2"), Change("grant", "g"), Change("device", "stand-2"),
    ]  # fmt: skip
    assert house.noticed == [Stocked("stand-1")]
