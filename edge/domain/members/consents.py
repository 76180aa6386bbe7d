"""What a person agreed to: each purpose by itself, each to a version of its texts, and taken back at any time.

Carts, lockers and coupons need the consent to the service; a new version of its texts asks again before the next use.
What somebody has in a locker, a cart that they bring back and their own data are never held back by a text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import families, guests, members
from edge.domain.members.consent_texts import PublishedText, Purpose, Text
from edge.domain.members.families import MembersLinked
from edge.domain.members.members import Browser, Consents, Registration, SealedPhone
from edge.errors import Refusal
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx


class ConsentTextPublished(Fact, frozen=True, tag="consent.text_published.v1"):
    """From now on this is the version that shoppers are shown and asked for."""

    text: Text
    purpose: Purpose
    version: str
    digest: str


class ConsentGiven(Fact, frozen=True, tag="consent.given.v1"):
    """A person agreed."""

    member: str
    purpose: Purpose
    version: str
    """The newest of the versions below."""
    texts: dict[str, str]
    """Text → the version that was shown."""
    language: str
    request: str
    touchpoint: str = ""


class ConsentWithdrawn(Fact, frozen=True, tag="consent.withdrawn.v1"):
    """A person took a consent back."""

    member: str
    purpose: Purpose
    version: str
    """To which the consent had been given."""
    request: str


class Consent(msgspec.Struct, frozen=True):
    """Where a person stands with one purpose."""

    purpose: Purpose
    given: bool
    version: str = ""
    """To which it was given, or given last."""
    since_ms: int = 0
    wanted: str = ""
    """The version in force; empty where no text is."""

    @property
    def current(self) -> bool:
        """Whether it covers what the text in force says."""
        return self.given and self.version >= self.wanted


@asked_by("store")
def publish(tx: Tx, texts: Sequence[PublishedText]) -> None:
    """Take over which texts are in force; only what differs becomes a fact."""
    known = {row["text"]: row for row in tx.all("SELECT * FROM consent_texts")}
    for each in texts:
        row = known.get(each.text)
        if row is None or (row["version"], row["digest"]) != (each.version, each.digest):
            tx.emit(
                ConsentTextPublished(text=each.text, purpose=each.purpose, version=each.version, digest=each.digest)
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
) -> Registration:
    """Register (`edge.domain.members.members.register`), and keep to which versions the person agreed.

    `shown` are the versions of the texts that the form was sent with; empty where the caller trusts those in force.
    Refuses: consent_missing, consent_outdated.
    """
    _shown_now(tx, shown)
    guest = browser.caller.member if browser.caller and guests.is_guest(tx, browser.caller.member) else ""
    registration = members.register(
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
            fact = _given(tx, registration.member, purpose, language, request)
            tx.emit(msgspec.structs.replace(fact, touchpoint=touchpoint))
        if guest:  # the same browser: what it did before it had a number stays its own
            joined = MembersLinked(member=registration.member, kin=guest, how="phone", session=registration.session)
            families.link(tx, joined)
    return registration


@asked_by(Proof.DEVICE)
def give(tx: Tx, *, caller: Caller, shown: Mapping[Purpose, str], language: str, request: str) -> None:
    """Agree to the texts in force, for each purpose in `shown` with the version that was shown.

    Refuses: consent_outdated where another version is in force by now; not_registered.
    """
    _known(tx, caller)
    _shown_now(tx, shown)
    for purpose in shown:
        # News are wanted by all that the person is, or by none; the service is each one's own.
        people = families.firm(tx, caller.member, tx.now) if purpose == "marketing" else [caller.member]
        for person in people:
            if not _own(tx, person, purpose).current:
                tx.emit(_given(tx, person, purpose, language, request))


@asked_by(Proof.DEVICE)
def withdraw(tx: Tx, *, caller: Caller, purpose: Purpose, request: str) -> bool:
    """Take a consent back, for every phone of the person. False where there was none. Refuses: not_registered."""
    _known(tx, caller)
    for person in families.firm(tx, caller.member, tx.now):
        state = _own(tx, person, purpose)
        if state.given:
            tx.emit(ConsentWithdrawn(member=person, purpose=purpose, version=state.version, request=request))
    return bool(tx.emitted)


@asked_by("part")
def need(tx: Tx, member: str) -> None:
    """What a new use of the store needs. Refuses: consent_missing, consent_outdated."""
    if (lacking := lack(tx, member)) is not None:
        raise lacking


def lack(reads: Reads, member: str) -> Refusal | None:
    """Why this person may not use the service now; none where they may. Who left no number has nothing to agree to."""
    row = reads.one(_STATE, member, "service")
    if row is None or row["phone_sealed"] is None:
        return None
    state = _consent(row, "service")
    if state.current:
        return None
    return Refusal("consent_outdated" if state.given else "consent_missing", purpose="service", version=state.wanted)


def of(reads: Reads, member: str, purpose: Purpose) -> Consent:
    """Where a person stands with one purpose.

    Persons who became one want no news that one of them did not want: the narrower consent counts, also where the wider
    one is older. Persons whom nobody ever acted for have said nothing.
    """
    state = _own(reads, member, purpose)
    if purpose == "marketing" and state.given:
        kin = reads.all(
            "SELECT k.other FROM kin k JOIN members m ON m.member=k.other AND m.acted WHERE k.member=?", member
        )
        if not all(_own(reads, row["other"], purpose).given for row in kin):
            return msgspec.structs.replace(state, given=False)
    return state


def _own(reads: Reads, member: str, purpose: Purpose) -> Consent:
    row = reads.one(_STATE, member, purpose)
    return _consent(row, purpose) if row else Consent(purpose, given=False, wanted=wanted(reads, purpose))


def wanted(reads: Reads, purpose: Purpose) -> str:
    """The version in force for a purpose; empty where no text is."""
    row = reads.one("SELECT coalesce(max(version), '') AS version FROM consent_texts WHERE purpose=?", purpose)
    return str(row["version"]) if row else ""


# Whoever registered before texts had versions agreed in the form itself.
_STATE: Final = """
SELECT m.phone_sealed, coalesce(c.given, iif(?2='service', m.service, m.marketing), 0) AS given,
    coalesce(c.version, m.consent_version, '') AS version, coalesce(c.at_ms, m.registered_ms) AS since_ms,
    (SELECT coalesce(max(version), '') FROM consent_texts WHERE purpose=?2) AS wanted
FROM members m LEFT JOIN consents c ON c.member=m.member AND c.purpose=?2 WHERE m.member=?1
"""


def _consent(row: sqlite3.Row, purpose: Purpose) -> Consent:
    return Consent(purpose, bool(row["given"]), row["version"], row["since_ms"], row["wanted"])


def _known(tx: Tx, caller: Caller) -> None:
    if not members.exists(tx, caller.member):
        raise tx.refuse("not_registered")


def _shown_now(tx: Tx, shown: Mapping[Purpose, str]) -> None:
    for purpose, version in shown.items():
        if version and version != (now := wanted(tx, purpose)):
            raise tx.refuse("consent_outdated", purpose=purpose, version=now)


def _given(tx: Tx, member: str, purpose: Purpose, language: str, request: str) -> ConsentGiven:
    rows = tx.all("SELECT text, version FROM consent_texts WHERE purpose=?", purpose)
    texts = {row["text"]: row["version"] for row in rows}
    version = max(texts.values(), default=members.CONSENT_VERSION)
    return ConsentGiven(
        member=member, purpose=purpose, version=version, texts=texts, language=language, request=request
    )


def _published(rows: Rows, _: Entry, fact: ConsentTextPublished) -> None:
    rows.run(
        "INSERT OR REPLACE INTO consent_texts VALUES (?,?,?,?)", (fact.text, fact.purpose, fact.version, fact.digest)
    )


def _gave(rows: Rows, entry: Entry, fact: ConsentGiven) -> None:
    rows.run(
        "INSERT OR REPLACE INTO consents VALUES (?,?,1,?,?)", (fact.member, fact.purpose, fact.version, entry.wall_ms)
    )


def _withdrew(rows: Rows, entry: Entry, fact: ConsentWithdrawn) -> None:
    rows.run(
        "INSERT OR REPLACE INTO consents VALUES (?,?,0,?,?)", (fact.member, fact.purpose, fact.version, entry.wall_ms)
    )


SCHEMA: Final = """
CREATE TABLE consent_texts (text TEXT PRIMARY KEY, purpose TEXT, version TEXT, digest TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE consents (
    member TEXT, purpose TEXT, given INTEGER, version TEXT, at_ms INTEGER, PRIMARY KEY (member, purpose))
    STRICT, WITHOUT ROWID;
"""
APPLIES: Final[Applies] = {ConsentTextPublished: _published, ConsentGiven: _gave, ConsentWithdrawn: _withdrew}
