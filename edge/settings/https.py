"""Settings of https for shoppers' phones: `[https]` of `gateway.toml`. Without them pages are served by http alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from edge.settings import addresses
from edge.settings.folders import Folder
from edge.settings.http import Host, Listener, listener
from edge.settings.model import SettingsModel

LETS_ENCRYPT: Final = "https://acme-v02.api.letsencrypt.org/directory"
FETCHED: Final = Path("secrets", "phones.pem")
"""Where a fetched certificate lies in the data folder, with its key, in one file: it is replaced in one step."""

Url = Annotated[str, AfterValidator(addresses.base)]
DomainName = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$", max_length=253
    ),
]


class AcmeSettings(SettingsModel):
    """A certificate that is fetched, and renewed by itself, from an authority that phones trust (ACME, by DNS-01)."""

    names: tuple[DomainName, ...] = ()
    """Names of this box in the public DNS, such as "shop.example.com"; nothing is fetched where there is none. The
    name's address may be a private one: the authority looks at a TXT record alone."""
    hook: tuple[str, ...] = ()
    """Command that puts TXT records into your DNS: it is called with `present NAME VALUE` and then
    `cleanup NAME VALUE`, as lego's "exec" does. Needed where there are names."""
    directory: Url = LETS_ENCRYPT
    """The authority's directory."""
    contact: str = ""
    """Mail address that the authority may write to. Not needed."""
    wait_s: Annotated[float, Field(ge=0, le=3600)] = 60.0
    """How long, in seconds, a new record takes until the whole DNS has it. Raise it where validation fails."""
    trust: Folder | None = None
    """PEM file of the root by which the directory itself is trusted, for an authority of your own."""

    @model_validator(mode="after")
    def _has_a_hook(self) -> AcmeSettings:
        if self.names and not self.hook:
            raise ValueError("expected `hook`, the command that puts TXT records into your DNS, beside `names`")
        return self


class HttpsSettings(SettingsModel):
    """Where the gateway answers by https, which a phone's camera asks for. Beside it, http goes on."""

    certificate: Folder | None = None
    """PEM file of a certificate that phones accept, with the chain up to its root. Whoever renews it writes the file
    anew; it is taken up within seconds, without a restart. Leave it out together with [https.acme] for http alone."""
    key: Folder | None = None
    """PEM file of its key, without a passphrase. Leave it out where both stand in one file."""
    host: Host | None = None
    """Address to listen on. Leave it out for the one of [http]."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8443
    """TCP port; 443 makes short addresses."""
    inside: Listener | None = None
    """Address and port of an https listener of its own for the inside, where [http] has one: operators log in there
    from their desks."""
    acme: AcmeSettings = AcmeSettings()
    """A certificate that is fetched, and renewed by itself."""

    @model_validator(mode="after")
    def _one_certificate(self) -> HttpsSettings:
        if self.certificate and self.acme.names:
            raise ValueError("expected `certificate` or [https.acme], found both")
        if self.key and not self.certificate:
            raise ValueError("expected `certificate` beside `key`")
        return self

    @property
    def on(self) -> bool:
        """Whether there is to be https at all."""
        return bool(self.certificate or self.acme.names)

    def files(self, data: Path) -> tuple[Path, Path] | None:
        """Where the certificate and its key lie; none where there is to be none."""
        if self.certificate:
            return self.certificate, self.key or self.certificate
        return (data / FETCHED, data / FETCHED) if self.acme.names else None

    def inside_address(self) -> tuple[str, int] | None:
        """Host and port of the inside listener."""
        return listener(self.inside)
