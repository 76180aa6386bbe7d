"""Shoppers who register, come as guests, or are taken over from a list.

The journal knows a person by a random id, a keyed blind index and a sealed number. A number that somebody types proves
nothing: each new browser makes a person of its own, and several persons may name one number. Whose it is, `numbers`
says. What a guest deposits and takes is theirs by this browser, and by the code on its slip; who registers later on the
same browser keeps it: both are one person then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from edge.domain.callers import asked_by
from edge.domain.ledger import promoting
from edge.domain.members.consent_texts import Purpose
from edge.domain.members.consents import check_shown, consent_fact
from edge.domain.members.facts import Consents, GuestCame, MemberImported, MemberRegistered, MembersLinked
from edge.domain.members.joining import link
from edge.domain.members.queries import family, is_guest, owner_of, session
from edge.domain.members.rules import (
    AGAIN_MS,
    LIFE_MS,
    MAX_PERSONS,
    NEVER,
    Browser,
    Newcomer,
    Registration,
    SealedPhone,
)
from edge.domain.members.sessions import begin, finish
from edge.domain.members.tagging import tagging
from edge.journal import Fact, Reads, Tx


@asked_by("anyone")
def make_member(
    tx: Tx, *, sealed: SealedPhone, consents: Consents, language: str, touchpoint: str, request: str, browser: Browser
) -> Registration:
    """Make a person of its own for a browser, and let it in; never anybody whom the store knows by that number.

    The same request from the same browser, and the same number again, get the same answer: the first one may have been
    lost on the way. A browser that names another number is somebody else from then on. Refuses: consent_missing.
    """
    if not consents.service:
        raise tx.refuse("consent_missing", purpose="service", version=consents.version)
    known = _registered_before(tx, sealed.index, request, browser)
    if known is not None:
        return known
    if browser.caller is not None and (row := session(tx, browser.caller.session)) is not None:
        finish(tx, row, "replaced")
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
    begin(tx, member=sealed.member, session=browser.session, browser=browser.name, agent=browser.agent)
    return Registration(sealed.member, browser.session, browser.name)


def _registered_before(tx: Tx, index: str, request: str, browser: Browser) -> Registration | None:
    """The person whom this browser has made with this number."""
    own = browser.caller
    row = tx.one(
        "SELECT s.member, s.session, s.browser FROM sessions s JOIN members m ON m.member=s.member"
        " JOIN person_numbers p ON p.subject=s.member WHERE p.number=?1"
        " AND (s.session=?2 OR (s.browser=?3 AND s.opened_ms>?6)"
        " OR (m.request=?4 AND (s.browser=?3 OR s.opened_ms>?5)))"
        " ORDER BY s.session<>?2, s.opened_ms DESC LIMIT 1",
        index,
        own.session if own else "",
        browser.name,
        request,
        # Who brings no name is known by the request alone, which is long and random, and only for moments.
        NEVER if browser.named else tx.now - AGAIN_MS,
        _alive(tx, browser),
    )
    return Registration(row["member"], row["session"], row["browser"]) if row else None


def _alive(tx: Tx, browser: Browser) -> int:
    """Since when a session is this browser's own: one whose name was made just now has none yet."""
    return tx.now - LIFE_MS if browser.named else NEVER


@asked_by("anyone")
def come_as_guest(
    tx: Tx, *, member: str, language: str, touchpoint: str, request: str, browser: Browser
) -> Registration:
    """Let a browser in as a guest, one for each browser; whom it acts for already goes on.

    A page that was opened before, or two taps at once, must not part anybody from what they have: a browser that
    brings no name yet is known by the request, which is long and random, and only for moments.
    """
    own = session(tx, browser.caller.session) if browser.caller else None
    if own is not None:
        return Registration(own.member, own.session, own.browser)
    known = tx.one(
        "SELECT s.member, s.session, s.browser FROM sessions s JOIN members m ON m.member=s.member"
        " WHERE s.browser=?1 AND m.phone_sealed IS NULL AND (m.request=?2 OR s.opened_ms>?3)"
        " ORDER BY s.opened_ms DESC LIMIT 1",
        browser.name,
        request,
        _alive(tx, browser),
    ) or tx.one(
        "SELECT s.member, s.session, s.browser FROM members m JOIN sessions s ON s.member=m.member"
        " WHERE m.request=?1 AND m.phone_sealed IS NULL AND s.agent=?2 AND s.opened_ms>?3 ORDER BY s.opened_ms LIMIT 1",
        request,
        browser.agent[:40],
        NEVER if browser.named else tx.now - AGAIN_MS,
    )
    if known is not None:
        return Registration(known["member"], known["session"], known["browser"])
    tx.emit(GuestCame(member=member, language=language, touchpoint=touchpoint, request=request))
    begin(tx, member=member, session=browser.session, browser=browser.name, agent=browser.agent)
    return Registration(member, browser.session, browser.name)


@asked_by("store")
def import_members(tx: Tx, *, people: Sequence[Newcomer], source: str, proof_ms: int) -> int:
    """Make a person of each line whose number and card are on no list yet. Returns how many.

    Who has proven that number already is that person from now on.
    """
    taken, known = 0, set[str]()
    for each in people:
        marks = {each.phone.index, each.card} - {""}
        if marks & known or _is_listed(tx, each):
            continue
        known |= marks
        taken += 1
        tx.keep_key(each.phone.member, each.phone.wrapped_key)
        tx.keep_number(each.phone.member, each.phone.index)
        if each.card:
            tx.keep_card(each.phone.member, each.card)
        tx.emit(
            MemberImported(
                member=each.phone.member,
                phone_sealed=each.phone.sealed,
                card=bool(each.card),
                points=each.points,
                source=source,
            )
        )
        owner = owner_of(tx, each.phone.index, tx.now, proof_ms)
        if owner is not None and len(family(tx, owner)) < MAX_PERSONS:
            tx.emit(MembersLinked(member=owner, kin=each.phone.member, how="number"))
    return taken


def _is_listed(tx: Tx, each: Newcomer) -> bool:
    by_number = tx.one(
        "SELECT 1 FROM person_numbers p JOIN imported i ON i.member=p.subject WHERE p.number=?", each.phone.index
    )
    return by_number is not None or (
        bool(each.card) and tx.one("SELECT 1 FROM person_cards WHERE card=?", each.card) is not None
    )


@asked_by("anyone")
def register(
    tx: Tx,
    *,
    shown: Mapping[Purpose, str],
    sealed: SealedPhone,
    consents: Consents,
    language: str,
    touchpoint: str,
    request: str,
    browser: Browser,
    also: Callable[[Reads, str, int], Sequence[Fact]] | None = None,
) -> Registration:
    """Register (`make_member`), and keep to which versions the person agreed.

    `shown` are the versions of the texts that the form was sent with; empty where the caller trusts those in force.
    `also` makes what else becomes true of the new person in the same step, such as the coupon that they came for.
    Refuses: consent_missing, consent_outdated.
    """
    check_shown(tx, shown)
    guest = browser.caller.member if browser.caller and is_guest(tx, browser.caller.member) else ""
    registration = make_member(
        tx,
        sealed=sealed,
        consents=consents,
        language=language,
        touchpoint=touchpoint,
        request=request,
        browser=browser,
    )
    if tx.emitted:
        agreed: dict[Purpose, bool] = {"service": consents.service, "marketing": consents.marketing}
        for purpose in [purpose for purpose, so in agreed.items() if so]:
            fact = consent_fact(tx, registration.member, purpose, language, request)
            tx.emit(msgspec.structs.replace(fact, touchpoint=touchpoint))
        if guest:  # the same browser: what it did before it had a number stays its own
            joined = MembersLinked(member=registration.member, kin=guest, how="phone", session=registration.session)
            link(tx, joined)
        for known in _following(tx, registration, touchpoint, sealed.index, agrees=consents.marketing):
            tx.emit(known)
        for wanted in also(tx, registration.member, tx.now) if also else ():
            tx.emit(wanted)
    return registration


def _following(tx: Tx, registration: Registration, touchpoint: str, number: str, *, agrees: bool) -> Iterator[Fact]:
    """What the code says of who registers at it: whose member they are, and its tag."""
    yield from promoting.binding(
        tx,
        member=registration.member,
        touchpoint=touchpoint,
        browser=registration.browser,
        number=number,
        now_ms=tx.now,
    )
    yield from tagging(tx, registration.member, touchpoint, agrees=agrees)
