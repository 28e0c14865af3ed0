"""ARNs of identity providers, as requests name them."""

from masugata.arn import InvalidArnError, parse_arn
from masugata.call import Call
from masugata.services.iam._common import invalid_input


def provider_key(call: Call, arn: str, resource_type: str) -> str | None:
    """The URL or name in the ARN of a provider of the caller's account; in another account's, None.

    `resource_type` is oidc-provider or saml-provider. Raises InvalidInput for all that is no such ARN.
    """
    try:
        parts = parse_arn(arn)
    except InvalidArnError:
        raise invalid_input(f"Invalid ARN: {arn}") from None
    found, _, key = parts.resource.partition("/")
    if parts.service != "iam" or found != resource_type or not key:
        raise invalid_input(f"Invalid ARN: {arn}")
    own = (parts.partition, parts.region, parts.account) == (call.partition, "", call.account)
    return key if own else None
