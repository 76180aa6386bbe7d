"""What a person agreed to: each purpose by itself, each to a version of its texts, and taken back at any time.

Carts, lockers and coupons need the consent to the service; a new version of its texts asks again before the next use.
What somebody has in a locker, a cart that they bring back and their own data are never held back by a text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members.consent_texts import PublishedText, Purpose
from edge.domain.members.facts import CONSENT_VERSION, ConsentGiven, ConsentTextPublished, ConsentWithdrawn
from edge.domain.members.queries import firm, own_consent, require_member, wanted_version
from edge.journal import Reads, Tx


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


@asked_by(Proof.DEVICE)
def give(tx: Tx, *, caller: Caller, shown: Mapping[Purpose, str], language: str, request: str) -> None:
    """Agree to the texts in force, for each purpose in `shown` with the version that was shown.

    Refuses: consent_outdated where another version is in force by now; not_registered.
    """
    require_member(tx, caller.member)
    check_shown(tx, shown)
    for purpose in shown:
        # News are wanted by all that the person is, or by none; the service is each one's own.
        people = firm(tx, caller.member, tx.now) if purpose == "marketing" else [caller.member]
        for person in people:
            if not own_consent(tx, person, purpose).current:
                tx.emit(consent_fact(tx, person, purpose, language, request))


@asked_by(Proof.DEVICE)
def withdraw(tx: Tx, *, caller: Caller, purpose: Purpose, request: str) -> bool:
    """Take a consent back, for every phone of the person. False where there was none. Refuses: not_registered."""
    require_member(tx, caller.member)
    for person in firm(tx, caller.member, tx.now):
        state = own_consent(tx, person, purpose)
        if state.given:
            tx.emit(ConsentWithdrawn(member=person, purpose=purpose, version=state.version, request=request))
    return bool(tx.emitted)


@asked_by("part")
def check_shown(tx: Tx, shown: Mapping[Purpose, str]) -> None:
    for purpose, version in shown.items():
        if version and version != (now := wanted_version(tx, purpose)):
            raise tx.refuse("consent_outdated", purpose=purpose, version=now)


def consent_fact(reads: Reads, member: str, purpose: Purpose, language: str, request: str) -> ConsentGiven:
    rows = reads.all("SELECT text, version FROM consent_texts WHERE purpose=?", purpose)
    texts = {row["text"]: row["version"] for row in rows}
    version = max(texts.values(), default=CONSENT_VERSION)
    return ConsentGiven(
        member=member, purpose=purpose, version=version, texts=texts, language=language, request=request
    )
