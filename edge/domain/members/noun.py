"""Members: who they are, what they agreed to, their phones, and how they are forgotten."""

from __future__ import annotations

from typing import Final

from edge.domain.members import erasure, sessions, tables
from edge.domain.members.facts import MemberErased, MembersLinked, NumberProven, SessionEnded, SessionOpened
from edge.domain.members.rules import MemberRules
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="members",
    rules=8,
    settings=MemberRules,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    guarded=frozenset({MembersLinked}),
    also={"member": "SELECT other FROM kin WHERE member=?"},
    on_tick=(erasure.on_tick, sessions.on_tick),
    notices={"sessions": (SessionOpened, SessionEnded, NumberProven), "erasures": (MemberErased,)},
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
        "edge.web.pages.profile.page:PAGE",
        "edge.web.pages.privacy.page:PAGE",
        "edge.web.pages.reminders.page:PAGE",
    ),
)
