"""Browsers and callers for tests that ask decisions directly: each member acts from one phone of its own."""

from __future__ import annotations

from edge.domain.callers import Caller, Proof
from edge.domain.members.rules import Browser


def browser_of(member: str) -> Browser:
    """The phone that a member registers from."""
    return Browser(f"browser-{member}", f"session-{member}")


def by(member: str, proof: Proof = Proof.DEVICE) -> Caller:
    """Somebody who acts for a member from that phone."""
    phone = browser_of(member)
    return Caller(member, phone.name, proof, phone.session)
