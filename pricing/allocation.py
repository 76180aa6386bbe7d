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
    products = [total * weight for weight in weights]
    shares = [product // whole for product in products]
    missing = total - sum(shares)
    if missing:
        # One number a place sorts by remainder, then by weight, then by how early it is.
        heavy, size = max(weights) + 1, len(weights)
        ranked = [
            ((product % whole) * heavy + weight) * size + size - place
            for place, (product, weight) in enumerate(zip(products, weights, strict=True), 1)
        ]
        for rank in sorted(ranked, reverse=True)[:missing]:
            shares[size - rank % size - 1] += 1
    return shares
