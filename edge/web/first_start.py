"""Who may set a store up that has no operator yet: whoever sits at the box, or came with the code that it printed."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from itsdangerous import URLSafeTimedSerializer

from edge.secrets import operators, setup_code
from edge.web.cookies import genuine
from edge.web.server.forwarding import is_nearby

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import HTTPConnection
    from starlette.responses import Response

    from edge.secrets.vault import Vault

COOKIE: Final = "sk_setup"
PATH: Final = "/setup"
LIFE_S: Final = 2 * 3600
"""Long enough to walk through a store."""


class FirstStart:
    """Ends with the first operator."""

    def __init__(self, data: Path, vault: Vault) -> None:
        self._data = data
        self._signer = URLSafeTimedSerializer(
            vault.derive("first start"),
            salt=COOKIE,
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def lasts(self) -> bool:
        """Whether there is no operator yet."""
        try:
            return not operators.read(operators.file_of(self._data))
        except (OSError, ValueError):
            return False

    def lets_in(self, connection: HTTPConnection) -> bool:
        """Whether this caller may set the store up. At the setup page alone: it makes nobody an operator."""
        here = _is_setup(connection) and self.lasts()
        return here and (is_nearby(connection) or self._came_with_the_code(connection))

    def takes_code(self, connection: HTTPConnection) -> bool:
        """Whether the way in is open by http too, for the code that was printed."""
        return _is_setup(connection) and self.lasts()

    def enter(self, connection: HTTPConnection, response: Response, code: str) -> bool:
        """Let this browser in, once for a code. False where the code is not good."""
        if not (self.lasts() and setup_code.redeem(self._data, code)):
            return False
        response.set_cookie(
            COOKIE,
            str(self._signer.dumps(secrets.token_hex(8))),
            max_age=LIFE_S,
            path=PATH,
            httponly=True,
            samesite="strict",
            secure=connection.url.scheme == "https",
        )
        return True

    def _came_with_the_code(self, connection: HTTPConnection) -> bool:
        return genuine(self._signer, connection.cookies.get(COOKIE, ""), LIFE_S) is not None


def _is_setup(connection: HTTPConnection) -> bool:
    path = connection.url.path
    return path == PATH or path.startswith(f"{PATH}/")
