"""All nouns of the store, in the order in which they are asked. A new noun is one folder, and one line here."""

from __future__ import annotations

from typing import Final

from edge.domain.baskets.noun import NOUN as BASKETS
from edge.domain.box.noun import NOUN as BOX
from edge.domain.campaigns.noun import NOUN as CAMPAIGNS
from edge.domain.carts.noun import NOUN as CARTS
from edge.domain.catalogue.noun import NOUN as CATALOGUE
from edge.domain.codes.noun import NOUN as CODES
from edge.domain.coupons.noun import NOUN as COUPONS
from edge.domain.devices.noun import NOUN as DEVICES
from edge.domain.displays.noun import NOUN as DISPLAYS
from edge.domain.fixtures.noun import NOUN as FIXTURES
from edge.domain.games.noun import NOUN as GAMES
from edge.domain.held.noun import NOUN as HELD
from edge.domain.ledger.noun import NOUN as LEDGER
from edge.domain.lockers.noun import NOUN as LOCKERS
from edge.domain.members.noun import NOUN as MEMBERS
from edge.domain.noun import Noun
from edge.domain.orders.noun import NOUN as ORDERS
from edge.domain.payments.noun import NOUN as PAYMENTS
from edge.domain.playlists.noun import NOUN as PLAYLISTS
from edge.domain.printing.noun import NOUN as PRINTING
from edge.domain.staff.noun import NOUN as STAFF
from edge.domain.store.noun import NOUN as STORE
from edge.domain.touchpoints.noun import NOUN as TOUCHPOINTS

NOUNS: Final[tuple[Noun, ...]] = (
    STORE, DEVICES, TOUCHPOINTS, MEMBERS, CODES, COUPONS, CARTS, LOCKERS, PAYMENTS, STAFF, PRINTING, CATALOGUE, BOX,
    HELD, LEDGER, BASKETS, CAMPAIGNS, ORDERS, GAMES, DISPLAYS, FIXTURES,
    PLAYLISTS,
)  # fmt: skip
