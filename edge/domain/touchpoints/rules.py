"""How long codes and views are good, in milliseconds."""

from __future__ import annotations

from typing import Final

STEP_MS: Final = 30_000
"""How often a code on a screen changes. The one before is still taken, so a shopper has 30 to 60 s to scan."""

TICKET_MS: Final = 15 * 60_000
"""How long a page keeps the right to what its code offered."""

VIEW_MS: Final = 10 * 60_000
"""How long a page may take to say that it was shown to somebody."""

AGAIN_MS: Final = 60_000
"""A page that is loaded again sooner is no new scan."""
