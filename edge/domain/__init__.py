"""What the store knows and decides: one noun, one file. A new noun is one new file, its test, and one line here."""

from edge.domain import held
from edge.domain.carts import care as cart_care
from edge.domain.carts import carts
from edge.domain.catalogue import catalogue
from edge.domain.codes import reads as code_reads
from edge.domain.coupons import coupons
from edge.domain.devices import devices, flapping
from edge.domain.lockers import lockers
from edge.domain.lockers import staff as locker_staff
from edge.domain.members import consents, erasure, families, guests, members, numbers, passes, sessions
from edge.domain.printing import printing
from edge.domain.printing import queue as print_queue
from edge.domain.staff import calls, staff, upkeep
from edge.domain.store import clocks, zones
from edge.domain.store import keys as store_keys
from edge.domain.touchpoints import touchpoints

NOUNS = (
    zones.NOUN,
    devices.NOUN,
    flapping.NOUN,
    touchpoints.NOUN,
    members.NOUN,
    families.NOUN,
    numbers.NOUN,
    sessions.NOUN,
    guests.NOUN,
    consents.NOUN,
    erasure.NOUN,
    passes.NOUN,
    code_reads.NOUN,
    coupons.NOUN,
    carts.NOUN,
    cart_care.NOUN,
    lockers.NOUN,
    upkeep.NOUN,
    calls.NOUN,
    printing.NOUN,
    staff.NOUN,
    catalogue.NOUN,
    store_keys.NOUN,
    clocks.NOUN,
)

RECOVER = (carts.lapse_all, lockers.lapse_all)
"""Decisions at start: what a crash left open ends, and is never carried out. Each returns how many."""

TEND = (calls.tend, carts.tend, cart_care.tend, lockers.tend, erasure.tend, flapping.tend)
"""Decisions that time alone asks for; `edge.gateway.caretaker` calls them every second."""

ORDER_OF = (carts.order_of, lockers.order_of)
"""Questions for the order of an id: a device may answer when nobody waits for it any more."""

NEEDS = (
    calls.needs, locker_staff.needs, cart_care.needs, print_queue.needs, upkeep.needs, staff.needs, held.needs,
    clocks.needs, flapping.needs,
)  # fmt: skip
"""What needs a hand now, noun by noun (`edge.domain.needs`)."""
