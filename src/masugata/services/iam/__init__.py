"""AWS Identity and Access Management."""

from masugata.call import Operation
from masugata.services.iam._operations_account import ACCOUNT_OPERATIONS
from masugata.services.iam._operations_certificates import CERTIFICATE_OPERATIONS
from masugata.services.iam._operations_federation import FEDERATION_OPERATIONS
from masugata.services.iam._operations_identities import IDENTITY_OPERATIONS
from masugata.services.iam._operations_mfa import MFA_OPERATIONS
from masugata.services.iam._operations_passwords import PASSWORD_OPERATIONS
from masugata.services.iam._operations_policies import POLICY_OPERATIONS
from masugata.services.iam._operations_reports import REPORT_OPERATIONS
from masugata.services.iam._operations_simulation import SIMULATION_OPERATIONS

OPERATIONS: dict[str, Operation] = {
    **ACCOUNT_OPERATIONS,
    **IDENTITY_OPERATIONS,
    **POLICY_OPERATIONS,
    **MFA_OPERATIONS,
    **PASSWORD_OPERATIONS,
    **REPORT_OPERATIONS,
    **CERTIFICATE_OPERATIONS,
    **FEDERATION_OPERATIONS,
    **SIMULATION_OPERATIONS,
}


_ROLE_TEMPLATES = "role templates are AWS's own, and no API lists or makes them"
NOT_BUILT: dict[str, str] = {
    "AcquireRole": _ROLE_TEMPLATES,
    "GetRoleTemplateVersion": _ROLE_TEMPLATES,
}
"""Why an operation cannot mean anything outside AWS; the others that are not here are yet to be built."""
