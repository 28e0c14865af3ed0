"""The catalogue: actions, resource types, condition keys, and which actions an operation needs.

It is data, checked in, made by scripts/build_catalogue.py.

`service` is botocore's name where an operation is asked for ("elbv2"), and the prefix of actions in
policies everywhere else ("elasticloadbalancing"). Files are read when their service is first asked for.
"""

from masugata.authorization.catalogue._reader import (
    action,
    condition_key_type,
    operation,
    resource_type,
    supports_resource_control_policies,
)
from masugata.authorization.catalogue.entries import Action, Operation, ResourceType, ResourceUse

__all__ = [
    "Action",
    "Operation",
    "ResourceType",
    "ResourceUse",
    "action",
    "condition_key_type",
    "operation",
    "resource_type",
    "supports_resource_control_policies",
]
