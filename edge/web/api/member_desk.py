"""`/api/v1/members/erase` and `/import`: what whoever runs the box does for members, by the command line's token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from edge.domain.members import decisions as members
from edge.domain.members import erasure
from edge.domain.members.rules import Newcomer, SealedPhone
from edge.web.audience import OPERATOR, audience
from edge.web.request_ids import checked_request

if TYPE_CHECKING:
    from edge.web.web import Web

DAY_MS: Final = 24 * 3600_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ErasePersonsRequest(_Body):
    """Persons to erase."""

    members: list[str] = Field(min_length=1, max_length=100)
    wait: bool = False
    request: str = Field(max_length=36)


class SealedPhoneNumber(_Body):
    """A number as the box's own command line has sealed it."""

    member: str = Field(max_length=36)
    index: str = Field(max_length=64)
    sealed: str = Field(max_length=256)
    wrapped_key: Annotated[Base64Bytes, Field(json_schema_extra={"format": "byte"})]


class ImportedPerson(_Body):
    """One line of a list."""

    phone: SealedPhoneNumber
    points: int = Field(0, ge=0, le=1_000_000_000)
    card: str = Field("", max_length=64)


class ImportRequest(_Body):
    """A part of a list."""

    source: str = Field(max_length=120)
    people: list[ImportedPerson] = Field(min_length=1, max_length=200)


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/members", tags=["members"])

    @routes.post("/erase")
    @audience(OPERATOR)
    async def erase(body: ErasePersonsRequest, request: Request) -> dict[str, Any]:
        """Erase persons on behalf of one who asked, each with the others that are the same one."""
        web.access.require_own(request)
        done = await web.decide(
            erasure.request_erasure_for, members=body.members, patient=body.wait, request=checked_request(body.request)
        )
        holds = [{"kind": hold.kind, "device": hold.device, "door": hold.door} for hold in done.holds]
        return {"erased": list(done.erased), "holds": holds}

    @routes.post("/import")
    @audience(OPERATOR)
    async def take_in(body: ImportRequest, request: Request) -> dict[str, Any]:
        """Take over members of an earlier system; lines that were taken over already are skipped."""
        web.access.require_own(request)
        people = [
            Newcomer(
                SealedPhone(each.phone.member, each.phone.index, each.phone.sealed, each.phone.wrapped_key),
                each.points,
                each.card,
            )
            for each in body.people
        ]
        proof_ms = int(web.settings.members.proof_days * DAY_MS)
        taken = await web.decide(members.import_members, people=people, source=body.source, proof_ms=proof_ms)
        return {"taken": taken}

    return routes
