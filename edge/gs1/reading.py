"""From GS1's forms to what the store understands: products with weight, price, batch and dates, and everything else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edge.domain.readings import Next, Reading, Scan, Trade
from edge.gs1.numbers import Number, numbers


class Gs1:
    """The `Standards` of `edge.domain.codes`."""

    def elements(self, scan: Scan) -> Iterator[Reading]:
        for number in numbers(scan.text, scan.symbology):
            yield _of_number(number, scan)


_NOT_GOODS: Final = {"coupon": "coupon_prefix", "refund": "refund_prefix"}


def _of_number(number: Number, scan: Scan) -> Reading:
    if number.form in _NOT_GOODS:
        return Reading(
            "unknown", "checked", _NOT_GOODS[number.form], what=number.form, shown=scan.text, next=Next("show_at_till")
        )
    return Reading(
        "product",
        "checked",
        "check_digit",
        what=number.form,
        trade=Trade(number.gtin, number.form),
        shown=scan.text,
        next=Next("ask_staff"),
    )
