"""Why somebody was refused, in words: with the time, the sums and the reason that the refusal names."""

from __future__ import annotations

from typing import Any

import pytest

from edge.errors import Refusal
from edge.gateway.bounds import Bounds, Requester
from edge.settings.bounds import ActBounds, Bound, BoundsSettings
from words import refusals
from words.sentences import Texts

TEXTS = Texts(
    {
        "en": {
            "wait.seconds": "in {count} s",
            "wait.minutes": "in {count} min",
            "refusals.wait": "Again {when}.",
            "refusals.dearer": "It is {now_text} now.",
            "refusals.broken": "Broken.",
            "broken.lock": "Its lock is broken.",
        }
    }
)


@pytest.mark.parametrize(
    ("code", "members", "said"),
    [
        ("wait", {"seconds": 119}, "Again in 119 s."),
        ("wait", {"seconds": 121}, "Again in 3 min."),
        ("wait", {"seconds": None}, "Again –."),
        ("dearer", {"now": 1290, "currency": "CNY"}, "It is ¥12.90 now."),
        ("broken", {"reason": "lock"}, "Its lock is broken."),
        ("broken", {"reason": "door"}, "Broken."),
    ],
)
def test_what_is_said(code: str, members: dict[str, Any], said: str) -> None:
    assert refusals.sentence(TEXTS, "en", code, members) == said


def test_wrong_digits_from_an_sms_send_nobody_to_a_code_on_a_cart() -> None:
    bounds = Bounds(BoundsSettings(confirming=ActBounds(address=Bound(burst=1, per_minute=1))), lambda: 0.0)
    bounds.take("confirming", Requester("10.0.0.1"))
    with pytest.raises(Refusal) as refused:
        bounds.take("confirming", Requester("10.0.0.1"))
    said = refusals.sentence(Texts.load(), "en", refused.value.code, refused.value.details)
    assert said == "Too many wrong codes. Please try again in 60 seconds."


def test_what_nobody_here_knows_is_not_said() -> None:
    with pytest.raises(KeyError):
        refusals.sentence(TEXTS, "en", "umbrella.wet", {})
