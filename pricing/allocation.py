"""Sharing an amount out over lines, to the last unit."""

from __future__ import annotations

from collections.abc import Sequence


def half_up(numerator: int, denominator: int) -> int:
    """A fraction of whole numbers, neither negative, rounded to the nearest; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` out in proportion to the weights.

    The sum is exact, and no share is above its weight where `total` is not above their sum. What rounding leaves goes
    to the largest remainders, then to the heavier, then to the first.
    """
    whole = sum(weights)
    if not total or not whole:
        return [0] * len(weights)
    shares, remainders = [], []
    for place, weight in enumerate(weights):
        share, rest = divmod(total * weight, whole)
        shares.append(share)
        remainders.append((-rest, -weight, place))
    missing = total - sum(shares)
    if missing:
        for _, _, place in sorted(remainders)[:missing]:
            shares[place] += 1
    return shares
