"""Settings of how shoppers pay: `[payments]` of `gateway.toml`, where keys and machines of this box stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from edge.settings.folders import Folder, is_file
from edge.settings.forms import Identifier
from edge.settings.model import SettingsModel

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class WechatSettings(SettingsModel):
    """WeChat Pay, version 3. Needs `pip install storekeeper[wechat]`, an account, and the internet while people pay."""

    mchid: Annotated[str, StringConstraints(pattern=r"^[0-9]{8,10}$")]
    """The merchant's number."""
    appid: Annotated[str, StringConstraints(pattern=r"^wx[0-9a-z]{16}$")]
    """The application that the merchant is bound to."""
    serial: Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{16,40}$")]
    """Serial number of the merchant's certificate, in capital hexadecimal digits."""
    key: Folder
    """File of the merchant's private key (apiclient_key.pem), readable by the gateway alone."""
    api_key: Folder
    """File that holds the 32 characters of the APIv3 key, readable by the gateway alone."""
    public_key: Folder | None = None
    """File of WeChat Pay's public key. Leave it out for a merchant whose answers are still proven by
    certificates: those are fetched into `<data>/wechat`."""
    public_key_id: Annotated[str, StringConstraints(pattern=r"^PUB_KEY_ID_[0-9A-Za-z]{10,60}$")] = ""
    """What WeChat Pay calls that public key, PUB_KEY_ID_…"""
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+$")] = "https://api.mch.weixin.qq.com"
    """Where WeChat Pay is reached. Change it for the spare address, or to try it against a stand-in."""
    notify_url: Annotated[str, StringConstraints(pattern=r"^https://[^\s?]+$", max_length=255)]
    """A public https address that WeChat Pay tells of payments. The store asks by itself all the same, so it only
    has to exist; one that relays to /api/v1/payments/wechat/news makes the news quicker."""
    description: Annotated[str, StringConstraints(min_length=1, max_length=120)] = ""
    """What the payer reads on the bill. Leave it out for the store's name."""

    @field_validator("key", "api_key", "public_key")
    @classmethod
    def _is_there(cls, found: Path | None) -> Path | None:
        if found is not None and not is_file(found):
            raise ValueError(f"expected a file that the gateway may read; there is none at {str(found)[:200]}")
        return found

    @model_validator(mode="after")
    def _both_or_neither(self) -> WechatSettings:
        if (self.public_key is None) != (not self.public_key_id):
            raise ValueError("expected public_key and public_key_id together, or neither of them")
        return self


class TerminalSettings(SettingsModel):
    """A payment terminal that speaks ZVT over TCP."""

    id: Identifier
    """Short id; stands in every fact about what is paid there."""
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")]
    """Its address in the store's network."""
    port: Annotated[int, Field(ge=1, le=65535)] = 20007
    """Its port; most terminals have 20007 or 22000."""
    password: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] = "000000"  # noqa: S105 - what terminals leave the works with
    """Six digits that the terminal was set up with."""
    card_s: Annotated[int, Field(ge=30, le=300)] = 120
    """Seconds that somebody may take with the card."""


class PayingSettings(SettingsModel):
    """How shoppers pay."""

    counter: bool = True
    """Whether a till or staff may take the money for a code on the phone."""
    simulated: bool | None = None
    """Whether a payment may be played at a button, which moves no money. Left out, a demo does and a store does not."""
    wechat: WechatSettings | None = None
    """WeChat Pay; left out, the store has none."""
    terminals: tuple[TerminalSettings, ...] = ()
    """Payment terminals for cards."""
    face: bool = False
    """Whether a certified device beside a till or screen may pay by a face: it hands over a code that code pay takes.
    No picture and no template reaches this box, and whoever pays agrees each time."""

    @model_validator(mode="after")
    def _fits_together(self) -> PayingSettings:
        names = [each.id for each in self.terminals]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"expected an id of its own for each terminal; {doubled[0]} stands twice")
        if self.face and self.wechat is None:
            raise ValueError("expected [payments.wechat] where face is true: the face's code is paid there")
        return self
