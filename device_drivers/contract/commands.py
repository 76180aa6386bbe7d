"""What a device is told: one struct for each verb, and the command that carries it."""

from __future__ import annotations

import contextlib
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, TypeAlias

import msgspec

from device_drivers.contract.documents import Document, check
from device_drivers.contract.scenes import SCENES, Scene
from device_drivers.contract.values import Boot, ContractError, Serial, Whole


class Verb(StrEnum):
    """What a device can be told to do; it names the ones it knows in `Status.capabilities`."""

    UNLOCK = "unlock"
    LOCK = "lock"
    FIND = "find"
    PRINT = "print"
    SHOW = "show"
    IDENTIFY = "identify"
    RESTART = "restart"
    SNAPSHOT = "snapshot"


DoorName = Annotated[str, msgspec.Meta(max_length=32)]


class Unlock(msgspec.Struct, frozen=True, omit_defaults=True):
    """Opens a lock. `door` names one door of a locker bank; a cart has none."""

    verb: ClassVar[Verb] = Verb.UNLOCK
    door: DoorName | None = None


class Lock(msgspec.Struct, frozen=True, omit_defaults=True):
    """Closes a lock that can close itself."""

    verb: ClassVar[Verb] = Verb.LOCK
    door: DoorName | None = None


class Find(msgspec.Struct, frozen=True):
    """Blinks or beeps for so many seconds."""

    verb: ClassVar[Verb] = Verb.FIND
    seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 10.0
    door: DoorName | None = None
    """The door of a locker bank that is lit, until it is closed at the latest; a cart has none."""


class Print(msgspec.Struct, frozen=True):
    """Prints a slip; the same job and revision comes out once."""

    verb: ClassVar[Verb] = Verb.PRINT
    job: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    revision: Serial
    document: Document

    def __post_init__(self) -> None:
        check(self.document)


class Show(msgspec.Struct, frozen=True):
    """The scene a screen should go to."""

    verb: ClassVar[Verb] = Verb.SHOW
    scene: Scene


class ShowExtension(msgspec.Struct, frozen=True):
    """A scene that an extension defines, not the contract: a screen that does not know it refuses it."""

    verb: ClassVar[Verb] = Verb.SHOW
    scene: dict[str, Any]
    """With its `type`, which is none of the contract's."""

    def __post_init__(self) -> None:
        kind = self.scene.get("type")
        if not isinstance(kind, str) or kind in SCENES:
            raise ValueError(f"scene: expected a type of an extension, got {kind!r:.40}")


class Identify(msgspec.Struct, frozen=True):
    """Says which device it is: a light, a beep, a slip, its name on the glass."""

    verb: ClassVar[Verb] = Verb.IDENTIFY


class Restart(msgspec.Struct, frozen=True):
    """Restarts the device."""

    verb: ClassVar[Verb] = Verb.RESTART


class Snapshot(msgspec.Struct, frozen=True):
    """Asks a screen or a camera for its picture."""

    verb: ClassVar[Verb] = Verb.SNAPSHOT


Instruction: TypeAlias = Unlock | Lock | Find | Print | Show | ShowExtension | Identify | Restart | Snapshot
INSTRUCTIONS: Final[dict[str, type[Instruction]]] = {
    form.verb: form for form in (Unlock, Lock, Find, Print, Show, Identify, Restart, Snapshot)
}
"""The form of each verb's `args`. As everywhere in the contract, unknown fields are ignored."""
_DECODERS: Final = {verb: msgspec.json.Decoder(form) for verb, form in INSTRUCTIONS.items()}
_EXTENSION: Final = msgspec.json.Decoder(ShowExtension)


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order that expires: `ttl_ms` is judged at the device, from its arrival."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """UUID, canonical text; its 16 bytes are the MQTT correlation data."""
    verb: Annotated[str, msgspec.Meta(max_length=64)]
    args: Any
    """The verb's own struct (`INSTRUCTIONS`). Where what came is none, it is not: None, and the device refuses it."""
    fence: Serial
    """Rises per device; a device refuses one lower than the highest it has seen."""
    ttl_ms: Whole
    """Milliseconds from when it was first sent; 0 has expired on arrival."""
    issued_at: str = ""
    """For people reading a log; nothing is decided by it."""
    boot: Boot | None = None
    """The boot that it is meant for; another one answers `expired`. Given together with `not_after_up_ms`."""
    not_after_up_ms: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    """It has expired once the device's own `up_ms` is past this, however long it stood still on its way."""


class CommandAsSent(msgspec.Struct, frozen=True):
    """A command whose arguments are not read yet: their form depends on its verb."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    verb: Annotated[str, msgspec.Meta(max_length=64)]
    args: msgspec.Raw
    fence: Serial
    ttl_ms: Whole
    issued_at: str = ""
    boot: Boot | None = None
    not_after_up_ms: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None

    def understood(self) -> Command:
        """With typed arguments; None for them where they are none of the verb's, or nobody knows the verb."""
        return Command(
            self.id,
            self.verb,
            _arguments(self.verb, self.args),
            self.fence,
            self.ttl_ms,
            self.issued_at,
            self.boot,
            self.not_after_up_ms,
        )


def _arguments(verb: str, args: msgspec.Raw) -> Instruction | None:
    decoder = _DECODERS.get(verb)
    for form in (decoder, _EXTENSION) if verb == Verb.SHOW else (decoder,):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            return form.decode(args) if form is not None else None
    return None


def instruction(verb: str, args: object) -> Instruction:
    """A verb and its arguments as plain values. Raises `ContractError` where they are none of the contract's."""
    form = INSTRUCTIONS.get(verb)
    if form is None:
        raise ContractError(f"verb {verb!r}: expected one of {', '.join(INSTRUCTIONS)}")
    try:
        return msgspec.convert(args, form)
    except msgspec.ValidationError as error:
        if form is Show:
            with contextlib.suppress(msgspec.ValidationError):
                return msgspec.convert(args, ShowExtension)
        raise ContractError(f"{verb}: {error}") from None
