"""The JSON Schema of a file of `campaigns/`, by which editors complete and check while somebody types."""

from __future__ import annotations

import warnings
from typing import Any, Final

from pydantic.json_schema import PydanticJsonSchemaWarning

from edge.settings.campaign_tables import CampaignsFile

DAY_OR_MOMENT: Final = {"anyOf": [{"format": "date"}, {"format": "date-time"}, {"format": "partial-date-time"}]}
"""TOML has days and moments of its own, which editors show the schema as text."""


def schema() -> dict[str, Any]:
    """Made of the tables that the files are read by."""
    with warnings.catch_warnings():
        # Texts that are left out have a default of a class of their own; what is left out needs none here.
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
        found = CampaignsFile.model_json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Campaigns of a store"}
    return head | {key: _eased(value) for key, value in found.items() if key != "title"}


def _eased(value: Any) -> Any:
    if isinstance(value, list):
        return [_eased(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("format") == "date-time":
        return {"type": "string"} | DAY_OR_MOMENT
    made = {key: _eased(each) for key, each in value.items() if not (key == "title" and isinstance(each, str))}
    if "properties" in made and "hours" in made["properties"]:
        hours = made["properties"]["hours"]
        made["properties"]["hours"] = {
            "description": hours.pop("description", ""),
            "anyOf": [{"type": "string"}, hours],
        }
    return made
