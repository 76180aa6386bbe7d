"""`/api/v1/slips`: a till orders what its customers and colleagues want on paper. Each till has a token of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Request, Response, Security
from fastapi.security import HTTPBearer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edge.domain.printing import decisions as printing
from edge.domain.printing import queries as print_queries
from edge.domain.printing import rules as print_rules
from edge.errors import Refusal
from edge.secrets import tills
from edge.web.audience import TILL, audience
from edge.web.document import Switch
from edge.web.problems import Problem
from words.languages import Language, known, language

if TYPE_CHECKING:
    from edge.web.web import Web

Money = Annotated[int, Field(ge=-(10**12), le=10**12)]
"""In the currency's smallest unit; a line that takes something off is negative."""
Price = Annotated[int, Field(ge=0, le=10**12)]
"""In the currency's smallest unit."""
Total = Annotated[int, Field(ge=1, le=10**12)]
"""In the currency's smallest unit. A receipt over nothing would only open the drawer."""
Moment = Annotated[int, Field(ge=0, le=10**14)]
"""Unix time in milliseconds."""
Line = Annotated[str, Field(min_length=1, max_length=400)]
Tag = Annotated[
    Language, AfterValidator(language), Field(json_schema_extra=lambda schema: schema.update(enum=list(known())))
]
Words = Line | dict[Tag, Line]
"""One text, or one in each language: then the slip's own is printed."""
MAX_ITEMS: Final = 500


def _some(quantity: int | str) -> int | str:
    """Some of it, also where it is written as words. Raises `ValueError`."""
    number = re.match(r"\s*[-+\u2212]?[\d.,]+", quantity) if isinstance(quantity, str) else None
    if number and not re.search(r"[1-9]", number[0]):
        raise ValueError("expected more than none of it")
    if number and number[0].strip()[0] in "-\u2212":
        raise ValueError("expected a quantity that is not negative")
    return quantity


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Item(_Body):
    """One line to pick."""

    name: Words
    quantity: Annotated[Annotated[int, Field(ge=1, le=10**6)] | Line, AfterValidator(_some)]
    """A number of pieces, or in words with the unit (`1.234 kg`)."""


class SoldItem(Item):
    """One line that was sold."""

    amount: Money


class Receipt(_Body):
    """What was sold, and how it was paid."""

    number: Line
    at_ms: Moment
    items: Annotated[list[SoldItem], Field(min_length=1, max_length=MAX_ITEMS)]
    total: Total
    saved: Price | None = None
    paid: Price | None = None
    change: Price | None = None
    cash: Switch | None = None
    """Opens the drawer."""
    cashier: Words | None = None


class PickList(_Body):
    """What is to be picked for an order."""

    number: Line
    items: Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)]
    pick_by_ms: Moment
    customer: Words | None = None
    destination: Words | None = None
    note: Words | None = None
    count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    barcode: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,48}$")] | None = None


class CouponSlip(_Body):
    """One coupon. It is worth money: in doubt a person decides whether it is printed again."""

    title: Words
    price: Price
    was: Total
    code: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,300}$")]
    subtitle: Words | None = None
    ends_ms: Moment | None = None


class _Order(_Body):
    job: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
    """Your own name of the slip, such as the receipt's number: sent again with the same content, nothing is printed
    again; with another content it is refused (`job_differs`) unless the revision is another."""
    revision: Annotated[int, Field(ge=1, le=9999)] = 1
    language: Tag | None = None
    """Without it the store's first."""
    printer: Annotated[str, Field(max_length=40)] | None = None
    """Id of a printer; without it the best one of the zone."""
    zone: Annotated[str, Field(max_length=40)] | None = None


class ReceiptOrder(_Order):
    """A receipt is wanted."""

    slip: Literal["receipt"]
    values: Receipt


class PickListOrder(_Order):
    """A pick list is wanted."""

    slip: Literal["order"]
    values: PickList


class CouponOrder(_Order):
    """A coupon is wanted on paper."""

    slip: Literal["coupon"]
    values: CouponSlip


Ordering = Annotated[ReceiptOrder | PickListOrder | CouponOrder, Field(discriminator="slip")]


class Slip(BaseModel):
    """A slip and where it stands."""

    job: str
    revision: int
    slip: str
    printer: str
    state: Literal["queued", "held", "printing", "asked", "printed", "failed", "expired", "dropped"]
    reason: str | None
    """Why it is held, or was not printed."""
    prints: int
    """How often it is on paper, or may be."""
    ordered_ms: int
    since_ms: int
    """When its state began."""
    expires_ms: int | None
    """When it is no longer begun."""


BEARER: Final = HTTPBearer(auto_error=False, description="The token that `storekeeper tills add` gave to this till.")


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/slips", tags=["slips"], dependencies=[Security(BEARER)])

    @routes.post("", status_code=202, responses={200: {"model": Slip, "description": "Ordered before"}})
    @audience(TILL)
    async def order(body: Ordering, request: Request, response: Response) -> Slip:
        """Orders a slip; durable when it answers. 200 where the same slip had been ordered before."""
        till = _till(web, request)
        values = body.values.model_dump(exclude_none=True)
        spoken = body.language or web.layout.store.languages[0]
        _check(web, body.slip, spoken, values)
        known = print_queries.revision_of(web.reads, body.job, body.revision)
        await web.decide(
            printing.order,
            job=body.job,
            revision=body.revision,
            slip=body.slip,
            values=values,
            language=spoken,
            printer=body.printer,
            zone=body.zone,
            by=f"{print_rules.TILL}{till}",
        )
        response.status_code = 200 if known else 202
        response.headers["Location"] = f"/api/v1/slips/{body.job}/{body.revision}"
        return _slip(web, body.job, body.revision, till)

    @routes.get("/{job}/{revision}")
    @audience(TILL)
    async def read(job: str, revision: Annotated[int, Path(ge=1, le=9999)], request: Request) -> Slip:
        """Where a slip of this till stands now."""
        return _slip(web, job, revision, _till(web, request))

    return routes


def _till(web: Web, request: Request) -> str:
    """Which till asks. Raises `Problem` till_only."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    path = tills.file_of(web.settings.gateway.data)
    till = tills.who(path, token.strip()) if kind.lower() == "bearer" and token else None
    if till is None:
        raise Problem("till_only", headers={"WWW-Authenticate": "Bearer"})
    return till


def _check(web: Web, slip: str, language: str, values: dict[str, Any]) -> None:
    """Raises `Problem` bad_request for what would not come out of any printer."""
    try:
        web.slips.document(slip, language, values)
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("bad_request", field="values", expected=str(error)) from None


def _slip(web: Web, job: str, revision: int, till: str) -> Slip:
    row = print_queries.revision_of(web.reads, job, revision)
    # Another till's slip looks exactly like none: its name is a number that anybody may count up to.
    if row is None or row.by != f"{print_rules.TILL}{till}":
        raise Refusal("job_unknown", job=job)
    names = ("job", "revision", "slip", "printer", "state", "reason", "ordered_ms", "since_ms", "expires_ms")
    return Slip(**{name: getattr(row, name) for name in names}, prints=print_queries.copies(web.reads, row))
