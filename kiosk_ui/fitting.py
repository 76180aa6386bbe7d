"""How a screen hangs where it hangs: what `settings` of its device says, checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kiosk_ui import reach
from kiosk_ui.voices import PIPER_VOICES
from kiosk_ui.voices import Setting as VoiceSetting


class BadFitting(ValueError):
    """A setting of a screen that cannot be; the message says which, and what is expected."""


class Fitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is so at this place and no other. Everything is measured with a tape, and nothing needs to be said."""

    width_mm: Annotated[float, Meta(ge=80, le=3000)] | None = None
    """Width of the lit glass as it hangs: 398 for a 32 inch panel upright, 535 for 43 inch. Keys are never smaller than
    fingers need. Without it a 15.6 inch panel is assumed."""
    mounted_mm: Annotated[float, Meta(ge=0, le=2000)] = reach.MOUNTED_MM
    """Height of the glass's lower edge above the floor: everything low lies up to 1,220 mm above the floor."""
    voice: tuple[str, ...] = ()
    """Program that makes speech, with its arguments. See `kiosk_ui.voices.Setting`."""
    voices: Annotated[str, Meta(min_length=1)] = str(PIPER_VOICES)
    """Folder of piper's models."""
    sounds: bool = True
    """Short sounds go with touches, scans and doors. False: the screen is silent but for its voice."""
    headphones: bool = True
    """A plug in the headphone socket starts the voice, where the machine says when there is one."""

    @property
    def speech(self) -> VoiceSetting:
        """What is said about the voice."""
        return VoiceSetting(self.voice, Path(self.voices))


def of_settings(screen: str, settings: Mapping[str, Any]) -> Fitting:
    """What a screen's `settings` say. Raises `BadFitting`."""
    try:
        return msgspec.convert(settings, Fitting)
    except msgspec.ValidationError as error:
        known = ", ".join(Fitting.__struct_fields__)
        raise BadFitting(f'settings of the screen "{screen}": {error}; known are {known}') from None
