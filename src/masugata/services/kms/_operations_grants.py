"""Operations on grants."""

from masugata.call import Operation, read, write
from masugata.services.kms import grants

OPERATIONS: dict[str, Operation] = {
    "CreateGrant": write(grants.create_grant),
    "ListGrants": read(grants.list_grants),
    "ListRetirableGrants": read(grants.list_retirable_grants),
    "RetireGrant": write(grants.retire_grant),
    "RevokeGrant": write(grants.revoke_grant),
}
