"""Campaigns: published from the settings, stopped by staff, counted by use."""

from __future__ import annotations

from typing import Final

from edge.domain.campaigns import leasing, tables
from edge.domain.campaigns.facts import (
    CampaignPaused,
    CampaignPublished,
    CampaignResumed,
    CampaignsActivated,
    CampaignWithdrawn,
)
from edge.domain.campaigns.from_settings import take_over
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="campaigns",
    rules=3,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    doubts=tables.DOUBTS,
    take_over=(take_over,),
    pages=("edge.web.pages.staff_campaigns.page:PAGE", "edge.web.pages.why.page:PAGE"),
    on_tick=(leasing.give_back,),
    notices={
        "layout": (CampaignPublished,),
        "prices": (CampaignPublished, CampaignWithdrawn, CampaignPaused, CampaignResumed, CampaignsActivated),
        "screens": (CampaignPublished, CampaignWithdrawn, CampaignPaused, CampaignResumed),
    },
)
