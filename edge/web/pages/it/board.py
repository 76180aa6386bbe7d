"""What `/it` shows: what is wrong and what to do, then devices, disk, queue, backups, certificates and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from edge.domain.devices import queries as device_queries
from edge.domain.needs import SOON
from edge.domain.printing.queries import printers
from edge.web.pages.it.states import in_words
from edge.web.pages.staff.board import StaffBoard
from operations.diagnosis.findings import Finding, Health
from operations.diagnosis.standing import BoxStatus, InstalledVersions
from words.languages import in_language
from words.money import format_span

if TYPE_CHECKING:
    from edge.web.pages.staff.state import NeedCard
    from edge.web.web import Web

log = structlog.get_logger(__name__)

MAX_TODOS: Final = 12
"""How many things to do are listed; who has more begins with these."""
TECHNICAL: Final = (
    "device_", "screen_", "printer_", "bank_", "cart_dead", "cart_faulty", "locker_dead", "clock_", "extension_",
    "held", "settings_", "update_", "backup_", "certificate_", "disk_", "journal_", "retention_", "rehearsal_",
    "reconciliation_", "restored_",
)  # fmt: skip
"""Beginnings of the kinds of need that are IT's: what a shopper waits for is staff's."""


class Todo(msgspec.Struct, frozen=True):
    """One thing that is wrong."""

    id: str
    bad: bool
    part: str
    title: str
    sentence: str
    todo: str
    since_ms: int | None = None
    href: str = ""


class DeviceRow(msgspec.Struct, frozen=True):
    """One device."""

    id: str
    label: str
    kind: str
    driver: str
    tone: str
    """`ok`, `wait`, `bad` or `off`."""
    seen: str
    """How long ago it was heard, in words."""
    says: str
    """What it observes."""
    firmware: str


class BoardView(msgspec.Struct, frozen=True):
    """Everything that moves on the page."""

    at_ms: int
    todos: list[Todo]
    more: int
    """How many more things are wrong than are listed."""
    rows: list[DeviceRow]
    online: int
    standing: BoxStatus
    queue: dict[str, Any]
    prints: int
    versions: InstalledVersions
    up_s: float
    ready: dict[str, bool]


class ItBoard:
    """Reads the box's state; readers that ask within a moment share one look."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._staff = StaffBoard(web)
        self._drivers = {device.id: device.driver for device in web.settings.devices}

    async def answer(self, language: str) -> BoardView:
        """The box now, or a few seconds ago."""
        found = await self._web.box.look()
        web, now = self._web, self._web.reads.now
        todos = [*self._of_findings(language, found.findings), *self._of_needs(language, now)]
        todos.sort(key=lambda todo: (not todo.bad, todo.since_ms or 0))
        ready, rows = web.ready(), self._rows(language)
        queue = web.queue()
        return BoardView(
            at_ms=now,
            todos=todos[:MAX_TODOS],
            more=max(0, len(todos) - MAX_TODOS),
            rows=rows,
            online=sum(row.tone not in {"bad", "off"} for row in rows),
            standing=found,
            queue={"last": queue.last, "acked": queue.acked, "backlog": queue.backlog, "state": queue.state},
            prints=sum(printer.waiting for printer in printers(web.reads)),
            versions=web.box.versions,
            up_s=web.box.up_s,
            ready={"journal": ready.journal, "broker": ready.broker, "cloud": queue.state == "ok"},
        )

    def _of_findings(self, language: str, findings: list[Finding]) -> list[Todo]:
        say = self._web.texts
        todos = []
        for finding in findings:
            if finding.health is Health.WELL or finding.code == "devices_away":
                continue
            todo = f"it.todo.{finding.code}"
            sentence = say.say(language, f"it.found.{finding.code}", **finding.details)
            todos.append(
                Todo(
                    id=finding.code,
                    bad=finding.health is Health.ILL,
                    part=finding.part,
                    title=say.say(language, f"it.part.{finding.part}"),
                    sentence=sentence[:1].upper() + sentence[1:],
                    todo=say.say(language, todo, **finding.details) if say.has(todo) else "",
                )
            )
        return todos

    def _of_needs(self, language: str, now: int) -> list[Todo]:
        needs = {need.id: need for need in self._web.needs.all(now)}
        cards = self._staff.state(language, now).cards
        return [self._todo(language, card, needs[card.id].kind) for card in cards if _is_technical(card, needs)]

    def _todo(self, language: str, card: NeedCard, kind: str) -> Todo:
        say, key = self._web.texts, f"it.need.{kind}"
        return Todo(
            id=card.id,
            bad=card.urgency <= SOON,
            part="device",
            title=card.title,
            sentence=card.sentence,
            todo=say.say(language, key if say.has(key) else "it.need.other"),
            since_ms=card.since_ms,
            href="/staff",
        )

    def _rows(self, language: str) -> list[DeviceRow]:
        firmware = device_queries.firmwares(self._web.reads)
        out = device_queries.taken_out(self._web.reads)
        rows = []
        for view in self._web.devices():
            tone = "off" if view.id in out else "ok" if view.online else "bad"
            if tone == "ok" and view.last_seen is not None and view.last_seen > 120:
                tone = "wait"
            rows.append(
                DeviceRow(
                    id=view.id,
                    label=in_language(view.label, language),
                    kind=view.kind,
                    driver=self._drivers.get(view.id, ""),
                    tone=tone,
                    seen=self._last_seen_text(language, view.last_seen, online=view.online),
                    says=in_words(self._web.texts, language, view.state),
                    firmware=firmware.get(view.id, ""),
                )
            )
        return sorted(rows, key=lambda row: (("bad", "wait", "off", "ok").index(row.tone), row.id))

    def _last_seen_text(self, language: str, seconds: float | None, *, online: bool) -> str:
        say = self._web.texts.say
        if seconds is None:
            return say(language, "it.page.never_heard")
        ago = format_span(seconds, language)
        return say(language, "it.page.ago" if online else "it.page.silent", span=ago)


def _is_technical(card: NeedCard, needs: dict[str, Any]) -> bool:
    need = needs.get(card.id)
    return need is not None and (need.kind.startswith(TECHNICAL) or need.id.startswith("box/"))
