"""AWS Identity and Access Management."""

from masugata.call import Operation
from masugata.services.iam._operations_certificates import CERTIFICATE_OPERATIONS
from masugata.services.iam._operations_identities import IDENTITY_OPERATIONS
from masugata.services.iam._operations_mfa import MFA_OPERATIONS
from masugata.services.iam._operations_policies import POLICY_OPERATIONS
from masugata.services.iam._operations_simulation import SIMULATION_OPERATIONS

OPERATIONS: dict[str, Operation] = {
    **IDENTITY_OPERATIONS,
    **POLICY_OPERATIONS,
    **MFA_OPERATIONS,
    **CERTIFICATE_OPERATIONS,
    **SIMULATION_OPERATIONS,
}
