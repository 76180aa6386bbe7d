"""What the staff's page of campaigns shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from edge.domain.campaigns import queries
from edge.domain.campaigns.rules import CampaignStatus
from edge.domain.coupons.sources import offered_by
from edge.settings import store_time
from pricing.moments import Moment
from pricing.rule import Speaker
from words.languages import in_language
from words.money import format_money

if TYPE_CHECKING:
    from edge.web.pages.staff_campaigns.trying import TrialQuote
    from edge.web.web import Web
    from pricing.quote import NotUsed
    from words.languages import Language

State = Literal["running", "not_now", "waiting", "stopped", "used_up", "ended"]
TONES: Final[dict[State, str]] = {
    "running": "ok", "not_now": "wait", "waiting": "wait", "stopped": "bad", "used_up": "off", "ended": "off",
}  # fmt: skip
_ORDER: Final[tuple[State, ...]] = ("stopped", "running", "not_now", "waiting", "used_up", "ended")


class CampaignShown(msgspec.Struct, frozen=True):
    """One campaign."""

    id: str
    name: str
    rule: str
    bounds: str
    state: State
    tone: str
    word: str
    until: str
    uses: int
    amount: int
    left: int | None
    """Of the budget: uses, or coupons that can still be claimed."""
    stopped_by: str
    why: str
    gone: bool
    """It stands in no file any more: only the coupons that people have count."""


class NotShown(msgspec.Struct, frozen=True):
    """A campaign that does not apply."""

    name: str
    why: str


def speaker(web: Web, language: Language) -> Speaker:
    """Says rules in the reader's language, with the names of the catalogue in force."""
    version = web.products.current
    names = dict(version.category_names(language)) if version else {}
    return Speaker(language, web.layout.store.currency, _Names(web, names, language))


class _Names(dict[str, str]):
    """Names of categories, and of products as they are asked for."""

    def __init__(self, web: Web, known: dict[str, str], language: Language) -> None:
        super().__init__(known)
        self._web = web
        self._language = language

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        if name in self:
            return self[name]
        product = self._web.products.find(name) if name.isdigit() else None
        return product.title(self._language) if product else default


def campaigns(web: Web, language: Language, now_ms: int) -> list[CampaignShown]:
    """Every campaign, those that somebody stopped first; also what stands in no file any more while people have coupons
    of it.
    """
    says = speaker(web, language)
    gone = queries.withdrawn_with_coupons(web.reads)
    found = [*queries.campaign_statuses(web.reads), *gone]
    claimed = {name: each.claimed for name, each in offered_by(web.reads, [each.campaign.id for each in found]).items()}
    shown = [
        _row(web, each, says, language, now_ms, claimed.get(each.campaign.id), gone=each in gone) for each in found
    ]
    return sorted(shown, key=lambda each: (_ORDER.index(each.state), each.id))


def _row(
    web: Web, found: CampaignStatus, says: Speaker, language: Language, now_ms: int, claimed: int | None, *, gone: bool
) -> CampaignShown:
    campaign, when = found.campaign, found.campaign.when
    state = state_of(found, web.layout.store.zone.key, now_ms)
    at = when.from_ms if state == "waiting" else when.until_ms
    until = _moment(web, language, when.until_ms) if when.until_ms is not None and state != "ended" else ""
    taken = found.uses if claimed is None else claimed
    left = None if campaign.budget.uses is None else max(0, campaign.budget.uses - taken)
    return CampaignShown(
        id=campaign.id,
        name=in_language(campaign.words, language, campaign.id),
        rule=" · ".join(says.rule(campaign)),
        bounds=" · ".join(says.bounds(campaign)),
        state=state,
        tone=TONES[state],
        word=web.texts.say(language, f"campaigns.{state}", at=_moment(web, language, at) if at is not None else ""),
        until=until,
        uses=found.uses,
        amount=found.amount,
        left=left,
        stopped_by=found.paused_by,
        why=found.paused_why,
        gone=gone,
    )


def state_of(found: CampaignStatus, timezone: str, now_ms: int) -> State:
    """Where a campaign stands now, whoever buys."""
    when, budget = found.campaign.when, found.campaign.budget
    if found.paused:
        return "stopped"
    if when.until_ms is not None and now_ms >= when.until_ms:
        return "ended"
    used = budget.uses is not None and found.uses >= budget.uses and not found.campaign.claim
    if used or (budget.amount is not None and found.amount >= budget.amount):
        return "used_up"
    if when.from_ms is not None and now_ms < when.from_ms:
        return "waiting"
    return "running" if Moment(now_ms, timezone).holds(when) else "not_now"


def _moment(web: Web, language: Language, at_ms: int) -> str:
    return store_time.local(at_ms, web.layout.store.zone).strftime(web.texts.say(language, "paper.moment"))


def not_used(web: Web, found: TrialQuote, language: Language) -> list[NotShown]:
    """Why each of the others does not apply to a basket."""
    return [
        NotShown(found.name(each.campaign, language), _reason(web, each, found, language))
        for each in found.quote.not_used
    ]


def _reason(web: Web, each: NotUsed, found: TrialQuote, language: Language) -> str:
    own = f"basket.not.{each.code}"
    key = own if web.texts.has(own) else "basket.not.other"
    money = format_money(each.short, found.quote.currency, language)
    return web.texts.say(language, key, money=money, count=each.short, by=found.name(each.by, language))
