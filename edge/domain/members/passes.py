"""A member's code: made by the member's own phone, good for a minute and for one use, without internet or network.

A pass has a secret, computed from the store's key, that the wallet page keeps. The page writes
`SK:<pass>:<second>:<mac>` as a QR and makes a new one every few seconds. The store remembers for each pass the newest
second that was used: that code and all that are older are refused from then on, also after a restart. A lost phone's
pass belongs to the session of one browser, and its codes die with that session.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import sessions
from edge.domain.touchpoints import code_text
from edge.errors import Refusal
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

LIFE_S: Final = 55
"""How long a code is taken, by its own clock; with `AHEAD_S` never more than 60 s."""
AHEAD_S: Final = 5
"""How far a phone's clock may be ahead of the store's. The page learns the difference while it has a network."""

_CODE: Final = re.compile(r"SK:([A-Z2-7]{10}):([0-9A-Z]{6,8}):([A-Z2-7]{16})")
_WITHIN: Final = re.compile(_CODE.pattern + r"(?![0-9A-Z])", re.IGNORECASE | re.ASCII)
_BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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


class Pass(msgspec.Struct, frozen=True):
    """A member's code that is genuine and not too old. Whether it was used, the tables say."""

    code: str
    id: str
    stamp: int

    @property
    def nonce(self) -> str:
        """Names the code without being it."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:16]


class Passes:
    """Makes and reads the members' codes of one store."""

    def __init__(self, key: bytes, store: str) -> None:
        self._key = hmac.digest(key, b"passes|" + store.encode(), "sha256")

    def secret(self, code_pass: str) -> str:
        """What the pass's phone keeps: 64 hexadecimal digits."""
        return hmac.digest(self._key, code_pass.encode(), "sha256").hex()

    def fresh(self, noise: bytes) -> str:
        """A new pass's name, of at least 7 random bytes."""
        return base64.b32encode(noise[:7]).decode()[:10]

    def code(self, code_pass: str, now_ms: int) -> str:
        """The code of now; the phone makes the same by itself."""
        return self._signed(code_pass, _base36(now_ms // 1000))

    def read(self, text: str, now_ms: int) -> Pass | None:
        """None where it is no member's code. Raises `Refusal`: code_tampered, code_expired."""
        found = _CODE.fullmatch(text)
        if found is None:
            return None
        code_pass, stamp = found[1], found[2]
        if not hmac.compare_digest(text.encode(), self._signed(code_pass, stamp).encode()):
            raise Refusal("code_tampered")
        second = int(stamp, 36)
        if not -AHEAD_S * 1000 <= now_ms - second * 1000 <= LIFE_S * 1000:
            raise Refusal("code_expired")
        return Pass(text, code_pass, second)

    def _signed(self, code_pass: str, stamp: str) -> str:
        body = f"SK:{code_pass}:{stamp}"
        mac = hmac.digest(bytes.fromhex(self.secret(code_pass)), body.encode(), "sha256")
        return f"{body}:{base64.b32encode(mac[:10]).decode()}"


def meant(text: str) -> str:
    """The member's code that somebody means by a text, genuine or not, as phones write it; empty where it is none."""
    if _CODE.fullmatch(text):
        return text
    found = filter(code_text.in_one_case, code_text.standing(_WITHIN, code_text.plain(text)))
    return next(found, "").upper()


@asked_by(Proof.DEVICE)
def issue(tx: Tx, *, caller: Caller, fresh: str, anew: bool = False) -> str:
    """The browser's own pass, made on first use. `anew` replaces it and logs every other phone of the member out, so
    that no old code is good and none can be made any more. Refuses: not_registered.
    """
    if sessions.find(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    if anew:
        sessions.end_others(tx, caller, "codes_cancelled")
    row = tx.one("SELECT pass FROM passes WHERE session=?", caller.session)
    if row is not None and not anew:
        return str(row["pass"])
    tx.emit(SessionPassIssued(member=caller.member, session=caller.session, code_pass=fresh))
    return fresh


def owner(reads: Reads, shown: Pass) -> str:
    """Whose code it is, while it is good. Raises `Refusal`: code_unknown (its session ended), code_used."""
    row = reads.one(
        "SELECT p.member, p.used FROM passes p JOIN sessions s ON s.session=p.session WHERE p.pass=?", shown.id
    )
    if row is None:
        raise Refusal("code_unknown")
    if shown.stamp <= row["used"]:
        raise Refusal("code_used")
    return str(row["member"])


@asked_by("code")
def use(tx: Tx, shown: Pass, *, purpose: str, at: str) -> str:
    """Use a member's code up, in the decision that does what it was shown for: when that refuses, nothing is burned.

    Returns the member. Refuses: code_unknown, code_used, code_expired.
    """
    if tx.now - shown.stamp * 1000 > LIFE_S * 1000:
        raise tx.refuse("code_expired")  # it waited too long on its way here
    member = owner(tx, shown)
    tx.emit(CodeUsed(member=member, nonce=shown.nonce, stamp=shown.stamp, purpose=purpose, at=at, code_pass=shown.id))
    return member


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits


def _issued(rows: Rows, _: Entry, fact: PassIssued | SessionPassIssued) -> None:
    session = fact.session if isinstance(fact, SessionPassIssued) else ""
    if session:
        rows.run("DELETE FROM passes WHERE session=?", (session,))
    rows.run("INSERT OR REPLACE INTO passes VALUES (?,?,?,0)", (fact.code_pass, fact.member, session))


def _used(rows: Rows, _: Entry, fact: CodeUsed) -> None:
    which, name = ("pass", fact.code_pass) if fact.code_pass else ("member", fact.member)
    rows.run(f"UPDATE passes SET used=max(used, ?) WHERE {which}=?", (fact.stamp, name))  # noqa: S608 - two names


SCHEMA: Final = """
CREATE TABLE passes (pass TEXT PRIMARY KEY, member TEXT, session TEXT, used INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX passes_of ON passes (session);
"""
APPLIES: Final[Applies] = {PassIssued: _issued, SessionPassIssued: _issued, CodeUsed: _used}
