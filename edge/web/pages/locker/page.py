"""The page of a bank of lockers, and what its forms do. Everything works by plain forms; a script follows the door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import Field
from starlette.responses import RedirectResponse, Response

from edge.domain import serving
from edge.domain.devices import queries as device_queries
from edge.domain.lockers import serving as locker_serving
from edge.domain.lockers.code_entry import DoorContent
from edge.domain.lockers.rules import Size
from edge.domain.members import queries as member_queries
from edge.domain.printing import queries as print_queries
from edge.errors import Refusal
from edge.web.actions import parcels as parcel_actions
from edge.web.page import Action, Page, Shown
from edge.web.pages.touchpoint.registering import NOTICES, REGISTERING
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit
from edge.web.request_ids import checked_request
from edge.web.views import ongoing
from edge.web.views import parcels as parcel_views
from edge.web.views.grants import step_marks

if TYPE_CHECKING:
    from edge.domain.lockers.openings import Opening


class LockerForm(TouchpointForm):
    """What the forms of a bank send."""

    parcel: str = Field("", max_length=36)
    size: str = Field("", max_length=1)
    low: str = ""
    slip: str = ""
    door: str = Field("", max_length=8)
    digits: str = Field("", max_length=12)
    fee: int = Field(0, ge=0, le=10**12)
    """The late fee that was shown and agreed to, in the currency's minor unit."""


SIZES: Final = get_args(Size)


def show(visit: TouchpointVisit) -> Shown:
    """The door that moves now, the shopper's parcels, a place for a new one, and six digits for everybody else."""
    web, touchpoint = visit.web, visit.touchpoint
    bank = touchpoint.device or touchpoint.id
    shown = parcel_views.doors(web, bank, visit.member)
    spot = locker_serving.spot(web.reads, bank, web.reads.now)
    why = spot.why if spot else "offline"
    mine = parcel_views.parcels(web, visit.member, web.reads.now) if visit.member else []
    progress = _progress(visit, bank, mine)
    going = progress is not None and not progress.done
    unsure = next((each for each in mine if each.state == "unsure" and each.bank == bank), None)
    moving = progress.parcel if progress and going else None
    coded = parcel_views.parcel_of_code(web, touchpoint.parcel) if touchpoint.parcel else None
    by_code = touchpoint.parcel is not None
    serves = why not in serving.BROKEN and not by_code and not going
    chooses = serves and unsure is None and why is None
    values: dict[str, Any] = {
        "label": touchpoint.label[visit.language],
        "bank": bank,
        "banks": parcel_views.bank_names(web, visit.language, mine),
        "why": why,
        "broken": why in serving.BROKEN,
        "instead": _other_bank(visit, bank) if why and not by_code else None,
        "digits_here": serves and unsure is None,
        "chooses": chooses,
        "registers": chooses,
        "doors": shown,
        "free": sum(door.state == "free" for door in shown),
        "fitting": parcel_views.free_doors_by_size(shown),
        "terms": parcel_views.terms(web, visit.language, web.reads.now),
        "progress": progress,
        "marks": _marks(progress) if progress else None,
        "unsure": unsure,
        "parcels": [each for each in mine if each.id != moving and each.state not in ("reserved", "filling", "unsure")],
        "coded": coded,
        "coded_fee": parcel_views.late_fee(web, coded) if coded else 0,
        "by_code": by_code,
        "behind": None,
        "printers": {each.id: each.label[visit.language] for each in web.layout.devices if each.kind == "printer"},
        "nearest": _nearest(visit, bank),
    }
    if progress:
        opening = progress.opening
        values["language_url"] = lambda language: visit.url(lang=language, opening=opening)
    return "locker/locker.html", values


def _other_bank(visit: TouchpointVisit, bank: str) -> dict[str, Any] | None:
    """The nearest bank that has a door free."""
    web, moment = visit.web, visit.web.reads.now
    found = locker_serving.nearest(web.reads, bank, moment)
    if not found:
        return None
    here, first = locker_serving.spot(web.reads, bank, moment), found[0]
    label = next((each.label[visit.language] for each in web.layout.devices if each.id == first.id), first.id)
    away = max(1, round(serving.metres(here, first))) if here else 1
    return {"label": label, "metres": away, "free": first.free, "href": f"/t/{web.codes.static(first.id)}"}


def _nearest(visit: TouchpointVisit, bank: str) -> str | None:
    """The printer that a slip of this bank would come out of, as the page can tell now."""
    reads = visit.web.reads
    device = device_queries.device(reads, bank)
    best = print_queries.best_printer(reads, None, device.zone if device else None)
    return best.device if best else None


def _progress(
    visit: TouchpointVisit, bank: str, mine: list[parcel_views.ParcelView]
) -> parcel_views.DoorProgress | None:
    """The opening that the address names; without one, the one of this browser that is under way here. What was put in
    is no news any more once it was collected.
    """
    web, request = visit.web, visit.request
    opening = request.query_params.get("opening")
    if not opening:
        opening = ongoing.opening_of(web, request, visit.member, bank)
    found = parcel_views.progress(web, web.texts, visit.language, opening) if opening else None
    if found and (found.why, found.stage) == ("fill", "closed"):
        return found if any(each.id == found.parcel and each.held for each in mine) else None
    return found


def _marks(progress: parcel_views.DoorProgress) -> list[str]:
    if progress.stage == "failed":
        return step_marks(0, progress.hop or "lock")
    if progress.stage in ("back", "unsure"):
        return step_marks(3, going=False)
    return step_marks(parcel_views.STEPS.index(progress.stage) + 1)


def _follow(visit: TouchpointVisit, opening: Opening) -> Response:
    response = RedirectResponse(visit.url(opening=opening.id), 303)
    ongoing.remember(visit.request, response, opening.id)
    return response


async def _deposit(visit: TouchpointVisit, form: LockerForm) -> Response:
    if form.size not in SIZES:
        raise Refusal("bad_request", field="size", expected=" or ".join(SIZES))
    size: Size = form.size  # type: ignore[assignment]
    opening = await parcel_actions.deposit(
        visit.web,
        visit.touchpoint,
        visit.caller,
        size=_size_of(visit, form.door) or size,
        door=form.door or None,
        low=form.low == "yes",
        request=checked_request(form.request),
        # A guest has the code in this browser alone: it comes on paper too.
        slip=visit.language if form.slip == "yes" or _guest(visit) else None,
    )
    return _follow(visit, opening)


def _guest(visit: TouchpointVisit) -> bool:
    return visit.member is not None and member_queries.is_guest(visit.web.reads, visit.member)


def _size_of(visit: TouchpointVisit, door: str) -> Size | None:
    """The size of a door that was chosen by its number: then nobody has to choose a size as well."""
    bank = parcel_actions.bank_of(visit.touchpoint)
    return next((each.size for each in parcel_views.doors(visit.web, bank) if each.name == door), None)


async def _take(visit: TouchpointVisit, form: LockerForm) -> Response:
    request = checked_request(form.request)
    found = await parcel_actions.take(visit.web, visit.caller, form.parcel, request, form.fee)
    return _told_or_open(visit, found)


async def _code(visit: TouchpointVisit, form: LockerForm) -> Response:
    found = await parcel_actions.take_by_code(visit.web, visit.touchpoint, checked_request(form.request), form.fee)
    # The page of a code says by itself what lies behind its door.
    return visit.render() if isinstance(found, DoorContent) else _follow(visit, found)


async def _digits(visit: TouchpointVisit, form: LockerForm) -> Response:
    request = checked_request(form.request)
    found = await parcel_actions.take_by_digits(
        visit.web, visit.request, visit.touchpoint, form.digits, request, form.fee
    )
    return _told_or_open(visit, found)


def _told_or_open(visit: TouchpointVisit, found: Opening | DoorContent) -> Response:
    """A late fee beyond the one that was shown is told first."""
    return visit.render(behind=found) if isinstance(found, DoorContent) else _follow(visit, found)


async def _open_again(visit: TouchpointVisit, form: LockerForm) -> Response:
    return _follow(
        visit, await parcel_actions.again(visit.web, visit.caller, form.parcel, checked_request(form.request))
    )


async def _inside(visit: TouchpointVisit, form: LockerForm) -> Response:
    await parcel_actions.report_contents(visit.web, visit.caller, form.parcel, inside=True)
    return RedirectResponse(visit.url(), 303)


async def _empty(visit: TouchpointVisit, form: LockerForm) -> Response:
    await parcel_actions.report_contents(visit.web, visit.caller, form.parcel, inside=False)
    return RedirectResponse(visit.url(), 303)


async def _share(visit: TouchpointVisit, form: LockerForm) -> Response:
    await parcel_actions.share(visit.web, visit.caller, form.parcel, checked_request(form.request))
    return RedirectResponse(visit.url(), 303)


async def _slip(visit: TouchpointVisit, form: LockerForm) -> Response:
    await parcel_actions.print_slip(visit.web, visit.caller, form.parcel, visit.language)
    return RedirectResponse(visit.url(), 303)


async def _unshare(visit: TouchpointVisit, form: LockerForm) -> Response:
    await parcel_actions.unshare(visit.web, visit.caller, form.parcel)
    return RedirectResponse(visit.url(), 303)


PAGE: Final = Page[TouchpointVisit, LockerForm](
    "locker",
    show=show,
    purposes=("locker",),
    form=LockerForm,
    actions={
        **REGISTERING,
        "deposit": Action(_deposit, bound="opening"),
        "take": Action(_take, bound="collecting"),
        "code": Action(_code, bound="collecting"),
        "digits": Action(_digits, bound="collecting"),
        "again": Action(_open_again, bound="collecting"),
        "inside": Action(_inside, bound="changing"),
        "empty": Action(_empty, bound="changing"),
        "share": Action(_share, bound="changing"),
        "unshare": Action(_unshare, bound="changing"),
        "slip": Action(_slip, bound="changing"),
    },
    notices=NOTICES,
)
