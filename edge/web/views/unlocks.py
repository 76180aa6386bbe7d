"""An unlock as a shopper follows it: the stage, and in plain words which hop failed and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from edge.web.views.grants import HOPELESS, FailureWords, failure_sentence

if TYPE_CHECKING:
    from edge.domain.actuations import GrantProgress
    from edge.web.language import Texts

WORDS: Final = FailureWords(hops="hops.", reasons="reasons.", whole="failures.")
CONTENT: Final = frozenset({"seen", "back"})
"""The stages after which nothing more is expected of the unlock, beside `failed`."""


class UnlockProgress(msgspec.Struct, frozen=True):
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


def unlock_view(texts: Texts, language: str, progress: GrantProgress) -> UnlockProgress:
    """The progress in the caller's language."""
    failed = progress.stage == "failed"
    if failed:
        sentence = failure_sentence(texts, language, WORDS, progress.hop, progress.reason)
        known = texts.has(f"{WORDS.whole}{progress.reason}")
        advice = "advice.known" if known else "advice.staff" if progress.reason in HOPELESS else "advice.retry"
    else:
        sentence, advice = texts.say(language, f"shopper.say_{progress.stage}"), ""
    return UnlockProgress(
        grant=progress.grant,
        cart=progress.device,
        stage=progress.stage,
        done=failed or progress.stage in CONTENT,
        sentence=sentence,
        advice=texts.say(language, advice) if advice else None,
        hop=progress.hop if failed else None,
        reason=progress.reason if failed else None,
    )
