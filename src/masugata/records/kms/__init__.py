"""Records of KMS, in the account and Region of the key: one file for each noun, and how keys are named."""

from typing import Any

from masugata.records.kind import Kind
from masugata.records.kms.aliases import ALIAS, ALIAS_PREFIX, AWS_ALIAS_PREFIX, Alias
from masugata.records.kms.custom_key_stores import (
    CONNECTED,
    CREDENTIAL_PURPOSE,
    CUSTOM_KEY_STORE,
    DISCONNECTED,
    FAILED,
    CustomKeyStore,
)
from masugata.records.kms.grants import GRANT, GRANT_OPERATIONS, Grant, Scope, grants_for
from masugata.records.kms.keys import (
    AWS,
    CREATING,
    DISABLED,
    ENABLED,
    KEY,
    MANAGED_BY_AWS,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    TO_BE_DELETED,
    UNAVAILABLE,
    UPDATING,
    Key,
)
from masugata.records.kms.materials import AUTOMATIC, KEY_MATERIAL, ON_DEMAND, KeyMaterial
from masugata.records.kms.naming import (
    InvalidKeyNameError,
    KeyName,
    alias_arn,
    arn_of_key,
    find_key,
    key_arn,
    parse_key_name,
)
from masugata.records.kms.schedule import (
    EXPIRY,
    FORGET,
    ON_DEMAND_ROTATION,
    REMAINS,
    ROTATION,
    SCHEDULED,
    TRANSITION,
    Scheduled,
)

KMS_KINDS: tuple[Kind[Any], ...] = (ALIAS, CUSTOM_KEY_STORE, GRANT, KEY, KEY_MATERIAL, SCHEDULED)

__all__ = [
    "ALIAS",
    "ALIAS_PREFIX",
    "AUTOMATIC",
    "AWS",
    "AWS_ALIAS_PREFIX",
    "CONNECTED",
    "CREATING",
    "CREDENTIAL_PURPOSE",
    "CUSTOM_KEY_STORE",
    "DISABLED",
    "DISCONNECTED",
    "ENABLED",
    "EXPIRY",
    "FAILED",
    "FORGET",
    "GRANT",
    "GRANT_OPERATIONS",
    "KEY",
    "KEY_MATERIAL",
    "KMS_KINDS",
    "MANAGED_BY_AWS",
    "ON_DEMAND",
    "ON_DEMAND_ROTATION",
    "PENDING_DELETION",
    "PENDING_IMPORT",
    "PENDING_REPLICA_DELETION",
    "REMAINS",
    "ROTATION",
    "SCHEDULED",
    "TO_BE_DELETED",
    "TRANSITION",
    "UNAVAILABLE",
    "UPDATING",
    "Alias",
    "CustomKeyStore",
    "Grant",
    "InvalidKeyNameError",
    "Key",
    "KeyMaterial",
    "KeyName",
    "Scheduled",
    "Scope",
    "alias_arn",
    "arn_of_key",
    "find_key",
    "grants_for",
    "key_arn",
    "parse_key_name",
]
