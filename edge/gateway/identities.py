"""Who else says who somebody is: WeChat, by a code that its page gives the phone, and customer systems, by signature.

WeChat's answer is asked for by the box itself, over TLS; the phone brings a code that is good once. Names leave here as
keyed indices alone.
"""

from __future__ import annotations

import asyncio
import hmac
import http.client
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlencode

import msgspec
import structlog

from edge.domain.members.aliases import SignedLink
from edge.errors import Refusal
from edge.http_client.exchanges import opener

if TYPE_CHECKING:
    from edge.domain.members.facts import AliasKind
    from edge.secrets.vault import Vault
    from edge.settings.aliases import AliasSettings

log = structlog.get_logger(__name__)

PATIENCE_S: Final = 8.0
MAX_BYTES: Final = 16_384
LINK_S: Final = 900
"""How far ahead a signed link may be good."""


class WeChatPerson(msgspec.Struct, frozen=True):
    """Whom WeChat knows."""

    openid: str = ""
    unionid: str = ""
    errcode: int = 0


class WeChatLogin(Protocol):
    """The way to WeChat."""

    async def identify(self, code: str) -> WeChatPerson:
        """Whose a code is. Raises `Refusal`: alias_away where nobody answers, alias_refused for no good code."""


class WeChat:
    """WeChat's web authorisation of an official account."""

    def __init__(self, settings: AliasSettings) -> None:
        self._settings = settings
        self._opener = opener()

    async def identify(self, code: str) -> WeChatPerson:
        """Asks `/sns/oauth2/access_token`, once: a code is good once."""
        try:
            said = await asyncio.to_thread(self._ask, code)
            found = msgspec.json.decode(said, type=WeChatPerson)
        except (OSError, http.client.HTTPException, msgspec.MsgspecError) as error:
            log.warning("wechat.login_failed", error=type(error).__name__)
            raise Refusal("alias_away") from error
        if not found.openid:
            log.warning("wechat.login_refused", errcode=found.errcode)
            raise Refusal("alias_refused")
        return found

    def _ask(self, code: str) -> bytes:
        asked = self._settings
        query = {
            "appid": asked.wechat_appid,
            "secret": asked.wechat_secret.get_secret_value(),
            "code": code,
            "grant_type": "authorization_code",
        }
        url = f"{asked.wechat_api}/sns/oauth2/access_token?{urlencode(query)}"
        with self._opener.open(url, timeout=PATIENCE_S) as answer:
            return bytes(answer.read(MAX_BYTES))


class Identities:
    """What turns a name that was proven into what the store keeps of it."""

    def __init__(self, settings: AliasSettings, vault: Vault) -> None:
        self._key = vault.derive("aliases")
        self.take(settings)

    def take(self, settings: AliasSettings) -> None:
        """From now on it is so."""
        self.settings = settings
        self._login: WeChatLogin | None = WeChat(settings) if settings.wechat_appid else None

    @property
    def offers_wechat(self) -> bool:
        """Whether a shopper can log in by WeChat here."""
        return self._login is not None

    def wechat_page(self, back: str, state: str) -> str:
        """Where WeChat asks the shopper, and sends them back from. It is told nothing but the address."""
        query = {
            "appid": self.settings.wechat_appid,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self.settings.wechat_page}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    async def openid(self, code: str) -> str:
        """The payer's name at WeChat, for one payment: it is kept nowhere. Raises as `wechat` does."""
        return (await self._identified(code)).openid

    async def wechat(self, code: str) -> Mapping[AliasKind, str]:
        """The names of whoever brought this code. Raises `Refusal`: alias_away, alias_refused."""
        found = await self._identified(code)
        names: dict[AliasKind, str] = {"wechat": self._index("wechat", found.openid)}
        if found.unionid:
            names["wechat_union"] = self._index("wechat_union", found.unionid)
        return names

    async def _identified(self, code: str) -> WeChatPerson:
        if self._login is None:
            raise Refusal("alias_away")
        return await self._login.identify(code)

    def crm(
        self, store: str, name: str, until: int, signature: str, now: int, browser: str
    ) -> tuple[Mapping[AliasKind, str], SignedLink]:
        """The name that a customer system signed: HMAC-SHA256 over `store|name|until`, hexadecimal; `until` in Unix
        seconds. Beside it the link, which the decision that takes the name uses up. Raises `Refusal`: alias_refused.
        """
        key = self.settings.crm_key.get_secret_value().encode()
        wanted = hmac.digest(key, f"{store}|{name}|{until}".encode(), "sha256").hex()
        genuine = bool(key) and hmac.compare_digest(wanted.encode(), signature.lower().encode())
        if not genuine or not name or not now <= until <= now + LINK_S:
            raise Refusal("alias_refused")
        link = SignedLink(self._index("crm_link", signature.lower()), browser, until * 1000)
        return {"crm": self._index("crm", name)}, link

    def _index(self, kind: str, name: str) -> str:
        return hmac.digest(self._key, f"{kind}|{name}".encode(), "sha256")[:16].hex()
