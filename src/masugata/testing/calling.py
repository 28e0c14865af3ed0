"""AWS services that call in a test: for somebody, or for themselves."""

import re
from typing import Final

from masugata.arn import InvalidArnError, parse_arn
from masugata.identity.services import SERVICE_SUFFIX, CallingService, ServicePrincipal
from masugata.testing.acting import ActingCredentials

NOBODY: Final = ActingCredentials("AKIAISASERVICEANDNOUSER", "signs-nothing")
"""What a service's client signs with, which nobody looks at."""

_NAME = re.compile(r"[a-z0-9-]{1,63}")
_PRINCIPAL = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,3}\.amazonaws\.com")


def calling_service(name: str) -> CallingService:
    """The service of this name ("s3"); raises ValueError for what is none."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"`{name}` is not a service: give its name in endpoints, as `s3` or `ec2`")
    return CallingService(name)


def service_principal(name: str, account: str, region: str, source_arn: str | None) -> ServicePrincipal:
    """The principal of this name; raises ValueError for what is none, and for an ARN without an account."""
    if _PRINCIPAL.fullmatch(name) is None:
        raise ValueError(f"`{name}` is not a service principal: they end in `{SERVICE_SUFFIX}`")
    if source_arn is None:
        return ServicePrincipal(name=name, account=account, region=region)
    try:
        source = parse_arn(source_arn)
    except InvalidArnError as error:
        raise ValueError(f"`{source_arn}` is not an ARN") from error
    return ServicePrincipal(
        name=name,
        account=source.account or account,
        region=region,
        partition=source.partition,
        source_arn=source_arn,
    )
