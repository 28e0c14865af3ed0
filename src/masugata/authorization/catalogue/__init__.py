"""The catalogue: actions, resource types, condition keys, and which actions an operation needs.

It is data, checked in, made by scripts/build_catalogue.py, of all services that AWS has.

`service` is botocore's name where an operation is asked for ("elbv2"), and `prefix` that of actions in
policies ("elasticloadbalancing"). Of the file, only the entries of services that are asked for are read.
"""

from masugata.authorization.catalogue._reader import (
    action,
    action_in_any_case,
    condition_key_type,
    exception,
    names,
    operation,
    operations,
    resource_sources,
    resource_type,
    resources,
    service,
    service_names,
    supports_resource_control_policies,
)
from masugata.authorization.catalogue.entries import (
    Action,
    Operation,
    OperationEntries,
    ResourceEntries,
    ResourceType,
    ResourceUse,
    ServiceEntries,
)

__all__ = [
    "Action",
    "Operation",
    "OperationEntries",
    "ResourceEntries",
    "ResourceType",
    "ResourceUse",
    "ServiceEntries",
    "action",
    "action_in_any_case",
    "condition_key_type",
    "exception",
    "names",
    "operation",
    "operations",
    "resource_sources",
    "resource_type",
    "resources",
    "service",
    "service_names",
    "supports_resource_control_policies",
]
