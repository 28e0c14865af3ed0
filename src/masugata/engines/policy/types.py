"""The kinds of policies, and how AWS groups them by grammar."""

from enum import StrEnum


class PolicyType(StrEnum):
    """Where a policy is attached, which decides its grammar and its place in a decision."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    TRUST = "trust"
    SCP = "scp"
    RCP = "rcp"
    VPCE = "vpce"


# Policies that speak about whoever carries them, so they name no principal.
IDENTITY_TYPES = frozenset({PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION})
ORGANIZATION_TYPES = frozenset({PolicyType.SCP, PolicyType.RCP})
# Policies whose statements match only the principals they name.
PRINCIPAL_TYPES = frozenset({PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.RCP, PolicyType.VPCE})
