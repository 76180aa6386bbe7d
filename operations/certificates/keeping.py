"""Renewal of the broker's certificate on an installed box, with the authority's key, which is root's."""

from __future__ import annotations

from datetime import datetime

import msgspec
from cryptography import x509

from operations.certificates import renewal
from operations.certificates.authority import CERTIFICATE, Authority, Names
from operations.certificates.renewal import CertificateStatus
from operations.enrolment.enrol import reload_broker
from operations.setup import broker_files
from operations.setup.places import Places
from operations.setup.present import Present

NAME = "broker"


class Renewed(msgspec.Struct, frozen=True):
    """What was done."""

    until: datetime
    why: str
    told: bool
    """Whether the broker runs here and was told."""


def look(places: Places, now: datetime) -> CertificateStatus:
    """How the broker's certificate stands. Needs no key; what the authority may sign is not known without it."""
    return renewal.standing(places.certificate, places.ca, Names((), ()), now)


def renew(places: Places, now: datetime, *, even_so: bool = False) -> Renewed | None:
    """Sign it anew where that is due, or `even_so`. Raises `CertificateError`, `EnrolmentError`, and `OSError`."""
    authority = Authority.read(places.authority)
    names = authority.may_sign(renewal.names_of_box(Present.there(places).host))
    found = renewal.standing(places.certificate, places.authority / CERTIFICATE, names, now)
    why = found.why or ("there is no key" if not places.key.exists() else "")
    if not (why or even_so):
        return None
    leaf = authority.sign(NAME, names, now)
    renewal.put(leaf, places.certificate, places.key, broker_files.GROUP)
    until = x509.load_pem_x509_certificate(leaf.certificate).not_valid_after_utc
    return Renewed(until, why or "it was asked for", reload_broker(places))
