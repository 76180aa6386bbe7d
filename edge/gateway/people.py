"""What serves the people in the store, shoppers and staff: who they are, what they may, what they are told by law."""

from __future__ import annotations

import msgspec
import structlog

from edge.domain.callers import Few
from edge.domain.members import consents, erasure
from edge.domain.staff import staff
from edge.gateway.bounds import Bounds
from edge.gateway.decide import Decide
from edge.gateway.erasures import ErasureList
from edge.gateway.here import Here
from edge.gateway.legal import Documents
from edge.gateway.linking import Linking
from edge.gateway.page_counts import PageCounts
from edge.gateway.proving import Proving, sender_of
from edge.gateway.sessions import Sessions
from edge.journal import Reads
from edge.secrets.staff_pins import Team
from edge.secrets.vault import Vault
from edge.settings.settings import Settings

log = structlog.get_logger(__name__)


class Crowd(msgspec.Struct, frozen=True):
    """How many carts and doors people without a proven number may have."""

    carts: Few
    doors: dict[str, Few]
    """By bank."""

    @classmethod
    def of(cls, settings: Settings) -> Crowd:
        """As the settings say, or by how many there are."""
        things, devices = settings.bounds.things, settings.devices
        fleet = sum(each.kind == "cart" for each in devices)
        sizes = {
            each.id: len(each.bank.S) + len(each.bank.M) + len(each.bank.L) for each in devices if each.kind == "locker"
        }
        return cls(
            Few(things.carts(fleet), _share(things.new_share, fleet)),
            {bank: Few(things.doors(count), _share(things.new_share, count)) for bank, count in sizes.items()},
        )


def _share(share: float, count: int) -> int | None:
    return None if share == 1 else max(1, int(share * count))


class People:
    """Each part by itself; only the start goes through all of them."""

    def __init__(self, settings: Settings, reads: Reads, vault: Vault) -> None:
        box = settings.gateway
        self._reads = reads
        self.sessions = Sessions(reads, settings.members.proof_days)
        self.linking = Linking(vault.derive("link codes"))
        self.proving = Proving(sender_of(box.sms, demo=box.demo))
        self.bounds = Bounds(settings.bounds)
        self.page_counts = PageCounts()
        self.here = Here()
        self.crowd = Crowd.of(settings)
        self.erasures = ErasureList(box.data)
        self.legal = Documents.load(settings.store.texts)
        self.team = Team(box.data, demo=box.demo)

    async def erase_again(self, decide: Decide) -> None:
        """Before anything else: a journal that was restored may hold persons who were erased since."""
        back = await decide(erasure.carry_out_again, self.erasures.read())
        if back:
            log.warning("members.erased_again", count=back, why="the journal came from a backup that still had them")
        self.erasures.add(erasure.erased(self._reads))

    async def publish(self, decide: Decide) -> None:
        """Take over the legal texts, as far as they are new."""
        await decide(consents.publish, self.legal.published())

    async def appoint(self, decide: Decide) -> None:
        """Take over who is staff, as far as it is new."""
        await decide(staff.appoint, self.team.members(), whole=self.team.whole)
        if "staff" not in self.team.whole and not self.team.for_show and staff.people(self._reads):
            log.error("staff.lost", file="secrets/staff.toml", why="nobody can log in: storekeeper staff add")
