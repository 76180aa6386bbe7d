"""Asks the cloud for a part of a shared budget."""

from __future__ import annotations

import importlib.util
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from edge.domain.campaigns.facts import LeaseGranted
from operations.leases.wishing import Ask, NoAnswer

if TYPE_CHECKING:
    from edge.domain.campaigns.leases import Wish


def asking(url: str, store: str, token: str | None) -> Ask | None:
    """Returns what asks the cloud at an address; None on a box without the part that talks to one."""
    if importlib.util.find_spec("requests") is None:
        return None

    def ask(stream: str, wish: Wish) -> LeaseGranted | None:
        from sync.client import CloudError, HttpCloud, LeaseRefused  # noqa: PLC0415 - a box may be without that part
        from sync.messages import LeaseWish  # noqa: PLC0415
        from sync.signing import is_signed  # noqa: PLC0415

        try:
            with closing(HttpCloud(url, store, token)) as cloud:
                signed = cloud.lease(LeaseWish(stream, wish.campaign, wish.number, wish.uses, wish.amount))
        except LeaseRefused as error:
            if error.code == "budget_gone":
                return None
            raise NoAnswer(str(error)) from None
        except CloudError as error:
            raise NoAnswer(str(error)) from None
        lease = signed.lease
        told = (lease.store, lease.stream, lease.campaign, lease.number)
        if told != (store, stream, wish.campaign, wish.number) or not is_signed(signed):
            raise NoAnswer(f"the cloud's lease {lease.lease!r} is not what was asked for, or not signed")
        return LeaseGranted(**msgspec.structs.asdict(lease), key=signed.key, signature=signed.signature)

    return ask
