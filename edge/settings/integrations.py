"""Settings of what others are told of this store: `[tracing]` and `[home_assistant]` of `gateway.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from edge.settings.model import SettingsModel


class TracingSettings(SettingsModel):
    """Where traces of unlocks go."""

    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$")] | None = None
    """Address of an OpenTelemetry collector that takes OTLP over HTTP, such as "http://127.0.0.1:4318". Left out, no
    trace is made. Set it while you look for what makes locks slow."""


class HomeAssistantSettings(SettingsModel):
    """Whether Home Assistant, on the same broker, finds the store's devices by itself."""

    enabled: bool = False
    """Whether they are announced. It sees locks, carts, printers and alarms, and can open nothing."""
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "homeassistant"
    """Home Assistant's own discovery prefix. Change it where that was changed."""
