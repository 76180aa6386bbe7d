"""An unlock as a shopper follows it: the stage, and in plain words which hop failed and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from edge.domain.actuations import GrantProgress
    from edge.web.language import Texts

STAFF: Final = frozenset({"jammed", "port_lost", "no_response", "internal", "bad_args"})
"""Reasons that a second try will not cure: somebody has to look at the cart."""
CONTENT: Final = frozenset({"seen", "back"})
"""The stages after which nothing more is expected of the unlock, beside `failed`."""


class Progress(msgspec.Struct, frozen=True):
    """Where an unlock stands; the whole state each time."""

    grant: str
    cart: str
    stage: str
    """`asked`, `sent`, `unlocked`, `seen`, `back` (the ride is over) or `failed`."""
    done: bool
    """Whether nothing more will follow."""
    sentence: str
    """What to tell the shopper now."""
    advice: str | None = None
    """What the shopper can do, when it failed."""
    hop: str | None = None
    """Where it failed: `gateway`, `broker`, `device` or `lock`."""
    reason: str | None = None
    """Why, as a stable code."""


def shown(texts: Texts, language: str, progress: GrantProgress) -> Progress:
    """The progress in the caller's language."""
    failed = progress.stage == "failed"
    if failed:
        sentence, advice = failure(texts, language, progress.hop, progress.reason)
    else:
        sentence, advice = texts.say(language, f"shopper.say_{progress.stage}"), None
    return Progress(
        grant=progress.grant,
        cart=progress.device,
        stage=progress.stage,
        done=failed or progress.stage in CONTENT,
        sentence=sentence,
        advice=advice,
        hop=progress.hop if failed else None,
        reason=progress.reason if failed else None,
    )


def failure(texts: Texts, language: str, hop: str | None, reason: str | None) -> tuple[str, str]:
    """Which hop failed and why, and what to do about it."""
    if texts.has(f"failures.{reason}"):
        return texts.say(language, f"failures.{reason}"), texts.say(language, "advice.known")
    sentence = texts.say(language, f"hops.{hop}" if texts.has(f"hops.{hop}") else "hops.lock")
    if reason and texts.has(f"reasons.{reason}"):
        sentence += texts.say(language, "comma") + texts.say(language, f"reasons.{reason}")
    stop = texts.say(language, "stop")
    return sentence + stop, texts.say(language, "advice.staff" if reason in STAFF else "advice.retry")
