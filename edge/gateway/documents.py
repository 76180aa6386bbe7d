"""From values to a slip: templates are data (`slips/*.toml`), one file a slip, its words in
`words/<language>/slips.toml`.

A line of a template is an item of the print document with `{value}` for what the slip is about and `[word]` for the
template's own words. `each` repeats a line for every element of a list, `when` and `unless` leave it out. `{n:money}`
writes an integer of the currency's smallest unit; `{t:moment}`, `{t:day}`, `{t:clock}` a time in Unix milliseconds, in
the store's time; `{g:kilos}` grams; `{r:decimal}` a
number with a point in it, `9.5`, and `{r:percent}` the same as percent; `{c:whole}` a code, which is never cut. This
file is the only one that knows the drivers' document and its preview.
"""

from __future__ import annotations

import re
import string
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from importlib import resources
from typing import Any, Final

from device_drivers.contract.documents import parse
from device_drivers.printers.preview import preview
from edge.domain.layout import Store
from edge.domain.printing.queue import Attempt
from edge.domain.printing.rules import PrintJob
from edge.gateway.parcel_codes import Fill, masked
from words.languages import in_language
from words.money import format_money, format_number, format_percent, format_plain
from words.sentences import Plural, forms, say, say_in

LONGEST: Final = 160
"""Characters of one value on paper; what is longer is cut, and says so."""
LETTERS: Final = {"zh-CN": "zh-CN"}
"""The contract's language of a document chooses the forms of letters: Chinese ones, or `en` for everything else."""
BANNERS: Final = 4
"""As many languages as the contract's banner holds."""
TIMES: Final = frozenset({"moment", "day", "clock"})
_WORD = re.compile(r"\[([a-z_]+)\]")
_CONDITIONS = ("each", "when", "unless")


class Templates:
    """The slips of one store."""

    def __init__(
        self,
        store: Callable[[], Store],
        fill: Fill | None = None,
    ) -> None:
        """`store` says which store this is now: its name, money, time and languages; a copy says so in each of these.
        `fill` adds what no fact may hold.
        """
        self._fill: Fill = fill or (lambda _slip, values: values)
        self._store = store
        source = resources.files("edge.gateway") / "slips"
        self._templates = {
            file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8"))
            for file in source.iterdir()
            if file.name.endswith(".toml")
        }

    @property
    def names(self) -> frozenset[str]:
        """Every slip there is a template for."""
        return frozenset(self._templates)

    def document(
        self,
        slip: str,
        language: str,
        values: Mapping[str, Any],
        *,
        job: str = "",
        revision: int = 1,
        ordered_ms: int = 0,
        copy: int = 0,
    ) -> dict[str, Any]:
        """The print document as JSON. `copy` is which print this is, where it is not the first.

        Raises `ValueError` where a value is missing or does not fit a document, `KeyError` for an unknown slip.
        """
        template = self._templates[slip]
        if missing := [name for name in template["needs"] if name not in values]:
            raise ValueError(f"slip {slip}: expected values for {', '.join(missing)}")
        store = self._store()
        whole = {"store": store.name, "job": job, "revision": revision, **values}
        writer = _Writer(language, forms(language, f"slip.{slip}"), store.currency, store.zone)
        lines = [line for raw in template["lines"] for line in _lines(raw, whole, writer)]
        lines.append({"kind": "text", "text": _mark(job, revision, ordered_ms, writer), "align": "center"})
        document: dict[str, Any] = {"lines": lines, "language": LETTERS.get(language, "en")}
        if copy > 1:
            document["copy"] = self._banner(copy, language)
        parse(document)
        return document

    def _banner(self, number: int, language: str) -> dict[str, str]:
        """Every language, the slip's own first: whoever finds two slips must understand, whatever they read."""
        wanted = dict.fromkeys((language, *self._store().languages))
        return say_in(tuple(wanted)[:BANNERS], "slip.copy", number=number)

    def of(self, attempt: Attempt) -> dict[str, Any]:
        """The document of one attempt; a copy says that it is one."""
        return self.document(
            attempt.slip,
            attempt.language,
            self._fill(attempt.slip, attempt.values),
            job=attempt.job,
            revision=attempt.revision,
            ordered_ms=attempt.ordered_ms,
            copy=attempt.number if attempt.copy else 0,
        )

    def of_job(self, job: PrintJob) -> dict[str, Any]:
        """The document of a job as it stands in the table, for staff: as its first print, without codes that open."""
        return self.document(
            job.slip,
            job.language,
            masked(job.slip, job.values),
            job=job.job,
            revision=job.revision,
            ordered_ms=job.ordered_ms,
        )


def picture(document: dict[str, Any], millimetres: int = 80) -> bytes:
    """A PNG of a slip as it will come out. Raises `ValueError`; `OSError` where the box has no font with Chinese."""
    return preview(parse(document), millimetres)


def _mark(job: str, revision: int, ordered_ms: int, writer: _Writer) -> str:
    """The small line at the end by which staff and record find each other."""
    number = f"{job}-{revision}" if revision > 1 else job
    return writer.clean(f"{number}  {writer.format_field(ordered_ms, 'moment')}" if ordered_ms else number) or "-"


def _lines(raw: Mapping[str, Any], values: dict[str, Any], writer: _Writer) -> list[dict[str, Any]]:
    if not _wanted(raw, values):
        return []
    each = raw.get("each")
    scopes = [values] if each is None else [{**values, **element} for element in values.get(each) or ()]
    return [_filled(raw, scope, writer) for scope in scopes]


def _wanted(raw: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    when, unless = raw.get("when"), raw.get("unless")
    return (when is None or bool(values.get(when))) and (unless is None or not values.get(unless))


def _filled(raw: Any, values: dict[str, Any], writer: _Writer) -> Any:
    if isinstance(raw, str):
        return writer.write(raw, values)
    if isinstance(raw, list):
        return [_filled(part, values, writer) for part in raw if not isinstance(part, dict) or _wanted(part, values)]
    if isinstance(raw, dict):
        return {key: _filled(part, values, writer) for key, part in raw.items() if key not in _CONDITIONS}
    return raw


class _Writer(string.Formatter):
    """Writes values in one language, one currency and one time."""

    def __init__(self, language: str, words: Mapping[str, str | Plural], currency: str, zone: tzinfo | None) -> None:
        self._zone = zone
        self._language = language
        self._words = words
        self._currency = currency

    def write(self, text: str, values: Mapping[str, Any]) -> str:
        with_words = _WORD.sub(lambda found: self._word(found[1], values), text)
        return self.vformat(with_words, (), values)

    def _word(self, name: str, values: Mapping[str, Any]) -> str:
        text = self._words[name]
        return text.form(values.get(text.by)) if isinstance(text, Plural) else text

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:  # noqa: ARG002 - as Formatter has it
        # Plain names alone: a template never reaches into an object.
        value = kwargs[field_name]
        if isinstance(value, dict):
            value = in_language(value, self._language)
        return value, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "money":
            return format_money(int(value), self._currency, self._language)
        if format_spec == "kilos":
            return format_number(int(value) / 1000, 3, self._language)
        if format_spec == "decimal":
            return format_plain(float(value), self._language)
        if format_spec == "percent":
            return format_percent(float(value), self._language)
        if format_spec in TIMES:
            moment = datetime.fromtimestamp(int(value) / 1000, UTC).astimezone(self._zone)
            return moment.strftime(say(self._language, f"paper.{format_spec}"))
        return str(value) if format_spec == "whole" else self.clean(str(value))

    def clean(self, text: str) -> str:
        """What paper can take: a control character would be a command to the printer."""
        plain = "".join(
            " " if unicodedata.category(each) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") else each for each in text
        )
        return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
