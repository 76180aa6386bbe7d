"""Who may send to the receiver of this box: each store by a token of its own; who may see its page: by a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.secrets import tokens

if TYPE_CHECKING:
    from pathlib import Path

HEAD: Final = (
    "# Stores that may send their journal here, each with the SHA-256 of its token. `storekeeper cloud admit`.\n"
)
PAGE: Final = "page"
_PAGE_HEAD: Final = "# The SHA-256 of the password of the receiver's page. Made by `storekeeper cloud password`.\n"


def file_of(data: Path) -> Path:
    """Where the stores stand."""
    return data / "secrets" / "stores.toml"


def page_file_of(data: Path) -> Path:
    """Where the page's password stands."""
    return data / "secrets" / "cloud-page.toml"


def admit(data: Path, store: str, token: str | None = None) -> str:
    """A new token for a store, the only time that it is seen; an earlier one is good no more."""
    return tokens.add(file_of(data), store, HEAD, token)


def dismiss(data: Path, store: str) -> bool:
    """The store may send no more. False where it might not."""
    return tokens.remove(file_of(data), store, HEAD)


def new_password(data: Path) -> str:
    """A new password for the page, the only time that it is seen."""
    return tokens.add(page_file_of(data), PAGE, _PAGE_HEAD)


class CloudAccess:
    """What the receiver asks. A change of the files takes effect at once."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def store_of(self, token: str) -> str | None:
        """The store whose token this is."""
        return tokens.who(file_of(self._data), token)

    def opens_page(self, password: str) -> bool:
        """Whether this is the page's password."""
        return tokens.who(page_file_of(self._data), password) == PAGE
