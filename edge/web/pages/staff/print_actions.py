"""What staff do with what is printed: test a printer, print again, end a doubt, close the day."""

from __future__ import annotations

from typing import Final

from edge.domain.devices import queries as device_queries
from edge.domain.printing import closing
from edge.domain.printing import decisions as printing
from edge.domain.printing.queries import revision_of, waiting_test
from edge.domain.printing.rules import Verdict
from edge.domain.staff.rules import Person
from edge.errors import Refusal
from edge.journal import Reads, Tx
from edge.web.pages.staff.action_request import Action, ActionRequest


def doubles_money(reads: Reads, asked: ActionRequest) -> bool:
    """Whether this prints once more what is worth money."""
    if asked.do not in ("reprint", "settle_doubt") or (asked.do == "settle_doubt" and asked.verdict != "copy"):
        return False
    job, revision = _job(asked)
    slip = revision_of(reads, job, revision)
    return slip is not None and slip.slip == "coupon"


def _test_print(tx: Tx, person: Person, asked: ActionRequest) -> str:
    printer = device_queries.device(tx, asked.target)
    if printer is None or printer.kind != "printer":
        raise tx.refuse("printer_unknown", printer=asked.target)
    waiting = waiting_test(tx, asked.target)
    if waiting is not None:
        return f"job:{waiting.job}/{waiting.revision}"  # a second tap joins the first
    job = printing.order(
        tx,
        job=f"test-{asked.request[:8]}",
        slip="test",
        values={"printer": printer.label},
        printer=asked.target,
        language=asked.language,
        by=person.staff,
    )
    return f"job:{job.job}/{job.revision}"


def _reprint(tx: Tx, person: Person, asked: ActionRequest) -> str:
    job, revision = _job(asked)
    printing.reprint(tx, job=job, revision=revision, by=person.staff, printer=asked.printer or None)
    return f"job:{job}/{revision}"


def _settle_doubt(tx: Tx, person: Person, asked: ActionRequest) -> str:
    job, revision = _job(asked)
    verdict: Verdict
    match asked.verdict:
        case "copy" | "printed" | "drop" as verdict:
            printing.settle_doubt(tx, job=job, revision=revision, verdict=verdict, by=person.staff)
        case _:
            raise tx.refuse("bad_request", field="verdict")
    return f"job:{job}/{revision}"


def _drop(tx: Tx, person: Person, asked: ActionRequest) -> str:
    job, revision = _job(asked)
    printing.drop(tx, job=job, revision=revision, by=person.staff)
    return f"job:{job}/{revision}"


def _closing(tx: Tx, person: Person, asked: ActionRequest) -> str:
    evening = asked.evening
    if evening is None:
        raise tx.refuse("bad_request", field="target")
    job = closing.report(
        tx,
        day=evening.day,
        from_ms=evening.from_ms,
        until_ms=evening.until_ms,
        labels=evening.labels,
        left=evening.left,
        language=asked.language,
        printer=asked.printer or None,
        by=person.staff,
    )
    return f"job:{job.job}/{job.revision}"


def _job(asked: ActionRequest) -> tuple[str, int]:
    job, _, revision = asked.target.rpartition("/")
    if not job or not (revision.isascii() and revision.isdecimal() and len(revision) <= 4):
        raise Refusal("job_unknown", job=asked.target)
    return job, int(revision)


ACTIONS: Final[dict[str, Action]] = {
    "test_print": _test_print,
    "reprint": _reprint,
    "settle_doubt": _settle_doubt,
    "drop": _drop,
    "closing": _closing,
}
