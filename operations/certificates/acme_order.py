"""One order at an authority that phones trust, proven by DNS-01: a command puts TXT records into the DNS."""

from __future__ import annotations

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
from josepy.jwa import ES256
from josepy.jwk import JWKEC

from edge.errors import StorekeeperError
from edge.secrets.private import write_private

HOOK_S: Final = 300
"""How long the command may take for one record."""
ANSWER_S: Final = 30
"""How long the authority may take for one answer."""
ORDER_S: Final = 300
"""How long it may take to look, and to issue."""
CLIENT: Final = "storekeeper"


class NotIssued(StorekeeperError):
    """There is no new certificate: at which step, and why."""


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
            done = acme.poll_and_finalize(asked, datetime.now() + timedelta(seconds=ORDER_S))  # noqa: DTZ005 - its clock
    except errors.ValidationError as error:
        raise NotIssued(f"the authority could not see the records: {_why(error)}") from error
    except (errors.Error, messages.Error, OSError) as error:
        raise NotIssued(f"{order.directory}: {_short(error)}") from error
    return bytes(key) + str(done.fullchain_pem).encode()


def _account(order: AcmeOrder) -> client.ClientV2:
    jwk = JWKEC(key=_account_key(order.account))
    verify: Any = str(order.trust) if order.trust else True
    net = client.ClientNetwork(jwk, alg=ES256, verify_ssl=verify, user_agent=CLIENT, timeout=ANSWER_S)
    acme = client.ClientV2(client.ClientV2.get_directory(order.directory, net), net)
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
        ended = subprocess.run(words, capture_output=True, text=True, timeout=HOOK_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotIssued(f"{hook[0]} {act} {record}: {_short(error)}") from None
    if ended.returncode:
        said = (ended.stderr.strip() or ended.stdout.strip() or "it said nothing").splitlines()[-1]
        raise NotIssued(f"{hook[0]} {act} {record}: exit code {ended.returncode}: {said}")


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _why(error: errors.ValidationError) -> str:
    found = [
        f"{each.body.identifier.value}: {challenge.error.detail or challenge.error.title}"
        for each in error.failed_authzrs
        for challenge in each.body.challenges
        if challenge.error is not None
    ]
    return "; ".join(dict.fromkeys(found)) or "it does not say why"


def _short(error: BaseException) -> str:
    """Its last cause in one line: what `requests` says begins with three lines of addresses."""
    return (str(error) or type(error).__name__).splitlines()[0][:300]
