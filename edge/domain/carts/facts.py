"""What happens to carts: every fact."""

from __future__ import annotations

from edge.domain.carts.rules import CartRules
from edge.domain.endings import Hop, How
from edge.journal.entry import Fact


class CartAdded(Fact, frozen=True, tag="cart.added.v1"):
    """The store has this cart."""

    cart: str


class CartRemoved(Fact, frozen=True, tag="cart.removed.v1"):
    """The store has this cart no more."""

    cart: str


class CartUnlockGranted(Fact, frozen=True, tag="cart.unlock_granted.v1"):
    """A member may take this cart: unlock it, once, before the order expires."""

    cart: str
    member: str
    touchpoint: str
    request: str
    fence: int


class CartUnlocked(Fact, frozen=True, tag="cart.unlocked.v1"):
    """The cart is out with the member of its grant."""

    grant: str
    cart: str
    outcome: How
    """The device's word, or what its sensor showed when no word came."""
    taken: bool = True
    """False where the lock opened too late: meanwhile the cart or the member was no longer free."""


class CartUnlockFailed(Fact, frozen=True, tag="cart.unlock_failed.v1"):
    """The device answered that it could not, or it could not be asked."""

    grant: str
    cart: str
    hop: Hop
    reason: str


class CartUnlockLapsed(Fact, frozen=True, tag="cart.unlock_lapsed.v1"):
    """The grant ended without an answer; it will never be carried out."""

    grant: str
    cart: str
    hop: Hop
    reason: str


class CartSeen(Fact, frozen=True, tag="cart.seen.v1"):
    """The cart's sensors show something new."""

    cart: str
    lock: str
    docked: bool | None = None


class CartReturned(Fact, frozen=True, tag="cart.returned.v1"):
    """The member brought the cart back: it is docked and locked."""

    cart: str
    member: str
    grant: str


class CartReleased(Fact, frozen=True, tag="cart.released.v1"):
    """Staff ended a ride: the cart is nobody's, wherever it is."""

    cart: str
    member: str
    grant: str
    staff: str
    reason: str


class CartRulesSet(Fact, frozen=True, tag="cart.rules_set.v1"):
    """The store's agreement about carts is this from now on."""

    rules: CartRules


class CartFindAsked(Fact, frozen=True, tag="cart.find_asked.v1"):
    """Somebody wants to see which cart it is: it shall blink."""

    cart: str
    by: str
    seconds: float
    fence: int


class CartBatteryLow(Fact, frozen=True, tag="cart.battery_low.v1"):
    """A cart's battery will soon be empty, or is no longer quite empty. Said once, until it has been charged."""

    cart: str
    charge: float


class CartBatteryDead(Fact, frozen=True, tag="cart.battery_dead.v1"):
    """A cart's battery is empty: it is offered to nobody until it has been charged."""

    cart: str
    charge: float


class CartBatteryGood(Fact, frozen=True, tag="cart.battery_good.v1"):
    """The battery was charged or changed."""

    cart: str
    charge: float


class CartTooLongAway(Fact, frozen=True, tag="cart.too_long_away.v1"):
    """A ride takes longer than agreed. Said once a ride."""

    cart: str
    member: str
    grant: str


class CartZoneSeen(Fact, frozen=True, tag="cart.zone_seen.v1"):
    """The beacons say that a cart is in this zone."""

    cart: str
    zone: str


class CartDockSeen(Fact, frozen=True, tag="cart.dock_seen.v1"):
    """A cart stands in another dock than before: any dock is good."""

    cart: str
    dock: str


class CartDepositHeld(Fact, frozen=True, tag="cart.deposit_held.v1"):
    """A ride began: this is held, in the currency's smallest unit."""

    cart: str
    member: str
    grant: str
    amount: int


class CartDepositReturned(Fact, frozen=True, tag="cart.deposit_returned.v1"):
    """The ride ended: what was held is given back."""

    cart: str
    member: str
    grant: str
    amount: int
