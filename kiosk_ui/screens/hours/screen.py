"""When the store is open this week: a place of its own, declared here and in one line of the registry."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

import msgspec

from kiosk_ui.screen import Context, Screen, Tile


class Hours(msgspec.Struct, frozen=True, tag_field="place", tag="hours"):
    """When the store is open."""


class Day(msgspec.Struct, frozen=True):
    """One day of the week."""

    name: str
    hours: str
    today: bool


class HoursView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    store: str
    days: tuple[Day, ...]
    unknown: str
    offline: str


HoursContext: TypeAlias = Context[Hours, None]


def view(context: HoursContext) -> HoursView:
    """The whole screen."""
    text, body = context.text, context.backdrop
    names = text("kiosk_home.weekdays").split("|")
    today = context.local.date()
    monday = today - timedelta(days=today.weekday())
    week = [monday + timedelta(days=day) for day in range(len(names))] if len(body.hours.week) == len(names) else []
    days = tuple(
        Day(
            names[day.weekday()],
            _hours_text(context, body.hours.on.get(day.isoformat(), body.hours.week[number])),
            day == today,
        )
        for number, day in enumerate(week)
    )
    unknown = "" if days else text("kiosk_hours.unknown")
    return HoursView(text("kiosk_hours.title"), context.say(body.store.name), days, unknown, context.away)


def _hours_text(context: HoursContext, open_: str) -> str:
    return open_.replace("-", "–") or context.text("kiosk_hours.closed")


SCREEN = Screen(
    message=Hours,
    view=view,
    widget="kiosk_ui.screens.hours.widget:HoursScreen",
    layouts=("hours.kv",),
    tile=Tile("kiosk_hours.tile", "kiosk_hours.note", "house"),
    wide=True,
)
