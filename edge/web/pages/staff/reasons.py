"""Why staff do something: codes in the journal, words in the reader's language; and what a card offers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.domain.needs import Need

REASONS: Final = {
    "open_door": ("shopper_asks", "stuck", "overdue", "inspection"),
    "hand_over": ("shopper_asks", "phone_dead", "overdue"),
    "release_cart": ("cart_found", "shopper_gone", "broken"),
    "trust_payment": ("showed_it", "known_shopper", "no_answer"),
    "take_out": ("broken", "part_missing", "cleaning"),
}
"""What to tap, for acts that ask why. Nothing is chosen beforehand: a reason that nobody gave is none."""


class Help(msgspec.Struct, frozen=True):
    """One thing that helps, as a key of a card. Its reason is the card itself."""

    do: str
    target: str
    label: str
    reason: str = ""


def helps(need: Need, say: Callable[..., str]) -> tuple[Help, ...]:
    """What a broken thing wants: try it again, note that it was seen to, take it out of use."""
    door = need.details.get("door")
    target = f"{need.device}/{door}" if door else need.device
    out = Help("take_out", need.device if need.kind == "bank_dead" else target, say("staff.help_out"), "stuck")
    seen_to = Help("put_back", target, say("staff.help_done"))
    match need.kind:
        case "locker_jammed" | "locker_dead":
            return Help("open_door", target, say("staff.help_again"), "stuck"), seen_to, out
        case "bank_dead":
            return Help("open_door", target, say("staff.help_try", door=door), "no_answer"), out
        case "cart_faulty":
            return seen_to, out
        case "age_check":
            asked = f"{need.details['basket']}/{need.details['age']}"
            return Help("age_enough", asked, say("staff.help_old")), Help("age_short", asked, say("staff.help_young"))
        case "cart_jammed":
            return (out,)
    return ()
