"""What every table of a settings file has in common: keys are known, values are of their kind."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SettingsModel(BaseModel):
    """A table of a settings file. The docstring under each field is the sentence that people read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, strict=True, allow_inf_nan=False
    )
