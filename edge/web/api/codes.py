"""`/qr/{code}.svg`: a code's address as a QR picture. `/api/v1/codes/read`: what a code means."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from edge.domain.codes.code_reader import LONGEST
from edge.domain.codes.readings import Reading, Scan
from edge.domain.codes.words import describe
from edge.web import limits, qr_codes
from edge.web.audience import ANYBODY, audience
from edge.web.document import BOUNDED
from edge.web.moments import now_ms

if TYPE_CHECKING:
    from edge.web.web import Web


class ScannedCode(BaseModel):
    """What the phone's camera read."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST)
    symbology: str | None = Field(None, max_length=32, pattern="^[a-z0-9-]+$")
    """`ean13`, `upca`, `qr`, `code128` …; leave it out where it is not known."""


class NextStep(BaseModel):
    """What to press; both are empty where there is nothing to press."""

    href: str
    label: str


class ReadingShown(BaseModel):
    """One thing that the code may mean, in the caller's language."""

    kind: str
    """`touchpoint`, `badge`, `coupon`, `parcel`, `member`, `slip`, `product`, `payment` or `unknown`."""
    certainty: str
    """Why it is believed: `signed`, `known`, `checked`, `by_rule` or `guessed`."""
    refused: str
    """A refusal's code where it is one of ours and no good now; else empty."""
    reason: str
    title: str
    text: str
    next: NextStep


class Readings(BaseModel):
    """Everything that the code may mean, the best first; at least one."""

    readings: list[ReadingShown]


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(tags=["codes"])

    @routes.get("/qr/{code}.svg")
    @audience(ANYBODY)
    async def picture(code: str, request: Request) -> Response:
        """The QR picture of one of our codes; other text is refused: nobody prints in our name."""
        code = web.code(code, web.touchpoint(request, code))
        return Response(
            qr_codes.svg(f"{web.address(request)}/t/{code}"),
            200,
            {"Cache-Control": "private, max-age=60"},
            "image/svg+xml; charset=utf-8",
        )

    @routes.post("/api/v1/codes/read", responses=BOUNDED)
    @audience(ANYBODY)
    async def read(body: ScannedCode, request: Request, response: Response) -> Readings:
        """What a scanned code means. Reading uses nothing up and keeps nothing."""
        limits.take(web, request, "asking")
        response.headers["Cache-Control"] = "no-store"
        return readings(web, request, Scan(body.text, body.symbology))

    return routes


def readings(web: Web, request: Request, scan: Scan) -> Readings:
    """What a code means, in the caller's language."""
    found = web.code_reader.read(scan, now_ms(), [urlsplit(web.address(request)).netloc.lower()])
    return Readings(readings=[_reading_view(each, web.language(request), web.layout.store.currency) for each in found])


def _reading_view(reading: Reading, language: str, currency: str) -> ReadingShown:
    said = describe(reading, language, currency)
    return ReadingShown(
        kind=reading.kind,
        certainty=reading.certainty,
        refused=reading.refused,
        reason=said.reason,
        title=said.title,
        text=said.text,
        next=NextStep(href=reading.next.href if said.label else "", label=said.label),
    )
