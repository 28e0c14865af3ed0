"""Operations on service-linked roles, which belong to a service and which nobody else can change.

No service of this installation has resources that depend on its role, so a role is gone as soon as its
deletion is asked for; the deletion task remains to be asked about for a week.
Source: IAM User Guide, "Create a service-linked role".
"""

import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from masugata.authorization import managed_policies
from masugata.call import Call
from masugata.identity.identifiers import unique_id
from masugata.records.iam import (
    DELETION_TASK,
    LINKED_ROLES,
    ROLE,
    SERVICE_LINKED_PATH,
    DeletionTask,
    LinkedRole,
    Role,
    service_trust_policy,
)
from masugata.services.iam._common import (
    ROLES,
    find_role,
    forget_uses,
    invalid_input,
    no_such_entity,
    whole_seconds,
)
from masugata.services.iam.roles import role_shape

if TYPE_CHECKING:
    from masugata_types import iam as shapes

ROLE_NAME_LENGTH = 64
TASKS_KEPT = timedelta(days=7)
TASKS_PER_ACCOUNT = 1000
"""How many deletion tasks can be asked about; a further one takes the place of the oldest."""

_TASK_ID = re.compile(
    r"task/aws-service-role/[\w+=,.@-]+/[\w+=,.@-]+/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def create_service_linked_role(
    call: Call, request: "shapes.CreateServiceLinkedRoleRequest"
) -> "shapes.CreateServiceLinkedRoleResponse":
    """Create the role of a service, with its trust policy and its AWS managed policy.

    It does not count against the quota of roles, as AWS documents. Raises InvalidInput.
    """
    service = request["AWSServiceName"]
    template = _template(call, service)
    suffix = request.get("CustomSuffix")
    if suffix is not None and not template.suffix:
        raise invalid_input(f"Custom suffix is not allowed for {service}")
    name = template.name(suffix)
    if len(name) > ROLE_NAME_LENGTH:
        raise invalid_input(
            f"Service role name {name} must have length less than or equal to {ROLE_NAME_LENGTH}"
        )
    if call.records.get(ROLE, call.account, name.lower()) is not None:
        raise invalid_input(
            f"Service role name {name} has been taken in this account, please try a different suffix."
        )
    role = Role(
        name=name,
        path=f"{SERVICE_LINKED_PATH}{service}/",
        id=unique_id("AROA", call.random),
        create_date=whole_seconds(call),
        trust_policy=service_trust_policy(service),
        description=request.get("Description"),
        attached_policies=(template.policy_arn(call.partition),),
    )
    ROLES.save(call, role)
    return {"Role": role_shape(call, role)}


def delete_service_linked_role(
    call: Call, request: "shapes.DeleteServiceLinkedRoleRequest"
) -> "shapes.DeleteServiceLinkedRoleResponse":
    """Delete a service-linked role with its policies; its sessions end with it."""
    role = find_role(call, request["RoleName"])
    service = role.linked_service
    if service is None:
        raise no_such_entity(f"The service-linked role with name {role.name} cannot be found.")
    now = whole_seconds(call)
    tasks = sorted(call.records.scan(DELETION_TASK, call.account), key=lambda task: task.create_date)
    too_many = len(tasks) + 1 - TASKS_PER_ACCOUNT
    for number, task in enumerate(tasks):
        if number < too_many or task.create_date < now - TASKS_KEPT:
            call.transaction.delete(DELETION_TASK, call.account, task.id)
    task_uuid = uuid.UUID(bytes=call.random(16), version=4)
    task = DeletionTask(id=f"task{SERVICE_LINKED_PATH}{service}/{role.name}/{task_uuid}", create_date=now)
    call.transaction.put(DELETION_TASK, call.account, task)
    call.transaction.delete(ROLE, call.account, ROLE.key(role))
    forget_uses(call, role)
    call.touches("AWS::IAM::Role", role.name)
    return {"DeletionTaskId": task.id}


def get_service_linked_role_deletion_status(
    call: Call, request: "shapes.GetServiceLinkedRoleDeletionStatusRequest"
) -> "shapes.GetServiceLinkedRoleDeletionStatusResponse":
    """What became of a deletion: it succeeded, or nobody knows of it."""
    task_id = request["DeletionTaskId"]
    if _TASK_ID.fullmatch(task_id) is None:
        raise invalid_input("Invalid task id")
    if call.records.get(DELETION_TASK, call.account, task_id) is None:
        raise no_such_entity(f"The deletion task with id {task_id} cannot be found.")
    return {"Status": "SUCCEEDED"}


def _template(call: Call, service: str) -> LinkedRole:
    """What the role of a service is like; a policy that is not in the snapshot could only be guessed."""
    template = LINKED_ROLES.get(service)
    if template is None or managed_policies.get(template.policy_arn(call.partition), call.partition) is None:
        raise invalid_input(f"No service-linked role is known for the service principal {service}.")
    return template
