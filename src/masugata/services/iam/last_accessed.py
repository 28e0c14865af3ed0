"""Reports of what a user, group, role or policy may access, and when who accessed it last.

Every call of an authenticated principal counts, denied ones included; all actions are tracked. A report is
ready at once, and kept for its caller for a week.
Source: IAM User Guide, "Refine permissions in AWS using last accessed information".
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from masugata.authorization import catalogue
from masugata.call import Call
from masugata.records.iam import ACCESS_REPORT, AccessReport, Group, Role, User
from masugata.services.iam._access_data import (
    Access,
    AccessData,
    ServiceAccess,
    collect,
    find_subject,
    policies_of,
    unpacked,
)
from masugata.services.iam._common import invalid_input, no_such_entity, page, whole_seconds
from masugata.services.iam.granted_services import granted_services

if TYPE_CHECKING:
    from masugata_types import iam as shapes

KEPT = timedelta(days=7)
REPORTS_PER_ACCOUNT = 1000
"""How many reports wait to be fetched; a further one takes the place of the oldest."""


def prepare_last_accessed(call: Call, request: "shapes.GenerateServiceLastAccessedDetailsRequest") -> bytes:
    """The content of the report, collected outside the transaction."""
    return collect(call, request["Arn"], find_subject(call, request["Arn"])).packed()


def generate_service_last_accessed_details(
    call: Call, request: "shapes.GenerateServiceLastAccessedDetailsRequest"
) -> "shapes.GenerateServiceLastAccessedDetailsResponse":
    """Store the report; raises InvalidInput and NoSuchEntity."""
    find_subject(call, request["Arn"])
    return {"JobId": store_report(call, actions=request.get("Granularity") == "ACTION_LEVEL")}


def get_service_last_accessed_details(
    call: Call, request: "shapes.GetServiceLastAccessedDetailsRequest"
) -> "shapes.GetServiceLastAccessedDetailsResponse":
    """The services of a report by prefix, each with its last access."""
    report = find_report(call, request["JobId"])
    data = unpacked(report.content)
    chosen, end = page(sorted(data.services), request, "ServicesLastAccessed", str)
    answer: shapes.GetServiceLastAccessedDetailsResponse = {
        "JobStatus": "COMPLETED",
        "JobType": "ACTION_LEVEL" if report.actions else "SERVICE_LEVEL",
        "JobCreationDate": report.create_date,
        "JobCompletionDate": report.create_date,
        "ServicesLastAccessed": [_service_shape(prefix, data, actions=report.actions) for prefix in chosen],
        "IsTruncated": end["IsTruncated"],
    }
    if "Marker" in end:
        answer["Marker"] = end["Marker"]
    return answer


def get_service_last_accessed_details_with_entities(
    call: Call, request: "shapes.GetServiceLastAccessedDetailsWithEntitiesRequest"
) -> "shapes.GetServiceLastAccessedDetailsWithEntitiesResponse":
    """The users and roles that could access one service, the one that did so last first."""
    report = find_report(call, request["JobId"])
    data = unpacked(report.content)
    service = data.services.get(request["ServiceNamespace"])
    if service is None:
        raise no_such_entity(f"The report does not list the service {request['ServiceNamespace']}.")
    last = {access.entity: access for access in service.entities}
    order = [*last, *(number for number in range(len(data.entities)) if number not in last)]
    numbered = [(f"{place:06d}", number) for place, number in enumerate(order)]
    chosen, end = page(numbered, request, "EntityDetailsList", lambda pair: pair[0])
    answer: shapes.GetServiceLastAccessedDetailsWithEntitiesResponse = {
        "JobStatus": "COMPLETED",
        "JobCreationDate": report.create_date,
        "JobCompletionDate": report.create_date,
        "EntityDetailsList": [_entity_shape(data, number, last.get(number)) for _, number in chosen],
        "IsTruncated": end["IsTruncated"],
    }
    if "Marker" in end:
        answer["Marker"] = end["Marker"]
    return answer


def list_policies_granting_service_access(
    call: Call, request: "shapes.ListPoliciesGrantingServiceAccessRequest"
) -> "shapes.ListPoliciesGrantingServiceAccessResponse":
    """By service the policies of a user, group or role that allow something of it."""
    subject = find_subject(call, request["Arn"])
    if not isinstance(subject, User | Group | Role):
        raise invalid_input(f"ARN {request['Arn']} is not of a user, group or role.")
    policies = [(*policy, granted_services([policy[3]])) for policy in policies_of(call, subject)]
    asked = sorted(set(request["ServiceNamespaces"]))
    for prefix in asked:
        if prefix not in catalogue.service_names():
            raise invalid_input(f"There is no service with the namespace {prefix}.")
    chosen, end = page(asked, request, "PoliciesGrantingServiceAccess", str)
    return {
        "PoliciesGrantingServiceAccess": [
            {
                "ServiceNamespace": prefix,
                "Policies": [
                    _policy_shape(type(owner).__name__, owner.name, name, arn)
                    for owner, name, arn, _, services in policies
                    if prefix in services
                ],
            }
            for prefix in chosen
        ],
        **end,
    }


def store_report(call: Call, *, actions: bool = False, entity_path: str = "") -> str:
    """Store what was prepared as a report of the caller; the answer is its id."""
    if call.records.count(ACCESS_REPORT, call.account) >= REPORTS_PER_ACCOUNT:
        oldest = min(call.records.scan(ACCESS_REPORT, call.account), key=lambda r: (r.create_date, r.id))
        call.transaction.delete(ACCESS_REPORT, call.account, oldest.id)
    report = AccessReport(
        id=str(uuid.UUID(bytes=call.random(16), version=4)),
        caller_id=call.caller.issuer_id,
        actions=actions,
        create_date=whole_seconds(call),
        content=call.prepared,
        entity_path=entity_path,
    )
    call.transaction.put(ACCESS_REPORT, call.account, report)
    return report.id


def find_report(call: Call, job_id: str, *, of_organization: bool = False) -> AccessReport:
    """A report of the caller: another's, or an old one, is as unknown as one that never was."""
    report = call.records.get(ACCESS_REPORT, call.account, job_id)
    if report is not None and bool(report.entity_path) != of_organization:
        report = None  # it is of the other kind
    if report is None or report.caller_id != call.caller.issuer_id or call.now - report.create_date > KEPT:
        raise no_such_entity(f"The report with the job id {job_id} cannot be found.")
    return report


def _service_shape(prefix: str, data: AccessData, *, actions: bool) -> "shapes.ServiceLastAccessed":
    service: ServiceAccess = data.services[prefix]
    shape: shapes.ServiceLastAccessed = {
        "ServiceName": catalogue.service_names().get(prefix, prefix),
        "ServiceNamespace": prefix,
        "TotalAuthenticatedEntities": len(service.entities),
    }
    if service.entities:
        last = service.entities[0]
        shape["LastAuthenticated"] = _time(last)
        shape["LastAuthenticatedEntity"] = data.entities[last.entity].arn
        shape["LastAuthenticatedRegion"] = last.region
    if actions and service.actions:
        shape["TrackedActionsLastAccessed"] = [
            {
                "ActionName": name,
                "LastAccessedEntity": data.entities[access.entity].arn,
                "LastAccessedTime": _time(access),
                "LastAccessedRegion": access.region,
            }
            for name, access in sorted(service.actions.items())
        ]
    return shape


def _entity_shape(data: AccessData, number: int, last: Access | None) -> "shapes.EntityDetails":
    entity = data.entities[number]
    shape: shapes.EntityDetails = {
        "EntityInfo": {
            "Arn": entity.arn,
            "Name": entity.name,
            "Type": "USER" if entity.type == "USER" else "ROLE",
            "Id": entity.id,
            "Path": entity.path,
        }
    }
    if last is not None:
        shape["LastAuthenticated"] = _time(last)
    return shape


def _policy_shape(
    owner_type: str, owner: str, name: str, arn: str | None
) -> "shapes.PolicyGrantingServiceAccess":
    if arn is not None:
        return {"PolicyName": name, "PolicyType": "MANAGED", "PolicyArn": arn}
    kind = "USER" if owner_type == "User" else "GROUP" if owner_type == "Group" else "ROLE"
    return {"PolicyName": name, "PolicyType": "INLINE", "EntityType": kind, "EntityName": owner}


def _time(access: Access) -> datetime:
    return datetime.fromtimestamp(access.date, UTC)
