"""Where everything of an installed box lies, below a root folder: `/` on a box, any folder in a test or a container."""

from __future__ import annotations

from pathlib import Path

import msgspec

from edge.secrets import sealed
from edge.secrets.private import write_private


class Places(msgspec.Struct, frozen=True):
    """The folders and files of one box."""

    root: Path
    config: Path
    """The settings in force, edited by IT; the public `ca.crt` lies beside them."""
    data: Path
    """Of the gateway: journal, staff, operators."""
    secrets: Path
    """What services only read: keys and passwords. Root's alone where a service manager hands them over."""
    authority: Path
    """The store's authority with its key: root's alone."""
    broker: Path
    """Mosquitto's passwords, rights and certificate."""
    broker_conf: Path
    """What Mosquitto's own configuration includes."""

    handed: bool
    """Whether a service manager hands each service its own secrets, so that they lie outside the data folder."""
    seals: bool
    """Whether it also opens them for the services, so that none lies here in clear."""

    @classmethod
    def of(
        cls,
        root: Path,
        config: Path | None = None,
        data: Path | None = None,
        *,
        handed: bool | None = None,
        seals: bool | None = None,
    ) -> Places:
        """Those of a box below `root`; settings and data may lie elsewhere. Secrets are handed out on a real box, and
        sealed there.
        """
        root = root.absolute()
        config = (config or root / "etc/storekeeper").absolute()
        data = (data or root / "var/lib/storekeeper").absolute()
        real = root == Path("/") and Path("/run/systemd/system").is_dir()
        handed = real if handed is None else handed
        return cls(
            root=root,
            config=config,
            data=data,
            handed=handed,
            seals=real and handed and sealed.can_seal() if seals is None else seals,
            secrets=config / "secrets" if handed else data / "secrets",
            authority=data.with_name(f"{data.name}-ca"),
            broker=config / "mosquitto",
            broker_conf=root / "etc/mosquitto/conf.d/storekeeper.conf",
        )

    def keep(self, path: Path, content: bytes) -> None:
        """A secret, for root and whom it is handed to. Raises `OSError`."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (sealed.write if self.seals else write_private)(path, content)

    @property
    def ca(self) -> Path:
        """The authority's certificate, for everybody to read."""
        return self.config / "ca.crt"

    @property
    def certificate(self) -> Path:
        """The broker's."""
        return self.broker / "server.crt"

    @property
    def key(self) -> Path:
        """Of the broker's certificate."""
        return self.broker / "server.key"

    @property
    def passwords(self) -> Path:
        """The broker's password file."""
        return self.broker / "passwords"

    @property
    def acl(self) -> Path:
        """The broker's rights."""
        return self.broker / "acl"

    @property
    def logins(self) -> Path:
        """MQTT passwords of who runs on this box, by login."""
        return self.secrets / "devices.toml"

    @property
    def all_logins(self) -> Path:
        """Every login at the broker: what `logins` and Mosquitto's file are made of."""
        return self.secrets / "logins.toml"

    @property
    def waiting(self) -> Path:
        """What other boxes may fetch once, by the code that they were given."""
        return self.authority / "waiting"

    @property
    def store_key(self) -> Path:
        """The store's one key."""
        return self.secrets / "gateway/store.key" if self.handed else self.secrets / "store.key"

    @property
    def cloud_token(self) -> Path:
        """What the chain's receiver knows this store by."""
        return self.secrets / "sync/cloud.token" if self.handed else self.secrets / "cloud.token"
