"""What happens to members: every fact."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from edge.domain.members.consent_texts import Purpose, Text
from edge.journal.entry import Fact

CONSENT_VERSION: Final = "2026-11-26"
"""The version of the consent texts that a shopper sees now."""


class Consents(msgspec.Struct, frozen=True):
    """What a person agreed to, each by itself, and to which version of the text."""

    service: bool
    """Keeping the number so that carts, lockers and coupons work. Nothing works without it."""
    marketing: bool
    """Being told of offers. Everything works without it."""
    version: str = CONSENT_VERSION


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


How = Literal["phone", "number", "staff", "alias"]
"""The old phone allowed it; the same number was proven; staff confirmed it; the same other name was proven."""
AliasKind = Literal["wechat", "wechat_union", "crm"]
"""WeChat's name of a person for one account, and for all accounts of one company; a customer system's own number."""
Evidence = Literal["parcel_slip", "member_card", "old_phone"]
"""What somebody showed to staff: a closed list."""


class MembersLinked(Fact, frozen=True, tag="member.linked.v1"):
    """Two persons are one. The link is named by this entry's id."""

    member: str
    """Who joins."""
    kin: str
    """Whom."""
    how: How
    session: str = ""
    """That of the joining phone."""
    staff: str = ""
    evidence: str = ""


class MembersParted(Fact, frozen=True, tag="member.parted.v1"):
    """A link was a mistake: each has its own things again."""

    member: str
    kin: str
    link: str
    by: str
    """`kin` or `member`: a session of that side; otherwise the name of staff."""


class NumberProven(Fact, frozen=True, tag="number.proven.v1"):
    """A member has this number: a code that was sent to it came back from the member's phone."""

    member: str
    session: str


class AliasProven(Fact, frozen=True, tag="alias.proven.v1"):
    """A member is known by another name as well. What it is is kept beside the journal (`Tx.keep_card`)."""

    member: str
    kind: AliasKind
    session: str


class LoginLinkUsed(Fact, frozen=True, tag="login_link.used.v1"):
    """A link that a customer system signed was used, and is good in that browser alone from now on."""

    member: str
    link: str
    """Under what the keyed index of its signature is kept beside the journal (`Tx.keep_card`)."""
    browser: str
    until_ms: int


class AliasGone(Fact, frozen=True, tag="alias.gone.v1"):
    """The member does not want to be known by it any more; what was kept of it is destroyed."""

    member: str
    kind: AliasKind


class BirthdayNamed(Fact, frozen=True, tag="birthday.named.v1"):
    """A member said when their birthday is. The day is kept beside the journal (`Tx.keep_card`)."""

    member: str
    session: str


class BirthdayForgotten(Fact, frozen=True, tag="birthday.forgotten.v1"):
    """The store shall not know it any more; the day is destroyed."""

    member: str


class MemberAwaited(Fact, frozen=True, tag="member.awaited.v1"):
    """Something is kept for a number that nobody has proven: it belongs to this person, whoever that will be."""

    member: str
    phone_sealed: str
    staff: str


class MemberImported(Fact, frozen=True, tag="member.imported.v1"):
    """A member of an earlier system, taken over from a list: belongs to whoever proves the number or shows the card."""

    member: str
    phone_sealed: str
    card: bool = False
    """Whether the old card is known (`Tx.keep_card`)."""
    points: int = 0
    """What the old books say; the opening entry of the ledger."""
    source: str = ""
    """The list, as whoever imported it called it."""


EndReason = Literal["left", "left_everywhere", "sent_away", "replaced", "codes_cancelled", "undone", "erased", "over"]
"""It logged out; all were logged out; another phone of the member ended it; the browser is somebody else now; another
phone cancelled the old codes; the link that let it in was taken back; the person was erased; it
was too old."""


class SessionOpened(Fact, frozen=True, tag="session.opened.v1"):
    """From now on this browser acts for this member."""

    member: str
    session: str
    browser: str
    proof: str
    agent: str = ""
    """What kind of phone, as its owner would tell it from another."""


class SessionEnded(Fact, frozen=True, tag="session.ended.v1"):
    """The browser acts for nobody any more; what it keeps of the session is worth nothing."""

    member: str
    session: str
    why: EndReason


class GuestCame(Fact, frozen=True, tag="member.came_as_guest.v1"):
    """Somebody uses the store without a number."""

    member: str
    language: str
    touchpoint: str
    request: str


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


class MemberTagged(Fact, frozen=True, tag="member.tagged.v1"):
    """A member scanned a code that says something of whoever does, and wants to be told of offers."""

    member: str
    tag: str
    touchpoint: str


ErasedBy = Literal["member", "operator", "list", "time"]
"""The person; whoever runs the box, for a person who asked; the list of erasures, after a restore; the time of somebody
whom nobody ever was: a number that an order was kept for.
"""


Reminder = Literal["coupons", "points", "parcels"]
"""What members are reminded of."""


class ReminderSwitched(Fact, frozen=True, tag="member.reminder_switched.v1"):
    """A member wants to be reminded of these things, or no more."""

    member: str
    about: Reminder
    wanted: bool


class ErasureAsked(Fact, frozen=True, tag="member.erasure_asked.v1"):
    """This person is to be erased as soon as nothing of theirs is in the store any more."""

    member: str
    by: ErasedBy
    request: str


class ErasureDropped(Fact, frozen=True, tag="member.erasure_dropped.v1"):
    """The person wants to stay after all."""

    member: str
    request: str


class MemberErased(Fact, frozen=True, tag="member.erased.v1"):
    """The person is forgotten: their key, their number's index, their sessions and codes are destroyed."""

    member: str
    by: ErasedBy
    request: str


class PassIssued(Fact, frozen=True, tag="pass.issued.v1"):
    """A member got a pass. Written until passes belonged to a session; such a pass is good no more."""

    member: str
    code_pass: str


class SessionPassIssued(Fact, frozen=True, tag="pass.issued.v2"):
    """A browser got a pass for its member; one that it had before is good no more."""

    member: str
    session: str
    code_pass: str


class CodeUsed(Fact, frozen=True, tag="code.used.v1"):
    """A member's code did what it was shown for. Recorded together with that, so that a failure burns nothing."""

    member: str
    nonce: str
    """Names the code without being it: SHA-256 of it, 16 hexadecimal digits."""
    stamp: int
    """When it was made, Unix seconds."""
    purpose: str
    """What it was used for: `greet`, `unlock` …"""
    at: str
    """The device or touchpoint where it was shown."""
    code_pass: str = ""
    """Whose code it was; empty where a member had one pass only."""
