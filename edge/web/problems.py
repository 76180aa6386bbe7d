"""RFC 9457 problem documents: every error as a stable code, a status and a sentence in the caller's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import Response

from edge.errors import BusDown, JournalDamaged, JournalError, JournalFull, Refusal

if TYPE_CHECKING:
    from edge.web.language import Texts

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[dict[str, int]] = {
    "age_needs_staff": 409,
    "alias_away": 503,
    "alias_differs": 409,
    "birthday_set": 409,
    "alias_refused": 403,
    "already_has_cart": 409,
    "bad_phone": 422,
    "bad_request": 400,
    "basket_changed": 409,
    "basket_empty": 404,
    "basket_full": 409,
    "basket_gone": 410,
    "basket_not_free": 409,
    "basket_not_held": 409,
    "basket_paying": 409,
    "basket_taken": 409,
    "calls_enough": 429,
    "cart_away": 409,
    "cart_busy": 409,
    "cart_dead": 409,
    "cart_jammed": 409,
    "cart_out": 409,
    "cart_unknown": 404,
    "carts_waiting": 429,
    "catalogue_damaged": 409,
    "catalogue_no_older": 409,
    "catalogue_unknown": 404,
    "check_too_few": 422,
    "code_expired": 410,
    "code_not_live": 409,
    "code_tampered": 403,
    "code_unknown": 404,
    "code_used": 409,
    "confirms_used_up": 429,
    "code_used_up": 409,
    "consent_missing": 422,
    "consent_outdated": 409,
    "content_unfit": 409,
    "content_unknown": 404,
    "coupon_at_screen": 409,
    "coupon_elsewhere": 409,
    "coupon_ended": 410,
    "coupon_gone": 409,
    "coupon_not_yet": 409,
    "coupon_reserved": 409,
    "campaign_unknown": 404,
    "lease_not_ours": 403,
    "limit_member": 409,
    "limit_member_day": 409,
    "limit_store_day": 409,
    "budget_gone": 409,
    "coupon_taken_here": 409,
    "coupon_unknown": 404,
    "coupon_used": 409,
    "cross_origin": 403,
    "customer_unknown": 404,
    "device_unknown": 404,
    "disk_full": 507,
    "door_busy": 409,
    "door_taken": 409,
    "evidence_wrong": 403,
    "doors_waiting": 429,
    "erase_waits": 409,
    "forbidden": 403,
    "grace_over": 410,
    "head_too_large": 431,
    "held": 409,
    "internal": 500,
    "job_differs": 409,
    "journal_damaged": 503,
    "job_unknown": 404,
    "line_not_sold": 404,
    "line_unknown": 404,
    "login_needed": 401,
    "game_full": 409,
    "game_no_chance": 409,
    "game_seated": 409,
    "game_over": 409,
    "game_seed_wrong": 409,
    "game_unknown": 404,
    "no_payment_code": 422,
    "round_over": 410,
    "round_unknown": 404,
    "locker_elsewhere": 409,
    "mall_enough": 409,
    "mall_gone": 409,
    "manager_only": 403,
    "needs_weight": 409,
    "no_price": 409,
    "not_private": 403,
    "order_gone": 409,
    "pickup_in_locker": 409,
    "pickup_none": 409,
    "order_unchecked": 409,
    "order_unknown": 404,
    "order_void": 409,
    "page_outdated": 409,
    "payment_open": 409,
    "points_short": 409,
    "price_changed": 409,
    "refund_on_its_way": 409,
    "two_meanings": 409,
    "rehearsal_on": 409,
    "rehearsal_open": 409,
    "operator_only": 403,
    "kept_for_others": 409,
    "locker_away": 409,
    "locker_close_first": 409,
    "locker_full": 409,
    "locker_unknown": 404,
    "method_not_allowed": 405,
    "not_found": 404,
    "not_ready": 503,
    "no_number": 409,
    "no_sms": 503,
    "not_registered": 401,
    "payment_differs": 409,
    "payment_gone": 404,
    "payment_off": 409,
    "payment_over": 409,
    "payment_trust_used": 409,
    "payment_unknown": 409,
    "pin_locked": 429,
    "pin_wrong": 401,
    "power_short": 409,
    "printer_unknown": 404,
    "product_unknown": 404,
    "place_unknown": 404,
    "no_way": 409,
    "proof_missing": 403,
    "proof_wrong": 403,
    "reason_missing": 422,
    "return_late": 409,
    "return_nothing": 422,
    "return_too_much": 409,
    "returned_already": 409,
    "scan_first": 403,
    "slip_unknown": 404,
    "staff_only": 401,
    "ticket_elsewhere": 403,
    "parcel_code_wrong": 403,
    "parcel_elsewhere": 409,
    "parcel_gone": 410,
    "parcel_late": 409,
    "parcel_unknown": 404,
    "parcel_wait": 429,
    "screen_only": 401,
    "till_only": 401,
    "too_many_calls": 429,
    "too_many_changes": 429,
    "too_many_claims": 429,
    "too_many_guesses": 429,
    "too_many_openings": 429,
    "too_many_pages": 429,
    "too_large": 413,
    "too_many_parcels": 409,
    "too_many_phones": 409,
    "too_many_registrations": 429,
    "too_many_proofs": 429,
    "too_many_scans": 429,
    "unlock_failed": 502,
    "wrong_host": 421,
    "undo_over": 410,
    "way_differs": 409,
    "wrong_purpose": 409,
}
"""HTTP status by code: all of `edge.errors.REFUSALS`, and the few that only the web knows."""

REFUSED_OUTSIDE: Final = 409
"""What a noun of another package refuses, by `<noun>.<code>`."""


class Problem(Exception):
    """An answer that is no success: `code` is a key of `STATUS`, `members` are extra fields of the document."""

    def __init__(self, code: str, /, *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = STATUS[code] if "." not in code else REFUSED_OUTSIDE
        self.headers = headers
        self.members = members

    @classmethod
    def of(cls, error: Exception) -> Problem:
        """The problem that an error of ours is shown as."""
        if isinstance(error, Problem):
            return error
        if isinstance(error, Refusal):
            wait = error.details.get("seconds")
            headers = {"Retry-After": str(wait)} if isinstance(wait, int) else None
            return cls(error.code, headers=headers, **error.details)
        if isinstance(error, JournalDamaged):
            return cls("journal_damaged", headers={"Retry-After": "60"})
        if isinstance(error, JournalFull):
            return cls("disk_full", headers={"Retry-After": "30"})
        if isinstance(error, JournalError | BusDown):
            return cls("not_ready", headers={"Retry-After": "2"})
        return cls("internal")

    def sentence(self, texts: Texts, language: str) -> str:
        """What a person is told."""
        return texts.refusal(language, self.code, **self.members)

    def document(self, texts: Texts, language: str) -> dict[str, Any]:
        """The body. `detail` is the sentence that a person is shown; extra members never hide the standard ones."""
        return {
            **{key: value for key, value in self.members.items() if isinstance(value, str | int | float | list)},
            "type": f"urn:storekeeper:problem:{self.code}",
            "title": self.sentence(texts, "en"),
            "status": self.status,
            "detail": self.sentence(texts, language),
            "code": self.code,
        }

    def response(self, texts: Texts, language: str) -> Response:
        body = msgspec.json.encode(self.document(texts, language))
        headers = {"Content-Language": language, "Cache-Control": "no-store", **(self.headers or {})}
        return Response(body, self.status, headers, MEDIA_TYPE)


def mistakes(errors: Any, *place: str) -> list[dict[str, Any]]:
    """What was wrong, field by field; without the values, which may be personal."""
    return [
        {"field": ".".join(str(part) for part in (*place, *each["loc"])), "message": each["msg"]} for each in errors
    ]
