"""What is to be seen of lockers: every word, ready to be drawn."""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract.answers.lockers import Bank, OpenedDoor
from kiosk_ui.screens.lockers.bank import Drawn, drawn
from kiosk_ui.screens.lockers.handlers import LENGTH, SIZES, LockersContext, pause_left_s

ARTS: Final = {"S": "handbag", "M": "backpack", "L": "suitcase"}
INNER: Final = {"S": "20 × 34 × 40", "M": "32 × 34 × 40", "L": "66 × 34 × 40"}


class SizeView(msgspec.Struct, frozen=True):
    """One size to choose."""

    size: str
    name: str
    left: str
    fits: str
    inner: str
    price: str
    hours: str
    art: str
    chosen: bool
    free: bool


class BankChoice(msgspec.Struct, frozen=True):
    """One bank to choose, or to go to."""

    bank: str
    words: str
    note: str
    way: bool
    """It is not here: the key leads to the map."""


class DoorView(msgspec.Struct, frozen=True):
    """A door that opens, is open or was closed."""

    title: str
    number: str
    where: str
    steps: tuple[tuple[str, str], ...]
    """Words, and `done`, `now` or `next`."""
    ring: float
    """What is left until it rings, 0 to 1."""
    left: int
    ring_words: str
    tone: str
    code_title: str
    digits: str
    code: str
    code_note: str
    shared: str
    light_key: str
    print_key: str
    share_key: str
    done_key: str
    due: str = ""
    """What of a late fee is to be paid, and how."""


class LockersView(msgspec.Struct, frozen=True):
    """The whole screen."""

    stage: str
    title: str
    bank: str
    clock: str
    headline: str = ""
    hint: str = ""
    drawn: Drawn = Drawn()
    lit: tuple[str, ...] = ()
    """Doors that are lit in the drawing."""
    choices: tuple[BankChoice, ...] = ()
    deposit_key: str = ""
    deposit_note: str = ""
    collect_key: str = ""
    collect_note: str = ""
    sizes: tuple[SizeView, ...] = ()
    terms: str = ""
    terms_more: str = ""
    key: str = ""
    ready: bool = False
    slots: tuple[str, ...] = ("",) * LENGTH
    note: str = ""
    warns: bool = False
    fee: str = ""
    door: DoorView | None = None
    offline: str = ""


def view(context: LockersContext) -> LockersView:
    """The whole screen."""
    keeping, here = context.memory, context.memory.here
    if keeping.known is None:
        return _without_plan(context)
    if keeping.stage == "door" and keeping.opened is not None:
        return _door(context, keeping.opened)
    if here is None:
        return _banks(context)
    seen = msgspec.structs.replace(_base(context, keeping.stage, here), drawn=drawn(here.doors))
    stages = {"sizes": _sizes, "digits": _digits, "fee": _fee}
    return stages.get(keeping.stage, _start)(context, here, seen)


def _base(context: LockersContext, stage: str, here: Bank | None = None) -> LockersView:
    away = (
        context.text("kiosk_lockers.offline")
        if context.offline
        else context.why(context.memory.problem, "kiosk_lockers.offline")
    )
    return LockersView(
        stage=stage,
        title="" if stage == "door" else context.text(f"kiosk_lockers.title_{stage}"),  # there the number is the title
        bank=here.name if here else "",
        clock=context.local.strftime("%H:%M"),
        offline=away,
    )


def _without_plan(context: LockersContext) -> LockersView:
    away = context.memory.problem or context.offline
    seen = _base(context, "none")
    said = context.text("kiosk_lockers.offline" if away else "kiosk_lockers.loading")
    return msgspec.structs.replace(seen, headline=said, hint=context.text("kiosk_lockers.offline_note") if away else "")


def _banks(context: LockersContext) -> LockersView:
    keeping, text = context.memory, context.text
    beside = keeping.banks
    shown = beside or (keeping.known.banks if keeping.known else ())
    choices = tuple(
        BankChoice(
            each.id,
            each.name,
            text("kiosk_lockers.free", count=each.free.get("S", 0)) if each.works else text("kiosk_lockers.broken"),
            way=not each.beside,
        )
        for each in shown
    )
    seen = _base(context, "banks")
    if not choices:
        return msgspec.structs.replace(seen, stage="none", headline=text("kiosk_lockers.none"))
    head = "kiosk_lockers.which" if beside else "kiosk_lockers.not_here"
    if not beside:
        choices = tuple(
            msgspec.structs.replace(choice, note=f"{text('kiosk_lockers.metres', count=bank.metres)} · {choice.note}")
            for choice, bank in zip(choices, shown, strict=True)
        )
    return msgspec.structs.replace(seen, choices=choices, headline=text(head), hint=text(f"{head}_hint"))


def _free(here: Bank, size: str = "S") -> tuple[str, ...]:
    """The doors that a thing of that size may get, of the smallest size that has any."""
    for each in SIZES[SIZES.index(size) :]:
        found = tuple(door.name for door in here.doors if door.size == each and door.state == "free")
        if found:
            return found
    return ()


def _start(context: LockersContext, here: Bank, seen: LockersView) -> LockersView:
    text, terms = context.text, context.memory.known.terms if context.memory.known else {}
    free = sum(door.state == "free" for door in here.doors)
    registers = context.memory.known is not None and context.memory.known.registers
    can = here.works and free and not registers
    why = "kiosk_lockers.broken" if not here.works else "kiosk_lockers.phone" if registers else "kiosk_lockers.full"
    return msgspec.structs.replace(
        seen,
        headline=text("kiosk_lockers.what"),
        hint=text("kiosk_lockers.free", count=free),
        lit=tuple(door.name for door in here.doors if door.state == "free"),
        deposit_key=text("kiosk_lockers.deposit") if can else "",
        deposit_note=terms.get("free", "") if can else "",
        note="" if can else text(why),
        collect_key=text("kiosk_lockers.collect") if here.works else "",
        collect_note=text("kiosk_lockers.collect_note"),
    )


def _sizes(context: LockersContext, here: Bank, seen: LockersView) -> LockersView:
    text, keeping = context.text, context.memory
    terms = keeping.known.terms if keeping.known else {}
    sizes = tuple(
        SizeView(
            size=size,
            name=text(f"kiosk_lockers.size.{size}"),
            left=text("kiosk_lockers.left", count=here.free.get(size, 0)),
            fits=text(f"kiosk_lockers.fits.{size}"),
            inner=text("kiosk_lockers.inner", size=INNER[size]),
            price=text("kiosk_lockers.nothing"),
            hours=terms.get("free", ""),
            art=ARTS[size],
            chosen=size == keeping.size,
            free=bool(here.free.get(size)),
        )
        for size in SIZES
    )
    ready = bool(here.free.get(keeping.size)) and not keeping.waits
    return msgspec.structs.replace(
        seen,
        headline=text("kiosk_lockers.how_large"),
        hint=text("kiosk_lockers.how_large_hint"),
        lit=_free(here, keeping.size),
        sizes=sizes,
        terms=terms.get("until", ""),
        terms_more=f"{terms.get('late', '')} · {terms.get('remind', '')}",
        key=text("kiosk_lockers.opening" if keeping.waits else f"kiosk_lockers.open.{keeping.size}"),
        ready=ready,
    )


def _digits(context: LockersContext, here: Bank, seen: LockersView) -> LockersView:
    keeping, text = context.memory, context.text
    wait = pause_left_s(keeping, context.at)
    note = (
        text("kiosk.bank.wait", seconds=wait) if wait else context.why(context.memory.problem, "kiosk_lockers.offline")
    )
    said = text("kiosk.bank.asking") if keeping.waits else note or text("kiosk.bank.enter")
    return msgspec.structs.replace(
        seen,
        offline="",
        headline=here.name,
        slots=tuple(keeping.digits.ljust(LENGTH)[place].strip() for place in range(LENGTH)),
        note=said,
        warns=bool(note),
        key=text("kiosk.bank.open"),
        ready=len(keeping.digits) == LENGTH and not keeping.waits and not wait,
    )


def _fee(context: LockersContext, here: Bank, seen: LockersView) -> LockersView:
    keeping, text, fee = context.memory, context.text, context.memory.fee
    if fee is None:
        return _start(context, here, seen)
    return msgspec.structs.replace(
        seen,
        headline=text("kiosk_lockers.overdue"),
        hint=text("kiosk_lockers.overdue_note"),
        fee=fee.money,
        lit=(fee.door,),
        note=text("kiosk_lockers.fee_pay", door=fee.door),
        key=text("kiosk_lockers.opening") if keeping.waits else text("kiosk_lockers.open_fee", money=fee.money),
        ready=not keeping.waits,
    )


# --- the door ---


def _door(context: LockersContext, opened: OpenedDoor) -> LockersView:
    bank = (
        next((each for each in context.memory.known.banks if each.id == opened.bank), None)
        if context.memory.known
        else None
    )
    picture = drawn(bank.doors) if bank else Drawn()
    seen = msgspec.structs.replace(_base(context, "door", bank), drawn=picture, lit=(opened.door,))
    failed = opened.stage in ("failed", "back", "unsure")
    is_open = opened.stage == "open"
    gone = max(0.0, context.at - context.memory.opened_at)
    left = max(0, round(opened.remind_s - gone)) if is_open else 0
    mine = bool(opened.digits)
    text = context.text
    door = DoorView(
        title=opened.sentence if failed else text(f"kiosk_lockers.door_{_step(opened)}"),
        number=opened.door,
        where=opened.advice if failed else _where_text(context, picture, opened),
        steps=() if failed else _steps(context, opened),
        ring=left / opened.remind_s if is_open and opened.remind_s else 0.0,
        left=left,
        ring_words=text("kiosk_lockers.ring" if left else "kiosk_lockers.ring_now") if is_open else "",
        tone="bad" if failed else "ok",
        code_title=text("kiosk_lockers.code" if opened.stage != "closed" else "kiosk_lockers.code_now") if mine else "",
        digits=f"{opened.digits[:3]} {opened.digits[3:]}" if mine else "",
        code=opened.code if mine else "",
        code_note=text("kiosk_lockers.code_until", when=opened.until) if mine else "",
        shared=text("kiosk_lockers.shared", digits=f"{opened.shared[:3]} {opened.shared[3:]}") if opened.shared else "",
        light_key=text("kiosk_lockers.light") if is_open and opened.lights else "",
        print_key=_print_key(context, opened),
        share_key=text("kiosk_lockers.share") if mine and opened.stage == "closed" and not opened.shared else "",
        done_key=text("kiosk_lockers.done") if opened.done else "",
        due=_due(context, opened),
    )
    return msgspec.structs.replace(seen, door=door)


def _due(context: LockersContext, opened: OpenedDoor) -> str:
    fee = context.memory.fee
    if fee is None or opened.why != "take" or opened.stage in ("failed", "back", "unsure"):
        return ""
    return context.text("kiosk_lockers.fee_due", money=fee.money, door=opened.door)


def _step(opened: OpenedDoor) -> str:
    known = {"asked": "opening", "sent": "opening", "open": "open", "closed": "closed"}
    return known.get(opened.stage, "opening") + ("_take" if opened.why == "take" and opened.stage == "closed" else "")


def _print_key(context: LockersContext, opened: OpenedDoor) -> str:
    if not (opened.digits and opened.prints and opened.stage == "closed"):
        return ""
    return context.text("kiosk_lockers.printed" if opened.printed else "kiosk_lockers.print")


def _steps(context: LockersContext, opened: OpenedDoor) -> tuple[tuple[str, str], ...]:
    kind = "put" if opened.why == "fill" else "take"
    words = [context.text(f"kiosk_lockers.step.{kind}_{number}") for number in (1, 2, 3)]
    now = {"open": 0, "closed": 2}.get(opened.stage, -1)
    return tuple(
        (said, "done" if place < now else "now" if place == now else "next") for place, said in enumerate(words)
    )


def _where_text(context: LockersContext, picture: Drawn, opened: OpenedDoor) -> str:
    said = where(context, picture, opened.door)
    lit = opened.lights and not opened.done and said
    return context.text("kiosk_lockers.where_lit", where=said) if lit else said


def where(context: LockersContext, picture: Drawn, name: str) -> str:
    """Where in the bank a door is, in words."""
    door = picture.at(name)
    if door is None:
        return ""
    text = context.text
    if picture.columns == 3:
        column = text(f"kiosk_lockers.column.{('left', 'middle', 'right')[door.column]}")
    elif picture.columns == 2:
        column = text(f"kiosk_lockers.column.{('left', 'right')[door.column]}")
    else:
        column = text("kiosk_lockers.column.of", number=door.column + 1)
    if door.row == 0:
        return text("kiosk_lockers.where_top", column=column)
    if picture.is_last(door):
        return text("kiosk_lockers.where_bottom", column=column)
    return text("kiosk_lockers.where_row", column=column, number=door.row + 1)
