"""What an account publishes as an issuer of tokens: its discovery document and its keys, for everybody."""

import re
from datetime import datetime

import orjson

from masugata.identity.issuer import ISSUERS_PATH, discovery, issuer_url, published_keys
from masugata.records.account import ACCOUNT
from masugata.records.iam import OUTBOUND_FEDERATION
from masugata.store import Records
from masugata.wire import HttpResponse

_DOCUMENT = re.compile(
    re.escape(ISSUERS_PATH) + r"([0-9a-f-]{36})/\.well-known/(openid-configuration|jwks\.json)"
)
# Whoever verifies tokens may keep the keys for so long; a new key's tokens wait that long for nobody who
# looks again for a key that it does not know, as OpenID Connect asks.
_CACHE = ("cache-control", "public, max-age=300")


def issuer_document(path: str, records: Records, public_url: str, now: datetime) -> HttpResponse | None:
    """The document at a path, or None if no issuer has one there.

    A disabled issuer has its documents too: tokens that it gave out are verified until they expire. One of
    an account that is closed has none.
    """
    asked = _DOCUMENT.fullmatch(path)
    if asked is None:
        return None
    found = records.by_name(OUTBOUND_FEDERATION, "issuer", asked[1])
    account = None if found is None else records.get(ACCOUNT, found[0], found[0])
    if found is None or account is None or not account.active:
        return None
    federation = found[2]
    if asked[2] == "openid-configuration":
        content = discovery(issuer_url(public_url, federation.issuer_id))
    else:
        content = {"keys": [key.public for key in published_keys(federation, now)]}
    return HttpResponse(
        status=200, headers=(("content-type", "application/json"), _CACHE), body=orjson.dumps(content)
    )
