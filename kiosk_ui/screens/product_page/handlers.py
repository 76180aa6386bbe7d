"""What the gateway tells of one product, and what somebody does with it. Nothing of it outlives them."""

from __future__ import annotations

import math
import uuid
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract.answers.goods import ProductDetails
from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.places import Map, Product
from kiosk_ui.screen import Asked, Context, Step

RETRY_S: Final = 5.0
"""How soon it is asked again where nobody answered."""
SAID_S: Final = 6.0
"""How long it is said that something was put into the basket."""
SHEETS: Final = ("said", "report", "page")


class BasketTotal(msgspec.Struct, frozen=True):
    """What the basket comes to, after something was put in."""

    pieces: int = 0
    total: int | None = None
    currency: str = "CNY"


class Memory(Asked, frozen=True):
    """What the product's page remembers."""

    whole: ProductDetails | None = None
    lost: bool = False
    refused: Refused | None = None
    """Why there is no such product, or why it was not put in."""
    adding: str = ""
    """The product that is being put into the basket."""
    request: tuple[str, str] = ("", "")
    """The product that was to be put in, and the name of that, as long as nobody answered: the same is sent again."""
    put: BasketTotal | None = None
    put_at: float | None = None
    sheet: str = ""
    """What lies over the lower half: one of `SHEETS`."""


ProductContext: TypeAlias = Context[Product, Memory]
Answer: TypeAlias = ProductDetails | BasketTotal | Refused | Unreachable


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(known: Memory) -> bool:
    """Somebody waits for it to be in the basket."""
    return bool(known.adding)


def sound(context: ProductContext) -> str:
    """What was scanned is known; or something was refused."""
    if context.memory.refused:
        return "refused"
    return "read" if context.message.scene is not None else ""


def fetch(context: ProductContext) -> Step[Memory]:
    """Asks for it."""
    return context.ask(f"products/{context.message.gtin}", ProductDetails)


def on_front(context: ProductContext) -> Step[Memory]:
    """It came in front."""
    known = context.memory
    return Step(known) if known.whole is not None and known.language == context.language else fetch(context)


def on_tick(context: ProductContext) -> Memory | Step[Memory]:
    """A second went by."""
    known = context.memory
    if known.put_at is not None and context.at - known.put_at >= SAID_S:
        known = msgspec.structs.replace(known, put_at=None)
    due = not known.adding and context.due(RETRY_S if known.lost else math.inf)
    return fetch(msgspec.structs.replace(context, memory=known)) if due else known


def add(context: ProductContext, gtin: str) -> Step[Memory]:
    """Puts one into the basket: this one, or one that goes with it."""
    known = context.memory
    if known.adding or known.whole is None:
        return Step(known)
    wanted = gtin or known.whole.tile.gtin
    request = known.request[1] if known.request[0] == wanted else str(uuid.uuid4())
    body = {"gtin": wanted, "quantity": 1, "how": "page", "request": request}
    adding = msgspec.structs.replace(
        known, adding=wanted, request=(wanted, request), asking=False, refused=None, put_at=None
    )
    return Step(adding, context.gateway.job("basket/lines", BasketTotal, body))


def show_way(context: ProductContext, _: str) -> Step[Memory]:
    """The way there."""
    return Step(context.memory, open=Map(context.message.gtin) if "map" in context.shown else None)


def toggle_sheet(context: ProductContext, name: str) -> Step[Memory]:
    """Lays something over the lower half, or takes it away."""
    shown = name if name in SHEETS and name != context.memory.sheet else ""
    return Step(msgspec.structs.replace(context.memory, sheet=shown))


def on_result(context: ProductContext, found: Answer) -> Memory:
    """It answered, or did not."""
    known = msgspec.structs.replace(context.memory, asking=False, lost=isinstance(found, Unreachable), adding="")
    if isinstance(found, ProductDetails):
        # Why it was not put in stays, to be read in the language that the page was asked for in.
        refused = known.refused if known.whole is not None else None
        return msgspec.structs.replace(known, whole=found, refused=refused)
    if isinstance(found, BasketTotal):
        return msgspec.structs.replace(known, put=found, put_at=context.at, refused=None, request=("", ""))
    return msgspec.structs.replace(known, refused=found, request=("", "")) if isinstance(found, Refused) else known
