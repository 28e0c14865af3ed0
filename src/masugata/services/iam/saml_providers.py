"""Operations on SAML providers."""

from masugata.arn import InvalidArnError, parse_arn
from masugata.call import Call
from masugata.records.iam import SAML_PROVIDER, SamlProvider
from masugata.services.iam._common import invalid_input, no_such_entity


def find_saml_provider(call: Call, arn: str) -> SamlProvider:
    """The provider of exactly this ARN; raises InvalidInput or NoSuchEntity."""
    try:
        parts = parse_arn(arn)
    except InvalidArnError:
        raise invalid_input(f"Invalid ARN: {arn}") from None
    kind, _, name = parts.resource.partition("/")
    if parts.service != "iam" or kind != "saml-provider" or not name:
        raise invalid_input(f"Invalid ARN: {arn}")
    own = (parts.partition, parts.region, parts.account) == (call.partition, "", call.account)
    provider = call.records.get(SAML_PROVIDER, call.account, name) if own else None
    if provider is None:
        raise no_such_entity(f"Manifest not found for arn {arn}")
    return provider
