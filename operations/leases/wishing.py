"""How a gateway asks for a part of a shared budget, whoever answers."""

from __future__ import annotations

from collections.abc import Callable

from edge.domain.campaigns.facts import LeaseGranted
from edge.domain.campaigns.leases import Wish
from edge.errors import StorekeeperError

Ask = Callable[[str, Wish], LeaseGranted | None]
"""Given the journal's stream and a wish, returns the lease; None where nothing is left of the budget. Blocks. Raises
`NoAnswer`."""


class NoAnswer(StorekeeperError):
    """The cloud gave no lease that can be believed; ask again later."""
