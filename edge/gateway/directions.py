"""A way in words: a line for each turn, how long it takes, and all of it to be read aloud."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.layout import Layout
from edge.gateway.guiding import Guide, GuidedRoute
from wayfinding.route import Leg
from words.languages import in_language
from words.sentences import say

HALF_S: Final = 30
MINUTE_S: Final = 60


class Direction(msgspec.Struct, frozen=True):
    """One line of the way."""

    turn: str
    """Which sign stands beside it: `ahead`, `left`, `slight_left`, `right`, `slight_right`, `back`, `start`."""
    title: str
    detail: str


class Directions:
    """The words of ways through this store."""

    def __init__(self, guide: Guide, layout: Layout) -> None:
        self._guide = guide
        self._layout = layout

    def lines(self, way: GuidedRoute, language: str) -> list[Direction]:
        """A line for each stretch; one that says so where somebody stands there already."""
        legs = way.route.legs
        if not legs:
            return [Direction("here", self._here_text(way, language), "")]
        return [self._line(way, number, leg, language) for number, leg in enumerate(legs)]

    def aloud(self, way: GuidedRoute, language: str) -> str:
        """All of it, as it is read out."""
        pause = say(language, "map.pause")
        stop = say(language, "map.stop")
        told = [pause.join(filter(None, (line.title, line.detail))) for line in self.lines(way, language)]
        if not way.route.legs:
            return f"{told[0]}{stop}".strip()
        head = say(
            language, "map.aloud", to=self._name(way, language), steps=way.route.steps, time=self.takes(way, language)
        )
        return "".join(f"{each}{stop}" for each in (head, *told)).strip()

    def takes(self, way: GuidedRoute, language: str) -> str:
        """About how long: in half a minute, in minutes."""
        seconds = way.route.seconds
        if seconds <= HALF_S:
            return say(language, "map.time.half")
        return say(language, "map.time.minutes", count=-(-seconds // MINUTE_S))

    def _line(self, way: GuidedRoute, number: int, leg: Leg, language: str) -> Direction:
        last = number == len(way.route.legs) - 1
        turn = leg.turn or "start"
        title = say(language, f"map.{'first' if number == 0 else 'turn'}.{turn}", to=self._toward(leg, language))
        if last:
            title = say(language, f"map.arrive.{way.route.hand}", turn=title, to=self._sign(way, language))
        steps = say(language, "map.steps", count=leg.steps)
        end = self._end(way, number, leg, language)
        return Direction(turn, title, say(language, "map.detail", steps=steps, end=end) if end else steps)

    def _end(self, way: GuidedRoute, number: int, leg: Leg, language: str) -> str:
        """What somebody sees where a stretch ends: the next zone, or a sign."""
        if number == len(way.route.legs) - 1:
            zone = in_language(self._layout.zone_names.get(self._guide.zone_at(leg.end), {}), language)
            return say(language, "map.in_zone", zone=zone)
        begin = way.route.legs[number - 1].end if number else way.route.points[0]
        here, there = self._guide.zone_at(begin), self._guide.zone_at(leg.end)
        if here != there:
            return say(language, "map.to_zone", zone=in_language(self._layout.zone_names.get(there, {}), language))
        sign = in_language(self._guide.sign_at(leg.end, way.target.fixture), language)
        return say(language, "map.to_sign", sign=sign) if sign else ""

    def _toward(self, leg: Leg, language: str) -> str:
        return in_language(self._layout.zone_names.get(self._guide.zone_at(leg.end), {}), language)

    def _here_text(self, way: GuidedRoute, language: str) -> str:
        hand = "ahead" if way.route.hand == "here" else way.route.hand
        return say(language, f"map.there.{hand}", to=self._sign(way, language))

    @staticmethod
    def _sign(way: GuidedRoute, language: str) -> str:
        """What somebody who arrives looks for."""
        return in_language(way.target.sign or way.target.name, language)

    @staticmethod
    def _name(way: GuidedRoute, language: str) -> str:
        return in_language(way.target.name, language)
