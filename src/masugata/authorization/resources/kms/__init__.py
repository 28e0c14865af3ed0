"""What KMS operations act on, and the condition keys of keys.

Sources: the service authorization reference, and
https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from masugata.authorization.resources.kms.key_grants import grant_to_retire, key_grants
from masugata.authorization.resources.kms.keys import described, key_contexts
from masugata.authorization.resources.kms.naming import (
    alias_name,
    key_of_ciphertext,
    missing,
    parsed,
    principal_arn,
)
from masugata.authorization.resources.kms.operations import accesses
from masugata.authorization.resources.kms.policies import default_policy

__all__ = [
    "accesses",
    "alias_name",
    "default_policy",
    "described",
    "grant_to_retire",
    "key_contexts",
    "key_grants",
    "key_of_ciphertext",
    "missing",
    "parsed",
    "principal_arn",
]
