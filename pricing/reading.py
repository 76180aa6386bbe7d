"""Reading the document: every mistake is one sentence that says where, what was expected and what was found."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, Final, Literal, get_args, get_origin
from zoneinfo import ZoneInfo

import msgspec

from pricing import basket, campaigns, document
from pricing.candidates import promotion
from pricing.document import Document
from pricing.instants import BOUNDS, SPAN, instant
from pricing.mistakes import WHOLE, mistakes
from pricing.parsing import MAX_INTEGER, Unreadable, parsed, short
from pricing.positions import sold_otherwise, unit_price
from words.countries import currency

_PLACE: Final = re.compile(r"^(?P<said>.*?)(?: - at `\$?(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>.*)`")
_KIND: Final = re.compile(r"Expected `(?P<kinds>[^`<>=]*)`, got `")
_LEAST: Final = re.compile(r"Expected `int` >= (?P<least>\d+)")
_PLAIN: Final = {
    "int": "a whole number", "str": "text", "bool": "true or false", "array": "a list", "object": "an object",
}  # fmt: skip
_KINDS: Final = ("off", "percent", "price", "nth", "bundle", "gift", "points")
_MONEY: Final = frozenset(("price", "promo_price", "label_price", "amount", "per", "most", "min_spend", "point_worth"))
"""Fields in the currency's smallest unit."""
_NAMED: Final = 100
"""Mistakes that are named, the first ones."""
_PRICED: Final = 1_000_000
"""Lines and campaigns that are gone through, once for each return that is priced anew."""
_COMPARED: Final = 1000
"""Names among which the one that was perhaps meant is looked for."""
_TABLES: Final = {"counters": basket.Counters, "bought": int}
"""What tables hold by names of the document's own; all others hold texts."""
_LISTS: Final = {"Condition": "when", "Goods": "products", "Line": "lines", "WalletCoupon": "wallet"}
"""How a document calls what some kinds are."""


def read(text: bytes) -> Document:
    """Returns the document. Raises `Unreadable`."""
    raw = parsed(text)
    raw.pop("$schema", None)
    zone = _zone(raw)
    found: list[str] = []
    _moments(raw, zone, found)
    _numbered(raw)
    if found:
        raise Unreadable(found)
    try:
        made = msgspec.convert(raw, Document)
    except msgspec.ValidationError as error:
        raise Unreadable([_sentence(str(error), raw)]) from None
    if wrong := list(islice(_wrong(made), _NAMED)):
        raise Unreadable([*wrong, *(["these are the first mistakes; there may be more"] * (len(wrong) == _NAMED))])
    return made


def _zone(raw: dict[str, Any]) -> ZoneInfo:
    place = raw.get("place")
    name = place.get("timezone", "UTC") if isinstance(place, dict) else "UTC"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise Unreadable([f"place.timezone: expected a name such as Asia/Shanghai; found {short(name)}"]) from None


def _moments(raw: dict[str, Any], zone: ZoneInfo, found: list[str]) -> None:
    """Turn moments that are written as text into Unix ms."""
    if isinstance(raw.get("now"), str):
        _moment(raw, "now", "now", zone, "now", found)
    for number, each in enumerate(_tables(raw, "campaigns")):
        when = each.get("when")
        if isinstance(when, dict):
            for name in ("from", "until"):
                _moment(when, name, f"{name}_ms", zone, f"campaigns[{number}].when.{name}", found)
    for number, each in enumerate(_tables(raw, "wallet")):
        for name in ("usable_from", "until"):
            _moment(each, name, f"{name}_ms", zone, f"wallet[{number}].{name}", found)


def _moment(table: dict[str, Any], name: str, to: str, zone: ZoneInfo, where: str, found: list[str]) -> None:
    text = table.get(name)
    if text is None:
        table.pop(name, None)  # As if it were left out.
        return
    if name != to and to in table:
        found.append(f"{where}: stands beside {to}; expected one of the two")
        return
    if not isinstance(text, str):
        found.append(f"{where}: expected a moment such as 2026-12-31; found {short(text)}")
        return
    del table[name]
    try:
        table[to] = instant(text, zone, end=name == "until")
    except ValueError as error:
        found.append(f"{where}: {error}")


def _tables(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = raw.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _numbered(raw: dict[str, Any]) -> None:
    """A basket and its lines need no names here: lines are numbered from 1."""
    basket_ = raw.get("basket")
    if isinstance(basket_, dict):
        basket_.setdefault("id", "basket")
        for number, line in enumerate(_tables(basket_, "lines"), start=1):
            line.setdefault("id", str(number))


def _sentence(error: str, raw: dict[str, Any]) -> str:
    found = _PLACE.match(error)
    said, path = (found["said"], _entry_named(raw, found["path"] or "")) if found else (error, "")
    where = path.lstrip(".") or "the document"
    if unknown := _UNKNOWN.match(said):
        return f'{where}: there is no field "{unknown["name"]}"{_elsewhere(unknown["name"])}'
    if missing := _MISSING.match(said):
        return f'{where}: expected a field "{missing["name"]}"; found none'
    value = _value(raw, path)
    if path.endswith(".kind"):
        return f"{where}: expected one of {', '.join(_KINDS)}; found {short(value)}{_near(value, _KINDS)}"
    name = re.sub(r"\[.*", "", path.rpartition(".")[2])
    choices = [] if said.startswith("Expected `array`") else _choices(name)
    if choices:
        return f"{where}: expected one of {', '.join(choices)}; found {short(value)}{_near(value, choices)}"
    return f"{where}: expected {_expected(said, name)}; found {short(value)}"


def _entry_named(raw: dict[str, Any], path: str) -> str:
    """The path with the name of the entry of a table that is wrong, the first one."""
    table, dots, rest = path.partition("[...]")
    entries = _value(raw, table)
    if not dots or not isinstance(entries, dict):
        return path
    kind = _TABLES.get(table.rpartition(".")[2], str)
    return f"{table}.{next((name for name, each in entries.items() if not _fits(each, kind)), '...')}{rest}"


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _expected(said: str, name: str) -> str:
    """What a field of that name takes, in plain words."""
    if least := _LEAST.match(said):
        return f"{least['least']} or more"
    kinds = _KIND.match(said)
    if kinds is None:
        return said[0].lower() + said[1:].replace("`", "")
    plain = [_PLAIN.get(kind, kind) for kind in kinds["kinds"].split(" | ") if kind != "null"]
    return " or ".join(plain) + (" of the smallest unit" if plain == [_PLAIN["int"]] and name in _MONEY else "")


def _elsewhere(name: str) -> str:
    """Where a field belongs that does not stand there, or which one was perhaps meant."""
    if name not in _fields():
        return _near(name, sorted(_fields())) or "; expected one that `storekeeper offers schema` names"
    places = [_LISTS.get(kind.__name__, kind.__name__.lower()) for kind in _kinds() if name in kind.__struct_fields__]
    if name in ("from", "until", "usable_from"):
        places = ["wallet"] if name == "usable_from" else ["when", "wallet"]
    return f" here; it stands in {' or '.join(sorted(set(places)))}" if places else " here"


def _choices(name: str) -> list[str]:
    """The words that a field may hold, and what else; none where it takes any."""
    types = [field.type for kind in _kinds() for field in msgspec.structs.fields(kind) if field.name == name]
    words = dict.fromkeys(word for each in types for word in _words(each))
    return [*words, *(["a whole number"] if words and any(int in get_args(each) for each in types) else [])]


def _words(kind: Any) -> list[str]:
    found = get_args(kind)
    return [str(word) for word in found] if get_origin(kind) is Literal else [w for each in found for w in _words(each)]


def _near(value: Any, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(value), known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _value(raw: Any, path: str) -> Any:
    for name, number in re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", path):
        try:
            raw = raw[name] if name else raw[int(number)]
        except (KeyError, IndexError, TypeError, ValueError):
            return raw
    return raw


def _kinds() -> list[Any]:
    """Everything that a document is made of."""
    found = [each for module in (basket, campaigns, document) for each in vars(module).values()]
    return list(dict.fromkeys(each for each in found if isinstance(each, type) and hasattr(each, "__struct_fields__")))


def _fields() -> set[str]:
    """Every name that a document may hold."""
    found = {name for kind in _kinds() for name in kind.__struct_fields__}
    return found | {"from", "until", "usable_from", "kind"}


def _wrong(made: Document) -> Iterator[str]:
    if made.now not in BOUNDS:
        yield f"now: expected Unix ms of {SPAN}; found {made.now}"
    yield from _duplicates("products", [each.gtin for each in made.products], "gtin")
    yield from _duplicates("campaigns", [each.id for each in made.campaigns], "id")
    yield from _duplicates("wallet", [each.coupon for each in made.wallet], "coupon")
    yield from _duplicates("basket.lines", [each.id for each in made.basket.lines], "id")
    yield from _goods(made)
    yield from _lines(made)
    for number, campaign in enumerate(made.campaigns):
        yield from (f"campaigns[{number}].{field}: {said}" for field, said in mistakes(campaign))
    if made.versions == basket.Versions():
        # What a store has gathered has versions: there a coupon is left of a campaign that staff stopped, and more may
        # be leased than the budget is by now.
        yield from _unknown_names(made)
        yield from _counted(made)
    yield from _buyer(made)
    yield from _terms(made)
    yield from _returns(made)


def _duplicates(where: str, names: list[str], field: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if not name:
            yield f'{where}[{number}].{field}: expected a name; found ""'
        elif name in seen:
            yield f'{where}[{number}].{field}: "{name}" is taken; each needs its own'
        seen.add(name)


def _goods(made: Document) -> Iterator[str]:
    for number, each in enumerate(made.products):
        for name in ("price", "promo_price", "tax_bp", "age", "promo_buy", "promo_pay"):
            value = getattr(each, name) or 0
            if value < 0:
                yield f"products[{number}].{name}: expected 0 or more; found {value}"
        if each.tax_bp > WHOLE:
            yield f"products[{number}].tax_bp: expected 0 to {WHOLE}, basis points: 1300 is 13 %; found {each.tax_bp}"
        if each.promo_price is not None and each.promo_price > each.price:
            said = f"expected at most price, {each.price}; found {each.promo_price}"
            yield f"products[{number}].promo_price: {said}"
        if each.promo_buy and not 0 < each.promo_pay < each.promo_buy:
            said = f"expected 1 or more, and fewer than promo_buy, {each.promo_buy}; found {each.promo_pay}"
            yield f"products[{number}].promo_pay: {said}"


def _lines(made: Document) -> Iterator[str]:
    goods, whole = {each.gtin: each for each in made.products}, 0
    for number, line in enumerate(made.basket.lines):
        where = f"basket.lines[{number}]"
        if line.gtin not in goods:
            yield f'{where}.gtin: expected a gtin of products; found "{line.gtin}"'
        elif said := sold_otherwise(line, goods[line.gtin]):
            yield f"{where}: {said}"
        else:
            whole += unit_price(line, goods[line.gtin]) * line.quantity
        if not 1 <= line.quantity < 1_000_000:
            yield f"{where}.quantity: expected 1 to 999999; found {line.quantity}"
        for name in ("grams", "label_price"):
            value = getattr(line, name)
            if value is not None and value < 0:
                yield f"{where}.{name}: expected 0 or more; found {value}"
    if whole > MAX_INTEGER:
        yield f"basket.lines: expected at most {MAX_INTEGER} for all of them; found {whole}"


def _unknown_names(made: Document) -> Iterator[str]:
    """Campaigns and coupons that are named and are not there."""
    campaigns_ = {each.id for each in (*made.campaigns, *filter(None, map(promotion, made.products)))}
    either = campaigns_.union(each.coupon for each in made.wallet)
    rows = [
        *((f"wallet[{number}].campaign", each.campaign, campaigns_) for number, each in enumerate(made.wallet)),
        *((f"pins[{number}]", name, either) for number, name in enumerate(made.pins)),
        *((f"without[{number}]", name, either) for number, name in enumerate(made.without)),
        *((f"counters.{name}", name, campaigns_) for name in made.counters),
    ]
    for where, name, known in rows:
        if name not in known:
            wanted = "of one of campaigns" if known is campaigns_ else "of a campaign or coupon"
            near = _near(name, sorted(known)) if len(known) <= _COMPARED else ""
            yield f'{where}: expected the id {wanted}; found "{name}"{near}'


def _counted(made: Document) -> Iterator[str]:
    for name, counted in made.counters.items():
        for field, value in msgspec.structs.asdict(counted).items():
            if value < 0:
                yield f"counters.{name}.{field}: expected 0 or more; found {value}"


def _buyer(made: Document) -> Iterator[str]:
    if made.member is None:
        return
    if made.member.birthday and not _is_day(made.member.birthday):
        yield f'member.birthday: expected month and day such as 05-17; found "{made.member.birthday}"'


def _is_day(text: str) -> bool:
    """Whether a day of some year is called so, as `02-29` is."""
    try:
        return bool(re.fullmatch(r"[0-9]{2}-[0-9]{2}", text) and date.fromisoformat(f"2000-{text}"))
    except ValueError:
        return False


def _terms(made: Document) -> Iterator[str]:
    try:
        currency(made.terms.currency)
    except ValueError as error:
        yield f"terms.currency: {error}"
    for name in ("point_worth", "burn_step", "burn_most_bp", "earn_every", "nodes", "coupons", "quote_ms"):
        if getattr(made.terms, name) < 0:
            yield f"terms.{name}: expected 0 or more; found {getattr(made.terms, name)}"
    if made.terms.burn_most_bp > WHOLE:
        yield f"terms.burn_most_bp: expected at most {WHOLE}, all that is to be paid; found {made.terms.burn_most_bp}"
    if isinstance(made.burn, int) and made.burn < 0:
        yield f'burn: expected "most" or 0 and more points; found {made.burn}'


def _returns(made: Document) -> Iterator[str]:
    if any(each.on_return == "reprice" for each in made.campaigns):
        lines, campaigns_, many = len(made.basket.lines), len(made.campaigns), len(made.returns)
        if many > (most := _PRICED // (lines + campaigns_)):
            how = f'each of which prices {lines} lines by {campaigns_} campaigns anew (on_return "reprice")'
            yield f"returns: expected at most {most}, {how}; found {many}"
    left = {line.id: line.quantity for line in made.basket.lines}
    for number, each in enumerate(made.returns):
        if each.line not in left:
            yield f'returns[{number}].line: expected the id of a line; found "{each.line}"'
        elif each.units > left[each.line]:
            said = f"expected at most {left[each.line]}, which are left of it; found {each.units}"
            yield f"returns[{number}].units: {said}"
        else:
            left[each.line] -= each.units
