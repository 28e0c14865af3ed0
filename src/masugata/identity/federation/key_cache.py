"""What issuers publish, kept for a while, so that whoever sends tokens cannot make us fetch at will."""

import logging
from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

from masugata.identity.federation._fetch_errors import FetchError, UntrustedCertificateError
from masugata.identity.federation._json import json_object
from masugata.identity.federation._refusals import invalid_token, no_communication, no_key
from masugata.identity.federation.issuer_keys import IssuerKey, UnusableKeysError, read_keys
from masugata.records.iam import OidcProvider

_log = logging.getLogger(__name__)

FRESH_SECONDS = 3600
"""How long a key set counts; a key that an issuer withdraws is accepted no longer than this."""
RETRY_SECONDS = 30
"""After a failure, and for a key that is not in the set: the time until the issuer is asked again."""
_MOST_ISSUERS = 1024


class _Kept:
    """What is known of one issuer: its keys, or why there are none."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.asked = self.answered = float("-inf")
        self.keys: dict[str, list[IssuerKey]] | None = None
        self.error: Exception | None = None


class KeyCache:
    """The keys of issuers. `private_hosts` are those that may be at private addresses."""

    def __init__(self, private_hosts: Collection[str] = ()) -> None:
        self._private_hosts = frozenset(private_hosts)
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, tuple[str, ...]], _Kept] = OrderedDict()

    def keys(self, provider: OidcProvider, key_id: str, moment: float) -> list[IssuerKey]:
        """The keys of this id, at least one; raises InvalidIdentityToken, IDPCommunicationError.

        `moment` is in seconds since the epoch. An issuer is asked by one thread at a time.
        """
        kept = self._of(provider)
        with kept.lock:
            if not 0 <= moment - kept.answered < FRESH_SECONDS:
                kept.keys = None
            missing = kept.keys is None or key_id not in kept.keys
            if missing and not 0 <= moment - kept.asked < RETRY_SECONDS:
                kept.asked = moment
                self._ask(provider, kept)
            if kept.keys is None:
                raise _told(kept.error)
            found = kept.keys.get(key_id)
        if not found:
            raise no_key()
        return found

    def _fetch(self, url: str, provider: OidcProvider) -> bytes:
        # What speaks HTTP is loaded when somebody federates, not at every start.
        from masugata.identity.federation.fetching import fetch  # noqa: PLC0415

        return fetch(url, provider.thumbprints, self._private_hosts)

    def _of(self, provider: OidcProvider) -> _Kept:
        # Thumbprints belong to it: what one account accepts, another need not.
        name = (provider.url, provider.thumbprints)
        with self._lock:
            kept = self._kept.setdefault(name, _Kept())
            self._kept.move_to_end(name)
            if len(self._kept) > _MOST_ISSUERS:
                self._kept.popitem(last=False)
        return kept

    def _ask(self, provider: OidcProvider, kept: _Kept) -> None:
        """Learn the keys anew; after a failure those that still count stay, whoever made us ask."""
        try:
            kept.keys, kept.answered, kept.error = self._published(provider), kept.asked, None
        except (FetchError, ValueError) as error:
            _log.warning("the keys of the issuer %s cannot be had: %s", provider.issuer, error)
            kept.error = error

    def _published(self, provider: OidcProvider) -> dict[str, list[IssuerKey]]:
        """Discovery, then the key set that it names. Source: OpenID Connect Discovery 1.0, section 4."""
        where = provider.issuer.removesuffix("/") + "/.well-known/openid-configuration"
        configuration = json_object(self._fetch(where, provider))
        if configuration.get("issuer") != provider.issuer:
            raise UnusableKeysError("its configuration is that of another issuer")
        location = configuration.get("jwks_uri")
        if not isinstance(location, str):
            raise UnusableKeysError("its configuration has no jwks_uri")
        return read_keys(self._fetch(location, provider))


def _told(error: Exception | None) -> Exception:
    """The cause of missing keys, as whoever brought the token may learn it."""
    if isinstance(error, UntrustedCertificateError):
        return invalid_token("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
    if isinstance(error, FetchError) and error.unreachable:
        return no_communication()
    return no_key()
