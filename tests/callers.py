"""Browsers and callers for tests that ask decisions directly: each member acts from one phone of its own. And what
stands by chance in what a test looks through.
"""

from __future__ import annotations

import re

from edge.domain.callers import Caller, Proof
from edge.domain.members.rules import Browser


def member_of(number: int) -> str:
    """A member's id as the store makes them: tables keep it as sixteen bytes."""
    return f"00000000-0000-4000-8000-{number:012}"


def browser_of(member: str) -> Browser:
    """The phone that a member registers from."""
    return Browser(f"browser-{member}", f"session-{member}")


def by(member: str, proof: Proof = Proof.DEVICE) -> Caller:
    """Somebody who acts for a member from that phone."""
    phone = browser_of(member)
    return Caller(member, phone.name, proof, phone.session)


def stands_alone(digits: str, text: str) -> bool:
    """Whether the text has these digits as a word of their own: within a longer one they stand by chance."""
    return re.search(rf"(?<![0-9A-Za-z]){digits}(?![0-9A-Za-z])", text) is not None
