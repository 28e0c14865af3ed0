"""What IAM operations on service-linked roles and reports act on, where no member of the request names it."""

from collections.abc import Callable, Mapping
from typing import Any

from masugata.authorization import managed_policies
from masugata.identity.caller import Caller
from masugata.records.iam import (
    LINKED_ROLES,
    SERVICE_LINKED_PATH,
    Group,
    ManagedPolicy,
    Role,
    User,
    entity_by_arn,
)
from masugata.store import Records

Request = Mapping[str, Any]
Found = tuple[str, User | Group | Role | ManagedPolicy | None]


def _linked_role(request: Request, caller: Caller, _records: Records) -> Found:
    """The role that a service is to get; `*` stands for the name that nobody knows."""
    service = request["AWSServiceName"]
    template = LINKED_ROLES.get(service)
    name = "*" if template is None else template.name(request.get("CustomSuffix"))
    return _own(caller, f"role{SERVICE_LINKED_PATH}{service}/{name}"), None


def _deleted_role(request: Request, caller: Caller, _records: Records) -> Found:
    """The role of a deletion task, `task/aws-service-role/SERVICE/ROLE/UUID`, whether it is gone or not."""
    role = request["DeletionTaskId"].removeprefix("task/").rpartition("/")[0]
    return _own(caller, f"role/{role}"), None


def _by_arn(request: Request, caller: Caller, records: Records) -> Found:
    """The user, group, role or policy of this ARN; the operation refuses what is not there."""
    arn: str = request["Arn"]
    entity = entity_by_arn(records, caller.account, arn, partition=caller.partition)
    if entity is None and managed_policies.get(arn, caller.partition) is None:
        return _own(caller, arn.split(":", 5)[-1]), None
    return arn, entity


def _access_report(request: Request, caller: Caller, _records: Records) -> Found:
    """The report on an entity of the organization."""
    return _own(caller, f"access-report/{request['EntityPath']}"), None


def _own(caller: Caller, resource: str) -> str:
    return f"arn:{caller.partition}:iam::{caller.account}:{resource}"


RESOLVERS: dict[str, Callable[[Request, Caller, Records], Found]] = {
    "CreateServiceLinkedRole": _linked_role,
    "GetServiceLinkedRoleDeletionStatus": _deleted_role,
    "GenerateServiceLastAccessedDetails": _by_arn,
    "ListPoliciesGrantingServiceAccess": _by_arn,
    "GenerateOrganizationsAccessReport": _access_report,
}
