"""SAML 2.0 identity providers."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class SamlProvider(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SAML provider that an account trusts to identify people.

    `metadata` is the document as it was given; `issuer` is its entityID and `certificates` are the
    signing certificates in it (DER). Only these count when an assertion is verified.
    """

    version: int = 1
    name: str
    uuid: str
    metadata: str
    issuer: str
    certificates: tuple[bytes, ...]
    valid_until: datetime | None = None
    create_date: datetime
    tags: tuple[Tag, ...] = ()


SAML_PROVIDER = Kind(
    "iam",
    "saml-provider",
    SamlProvider,
    key=lambda r: r.name,
    names=lambda _: (),
    references=lambda _: (),
)
