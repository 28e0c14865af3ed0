"""API keys: what scripts in browsers show to be let solve CAPTCHAs for some domains."""

from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from masugata.records.kind import Kind

API_KEY_PURPOSE: Final = "wafv2-api-key"


class APIKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An API key, found by its digest; the key itself is sealed, and read to list it."""

    version: int = 1
    digest: str
    scope: str
    token_domains: tuple[str, ...]
    created: datetime
    sealed: bytes

    @property
    def key(self) -> str:
        """The key of its record, to which it is sealed too."""
        return api_key_name(self.scope, self.digest)


def api_key_name(scope: str, digest: str) -> str:
    """The key of a record of this scope."""
    return f"{scope}/{digest}"


def digest_of(text: str) -> str:
    """By what an API key is found."""
    return sha256(text.encode()).hexdigest()


API_KEY = Kind(
    "wafv2", "api-key", APIKey, key=lambda r: r.key, names=lambda _: [], references=lambda _: [], secret=True
)
