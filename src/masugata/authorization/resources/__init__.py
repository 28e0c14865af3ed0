"""Which permissions an operation needs: its actions, on resources made from the request.

What an action's resource type is comes from the catalogue; how its ARN is made from the members of
the request is said per service in the files beside this one. A resource that cannot be resolved
denies: see `Authorizer`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from masugata.authorization.access import Access
from masugata.authorization.resources import cloudtrail, iam, kms, organizations, sts, wafv2
from masugata.errors import MasugataError
from masugata.identity.caller import Caller
from masugata.store import Records

Resolver = Callable[[str, Mapping[str, Any], Caller, Records, str], list[Access]]

RESOLVERS: dict[str, Resolver] = {
    "cloudtrail": cloudtrail.accesses,
    "iam": iam.accesses,
    "kms": kms.accesses,
    "organizations": organizations.accesses,
    "sts": sts.accesses,
    "wafv2": wafv2.accesses,
}


class UnresolvedResourceError(MasugataError):
    """The catalogue does not say what this operation acts on."""


def accesses(
    service: str,
    operation: str,
    request: Mapping[str, Any],
    caller: Caller,
    records: Records,
    region: str,
) -> list[Access]:
    """The permissions that `operation` needs; raises `UnresolvedResourceError`.

    An empty list means that AWS asks no permission (GetCallerIdentity, GetSessionToken).
    """
    resolver = RESOLVERS.get(service)
    if resolver is None:
        raise UnresolvedResourceError(f"no rule says what `{service}:{operation}` acts on")
    try:
        return resolver(operation, request, caller, records, region)
    except KeyError as error:
        raise UnresolvedResourceError(f"no rule says what `{service}:{operation}` acts on") from error
