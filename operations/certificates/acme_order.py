"""One order at an authority that phones trust, proven by DNS-01: a command puts TXT records into the DNS."""

from __future__ import annotations

import math
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from acme import challenges, client, crypto_util, errors, messages
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from josepy.errors import Error as JoseError
from josepy.jwa import ES256
from josepy.jwk import JWKEC

from edge.errors import StorekeeperError, one_line
from edge.http_client.requests_session import session
from edge.secrets.private import write_private

HOOK_S: Final = 300
"""How long the command may take for one record."""
ANSWER_S: Final = 30
"""How long the authority may take for one answer."""
ORDER_S: Final = 300
"""How long it may take to look, and to issue."""
CLIENT: Final = "storekeeper"


SOONEST_S: Final = 1
LATEST_S: Final = 60
"""How soon and how late it is asked again, whatever it says of that itself."""
_STRANGE: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What the library makes of an answer that is none of ACME's."""


class NotIssued(StorekeeperError):
    """There is no new certificate: at which step, and why. The sentence may quote the authority, or the hook."""

    def __init__(self, why: str) -> None:
        super().__init__(one_line(why))


class AcmeOrder(msgspec.Struct, frozen=True):
    """What is asked for, and by what."""

    names: Sequence[str]
    hook: Sequence[str]
    directory: str
    account: Path
    """PEM file of the key that the authority knows us by; made when it is first needed."""
    contact: str = ""
    wait_s: float = 60
    trust: Path | None = None
    """By which root the directory itself is trusted, where it is none of the usual."""


def fetch(order: AcmeOrder, told: Callable[[str], None] = lambda _: None) -> bytes:
    """Returns a new key with its certificate and chain, as PEM. `told` hears of each step. Raises `NotIssued`."""
    key = _pem(ec.generate_private_key(ec.SECP256R1()))
    try:
        told(f"asking {order.directory} for {', '.join(order.names)}")
        acme = _account(order)
        asked = acme.new_order(crypto_util.make_csr(key, list(order.names)))
        with _records(order, acme, asked, told) as proofs:
            for challenge, answer in proofs:
                acme.answer_challenge(challenge, answer)
            acme.net.until = time.monotonic() + ORDER_S
            done = acme.poll_and_finalize(asked, datetime.now() + timedelta(seconds=ORDER_S))  # noqa: DTZ005 - its clock
    except errors.ValidationError as error:
        raise NotIssued(f"the authority could not see the records: {_reasons(error)}") from error
    except errors.TimeoutError as error:
        raise NotIssued(f"{order.directory}: expected a certificate within {ORDER_S} s; found none") from error
    except (errors.Error, messages.Error, OSError) as error:
        raise NotIssued(f"{order.directory}: {_short(error)}") from error
    except (*_STRANGE, JoseError) as error:
        said = f"expected an answer of ACME; found another ({type(error).__name__}: {_short(error)})"
        raise NotIssued(f"{order.directory}: {said}") from error
    return bytes(key) + str(done.fullchain_pem).encode()


class _Line(client.ClientNetwork):
    until = math.inf
    """Until when it is asked, by the boot clock: the library's is the wall clock, which may be set back meanwhile."""

    def _send_request(self, *args: Any, **more: Any) -> Any:
        if time.monotonic() > self.until:
            raise errors.TimeoutError
        return super()._send_request(*args, **more)


class _Asker(client.ClientV2):
    net: _Line

    @classmethod
    def retry_after(cls, response: Any, default: int) -> datetime:
        """When it is asked again: a number may be one that no date has, or the past."""
        now = datetime.now()  # noqa: DTZ005 - the library's clock
        try:
            asked = super().retry_after(response, default)
        except _STRANGE:
            asked = now
        return min(max(asked, now + timedelta(seconds=SOONEST_S)), now + timedelta(seconds=LATEST_S))


def _account(order: AcmeOrder) -> _Asker:
    jwk = JWKEC(key=_account_key(order.account))
    verify: Any = str(order.trust) if order.trust else True
    net = _Line(jwk, alg=ES256, verify_ssl=verify, user_agent=CLIENT, timeout=ANSWER_S)
    net.session = session(ANSWER_S)
    acme = _Asker(client.ClientV2.get_directory(order.directory, net), net)
    wanted = messages.NewRegistration.from_data(email=order.contact or None, terms_of_service_agreed=True)
    try:
        acme.new_account(wanted)
    except errors.ConflictError as known:
        net.account = messages.RegistrationResource(uri=known.location, body=messages.Registration())
    return acme


def _account_key(path: Path) -> ec.EllipticCurvePrivateKey:
    with suppress(FileNotFoundError):
        try:
            known = load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError):
            known = None
        if not isinstance(known, ec.EllipticCurvePrivateKey):
            raise NotIssued(f"{path}: expected the key of the account, made by Storekeeper; found something else")
        return known
    made = ec.generate_private_key(ec.SECP256R1())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, _pem(made))
    return made


Proofs = list[tuple[Any, Any]]


@contextmanager
def _records(order: AcmeOrder, acme: client.ClientV2, asked: Any, told: Callable[[str], None]) -> Iterator[Proofs]:
    """The records that prove the names, for as long as they are needed. Whatever happens, they are taken away."""
    present: list[tuple[str, str]] = []
    proofs: Proofs = []
    try:
        for authorization in asked.authorizations:
            if authorization.body.status == messages.STATUS_VALID:
                continue
            name, challenge = authorization.body.identifier.value, _dns_challenge(authorization)
            if name not in [asked_for.removeprefix("*.") for asked_for in order.names]:
                raise NotIssued(f"{order.directory}: it wants to see {name!r} proven, which was not asked for")
            answer, value = challenge.response_and_validation(acme.net.key)
            record = challenge.chall.validation_domain_name(name) + "."
            told(f"record {record}")
            present.append((record, value))
            _run(order.hook, "present", record, value)
            proofs.append((challenge, answer))
        if present and order.wait_s:
            told(f"waiting {order.wait_s:g} s for the DNS")
            time.sleep(order.wait_s)
        yield proofs
    finally:
        for record, value in present:
            # The certificate does not depend on it, and the next one uses another value.
            with suppress(NotIssued):
                _run(order.hook, "cleanup", record, value)


def _dns_challenge(authorization: Any) -> Any:
    for each in authorization.body.challenges:
        if isinstance(each.chall, challenges.DNS01):
            return each
    raise NotIssued(f"the authority does not prove {authorization.body.identifier.value} by DNS (DNS-01)")


def _run(hook: Sequence[str], act: str, record: str, value: str) -> None:
    words = [*hook, act, record, value]
    try:
        ended = subprocess.run(
            words, capture_output=True, encoding="utf-8", errors="replace", timeout=HOOK_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotIssued(f"{hook[0]} {act} {record}: {_short(error)}") from None
    if ended.returncode:
        said = (ended.stderr.strip() or ended.stdout.strip() or "it said nothing").splitlines()[-1]
        raise NotIssued(f"{hook[0]} {act} {record}: exit code {ended.returncode}: {said}")


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _reasons(error: errors.ValidationError) -> str:
    found = [
        f"{each.body.identifier.value}: {challenge.error.detail or challenge.error.title}"
        for each in error.failed_authzrs
        for challenge in each.body.challenges
        if challenge.error is not None
    ]
    return "; ".join(dict.fromkeys(found)) or "it does not say why"


def _short(error: BaseException) -> str:
    said = ""
    with suppress(*_STRANGE):  # a problem document whose parts are no texts
        said = str(error).strip()
    return said or type(error).__name__
