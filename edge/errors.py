"""Everything Storekeeper raises on purpose.

StorekeeperError
├── Refusal              a decision said no: a code from `REFUSALS`, with details
├── JournalError
│   ├── JournalHeldUp    the storage takes nothing now: nothing was written, nothing may be acknowledged; try again
│   │   ├── JournalFull      no space to commit
│   │   ├── JournalBusy      another program holds the file
│   │   └── JournalDamaged   the file is not what was written
│   ├── JournalBroken    the file or the disk is not to be trusted: stop, restart, recover
│   ├── JournalTooNew    a later version wrote it in a form that this one cannot read
│   ├── JournalClosed    the journal is stopping
│   └── DecisionFailed   a decision raised what would have ended more than its caller
├── BusDown              the broker is away: nothing can be sent to a device now
└── SettingsError        the settings have mistakes: all of them (`edge.settings.mistakes`)
"""

from __future__ import annotations

from typing import Any, Final

REFUSALS: Final = frozenset(
    {
        "age_needs_staff",
        "alias_away",
        "alias_differs",
        "birthday_set",
        "alias_refused",
        "already_has_cart",
        "bad_phone",
        "bad_request",
        "budget_gone",
        "basket_changed",
        "basket_empty",
        "basket_full",
        "basket_gone",
        "basket_not_free",
        "basket_not_held",
        "basket_paying",
        "basket_taken",
        "calls_enough",
        "campaign_unknown",
        "cart_away",
        "cart_busy",
        "cart_dead",
        "cart_jammed",
        "cart_out",
        "cart_unknown",
        "carts_waiting",
        "catalogue_damaged",
        "catalogue_no_older",
        "catalogue_unknown",
        "check_too_few",
        "code_expired",
        "code_not_live",
        "code_tampered",
        "code_unknown",
        "code_used",
        "confirms_used_up",
        "code_used_up",
        "consent_missing",
        "consent_outdated",
        "content_unfit",
        "content_unknown",
        "coupon_at_screen",
        "coupon_elsewhere",
        "coupon_ended",
        "coupon_gone",
        "coupon_not_yet",
        "coupon_reserved",
        "coupon_taken_here",
        "coupon_unknown",
        "coupon_used",
        "customer_unknown",
        "device_unknown",
        "disk_full",
        "evidence_wrong",
        "door_busy",
        "door_taken",
        "doors_waiting",
        "erase_waits",
        "forbidden",
        "game_full",
        "game_no_chance",
        "game_seated",
        "game_over",
        "game_seed_wrong",
        "game_unknown",
        "grace_over",
        "held",
        "internal",
        "job_differs",
        "journal_damaged",
        "job_unknown",
        "kept_for_others",
        "lease_not_ours",
        "limit_member",
        "limit_member_day",
        "limit_store_day",
        "line_not_sold",
        "line_unknown",
        "locker_away",
        "locker_close_first",
        "locker_elsewhere",
        "locker_full",
        "locker_unknown",
        "login_needed",
        "mall_enough",
        "mall_gone",
        "manager_only",
        "needs_weight",
        "no_payment_code",
        "no_price",
        "not_found",
        "not_private",
        "not_ready",
        "no_number",
        "no_sms",
        "not_registered",
        "round_over",
        "round_unknown",
        "order_gone",
        "pickup_in_locker",
        "pickup_none",
        "order_unchecked",
        "order_unknown",
        "order_void",
        "page_outdated",
        "payment_open",
        "points_short",
        "price_changed",
        "refund_on_its_way",
        "two_meanings",
        "rehearsal_on",
        "rehearsal_open",
        "operator_only",
        "parcel_code_wrong",
        "parcel_elsewhere",
        "parcel_gone",
        "parcel_late",
        "parcel_unknown",
        "parcel_wait",
        "payment_differs",
        "payment_gone",
        "payment_off",
        "payment_over",
        "payment_trust_used",
        "payment_unknown",
        "pin_locked",
        "pin_wrong",
        "power_short",
        "printer_unknown",
        "product_unknown",
        "place_unknown",
        "no_way",
        "proof_missing",
        "proof_wrong",
        "reason_missing",
        "return_late",
        "return_nothing",
        "return_too_much",
        "returned_already",
        "scan_first",
        "slip_unknown",
        "staff_only",
        "ticket_elsewhere",
        "screen_only",
        "till_only",
        "too_many_calls",
        "too_many_changes",
        "too_many_claims",
        "too_many_guesses",
        "too_many_openings",
        "too_many_pages",
        "too_many_parcels",
        "too_many_phones",
        "too_many_registrations",
        "too_many_proofs",
        "too_many_scans",
        "undo_over",
        "way_differs",
        "wrong_purpose",
    }
)
"""Every code that a person may be shown. Each has a sentence in each language (`words/<language>/refusals.toml`)."""


LONGEST: Final = 300
"""Letters of what somebody else said that go into a sentence of ours."""


def one_line(said: str) -> str:
    """What a server or another program said: one line, no longer than `LONGEST`, of letters that are seen."""
    seen = "".join(sign if sign.isprintable() else " " for sign in said[: 2 * LONGEST])
    line = " ".join(seen.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


class StorekeeperError(Exception):
    """The root of what Storekeeper raises on purpose."""


class Refusal(StorekeeperError):
    """A decision said no. `code` is stable: one of `REFUSALS`, or `<noun>.<code>` of another package's noun. `details`
    name value, expectation and finding.
    """

    def __init__(self, code: str, **details: Any) -> None:
        if code not in REFUSALS and "." not in code:
            raise ValueError(f"unknown refusal code {code!r}: add it to REFUSALS and to the texts")
        super().__init__(f"{code} {details}" if details else code)
        self.code = code
        self.details = details


def used_before(request: str) -> Refusal:
    """What a request's id is answered with that asked for something else before, or was somebody else's."""
    return Refusal(
        "bad_request",
        reason="request",
        field="request",
        expected="an id of its own for each thing asked",
        found=request,
    )


class JournalError(StorekeeperError):
    """The journal could not do what was asked; nothing of it is durable."""


class JournalHeldUp(JournalError):
    """The storage takes nothing at this moment. Nothing was written; the next write tries again."""


class JournalFull(JournalHeldUp):
    """There is no space to commit."""


class JournalBusy(JournalHeldUp):
    """Another program holds the journal's file for writing."""


class JournalDamaged(JournalHeldUp):
    """The file is not what was written: nothing more is recorded in it until it was made whole."""


class JournalBroken(JournalError):
    """An I/O error or a corrupt file: what a retry reports cannot be trusted, so the process must restart."""


class JournalTooNew(JournalError):
    """A later version of Storekeeper wrote the journal in a form that this one would misread."""


class JournalClosed(JournalError):
    """The journal is stopping and takes no more decisions."""


class DecisionFailed(JournalError):
    """A decision raised what ends a task, the event loop or the process (its cause). Nothing of it happened."""


class BusDown(StorekeeperError):
    """The broker is away: nothing can be sent to a device now."""
