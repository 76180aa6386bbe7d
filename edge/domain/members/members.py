"""Shoppers who registered. The journal knows a person by a random id, a keyed blind index and a sealed number.

A number that somebody types proves nothing: each new browser makes a person of its own, and several persons may name
one number. Whose it is, `edge.domain.members.numbers` says.
"""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.callers import Caller, asked_by
from edge.domain.members import sessions
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

CONSENT_VERSION: Final = "2026-11-26"
"""The version of the consent texts that a shopper sees now."""


class Consents(msgspec.Struct, frozen=True):
    """What a person agreed to, each by itself, and to which version of the text."""

    service: bool
    """Keeping the number so that carts, lockers and coupons work. Nothing works without it."""
    marketing: bool
    """Being told of offers. Everything works without it."""
    version: str = CONSENT_VERSION


class SealedPhone(msgspec.Struct, frozen=True):
    """A phone number as the store may keep it; made by `edge.secrets.vault`."""

    member: str
    """A fresh member id."""
    index: str
    """Keyed blind index: equal numbers have equal indices, and only the key tells which number."""
    sealed: str
    """AES-GCM under the person's own key."""
    wrapped_key: bytes
    """That key, wrapped; destroying it erases the person."""


class Browser(msgspec.Struct, frozen=True):
    """A browser that asks to be let in."""

    name: str
    """Its own random name."""
    session: str
    """A fresh name for the session that it may get."""
    agent: str = ""
    """What kind of phone it is."""
    caller: Caller | None = None
    """Whom it acts for now."""
    named: bool = True
    """Whether it brought its name; one that keeps no cookies gets another each time."""


class MemberRegistered(Fact, frozen=True, tag="member.registered.v1"):
    """A person became a member."""

    member: str
    phone_sealed: str
    language: str
    consents: Consents
    touchpoint: str
    request: str
    phone_index: str = ""
    """Written until it was kept beside the journal, where it can be destroyed (`Tx.keep_number`)."""


class MemberRecognised(Fact, frozen=True, tag="member.recognised.v1"):
    """A member gave the same number again, from another browser. Written until numbers had to be proven."""

    member: str
    language: str
    consents: Consents
    touchpoint: str
    request: str


class Registration(msgspec.Struct, frozen=True):
    """Who a browser is now."""

    member: str
    session: str
    browser: str = ""


NEVER: Final = 2**62
AGAIN_MS: Final = 10 * 60_000
"""How long a registration of a browser without a name may be sent again."""


@asked_by("anyone")
def register(
    tx: Tx, *, sealed: SealedPhone, consents: Consents, language: str, touchpoint: str, request: str, browser: Browser
) -> Registration:
    """Make a person of its own for a browser, and let it in; never anybody whom the store knows by that number.

    The same request from the same browser, and the same number again, get the same answer: the first one may have been
    lost on the way. A browser that names another number is somebody else from then on. Refuses: consent_missing.
    """
    if not consents.service:
        raise tx.refuse("consent_missing", purpose="service", version=consents.version)
    known = _known(tx, sealed.index, request, browser)
    if known is not None:
        return known
    if browser.caller is not None and (row := sessions.find(tx, browser.caller.session)) is not None:
        sessions.finish(tx, row, "replaced")
    tx.keep_key(sealed.member, sealed.wrapped_key)
    tx.keep_number(sealed.member, sealed.index)
    tx.emit(
        MemberRegistered(
            member=sealed.member,
            phone_sealed=sealed.sealed,
            language=language,
            consents=consents,
            touchpoint=touchpoint,
            request=request,
        )
    )
    sessions.begin(tx, member=sealed.member, session=browser.session, browser=browser.name, agent=browser.agent)
    return Registration(sealed.member, browser.session, browser.name)


def _known(tx: Tx, index: str, request: str, browser: Browser) -> Registration | None:
    """The person whom this browser has made with this number."""
    own = browser.caller
    row = tx.one(
        "SELECT s.member, s.session, s.browser FROM sessions s JOIN members m ON m.member=s.member"
        " JOIN person_numbers p ON p.subject=s.member WHERE p.number=?1"
        " AND (s.session=?2 OR (m.request=?4 AND (s.browser=?3 OR s.opened_ms>?5)))",
        index,
        own.session if own else "",
        browser.name,
        request,
        # Who brings no name is known by the request alone, which is long and random, and only for moments.
        NEVER if browser.named else tx.now - AGAIN_MS,
    )
    return Registration(row["member"], row["session"], row["browser"]) if row else None


def exists(reads: Reads, member: str) -> bool:
    """Whether there is such a member."""
    return reads.one("SELECT 1 FROM members WHERE member=?", member) is not None


def _registered(rows: Rows, entry: Entry, fact: MemberRegistered) -> None:
    rows.run(
        "INSERT INTO members VALUES (?1,?2,?3,?4,?5,?6,?7,?8,0,?9,?9)",
        (
            fact.member,
            fact.phone_sealed,
            fact.language,
            fact.consents.service,
            fact.consents.marketing,
            fact.consents.version,
            fact.touchpoint,
            fact.request,
            entry.wall_ms,
        ),
    )
    rows.run("INSERT INTO kin VALUES (?1,?1,0,NULL)", (fact.member,))


def _recognised(rows: Rows, entry: Entry, fact: MemberRecognised) -> None:
    rows.run(
        "UPDATE members SET language=?, marketing=?, consent_version=?, request=?, named_ms=? WHERE member=?",
        (
            *(fact.language, fact.consents.marketing, fact.consents.version, fact.request),
            *(entry.wall_ms, fact.member),
        ),
    )


SCHEMA: Final = """
CREATE TABLE members (
    member TEXT PRIMARY KEY, phone_sealed TEXT, language TEXT, service INTEGER,
    marketing INTEGER, consent_version TEXT, touchpoint TEXT, request TEXT, acted INTEGER,
    registered_ms INTEGER, named_ms INTEGER) STRICT;
"""
APPLIES: Final[Applies] = {MemberRegistered: _registered, MemberRecognised: _recognised}
