"""Members: who they are, what they agreed to, their phones, and how they are forgotten."""

from __future__ import annotations

from typing import Final

from edge.domain.members import consents, erasure, families, guests, members, numbers, passes, sessions
from edge.domain.members.numbers import NumberProven
from edge.domain.members.sessions import SessionEnded, SessionOpened
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="members",
    schema="".join(part.SCHEMA for part in (members, families, numbers, sessions, consents, erasure, passes)),
    facts={
        **members.APPLIES,
        **families.APPLIES,
        **numbers.APPLIES,
        **sessions.APPLIES,
        **guests.APPLIES,
        **consents.APPLIES,
        **erasure.APPLIES,
        **passes.APPLIES,
    },
    guarded=families.GUARDED,
    on_tick=(erasure.tend,),
    notices={
        "sessions": (SessionOpened, SessionEnded, NumberProven),
        "erasures": (erasure.MemberErased,),
    },
    api=(
        "edge.web.api.members:router",
        "edge.web.api.sessions:router",
        "edge.web.api.linking:router",
        "edge.web.api.me:router",
        "edge.web.api.member_desk:router",
    ),
    pages=(
        "edge.web.pages.member_code.page:PAGE",
        "edge.web.pages.link.page:PAGE",
        "edge.web.pages.legal.page:PAGE",
        "edge.web.pages.me.page:PAGE",
        "edge.web.pages.privacy.page:PAGE",
    ),
)
