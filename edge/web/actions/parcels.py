"""What a shopper can do at a bank of lockers, once for the form and once for the API."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from edge.domain.devices import queries as device_queries
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import slips as parcel_slips
from edge.domain.lockers.code_entry import CodeEntry, DoorContent, look_by_digits
from edge.domain.lockers.openings import Opening
from edge.domain.lockers.rules import Size
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.web import limits
from edge.web.actions.shopping import require_caller, require_purpose
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import HTTPConnection

    from edge.domain.callers import Caller
    from edge.domain.lockers.rules import Parcel
    from edge.domain.printing.rules import Job
    from edge.domain.touchpoints.codes import Touchpoint
    from edge.web.web import Web


def bank_of(touchpoint: Touchpoint) -> str:
    """The bank whose code was scanned. Raises `Refusal`."""
    require_purpose(touchpoint, "locker")
    if touchpoint.device is None:
        raise Refusal("locker_unknown", touchpoint=touchpoint.id)
    return touchpoint.device


async def deposit(
    web: Web,
    touchpoint: Touchpoint,
    caller: Caller | None,
    *,
    size: Size,
    low: bool,
    request: str,
    slip: str | None = None,
    door: str | None = None,
) -> Opening:
    """A door for a parcel; the lock is asked after it. `slip`: the language of a code on paper. Raises `Refusal`."""
    bank = bank_of(touchpoint)
    return await web.decide(
        lockers.deposit,
        codes=web.codes,
        bank=bank,
        size=size,
        low=low,
        slip=slip,
        door=door,
        few=web.crowd.doors(bank),
        caller=require_caller(caller),
        request=request,
    )


async def take(web: Web, caller: Caller | None, parcel: str, request: str, agreed: int) -> Opening | DoorContent:
    """The owner collects, with the phone; where a late fee beyond what was `agreed` to is due, it is told first.

    Raises `Refusal`.
    """
    asking = require_caller(caller)
    mine = locker_queries.parcels_of(web.reads, asking.member)
    first = _late(web, next((each for each in mine if each.parcel == parcel), None), agreed)
    if first is not None:
        return first
    return await web.decide(lockers.take, parcel=parcel, caller=asking, request=request)


async def take_by_code(web: Web, touchpoint: Touchpoint, request: str, agreed: int) -> Opening | DoorContent:
    """Whoever scanned a parcel's own code collects it; a late fee is told first, as to its owner. Raises `Refusal`."""
    bank_of(touchpoint)
    if touchpoint.parcel is None:
        raise Refusal("parcel_unknown")
    first = _late(web, locker_queries.parcel_of_code(web.reads, touchpoint.parcel), agreed)
    if first is not None:
        return first
    return await web.decide(lockers.take_by_code, seed=touchpoint.parcel, request=request)


def _late(web: Web, row: Parcel | None, agreed: int) -> DoorContent | None:
    """What is told before a door opens; none where no more is due than was agreed to."""
    fee = parcel_views.late_fee(web, row) if row else 0
    return DoorContent(row.door, row.size, row.due_ms, fee) if row and fee > agreed else None


async def take_by_digits(
    web: Web,
    connection: HTTPConnection,
    touchpoint: Touchpoint,
    digits: str,
    request: str,
    agreed: int | None = None,
) -> Opening | DoorContent:
    """Whoever has the six digits collects, at the bank's own keypad or on a phone that has just scanned its code.

    Where a late fee beyond what was `agreed` to is due, nothing opens and it is told. A keypad that does not send
    `agreed` is an older page, which cannot tell: it opens as it did.

    Raises `Refusal`: scan_first, locker_elsewhere, parcel_code_wrong, parcel_wait, too_many_guesses.
    """
    bank = bank_of(touchpoint)
    six = typed_text.digits(digits)
    if len(six) != 6:
        raise Refusal("parcel_code_wrong", expected="six digits")
    place = _place(web, connection, touchpoint)
    if agreed is None and not place.keypad:
        agreed = 0
    if place.keypad and (first := await web.many.enter(bank, six, request)) is not None:
        return first
    asking = limits.requester(web, connection, touchpoint)
    with nullcontext() if place.keypad else web.bounds.guess("entering", asking, "parcel_code_wrong"):
        found = await open_by_digits(web, bank, six, request, place, agreed)
        if found is None:
            raise Refusal("parcel_code_wrong")
    return found


async def open_by_digits(
    web: Web, bank: str, six: str, request: str, place: CodeEntry, agreed: int | None
) -> Opening | DoorContent | None:
    """The door of six digits; or what it costs first, where that is more than was `agreed` to. None for wrong ones."""
    asked: dict[str, Any] = {"codes": web.codes, "bank": bank, "digits": six, "request": request, "place": place}
    if agreed is not None:
        found = await web.decide(look_by_digits, **asked)
        if not isinstance(found, DoorContent) or found.fee > agreed:
            return found
    return await web.decide(lockers.take_by_digits, **asked)


def _place(web: Web, connection: HTTPConnection, touchpoint: Touchpoint) -> CodeEntry:
    """Where digits are entered. Raises `Refusal`: scan_first for a browser that has not opened this bank's code,
    locker_elsewhere for the keypad of a screen that stands there no more.
    """
    if touchpoint.keypad:
        screen = device_queries.device(web.reads, touchpoint.keypad)
        if screen is None or screen.attached_to != touchpoint.device:
            raise Refusal("locker_elsewhere", bank=touchpoint.device)
        return CodeEntry(f"keypad {touchpoint.keypad}", keypad=True)
    browser = web.browser(connection)
    if browser is None or not web.here.at(browser, touchpoint.id):
        raise Refusal("scan_first", touchpoint=touchpoint.id)
    return CodeEntry(f"phone {browser}")


async def again(web: Web, caller: Caller | None, parcel: str, request: str) -> Opening:
    """Whoever closed the door opens it once more. Raises `Refusal`."""
    return await web.decide(lockers.add_more, parcel=parcel, caller=require_caller(caller), request=request)


async def report_contents(web: Web, caller: Caller | None, parcel: str, *, inside: bool) -> None:
    """The shopper answers what the sensor cannot say. Raises `Refusal`."""
    decision = lockers.confirm if inside else lockers.withdraw
    await web.decide(decision, parcel=parcel, caller=require_caller(caller))


async def share(web: Web, caller: Caller | None, parcel: str, request: str) -> str:
    """A second code to give away: its seed. Raises `Refusal`."""
    return await web.decide(
        lockers.share, codes=web.codes, parcel=parcel, caller=require_caller(caller), request=request
    )


async def print_slip(web: Web, caller: Caller | None, parcel: str, language: str) -> Job:
    """The parcel's code on paper, once. Raises `Refusal`."""
    return await web.decide(parcel_slips.print_slip, parcel=parcel, caller=require_caller(caller), language=language)


async def unshare(web: Web, caller: Caller | None, parcel: str) -> None:
    """What was given away is good no more. Raises `Refusal`."""
    await web.decide(lockers.unshare, parcel=parcel, caller=require_caller(caller))
