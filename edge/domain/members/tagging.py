"""Tags of a person: the rule of a code that they scanned, and no guess. Only for who wants to be told of offers."""

from __future__ import annotations

from edge.domain.members.facts import MemberTagged
from edge.domain.members.queries import consent, tags_of
from edge.domain.touchpoints.queries import tag_of
from edge.journal import Fact, Reads


def tagging(reads: Reads, member: str, touchpoint: str, *, agrees: bool | None = None) -> tuple[Fact, ...]:
    """What a scan of this code says of a member. Nothing without their consent to being told of offers, and once.

    `agrees` is what somebody says who registers right now.
    """
    tag = tag_of(reads, touchpoint)
    wants = consent(reads, member, "marketing").current if agrees is None else agrees
    if not tag or not wants or tag in {each.tag for each in tags_of(reads, member)}:
        return ()
    return (MemberTagged(member=member, tag=tag, touchpoint=touchpoint),)
