"""What each application identifier (AI) holds, and which go together.

It is the part of the GS1 General Specifications (sections 3, 4.13 and 4.14) and of the Digital Link standard that
biip's table leaves out. A form is parts such as `N13.sum` (13 digits, the last a check digit), `X1-20` (1 to 20
letters), `N4?` (four or none); `needs` and `bars` name other AIs; `link` lists the orders in which others may follow it
in a path.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Component(msgspec.Struct, frozen=True):
    """A part of a value: letters of one set, from so many to so many, each check by its name."""

    letters: str
    least: int
    most: int
    checks: tuple[str, ...]
    optional: bool


class Form(msgspec.Struct, frozen=True):
    """One AI."""

    ai: str
    parts: tuple[Component, ...]
    needs: tuple[tuple[str, ...], ...] = ()
    """Of each group one must be there."""
    bars: tuple[str, ...] = ()
    """None of these may be there."""
    link: tuple[tuple[str, ...], ...] | None = None
    """For a primary key of Digital Links: sequences of AIs that may follow, in this order, each optional."""

    @property
    def ends_itself(self) -> bool:
        """Whether its length is known from its first digits, so that no separator has to follow."""
        return self.ai[:2] in _KNOWN_LENGTH

    @property
    def most(self) -> int:
        """The longest value."""
        return sum(part.most for part in self.parts)


_KNOWN_LENGTH: Final = frozenset(
    ["00", "01", "02", "03", "04", *map(str, range(11, 21)), *map(str, range(31, 37)), "41"]
)

_ITEM: Final = "01,02,8006,8026"
_MEASURE: Final = "30,31nn,32nn,35nn,36nn"
_LINES: Final = f"""
00 | N18.sum | | | -
01 | N14.sum | | 02,255,37 | 22,10,21/235
02 | N14.sum | 37
03 | N14.sum
10 | X1-20 | {_ITEM}
11,13,15,16 | N6.day0 | {_ITEM}
12 | N6.day0 | 8020
17 | N6.day0 | 255,{_ITEM}
20 | N2 | {_ITEM}
21 | X1-20 | 01,8006 | 235
22,243,710-717 | X1-20 | 01
235 | X1-28 | 01
240,241 | X1-30 | {_ITEM}
242 | N1-6 | {_ITEM}
250 | X1-30 | 01,8006;21
251 | X1-30 | 01,8006
253 | N13.sum X0-17 | | | -
254 | X1-20 | 414
255 | N13.sum N0-12 | | 01,02,415,8006,8020,8026 | -
30 | N1-8 | 01,02
310n-316n,320n-329n,350n-352n,356n,357n,360n,361n,364n-366n | N6 | 01,02 | same
330n-336n,340n-349n,353n-355n,362n,363n,367n-369n | N6 | 00,01 | same
337n | N6 | 01 | same
37 | N1-8 | 00;02,8026
390m | N1-15 | 255,8020 | same,391n,394n,8111
391m | N3.currency N1-15 | 8020 | same
392m | N1-15 | 01;{_MEASURE} | same,393n
393m | N3.currency N1-15 | {_MEASURE} | same
394q | N4 | 255 | same,8111
395n | N6 | {_MEASURE} | same,392n,393n,8005
400 | X1-30
401 | X1-30.key | | | -
402 | N17.sum | | | -
403 | X1-30 | 00
410-413,416 | N13.sum
414 | N13.sum | | | 254/7040
415 | N13.sum | 8020 | | 8020
417 | N13.sum | | | 7040
420 | X1-20 | | 421
421 | N3.country X1-9 | | 4307
422 | N3.country | {_ITEM} | 426
424 | N3.country | 01,02 | 426
423,425 | N3-15.countries | 01,02 | 426
426 | N3.country | 01,02
427 | X1-3 | 01,02;422
4300,4301,4310,4311,4320 | X1-35.percent | 00
4302,4304-4306,4312,4314-4316 | X1-70.percent | 00
4303 | X1-70.percent | 4302
4313 | X1-70.percent | 4312
4307,4317 | X2.land | 00
4308,4319 | X1-30 | 00
4318 | X1-20 | 00
4309 | N10.latitude N10.longitude | 00
4321-4323 | N1.yesno | 00
4324,4325 | N6.day0 N4.hhmm9 | 00
4326 | N6.day | 00
4330 | N6 X1?.hyphen | 00 | 4331
4331 | N6 X1?.hyphen | 00 | 4330
4332 | N6 X1?.hyphen | 00 | 4333
4333 | N6 X1?.hyphen | 00 | 4332
7001 | N13 | {_ITEM}
7002 | X1-30 | 01,02
7003 | N6.day N4.hhmm | 01,02
7004 | N1-4 | 01;10
7005 | X1-12 | 01,02
7006 | N6.day | 01,02
7007 | N6.day N6?.day | 01,02
7008 | X1-3 | 01,02
7009 | X1-10 | 01,02
7010 | X1-2 | 01,02
7011 | N6.day N4?.hhmm | 01,02
7020 | X1-20 | 01,8006;416
7021 | X1-20 | 01,8006
7022 | X1-20 | 7021
7023 | X1-30.key
7030-7039 | N3.country999 X1-27 | 01,02
7040 | N1 X1 X1 X1.importer
7041 | X1-4
7230-7239 | X2 X1-28 | 01,8004
7240 | X1-20 | 01,8006
7241 | N2 | 8017,8018
7242 | X1-25 | 8017,8018
7250 | N8.date | 8018
7251 | N8.date N4.hhmm | 8018 | 7256
7252 | N1.sex | 8018
7253,7254,7259 | X1-40.percent | 8018
7255 | X1-10.percent | 8018
7256 | X1-90.percent | 8018
7257 | X1-70.percent | 8018
7258 | X3.position | 8018;7259
8001 | N4.nonzero N5.nonzero N3.nonzero N1.winding N1 | 01
8002 | X1-20
8003 | N1.zero N13.sum X0-16 | | | -
8004 | X1-30.key | | | 7040
8005 | N6 | 01,02
8006 | N14.sum N4.piece | | 01,37 | 22,10,21
8007 | X1-34.iban | 415
8008 | N8.hour N0-4.minutes | 01,02
8009 | X1-50 | 00,01
8010 | Y1-30.key | | | 8011
8011 | N1-12.nozero | 8010
8012 | X1-20 | 01,8006
8013 | X1-25.pair.key | | | -
8014 | X1-25.pair.key | | | -
8017 | N18.sum | | 8018 | 8019
8018 | N18.sum | | 8017 | 8019
8019 | N1-10 | 8017,8018
8020 | X1-25 | 415
8026 | N14.sum N4.piece | 37 | 02,8006
8030 | Z1-90.padding | 00,01,253,255,8003,8004,8006,8010,8017,8018
8040,8041 | N15
8042 | N32
8043 | N18-20
8110 | X1-70.coupon
8111 | N4 | 255
8112 | X1-70.offer
8200 | X1-70 | 01
90 | X1-30
91-99 | X1-90
"""
"""AIs | parts | needs | bars | link. `n` is 0 to 5, `m` 0 to 9, `q` 0 to 3; `same` is the other AIs of its own row."""

_DIGITS: Final = {"n": "012345", "m": "0123456789", "q": "0123"}


def forms() -> dict[str, Form]:
    """Every AI that there is."""
    found: dict[str, Form] = {}
    for line in _LINES.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")] + [""] * 4
        for ai in _ais(cells[0]):
            found[ai] = Form(
                ai,
                tuple(_part(word) for word in cells[1].split()),
                needs=tuple(tuple(group.split(",")) for group in cells[2].split(";") if group),
                bars=tuple(f"{ai[:3]}n" if word == "same" else word for word in cells[3].split(",") if word),
                link=_link(cells[4]),
            )
    return found


def _ais(cell: str) -> list[str]:
    found: list[str] = []
    for word in cell.split(","):
        first, _, last = word.partition("-")
        tail = first[-1] if first[-1] in _DIGITS else ""
        numbers = range(int(first.rstrip("nmq")), int((last or first).rstrip("nmq")) + 1)
        width = len(first.rstrip("nmq"))
        found += [f"{number:0{width}}{digit}" for number in numbers for digit in (_DIGITS[tail] if tail else [""])]
    return found


def _part(word: str) -> Component:
    size, *checks = word.split(".")
    optional = size.endswith("?")
    least, _, most = size[1:].rstrip("?").partition("-")
    return Component(size[0], int(least), int(most or least), tuple(checks), optional or least == "0")


def _link(cell: str) -> tuple[tuple[str, ...], ...] | None:
    if not cell:
        return None
    return () if cell == "-" else tuple(tuple(order.split(",")) for order in cell.split("/"))
