"""What other packages add to a store: `[extensions]` of `store.toml`. See `docs/extending.md`.

A noun from outside brings a table of the settings, kinds of device and purposes of codes; so it is loaded before the
files are checked. One that cannot be loaded is left out and named, and the store opens without it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from pydantic import StringConstraints, ValidationInfo, ValidatorFunctionWrapHandler

from device_drivers import extensions
from device_drivers.extensions import BrokenExtension
from edge.settings.model import SettingsModel
from edge.settings.toml_files import BadToml, read_toml

if TYPE_CHECKING:
    from edge.domain.noun import Noun

NounName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,38}$")]
DriverName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]

BROUGHT: Final = "brought"
"""Under this key of the validation's context stands what the extensions of a store bring."""


class ExtensionSettings(SettingsModel):
    """The extensions that this store uses. What is not named here is not loaded, whatever is installed."""

    nouns: tuple[NounName, ...] = ()
    """Nouns of other packages: `["umbrellas"]`. Add one when its package is installed on the gateway's box. Without it
    the store opens all the same; its facts are kept, and its devices and codes do nothing."""
    drivers: tuple[DriverName, ...] = ()
    """Drivers of other packages, as `devices.toml` calls them: `["umbrellas.stand"]`. Add one when its package is
    installed on the box that runs the device."""
    screens: tuple[NounName, ...] = ()
    """Screens of other packages, by what they show: `["umbrella"]`. Add one when its package is installed on the box
    that runs the kiosk."""


class ExtensionNouns(NamedTuple):
    """The nouns of other packages."""

    nouns: tuple[Noun, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    """Names of those that cannot be used, and why."""

    @property
    def kinds(self) -> dict[str, str]:
        """Kinds of device that they bring, and what the code of each is for."""
        return {kind: purpose for noun in self.nouns for kind, purpose in noun.kinds.items()}


@lru_cache(16)
def extension_nouns(names: tuple[str, ...]) -> ExtensionNouns:
    """The nouns of these names."""
    nouns: list[Noun] = []
    broken: list[tuple[str, str]] = []
    for name in dict.fromkeys(names):
        try:
            nouns.append(_noun(name))
        except BrokenExtension as error:
            broken.append((name, str(error)))
    return ExtensionNouns(tuple(nouns), tuple(broken))


def nouns_named_in(store_toml: Path) -> tuple[str, ...]:
    """The nouns that a file names, as far as it can be read; what is wrong with it is told elsewhere."""
    try:
        raw = read_toml(store_toml)[0].get("extensions")
    except BadToml:
        return ()
    names = raw.get("nouns") if isinstance(raw, dict) else None
    known = re.compile(r"[a-z][a-z0-9_]{1,38}")
    return (
        tuple(name for name in names if isinstance(name, str) and known.fullmatch(name))
        if isinstance(names, list)
        else ()
    )


def known_or_from_extension(value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """A kind of device or a purpose: one of ours, or one that an extension brings. While one is left out, any word."""
    found = (info.context or {}).get(BROUGHT, ExtensionNouns())
    more = {*found.kinds, *found.kinds.values()} - {""}
    if isinstance(value, str) and (value in more or (found.broken and re.fullmatch(r"[a-z][a-z0-9_-]{1,38}", value))):
        return value
    return handler(value)


def _noun(name: str) -> Noun:
    """By its form alone: a box of devices has no journal, and so no class of nouns."""
    found: Noun = extensions.load(extensions.NOUNS, name)
    called = getattr(found, "name", None)
    if called != name or not all(hasattr(found, field) for field in ("facts", "kinds", "settings")):
        what = f"a noun called {called!r}" if hasattr(found, "facts") else f"a {type(found).__name__}"
        raise BrokenExtension(f"{extensions.NOUNS} {name!r}: expected a noun of this name; found {what}")
    return found
