"""Other names of a person: their WeChat account, their number in a customer system. Each is joined by two proofs.

The session proves who holds the phone; that somebody else proves the name: WeChat by its answer to a code, a
customer system by its signature. Who has proven the same name is the same person. What is kept is a keyed index, beside
the journal, where it can be destroyed with the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import joining
from edge.domain.members.facts import AliasGone, AliasKind, AliasProven, LoginLinkUsed, MembersLinked
from edge.domain.members.queries import alias_kinds, firm, session
from edge.domain.members.rules import Browser
from edge.domain.members.sessions import begin
from edge.journal import Tx


class SignedLink(msgspec.Struct, frozen=True):
    """A link that a customer system signed, as a browser brings it."""

    link: str
    """Keyed index of its signature."""
    browser: str
    until_ms: int


ORDER: Final[tuple[AliasKind, ...]] = ("wechat_union", "wechat", "crm")
"""The surest first."""


@asked_by(Proof.DEVICE)
def prove(tx: Tx, *, caller: Caller, names: Mapping[AliasKind, str], link: SignedLink | None = None) -> bool:
    """The caller has these names, by their keyed index. Returns whether an earlier person is one with the caller now.

    Refuses: not_registered, alias_differs (this person has another name of that kind), too_many_phones, alias_refused.
    """
    if session(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    people = firm(tx, caller.member, tx.now)
    for kind, index in names.items():
        if kind != "wechat" and any(_name_of(tx, each, kind) not in (None, index) for each in people):
            raise tx.refuse("alias_differs", kind=kind)
    _use_up(tx, caller.member, link)
    others = _owners(tx, names)
    for kind, index in names.items():
        if _name_of(tx, caller.member, kind) != index:
            tx.keep_card(subject(caller.member, kind), index)
            tx.emit(AliasProven(member=caller.member, kind=kind, session=caller.session))
    before = len(tx.emitted)
    for other in others:
        joining.link(tx, MembersLinked(member=caller.member, kin=other, how="alias", session=caller.session))
    return len(tx.emitted) > before


@asked_by("code")
def enter(tx: Tx, *, browser: Browser, names: Mapping[AliasKind, str], link: SignedLink | None = None) -> str:
    """Let a browser in as whoever has proven these names. Returns its session.

    Refuses: not_registered, alias_refused.
    """
    owners = _owners(tx, names)
    if not owners:
        raise tx.refuse("not_registered")
    _use_up(tx, owners[0], link)
    begin(tx, member=owners[0], session=browser.session, browser=browser.name, agent=browser.agent)
    return browser.session


@asked_by(Proof.DEVICE)
def give_up(tx: Tx, *, caller: Caller, kind: AliasKind) -> bool:
    """The caller does not want to be known by that name any more, whichever of their phones proved it. False where they
    were not.
    """
    known = [member for member in firm(tx, caller.member, tx.now) if kind in alias_kinds(tx, member)]
    for member in known:
        tx.destroy_person(subject(member, kind))
        tx.emit(AliasGone(member=member, kind=kind))
    return bool(known)


def subject(member: str, kind: AliasKind) -> str:
    """Under what the index of a name is kept beside the journal."""
    return f"{member}/{kind}"


def _use_up(tx: Tx, member: str, link: SignedLink | None) -> None:
    """The link is good once; a second tap in the same browser is the first."""
    if link is None:
        return
    row = tx.one(
        "SELECT browser FROM used_links WHERE link IN (SELECT subject FROM person_cards WHERE card=?)", link.link
    )
    if row is None:
        kept = f"{member}/link/{link.until_ms}"
        tx.keep_card(kept, link.link)
        tx.emit(LoginLinkUsed(member=member, link=kept, browser=link.browser, until_ms=link.until_ms))
    elif row["browser"] != link.browser:
        raise tx.refuse("alias_refused")


def _name_of(tx: Tx, member: str, kind: AliasKind) -> str | None:
    row = tx.one("SELECT card FROM person_cards WHERE subject=?", subject(member, kind))
    return str(row["card"]) if row else None


def _owners(tx: Tx, names: Mapping[AliasKind, str]) -> list[str]:
    """The persons that have proven one of these names, the surest and oldest first."""
    found: dict[str, None] = {}
    for kind in ORDER:
        if kind in names:
            rows = tx.all(
                "SELECT a.member FROM person_cards p JOIN aliases a ON p.subject=a.member||'/'||a.kind"
                " WHERE p.card=? AND a.kind=? ORDER BY a.place",
                *(names[kind], kind),
            )
            found |= dict.fromkeys(row["member"] for row in rows)
    return list(found)
