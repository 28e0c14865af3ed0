"""Operations on OpenID Connect providers."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import OIDC_PROVIDER, OidcProvider, provider_arn
from masugata.services.iam._common import (
    already_exists,
    invalid_input,
    no_such_entity,
    quota_exceeded,
    requested_tags,
    tag_shapes,
    whole_seconds,
)
from masugata.services.iam._provider_arns import provider_key

if TYPE_CHECKING:
    from masugata_types import iam as shapes

OIDC_PROVIDERS_PER_ACCOUNT = 100
CLIENT_IDS_PER_PROVIDER = 100
THUMBPRINTS_PER_PROVIDER = 5

_THUMBPRINT = re.compile(r"[0-9a-f]{40}")
_URL = re.compile(r"https://[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?", re.ASCII)


def create_open_id_connect_provider(
    call: Call, request: "shapes.CreateOpenIDConnectProviderRequest"
) -> "shapes.CreateOpenIDConnectProviderResponse":
    """Trust an issuer of OpenID Connect tokens to identify people and workloads.

    Raises ValidationError, InvalidInput, EntityAlreadyExists and LimitExceeded. Without thumbprints only the
    authorities count that this machine trusts.
    """
    url = _checked_url(request["Url"])
    client_ids = _unique(request.get("ClientIDList") or ())
    if len(client_ids) > CLIENT_IDS_PER_PROVIDER:
        raise quota_exceeded("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS_PER_PROVIDER)
    thumbprints = _checked_thumbprints(request.get("ThumbprintList") or ())
    tags = requested_tags(request.get("Tags") or ())
    if call.records.get(OIDC_PROVIDER, call.account, url) is not None:
        raise already_exists(f"Provider with url https://{url} already exists.")
    if call.records.count(OIDC_PROVIDER, call.account) >= OIDC_PROVIDERS_PER_ACCOUNT:
        raise quota_exceeded("OpenIdConnectProvidersPerAccount", OIDC_PROVIDERS_PER_ACCOUNT)
    provider = OidcProvider(
        url=url,
        client_ids=client_ids,
        thumbprints=thumbprints,
        create_date=whole_seconds(call),
        tags=tags,
    )
    _save(call, provider)
    response: shapes.CreateOpenIDConnectProviderResponse = {
        "OpenIDConnectProviderArn": provider_arn(call.account, provider, partition=call.partition)
    }
    if provider.tags:
        response["Tags"] = tag_shapes(provider.tags)
    return response


def get_open_id_connect_provider(
    call: Call, request: "shapes.GetOpenIDConnectProviderRequest"
) -> "shapes.GetOpenIDConnectProviderResponse":
    """A provider, its URL without `https://`."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    response: shapes.GetOpenIDConnectProviderResponse = {
        "Url": provider.url,
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": provider.create_date,
    }
    if provider.tags:
        response["Tags"] = tag_shapes(provider.tags)
    return response


def list_open_id_connect_providers(
    call: Call, _request: "shapes.ListOpenIDConnectProvidersRequest"
) -> "shapes.ListOpenIDConnectProvidersResponse":
    """The ARNs of all providers of the account, by URL."""
    providers = call.records.scan(OIDC_PROVIDER, call.account)
    arns = [provider_arn(call.account, provider, partition=call.partition) for provider in providers]
    return {"OpenIDConnectProviderList": [{"Arn": arn} for arn in arns]}


def delete_open_id_connect_provider(
    call: Call, request: "shapes.DeleteOpenIDConnectProviderRequest"
) -> "shapes.DeleteOpenIDConnectProviderResponse":
    """Trust an issuer no longer. One that is not there is no error; roles that name it stay as they are."""
    arn = request["OpenIDConnectProviderArn"]
    key = _key(call, arn)
    if call.records.get(OIDC_PROVIDER, call.account, key) is not None:
        call.transaction.delete(OIDC_PROVIDER, call.account, key)
        call.touches("AWS::IAM::OIDCProvider", arn)
    return {}


def add_client_id_to_open_id_connect_provider(
    call: Call, request: "shapes.AddClientIDToOpenIDConnectProviderRequest"
) -> "shapes.AddClientIDToOpenIDConnectProviderResponse":
    """Accept tokens for one more audience; one that is accepted already is no error."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    if request["ClientID"] in provider.client_ids:
        return {}
    if len(provider.client_ids) >= CLIENT_IDS_PER_PROVIDER:
        raise quota_exceeded("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS_PER_PROVIDER)
    _save(call, msgspec.structs.replace(provider, client_ids=(*provider.client_ids, request["ClientID"])))
    return {}


def remove_client_id_from_open_id_connect_provider(
    call: Call, request: "shapes.RemoveClientIDFromOpenIDConnectProviderRequest"
) -> "shapes.RemoveClientIDFromOpenIDConnectProviderResponse":
    """Accept tokens for an audience no longer; one that is not accepted is no error."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    left = tuple(client_id for client_id in provider.client_ids if client_id != request["ClientID"])
    _save(call, msgspec.structs.replace(provider, client_ids=left))
    return {}


def update_open_id_connect_provider_thumbprint(
    call: Call, request: "shapes.UpdateOpenIDConnectProviderThumbprintRequest"
) -> "shapes.UpdateOpenIDConnectProviderThumbprintResponse":
    """Replace all thumbprints of the certificates that may vouch for the issuer's server."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    thumbprints = _checked_thumbprints(request["ThumbprintList"])
    _save(call, msgspec.structs.replace(provider, thumbprints=thumbprints))
    return {}


def find_oidc_provider(call: Call, arn: str) -> OidcProvider:
    """The provider of exactly this ARN; raises InvalidInput or NoSuchEntity."""
    provider = call.records.get(OIDC_PROVIDER, call.account, _key(call, arn))
    if provider is None:
        raise no_such_entity(f"OpenIDConnect Provider not found for arn {arn}")
    return provider


def _key(call: Call, arn: str) -> str:
    """The URL in a provider's ARN; of another account there is none."""
    url = provider_key(call, arn, "oidc-provider")
    if url is None:
        raise no_such_entity(f"OpenIDConnect Provider not found for arn {arn}")
    return url


def _checked_url(url: str) -> str:
    """The URL of an issuer without `https://`, which it must begin with; raises ValidationError."""
    name = url.removeprefix("https://")
    try:
        whole = _URL.fullmatch(url) is not None and bool(urlsplit(url).hostname)
        port = urlsplit(url).port
    except ValueError:
        whole, port = False, None
    # A name like `saml` would make condition keys that mean something else.
    if not whole or port == 0 or not re.search(r"[.:/]", name):
        raise AwsError("ValidationError", "Invalid Open ID Connect Provider URL")
    return name


def _checked_thumbprints(given: Sequence[str]) -> tuple[str, ...]:
    thumbprints = _unique(item.lower() for item in given)
    if len(thumbprints) > THUMBPRINTS_PER_PROVIDER:
        raise invalid_input(f"Thumbprint list must contain at most {THUMBPRINTS_PER_PROVIDER} entries.")
    if not all(_THUMBPRINT.fullmatch(item) for item in thumbprints):
        raise invalid_input("A thumbprint must be the SHA-1 of a certificate: 40 hexadecimal digits.")
    return thumbprints


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _save(call: Call, provider: OidcProvider) -> None:
    call.transaction.put(OIDC_PROVIDER, call.account, provider)
    call.touches("AWS::IAM::OIDCProvider", provider_arn(call.account, provider, partition=call.partition))
