"""Payments: what was asked for, what was paid, what nobody knows of."""

from __future__ import annotations

from typing import Final

from edge.domain.noun import Noun
from edge.domain.payments import tables
from edge.domain.payments.facts import PaymentAsked
from edge.domain.payments.needs import needs
from edge.domain.payments.rules import PaymentRules

NOUN: Final = Noun(
    name="payments",
    rules=4,
    settings=PaymentRules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    ends=tables.ENDS,
    guarded=frozenset({PaymentAsked}),
    needs=(needs,),
    api=("edge.web.api.payments:router",),
    pages=("edge.web.pages.pay.page:PAGE",),
)
