"""Asks the gateway that runs on this box, with the token that whoever can read its secrets has."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from edge.errors import StorekeeperError
from edge.secrets.vault import Vault, operator_token
from edge.settings.settings import GatewaySettings

PATIENCE_S: Final = 5.0


class NotReached(StorekeeperError):
    """A gateway runs on this data and does not answer."""


class GatewayReply(msgspec.Struct, frozen=True):
    """What it said."""

    status: int
    body: Any
    """The document; none where it was no JSON."""


class Inside:
    """The gateway's inside, at the address that the settings give it."""

    def __init__(self, box: GatewaySettings, vault: Vault) -> None:
        host, port = box.http.inside_address() or (box.http.host, box.http.port)
        self.host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
        self.port = port
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {operator_token(vault)}"}

    def get(self, path: str, patience_s: float = PATIENCE_S) -> GatewayReply:
        """Returns what it answers. Raises `NotReached`."""
        return self._request("GET", path, None, patience_s)

    def post(self, path: str, body: Mapping[str, Any], patience_s: float = PATIENCE_S) -> GatewayReply:
        """The same for what changes something."""
        return self._request("POST", path, json.dumps(body), patience_s)

    def _request(self, method: str, path: str, body: str | None, patience_s: float) -> GatewayReply:
        line = http.client.HTTPConnection(self.host, self.port, timeout=patience_s)
        try:
            line.request(method, path, body, self._headers)
            answer = line.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotReached(f"no gateway answers at {self.host}:{self.port}: {error}") from None
        finally:
            line.close()
        try:
            return GatewayReply(answer.status, json.loads(content))
        except ValueError:
            return GatewayReply(answer.status, None)
