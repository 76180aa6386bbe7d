"""Shoppers who registered. The journal knows a person by a random id, a keyed blind index and a sealed number."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.journal import Entry, Fact, Noun, Reads, Rows, Tx

CONSENT_VERSION: Final = "2026-11"
"""The version of the consent texts that a shopper sees now."""


class Consents(msgspec.Struct, frozen=True):
    """What a person agreed to, each by itself, and to which version of the text."""

    service: bool
    """Keeping the number so that carts, lockers and coupons work. Nothing works without it."""
    marketing: bool
    """Being told of offers. Everything works without it."""
    version: str = CONSENT_VERSION


class SealedPhone(msgspec.Struct, frozen=True):
    """A phone number as the store may keep it; made by `edge.vault`."""

    member: str
    """A fresh member id, used if the number is new."""
    index: str
    """Keyed blind index: equal numbers have equal indices, and only the key tells which number."""
    sealed: str
    """AES-GCM under the person's own key."""
    wrapped_key: bytes
    """That key, wrapped; destroying it erases the person."""


class MemberRegistered(Fact, frozen=True, tag="member.registered.v1"):
    """A person became a member."""

    member: str
    phone_index: str
    phone_sealed: str
    language: str
    consents: Consents
    touchpoint: str
    request: str


class MemberRecognised(Fact, frozen=True, tag="member.recognised.v1"):
    """A member gave the same number again, from another browser or after a long time."""

    member: str
    language: str
    consents: Consents
    touchpoint: str
    request: str


class Registration(msgspec.Struct, frozen=True):
    """Who a person is now."""

    member: str
    known: bool


def register(
    tx: Tx, *, sealed: SealedPhone, consents: Consents, language: str, touchpoint: str, request: str
) -> Registration:
    """Make a person a member, or recognise one. Refuses: consent_missing."""
    if not consents.service:
        raise tx.refuse("consent_missing", purpose="service", version=consents.version)
    known = tx.one("SELECT member, request, recognised FROM members WHERE phone_index=?", sealed.index)
    if known is None:
        tx.keep_key(sealed.member, sealed.wrapped_key)
        tx.emit(
            MemberRegistered(
                member=sealed.member,
                phone_index=sealed.index,
                phone_sealed=sealed.sealed,
                language=language,
                consents=consents,
                touchpoint=touchpoint,
                request=request,
            )
        )
        return Registration(sealed.member, known=False)
    if known["request"] != request:
        tx.emit(
            MemberRecognised(
                member=known["member"], language=language, consents=consents, touchpoint=touchpoint, request=request
            )
        )
        return Registration(known["member"], known=True)
    # The same request again gets the same answer: its first one may have been lost on the way.
    return Registration(known["member"], known=bool(known["recognised"]))


def exists(reads: Reads, member: str) -> bool:
    """Whether there is such a member."""
    return reads.one("SELECT 1 FROM members WHERE member=?", member) is not None


def member_of(reads: Reads, index: str) -> str | None:
    """The member whose number has that blind index."""
    row = reads.one("SELECT member FROM members WHERE phone_index=?", index)
    return row["member"] if row else None


def _registered(rows: Rows, entry: Entry, fact: MemberRegistered) -> None:
    rows.run(
        "INSERT INTO members VALUES (?,?,?,?,?,?,?,?,?,0,?)",
        (
            fact.member,
            fact.phone_index,
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


def _recognised(rows: Rows, _: Entry, fact: MemberRecognised) -> None:
    rows.run(
        "UPDATE members SET language=?, marketing=?, consent_version=?, request=?, recognised=1 WHERE member=?",
        (fact.language, fact.consents.marketing, fact.consents.version, fact.request, fact.member),
    )


NOUN = Noun(
    name="members",
    schema="""
CREATE TABLE members (
    member TEXT PRIMARY KEY, phone_index TEXT UNIQUE, phone_sealed TEXT, language TEXT, service INTEGER,
    marketing INTEGER, consent_version TEXT, touchpoint TEXT, request TEXT, recognised INTEGER,
    registered_ms INTEGER) STRICT;
""",
    facts={MemberRegistered: _registered, MemberRecognised: _recognised},
)
