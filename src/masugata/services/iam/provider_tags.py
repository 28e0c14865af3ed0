"""Tags of identity providers."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.records.iam import OIDC_PROVIDER, SAML_PROVIDER
from masugata.services.iam._tagging import page_of_tags, tag, untag
from masugata.services.iam.oidc_providers import find_oidc_provider
from masugata.services.iam.saml_providers import find_saml_provider

if TYPE_CHECKING:
    from masugata_types import iam as shapes


def tag_open_id_connect_provider(
    call: Call, request: "shapes.TagOpenIDConnectProviderRequest"
) -> "shapes.TagOpenIDConnectProviderResponse":
    """Add tags to an OpenID Connect provider, or change their values."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    tag(call, OIDC_PROVIDER, provider, request["Tags"])
    return {}


def untag_open_id_connect_provider(
    call: Call, request: "shapes.UntagOpenIDConnectProviderRequest"
) -> "shapes.UntagOpenIDConnectProviderResponse":
    """Remove tags from an OpenID Connect provider."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    untag(call, OIDC_PROVIDER, provider, request["TagKeys"])
    return {}


def list_open_id_connect_provider_tags(
    call: Call, request: "shapes.ListOpenIDConnectProviderTagsRequest"
) -> "shapes.ListOpenIDConnectProviderTagsResponse":
    """The tags of an OpenID Connect provider, by key."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    tags, end = page_of_tags(provider.tags, request)
    return {"Tags": tags, **end}


def tag_saml_provider(
    call: Call, request: "shapes.TagSAMLProviderRequest"
) -> "shapes.TagSAMLProviderResponse":
    """Add tags to a SAML provider, or change their values."""
    tag(call, SAML_PROVIDER, find_saml_provider(call, request["SAMLProviderArn"]), request["Tags"])
    return {}


def untag_saml_provider(
    call: Call, request: "shapes.UntagSAMLProviderRequest"
) -> "shapes.UntagSAMLProviderResponse":
    """Remove tags from a SAML provider."""
    untag(call, SAML_PROVIDER, find_saml_provider(call, request["SAMLProviderArn"]), request["TagKeys"])
    return {}


def list_saml_provider_tags(
    call: Call, request: "shapes.ListSAMLProviderTagsRequest"
) -> "shapes.ListSAMLProviderTagsResponse":
    """The tags of a SAML provider, by key."""
    tags, end = page_of_tags(find_saml_provider(call, request["SAMLProviderArn"]).tags, request)
    return {"Tags": tags, **end}
