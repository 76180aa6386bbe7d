"""The page of a bank of lockers, and what its forms do. Everything works by plain forms; a script follows the door."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, get_args

from starlette.responses import RedirectResponse, Response

from edge.domain import printing, serving
from edge.domain.lockers import Size
from edge.errors import Refusal
from edge.money import spell
from edge.web import parcel_acts, parcels
from edge.web.front import checked_request, now_ms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.domain.lockers import Opening
    from edge.web.pages.shopper import Sent, Visit

SIZES: Final = get_args(Size)


def page(visit: Visit) -> tuple[str, dict[str, Any]]:
    """The door that moves now, the shopper's parcels, a place for a new one, and six digits for everybody else."""
    gateway, touchpoint = visit.front.gateway, visit.touchpoint
    bank = touchpoint.device or touchpoint.id
    shown = parcels.doors(gateway, bank, visit.member)
    spot = serving.bank(gateway.reads, bank, now_ms())
    progress = _progress(visit)
    moving = progress.parcel if progress and not progress.done else None
    mine = parcels.parcels(gateway, visit.member, now_ms()) if visit.member else []
    return "locker.html", {
        "label": touchpoint.label[visit.language],
        "bank": bank,
        "banks": {each.id: each.label[visit.language] for each in gateway.settings.devices if each.kind == "locker"},
        "online": spot is not None and spot.why not in serving.BROKEN,
        "doors": shown,
        "free": sum(door.state == "free" for door in shown),
        "fitting": parcels.fitting(shown),
        "progress": progress,
        "marks": _marks(progress) if progress else None,
        "unsure": next((each for each in mine if each.state == "unsure" and each.bank == bank), None),
        "parcels": [each for each in mine if each.id != moving and each.state not in ("reserved", "filling", "unsure")],
        "coded": parcels.coded(gateway, touchpoint.parcel) if touchpoint.parcel else None,
        "by_code": touchpoint.parcel is not None,
        "currency": gateway.settings.store.currency,
        "spell": partial(spell, gateway.settings.store.currency),
        "printers": {
            each.id: each.label[visit.language] for each in gateway.settings.devices if each.kind == "printer"
        },
        "nearest": _nearest(visit, bank),
    }


def _nearest(visit: Visit, bank: str) -> str | None:
    """The printer that a slip of this bank would come out of, as the page can tell now."""
    reads = visit.front.gateway.reads
    row = reads.one("SELECT zone FROM devices WHERE device=?", bank)
    best = printing.best(reads, None, row["zone"] if row else None)
    return str(best["device"]) if best else None


def _progress(visit: Visit) -> parcels.DoorProgress | None:
    opening = visit.request.query_params.get("opening")
    if not opening:
        return None
    return parcels.progress(visit.front.gateway, visit.front.texts, visit.language, opening)


def _marks(progress: parcels.DoorProgress) -> list[str]:
    """The class of each step: done, going on, failed or still to come."""
    if progress.stage == "failed":
        reached = 1 if progress.hop in ("gateway", "broker") else 2
        return ["on"] * reached + ["no"] + [""] * (3 - reached)
    if progress.stage in ("back", "unsure"):
        return ["on", "on", "on", ""]
    reached = parcels.STEPS.index(progress.stage) + 1
    return (["on"] * reached + ["now"] + [""] * 3)[:4]


def _follow(visit: Visit, opening: Opening) -> Response:
    return RedirectResponse(visit.url(opening=opening.id), 303)


async def _deposit(visit: Visit, form: Sent) -> Response:
    if form.size not in SIZES:
        raise Refusal("bad_request", field="size", expected=" or ".join(SIZES))
    size: Size = form.size  # type: ignore[assignment]
    opening = await parcel_acts.deposit(
        visit.front,
        visit.touchpoint,
        visit.caller,
        size=_size_of(visit, form.door) or size,
        door=form.door or None,
        low=form.low == "yes",
        request=checked_request(form.request),
        slip=visit.language if form.slip == "yes" else None,
    )
    return _follow(visit, opening)


def _size_of(visit: Visit, door: str) -> Size | None:
    """The size of a door that was chosen by its number: then nobody has to choose a size as well."""
    bank = parcel_acts.bank_of(visit.touchpoint)
    return next((each.size for each in parcels.doors(visit.front.gateway, bank) if each.name == door), None)


async def _take(visit: Visit, form: Sent) -> Response:
    return _follow(visit, await parcel_acts.take(visit.front, visit.caller, form.parcel, checked_request(form.request)))


async def _code(visit: Visit, form: Sent) -> Response:
    return _follow(visit, await parcel_acts.take_by_code(visit.front, visit.touchpoint, checked_request(form.request)))


async def _digits(visit: Visit, form: Sent) -> Response:
    request = checked_request(form.request)
    opening = await parcel_acts.take_by_digits(visit.front, visit.request, visit.touchpoint, form.digits, request)
    return _follow(visit, opening)


async def _again(visit: Visit, form: Sent) -> Response:
    return _follow(
        visit, await parcel_acts.again(visit.front, visit.caller, form.parcel, checked_request(form.request))
    )


async def _inside(visit: Visit, form: Sent) -> Response:
    await parcel_acts.say(visit.front, visit.caller, form.parcel, inside=True)
    return RedirectResponse(visit.url(), 303)


async def _empty(visit: Visit, form: Sent) -> Response:
    await parcel_acts.say(visit.front, visit.caller, form.parcel, inside=False)
    return RedirectResponse(visit.url(), 303)


async def _share(visit: Visit, form: Sent) -> Response:
    await parcel_acts.share(visit.front, visit.caller, form.parcel, checked_request(form.request))
    return RedirectResponse(visit.url(), 303)


async def _slip(visit: Visit, form: Sent) -> Response:
    await parcel_acts.print_slip(visit.front, visit.caller, form.parcel, visit.language)
    return RedirectResponse(visit.url(), 303)


async def _unshare(visit: Visit, form: Sent) -> Response:
    await parcel_acts.unshare(visit.front, visit.caller, form.parcel)
    return RedirectResponse(visit.url(), 303)


ACTS: Final[dict[str, Callable[[Visit, Sent], Awaitable[Response]]]] = {
    "deposit": _deposit,
    "take": _take,
    "code": _code,
    "digits": _digits,
    "again": _again,
    "inside": _inside,
    "empty": _empty,
    "share": _share,
    "unshare": _unshare,
    "slip": _slip,
}
