"""What units of a paid line give back: in any order and any portions the sum is what was paid."""

from __future__ import annotations


def share(paid: int, units: int, returned: int, more: int = 1) -> int:
    """What `more` units give back after `returned` of `units` came back before.

    The same formula shares out money, burned points and what a merged line owes to each scanned one.
    """
    if not 0 <= returned <= returned + more <= units:
        raise ValueError(f"expected at most {units - returned} of {units} units; found {more}")
    return paid * (returned + more) // units - paid * returned // units
