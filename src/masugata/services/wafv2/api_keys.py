"""Operations on API keys, with which scripts in browsers are let show CAPTCHAs on some domains.

An API key is a random text that says nothing; its record knows what it is for.
"""

import base64
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.records.wafv2 import API_KEY, API_KEY_PURPOSE, APIKey, api_key_name, digest_of, entity_key
from masugata.services.wafv2._actions import check_token_domains
from masugata.services.wafv2._checks import check_count
from masugata.services.wafv2._entities import scope_of
from masugata.services.wafv2._errors import nonexistent
from masugata.services.wafv2._paging import page, page_start

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_BYTES: Final = 96
_VERSION: Final = 1


def create_api_key(call: Call, request: "shapes.CreateAPIKeyRequest") -> "shapes.CreateAPIKeyResponse":
    """Make an API key for some token domains.

    Raises WAFInvalidParameterException and WAFLimitsExceededException.
    """
    scope = scope_of(call, request)
    domains = tuple(request["TokenDomains"])
    check_token_domains(call, domains, "wafv2.token-domains-per-api-key")
    present = sum(one.scope == scope for one in call.records.scan(API_KEY, call.account, call.region))
    check_count(call, "wafv2.api-keys", present + 1)
    text = base64.urlsafe_b64encode(call.random(_BYTES)).decode()
    digest = digest_of(text)
    key = APIKey(
        digest=digest,
        scope=scope,
        token_domains=domains,
        created=call.now,
        sealed=call.keeper.seal(API_KEY_PURPOSE, text.encode(), api_key_name(scope, digest).encode()),
    )
    call.transaction.put(API_KEY, call.account, key, call.region)
    return {"APIKey": text}


def get_decrypted_api_key(call: Call, request: "shapes.GetDecryptedAPIKeyRequest") -> dict[str, Any]:
    """What an API key is for, and since when; raises WAFNonexistentItemException."""
    key = _find(call, scope_of(call, request), request["APIKey"])
    return {"TokenDomains": list(key.token_domains), "CreationTimestamp": key.created}


def list_api_keys(call: Call, request: "shapes.ListAPIKeysRequest") -> dict[str, Any]:
    """The API keys of a scope, page by page; raises WAFInvalidParameterException."""
    scope = scope_of(call, request)
    prefix = entity_key(scope, "")
    records = call.records.scan(
        API_KEY, call.account, call.region, after=prefix + (page_start(call, request) or "")
    )
    found, end = page(call, request, (one for one in records if one.scope == scope), lambda one: one.digest)
    summaries = [
        {
            "TokenDomains": list(one.token_domains),
            "APIKey": call.keeper.unseal(API_KEY_PURPOSE, one.sealed, one.key.encode()).decode(),
            "CreationTimestamp": one.created,
            "Version": _VERSION,
        }
        for one in found
    ]
    return {"APIKeySummaries": summaries, **end}


def delete_api_key(call: Call, request: "shapes.DeleteAPIKeyRequest") -> dict[str, Any]:
    """Let an API key be good for nothing any more; raises WAFNonexistentItemException."""
    key = _find(call, scope_of(call, request), request["APIKey"])
    call.transaction.delete(API_KEY, call.account, key.key, call.region)
    return {}


def _find(call: Call, scope: str, text: str) -> APIKey:
    found = call.records.get(API_KEY, call.account, api_key_name(scope, digest_of(text)), call.region)
    if found is None:
        raise nonexistent("the API key")
    return found
