"""Settings of how codes reach phones: `[sms]` of `gateway.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from edge.settings.model import Lines, SettingsModel


class SmsSettings(SettingsModel):
    """How a code is sent to a phone number. Without it nobody can prove a number; the store works all the same."""

    kind: Literal["none", "simulated", "http"] | None = None
    """"http" asks a provider, "simulated" shows the codes on the store page of a demo, "none" sends nothing. Left out,
    a demo simulates and a store sends nothing."""
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$")] | None = None
    """Where the provider is asked. May hold {number} (+8613800138000), {digits} (without the plus) and {code}."""
    method: Literal["GET", "POST", "PUT"] = "POST"
    """How."""
    headers: dict[str, str] = Field(default={}, max_length=20)
    """What is sent along, such as Authorization and Content-Type; filled like the address."""
    body: Annotated[str, Lines(10_000, several=True)] = ""
    """The request's body; filled like the address."""
    expect: str = ""
    """What a good answer contains. Leave it out where the status alone says it."""

    @model_validator(mode="after")
    def _is_complete(self) -> SmsSettings:
        if self.kind == "http" and not (self.url and "{code}" in self.url + self.body):
            raise ValueError("http needs a url, and {code} in it or in the body")
        return self
