"""OpenID Connect identity providers."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class OidcProvider(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An OpenID Connect provider that an account trusts to identify people and workloads.

    `url` is the issuer without `https://`, exactly as it was given, which is the provider's name and its key.
    `thumbprints` are SHA-1 in lower-case hexadecimal.
    """

    version: int = 1
    url: str
    client_ids: tuple[str, ...] = ()
    thumbprints: tuple[str, ...] = ()
    create_date: datetime
    tags: tuple[Tag, ...] = ()

    @property
    def issuer(self) -> str:
        """What the `iss` of its tokens must be."""
        return f"https://{self.url}"


OIDC_PROVIDER = Kind(
    "iam",
    "oidc-provider",
    OidcProvider,
    key=lambda r: r.url,
    names=lambda _: (),
    references=lambda _: (),
)
