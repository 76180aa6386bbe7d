"""Which version of the product catalogue is in force."""

from __future__ import annotations

from typing import Final

from edge.domain.catalogue import tables
from edge.domain.catalogue.facts import CatalogueActivated, CatalogueRolledBack
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="catalogue",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    deferred=frozenset({CatalogueActivated}),
    notices={"catalogue": (CatalogueActivated, CatalogueRolledBack)},
    api=("edge.web.api.products:router", "edge.web.api.screens.search:router", "edge.web.api.catalogue:router"),
    pages=("edge.web.pages.product.page:PAGE",),
)
