"""Settings of who else says who somebody is: `[aliases]` of `gateway.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, model_validator

from edge.settings.model import SettingsModel

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+$")]


class AliasSettings(SettingsModel):
    """By what else members are known: their WeChat account, a customer system's own number. Without it they are not."""

    wechat_appid: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]*$", max_length=64)] = ""
    """The official account's, whose web authorisation is set to this store's address. Empty offers no WeChat login."""
    wechat_secret: SecretStr = SecretStr("")
    """That account's secret."""
    wechat_api: Address = "https://api.weixin.qq.com"
    """Where WeChat is asked whose a code is."""
    wechat_page: Address = "https://open.weixin.qq.com"
    """Where WeChat asks the shopper."""
    crm_key: SecretStr = Field(SecretStr(""), max_length=256)
    """The secret with which a customer system signs its links to `/login/crm`, 32 characters at least. Each link is
    good once. Empty takes none."""

    @model_validator(mode="after")
    def _is_complete(self) -> AliasSettings:
        if bool(self.wechat_appid) != bool(self.wechat_secret.get_secret_value()):
            raise ValueError("wechat_appid and wechat_secret go together: expected both or neither")
        key = self.crm_key.get_secret_value()
        if key and len(key) < 32:
            raise ValueError(f"expected a crm_key of 32 characters at least, found {len(key)}")
        return self
