"""Operations on SAML providers."""

from base64 import b32encode
from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.federation import SamlMetadata, read_saml_metadata
from masugata.records.iam import SAML_PROVIDER, SamlProvider, provider_arn
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

SAML_PROVIDERS_PER_ACCOUNT = 100

_ENCRYPTION = ("AssertionEncryptionMode", "AddPrivateKey", "RemovePrivateKey")


def prepare_metadata(
    _call: Call, request: "shapes.CreateSAMLProviderRequest | shapes.UpdateSAMLProviderRequest"
) -> SamlMetadata:
    """What the metadata of a request says; raises InvalidInput in AWS's words.

    Encrypted assertions, and so the private keys to open them with, are not built: status 501.
    """
    if asked := [name for name in _ENCRYPTION if name in request]:
        raise AwsError("NotImplemented", f"{asked[0]} is not built: encrypted assertions are refused.", 501)
    document = request.get("SAMLMetadataDocument")
    if document is None:
        raise invalid_input(
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion."
        )
    try:
        return read_saml_metadata(document)
    except ValueError as error:
        raise invalid_input(f"Could not parse metadata: {error}") from error


def create_saml_provider(
    call: Call, request: "shapes.CreateSAMLProviderRequest"
) -> "shapes.CreateSAMLProviderResponse":
    """Trust a SAML provider to identify people. Raises InvalidInput, EntityAlreadyExists, LimitExceeded."""
    tags = requested_tags(request.get("Tags") or ())
    found: SamlMetadata = call.prepared
    provider = SamlProvider(
        name=request["Name"],
        uuid="SAMLSP" + b32encode(call.random(15)).decode(),
        metadata=request["SAMLMetadataDocument"],
        issuer=found.issuer,
        certificates=found.certificates,
        valid_until=found.valid_until,
        create_date=whole_seconds(call),
        tags=tags,
    )
    arn = provider_arn(call.account, provider, partition=call.partition)
    if call.records.get(SAML_PROVIDER, call.account, provider.name) is not None:
        raise already_exists(f"SAMLProvider {arn} already exists.")
    if call.records.count(SAML_PROVIDER, call.account) >= SAML_PROVIDERS_PER_ACCOUNT:
        raise quota_exceeded("SAMLProvidersPerAccount", SAML_PROVIDERS_PER_ACCOUNT)
    call.transaction.put(SAML_PROVIDER, call.account, provider)
    call.touches("AWS::IAM::SAMLProvider", arn)
    response: shapes.CreateSAMLProviderResponse = {"SAMLProviderArn": arn}
    if provider.tags:
        response["Tags"] = tag_shapes(provider.tags)
    return response


def get_saml_provider(
    call: Call, request: "shapes.GetSAMLProviderRequest"
) -> "shapes.GetSAMLProviderResponse":
    """A provider with the metadata that it was made of."""
    provider = find_saml_provider(call, request["SAMLProviderArn"])
    response: shapes.GetSAMLProviderResponse = {
        "SAMLProviderUUID": provider.uuid,
        "SAMLMetadataDocument": provider.metadata,
        "CreateDate": provider.create_date,
    }
    if provider.valid_until is not None:
        response["ValidUntil"] = provider.valid_until
    if provider.tags:
        response["Tags"] = tag_shapes(provider.tags)
    return response


def list_saml_providers(
    call: Call, _request: "shapes.ListSAMLProvidersRequest"
) -> "shapes.ListSAMLProvidersResponse":
    """All providers of the account, by name."""
    listed: list[shapes.SAMLProviderListEntry] = []
    for provider in call.records.scan(SAML_PROVIDER, call.account):
        entry: shapes.SAMLProviderListEntry = {
            "Arn": provider_arn(call.account, provider, partition=call.partition),
            "CreateDate": provider.create_date,
        }
        if provider.valid_until is not None:
            entry["ValidUntil"] = provider.valid_until
        listed.append(entry)
    return {"SAMLProviderList": listed}


def update_saml_provider(
    call: Call, request: "shapes.UpdateSAMLProviderRequest"
) -> "shapes.UpdateSAMLProviderResponse":
    """Replace the metadata; certificates that it does not hold are trusted no longer."""
    provider = find_saml_provider(call, request["SAMLProviderArn"])
    found: SamlMetadata = call.prepared
    changed = msgspec.structs.replace(
        provider,
        metadata=request["SAMLMetadataDocument"],
        issuer=found.issuer,
        certificates=found.certificates,
        valid_until=found.valid_until,
    )
    call.transaction.put(SAML_PROVIDER, call.account, changed)
    call.touches("AWS::IAM::SAMLProvider", request["SAMLProviderArn"])
    return {"SAMLProviderArn": request["SAMLProviderArn"]}


def delete_saml_provider(
    call: Call, request: "shapes.DeleteSAMLProviderRequest"
) -> "shapes.DeleteSAMLProviderResponse":
    """Trust a provider no longer; roles that name it stay as they are."""
    provider = find_saml_provider(call, request["SAMLProviderArn"])
    call.transaction.delete(SAML_PROVIDER, call.account, SAML_PROVIDER.key(provider))
    call.touches("AWS::IAM::SAMLProvider", request["SAMLProviderArn"])
    return {}


def find_saml_provider(call: Call, arn: str) -> SamlProvider:
    """The provider of exactly this ARN; raises InvalidInput or NoSuchEntity."""
    name = provider_key(call, arn, "saml-provider")
    provider = None if name is None else call.records.get(SAML_PROVIDER, call.account, name)
    if provider is None:
        raise no_such_entity(f"Manifest not found for arn {arn}")
    return provider
