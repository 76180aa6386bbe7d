"""What a code means. One place decides, for phones, scanners and cameras alike.

Every reading that is possible is returned with its reason, the best first; there is always at least one. Nothing here
acts, and nothing is used up: that is the decision's that does what the reading says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

import msgspec

from edge.domain.codes.readings import Certainty, Kind, Next, Reading, Scan, best_first
from edge.domain.coupons import queries as coupon_queries
from edge.domain.members import passes
from edge.domain.members import queries as member_queries
from edge.domain.members.passes import Passes
from edge.domain.touchpoints import code_text, plain_codes
from edge.domain.touchpoints.codes import Codes, Touchpoint
from edge.errors import Refusal
from edge.journal import Reads
from gs1 import spelled
from gs1.in_store import InStoreRule
from gs1.numbers import upca_to_upce
from gs1.trade import Trade, checks, gtin14
from words.languages import Words

LONGEST: Final = 4096
"""More characters than the largest QR code of letters holds: what is longer was no code."""

AROUND: Final = "".join(map(chr, range(0x1C))) + " \x7f"
"""What scanners put around a code: ends of a line, blanks, STX, EOT, ESC …; FNC1 (0x1D) and its like say something."""
LONGEST_LABEL: Final = 64
"""Characters of a product's number with what a reader or a person may put beside it."""
_DIGITS: Final = re.compile(r"(?<![0-9])(?:(97[789][0-9]{10})(?:[0-9]{2}|[0-9]{5})|([0-9]{8,14}))(?![0-9])")
"""A number, or one of a book or a magazine with the two or five digits of its issue or price."""
_PRODUCT: Final = re.compile(r"(?:https?://)?(?<![a-z0-9.:\[\]-])([a-z0-9.:\[\]-]+)/p/([0-9]{8,14})(?![0-9])")

_SYMBOLOGY: Final = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
"""What a reader may put in front; it says nothing of what the code is."""


class FoundProduct(msgspec.Struct, frozen=True):
    """A product that the store's catalogue has."""

    title: Words
    href: str


class Standards(Protocol):
    """What reads GS1's own forms; `gs1` is one."""

    def elements(self, scan: Scan) -> Iterable[Reading]:
        """The readings of GS1 element strings, Digital Links and numbers; empty where it is none of these."""


class CodeReader:
    """The one place. `product` finds a trade item in the catalogue; `hosts` are our own in addresses; `short` finds the
    code that a screen shows beside some digits.
    """

    def __init__(
        self,
        codes: Codes,
        member_codes: Passes,
        reads: Reads,
        *,
        standards: Standards,
        rules: Iterable[InStoreRule],
        product: Callable[[Trade], FoundProduct | None],
        hosts: Iterable[str] = (),
        short: Callable[[str, int], str | None] = lambda _text, _now_ms: None,
    ) -> None:
        self._codes = codes
        self._passes = member_codes
        self._reads = reads
        self._standards = standards
        self._rules = tuple(rules)
        self._product = product
        self._hosts = frozenset(hosts)
        self._short = short

    def read(self, scan: Scan, now_ms: int, hosts: Iterable[str] = ()) -> list[Reading]:
        """Everything that the code may mean, the best first; at least one. Never raises, whatever was scanned."""
        # A reader may hand on half of a pair of UTF-16, which no table and no page can hold.
        text = scan.text.encode(errors="replace").decode().strip(AROUND)
        if len(text) > LONGEST:
            return [Reading("unknown", "guessed", "too_long", what="text", next=Next("scan_again"))]
        own = self._hosts | frozenset(hosts)
        scan = msgspec.structs.replace(scan, text=text)
        text = self._short(text, now_ms) or text
        signed = list(self._signed(_SYMBOLOGY.sub("", text), now_ms, own))
        if any(each.certainty == "signed" for each in signed):
            return best_first(signed)
        found = [*signed, *self._pages(text, own), *self._slips(text), *self._goods(scan)]
        if not signed:
            found += self._foreign(text)
        return best_first(found) or [*self._labelled(text)] or [_unknown(text)]

    def _signed(self, text: str, now_ms: int, own: frozenset[str]) -> Iterator[Reading]:
        """Our touchpoints, coupons, collect codes and members' codes."""
        shown = passes.code_in_text(text)
        if shown:
            yield self._member(shown)
            return
        refused: list[Reading] = []
        for code in code_text.candidates(text):
            try:
                if (seed := self._codes.parse_basket(code.text)) is not None:
                    yield _basket(seed, code.text)
                    return
                place = self._codes.parse(code.text, now_ms)
            except Refusal as refusal:
                # An address of somebody else that only looks like ours is theirs.
                if code.host in own or refusal.code != "code_unknown":
                    title = self._label(code.text)
                    refused.append(_ours_refused("touchpoint", refusal.code, title=title, signed=refusal.code))
            else:
                yield self._place(place, code.text)
                return
        yield from refused[:1]

    def _place(self, touchpoint: Touchpoint, code: str) -> Reading:
        kind: Kind = "touchpoint"
        if touchpoint.parcel:
            kind = "parcel"
        elif touchpoint.coupon:
            kind = "coupon"
        elif touchpoint.purpose == "badge":
            kind = "badge"
        title = self._coupon_title(touchpoint.coupon) if touchpoint.coupon else touchpoint.label
        do: Final = {"parcel": "collect", "coupon": "claim"}
        return Reading(
            kind,
            "signed",
            "our_signature",
            what=touchpoint.purpose,
            next=Next(do.get(kind, "open"), f"/t/{code}"),  # type: ignore[arg-type]
            title=title or touchpoint.label,
            touchpoint=touchpoint,
        )

    def _member(self, text: str) -> Reading:
        try:
            shown = self._passes.read(text, self._reads.now)
            if shown is None:
                return _unknown(text)
            member = member_queries.pass_owner(self._reads, shown)
        except Refusal as refusal:
            return _ours_refused("member", refusal.code, signed=refusal.code)
        return Reading(
            "member", "signed", "our_signature", next=Next("greet", "/wallet"), member=member, stamp=shown.stamp
        )

    def _pages(self, text: str, own: frozenset[str]) -> Iterator[Reading]:
        """The address of a product's page, as our screens show it."""
        found = _PRODUCT.search(code_text.plain(text).lower())
        gtin = gtin14(found[2]) if found is not None and found[1] in own else None
        if gtin:
            yield self._with_catalogue(
                Reading("product", "checked", "our_page", trade=Trade(gtin, "page"), next=Next("ask_staff"))
            )

    def _slips(self, text: str) -> Iterator[Reading]:
        """The numbers that our printers put on slips."""
        if not 3 <= len(text) <= 64:
            return
        row = self._reads.one("SELECT job FROM print_jobs WHERE job=? LIMIT 1", text)
        if row is not None:
            yield Reading("slip", "known", "slip_printed", job=row["job"], next=Next("ask_staff"))

    def _goods(self, scan: Scan) -> Iterator[Reading]:
        """Products and what else GS1's standards number, and the codes that this store makes for itself."""
        scan = msgspec.structs.replace(scan, text=spelled.number(scan.text))
        upce = re.sub("[-_]", "", scan.symbology or "").lower() == "upce"
        for reading in self._standards.elements(scan):
            yield self._with_catalogue(self._as_listed(reading, scan.text) if upce else reading)
        digits = scan.text.removeprefix("0") if len(scan.text) == 14 else scan.text
        if len(digits) == 13 and checks(digits):
            for rule in self._rules:
                trade = rule.read(digits)
                if trade is not None:
                    yield self._with_catalogue(
                        Reading("product", "by_rule", "in_store_rule", what="in_store", trade=trade)
                    )

    def _labelled(self, text: str) -> Iterator[Reading]:
        """The one product of the catalogue whose number stands in a text: `A6901234567892` of a reader that names the
        kind of code in its own way, `EAN: 6901234567892`, a magazine's with its issue.
        """
        bare = _SYMBOLOGY.sub("", code_text.plain(text)) if len(text) <= LONGEST_LABEL else ""
        found = {number[1] or number[2] for number in _DIGITS.finditer(bare)}
        known = [
            reading
            for number in found
            for reading in self._goods(Scan(number))
            if reading.certainty == "known" and not reading.refused
        ]
        if len({reading.trade and reading.trade.gtin for reading in known}) == 1:
            yield known[0]

    def _as_listed(self, reading: Reading, text: str) -> Reading:
        """A UPC-E whose eight digits the catalogue has as they stand under the bars, for a GTIN-8, and no other way."""
        trade = reading.trade
        if trade is None or self._product(trade) is not None:
            return reading
        short = text if len(text) == 8 else upca_to_upce(trade.gtin.removeprefix("00"))
        if short is None or not checks(short):
            return reading
        listed = msgspec.structs.replace(trade, gtin=short.zfill(14))
        return reading if self._product(listed) is None else msgspec.structs.replace(reading, trade=listed)

    def _with_catalogue(self, reading: Reading) -> Reading:
        """With what the catalogue says of it."""
        if reading.kind != "product" or reading.trade is None or reading.refused:
            return reading
        found = self._product(reading.trade)
        if found is None:
            return reading
        certainty: Certainty = "known"
        return msgspec.structs.replace(reading, certainty=certainty, title=found.title, next=Next("look", found.href))

    def _foreign(self, text: str) -> Iterator[Reading]:
        what = plain_codes.what(_SYMBOLOGY.sub("", text))
        if what in plain_codes.PAYMENTS:
            yield Reading("payment", "guessed", "payment_form", what=what, next=Next("show_at_till"))
        elif what not in ("text", "digits"):
            yield _unknown(text)

    def _label(self, code: str) -> Words:
        row = self._reads.one("SELECT label FROM touchpoints WHERE touchpoint=?", code.partition(".")[0])
        return msgspec.json.decode(row["label"], type=Words) if row else {}

    def _coupon_title(self, coupon: str) -> Words:
        found = coupon_queries.coupon(self._reads, coupon)
        return found.look.title if found else {}


def _basket(seed: str, code: str) -> Reading:
    return Reading("basket", "signed", "our_signature", next=Next("take", f"/b/{code}"), basket=seed)


def _ours_refused(kind: Kind, refused: str, title: Words | None = None, signed: str = "") -> Reading:
    # A signature that is right makes even an expired code ours; one that is wrong is only believed to be meant as ours.
    certainty: Final = "signed" if signed in ("code_expired", "code_used") else "guessed"
    reason = "our_signature" if certainty == "signed" else "our_form"
    return Reading(kind, certainty, reason, refused=refused, title=title or {}, next=Next("scan_again"))


def _unknown(text: str) -> Reading:
    text = _SYMBOLOGY.sub("", text)
    return Reading("unknown", "guessed", "looks_like", what=plain_codes.what(text), next=Next("ask_staff"))
