"""`/me/reminders`: what ends and what waits, what a shopper was told, and which kinds of it they want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.domain.members import reminders
from edge.domain.members.facts import Reminder
from edge.web.actions.shopping import require_caller
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.views.reminders import Reminders
from edge.web.visit import Visit

if TYPE_CHECKING:
    from starlette.responses import Response


class ReminderForm(PageForm):
    """The switches."""

    about: Reminder


def show(visit: Visit) -> Shown:
    """All of it; a stranger is told how to become somebody."""
    found = Reminders(visit.web, visit.member, visit.language, visit.web.reads.now) if visit.member else None
    return "reminders/reminders.html", {"found": found}


async def _switch(visit: Visit, form: ReminderForm) -> Response:
    caller, wanted = require_caller(visit.caller), form.do == "on"
    await visit.web.decide(reminders.switch, caller=caller, about=form.about, wanted=wanted)
    return visit.back(done=form.do)


PAGE: Final = Page[Visit, ReminderForm](
    "reminders",
    path="/me/reminders",
    show=show,
    form=ReminderForm,
    actions=dict.fromkeys(("on", "off"), Action(_switch, bound="changing")),
    notices={"on": "reminders.on", "off": "reminders.off"},
)
