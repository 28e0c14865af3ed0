"""Who is vouched for by an identity provider: OpenID Connect tokens and SAML assertions.

What is brought here comes from strangers, before anybody is known. It is read strictly, bounded in
every way, and what it says counts only after a key that the provider published has vouched for it.
"""

from collections.abc import Collection
from datetime import datetime

from masugata.identity.caller import Caller
from masugata.identity.federation._xml import need_extra
from masugata.identity.federation.key_cache import KeyCache
from masugata.identity.federation.providers import confirm
from masugata.identity.federation.saml import saml
from masugata.identity.federation.saml_metadata import SamlMetadata, read_metadata
from masugata.identity.federation.web_identity import web_identity
from masugata.store import Records


class Verifier:
    """Verifies tokens and assertions; keeps the keys that issuers publish.

    `private_issuers` are hosts (`host` or `host:port`) of issuers that may be at private addresses.
    `saml_audiences` are names that this service goes by in SAML, beside those of AWS's sign-in.
    """

    def __init__(
        self, *, private_issuers: Collection[str] = (), saml_audiences: Collection[str] = ()
    ) -> None:
        self._keys = KeyCache(private_issuers)
        self._saml_audiences = frozenset(saml_audiences)

    def web_identity(self, token: str, role_arn: str, records: Records, now: datetime) -> Caller:
        """Whom a token stands for; see `masugata.identity.federation.web_identity`."""
        return web_identity(token, role_arn, self._keys, records, now)

    def saml(
        self, response: str, principal_arn: str, role_arn: str, records: Records, now: datetime
    ) -> Caller:
        """Whom a SAML response stands for; see `masugata.identity.federation.saml`."""
        return saml(response, principal_arn, role_arn, self._saml_audiences, records, now)

    def confirm(self, caller: Caller, records: Records) -> Caller:
        """The same caller on a newer state; see `masugata.identity.federation.providers`."""
        return confirm(caller, records)


def read_saml_metadata(text: str) -> SamlMetadata:
    """What a metadata document says; raises ValueError, and an error of status 501 without the extra."""
    need_extra()
    return read_metadata(text)


__all__ = ["SamlMetadata", "Verifier", "read_saml_metadata"]
