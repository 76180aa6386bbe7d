"""The example's products come into the demo's store once, before it opens; what its owner imports later stays."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edge.bootstrap.nouns import nouns_of
from edge.cli.catalogue_desk import Operator
from edge.products.importing import import_file
from edge.products.references import store_of
from edge.settings.settings import Settings

FILE: Final = "products.jsonl"
"""Beside store.toml; a store without it opens without products."""


def bring(config: Path, settings: Settings) -> None:
    """Import the products of the settings' folder, where no catalogue was ever in force. Raises `BadFile`."""
    file = config / FILE
    operator = Operator(settings, "demo", nouns_of(settings).all)
    if not file.is_file() or operator.history():
        return
    built = import_file(file, operator.folder, store_of(settings)).built
    if built is not None:
        operator.activate(built.version)
