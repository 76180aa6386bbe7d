"""What serves the people in the store, shoppers and staff: who they are, what they may, what they are told by law."""

from __future__ import annotations

import structlog

from edge.domain.layout import Layout
from edge.domain.members import consents, erasure
from edge.domain.members import queries as member_queries
from edge.domain.staff import decisions as staff
from edge.domain.staff import queries as staff_queries
from edge.gateway.bounds import Bounds
from edge.gateway.crowd import CrowdLimits
from edge.gateway.decide import Decide
from edge.gateway.erasures import ErasureList
from edge.gateway.identities import Identities
from edge.gateway.legal import Documents
from edge.gateway.linking import Linking
from edge.gateway.page_counts import PageCounts
from edge.gateway.phone_verification import PhoneVerification, sender_of
from edge.gateway.recent_scans import RecentScans
from edge.gateway.sessions import Sessions
from edge.journal import Reads
from edge.secrets.staff_pins import Team
from edge.secrets.vault import Vault
from edge.settings.settings import Settings

log = structlog.get_logger(__name__)


class People:
    """Each part by itself; only the start goes through all of them."""

    def __init__(self, settings: Settings, reads: Reads, vault: Vault, layout: Layout) -> None:
        box = settings.gateway
        self._reads = reads
        self.sessions = Sessions(reads, settings.members.proof_days)
        self.linking = Linking(vault.derive("link codes"))
        self.phone_verification = PhoneVerification(sender_of(box.sms, demo=box.demo))
        self.identities = Identities(box.aliases, vault)
        self.bounds = Bounds(settings.bounds)
        self.page_counts = PageCounts()
        self.here = RecentScans()
        self.crowd = CrowdLimits(settings.bounds.things, layout)
        self.erasures = ErasureList(box.data)
        self.legal = Documents.load(settings.store.texts, settings.store.languages)
        self.team = Team(box.data, demo=box.demo)

    async def erase_again(self, decide: Decide) -> None:
        """Before anything else: a journal that was restored may hold persons who were erased since."""
        back = await decide(erasure.repeat_erasures, self.erasures.read())
        if back:
            log.warning("members.erased_again", count=back, why="the journal came from a backup that still had them")
        self.erasures.add(member_queries.erased(self._reads))

    async def publish(self, decide: Decide) -> None:
        """Take over the legal texts, as far as they are new."""
        await decide(consents.publish, self.legal.published())

    async def appoint(self, decide: Decide) -> None:
        """Take over who is staff, as far as it is new."""
        await decide(staff.appoint, self.team.members(), whole=self.team.whole)
        if "staff" not in self.team.whole and not self.team.for_show and staff_queries.people(self._reads):
            log.error("staff.lost", file="secrets/staff.toml", why="nobody can log in: storekeeper staff add")
