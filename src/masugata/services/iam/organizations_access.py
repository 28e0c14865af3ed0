"""Reports of what the SCPs of an organization let its accounts access, and what they accessed last.

Only the management account gets them. A report is ready at once, and kept for its caller for a week.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from masugata.authorization import catalogue
from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.organizations import (
    SERVICE_CONTROL_POLICY,
    BrokenTreeError,
    Member,
    Organization,
    OrganizationPolicy,
    find_policy,
    levels,
    organization_arn,
    organization_of,
    policy_arn,
    target_id,
)
from masugata.services.iam._common import invalid_input, page
from masugata.services.iam._organizations_access_data import Asked, Attempt, collect, entity_path, unpacked
from masugata.services.iam.last_accessed import find_report, store_report

if TYPE_CHECKING:
    from masugata_types import iam as shapes

_Item = tuple[str, Attempt | None]


def prepare_organizations_access_report(
    call: Call, request: "shapes.GenerateOrganizationsAccessReportRequest"
) -> bytes:
    """The content of the report, collected outside the transaction."""
    return collect(call, _asked(call, request)).packed()


def generate_organizations_access_report(
    call: Call, request: "shapes.GenerateOrganizationsAccessReportRequest"
) -> "shapes.GenerateOrganizationsAccessReportResponse":
    """Store the report; raises AccessDenied and InvalidInput."""
    _asked(call, request)
    return {"JobId": store_report(call, entity_path=request["EntityPath"])}


def get_organizations_access_report(
    call: Call, request: "shapes.GetOrganizationsAccessReportRequest"
) -> "shapes.GetOrganizationsAccessReportResponse":
    """The services of a report, each with its last access; raises NoSuchEntity and AccessDenied."""
    report = find_report(call, request["JobId"], of_organization=True)
    _organization(call)
    services = unpacked(report.content).services
    ordered = _in_order(services.items(), request.get("SortKey", "SERVICE_NAMESPACE_ASCENDING"))
    numbered = [(f"{place:06d}", item) for place, item in enumerate(ordered)]
    chosen, end = page(numbered, request, "AccessDetails", lambda pair: pair[0])
    answer: shapes.GetOrganizationsAccessReportResponse = {
        "JobStatus": "COMPLETED",
        "JobCreationDate": report.create_date,
        "JobCompletionDate": report.create_date,
        "NumberOfServicesAccessible": len(services),
        "NumberOfServicesNotAccessed": sum(attempt is None for attempt in services.values()),
        "AccessDetails": [_shape(prefix, attempt) for _, (prefix, attempt) in chosen],
        "IsTruncated": end["IsTruncated"],
    }
    if "Marker" in end:
        answer["Marker"] = end["Marker"]
    return answer


def _namespace(item: _Item) -> str:
    return item[0]


def _by_time(item: _Item) -> int:
    return 0 if item[1] is None else item[1].date


def _in_order(services: Iterable[_Item], order: str) -> list[_Item]:
    """By namespace or by time; what was never accessed, or at the same time, by namespace."""
    down = order.endswith("_DESCENDING")
    if order.startswith("SERVICE_NAMESPACE"):
        return sorted(services, key=_namespace, reverse=down)
    return sorted(sorted(services, key=_namespace), key=_by_time, reverse=down)


def _organization(call: Call) -> Organization:
    """The organization that the caller's account manages; raises AccessDenied."""
    organization = organization_of(call.records, call.account)
    if organization is None or organization.management_account != call.account:
        raise AwsError(
            "AccessDenied",
            f"The account {call.account} is not the management account of an organization.",
            403,
        )
    return organization


def _asked(call: Call, request: "shapes.GenerateOrganizationsAccessReportRequest") -> Asked:
    """What the report is on; raises AccessDenied, and InvalidInput for what is not in the organization."""
    organization = _organization(call)
    if SERVICE_CONTROL_POLICY not in organization.policy_types:
        raise invalid_input(
            f"Service control policies are not enabled in the root of the organization {organization.id}."
        )
    path = request["EntityPath"]
    try:
        way = levels(call.records, organization, path.rpartition("/")[2])
    except BrokenTreeError:
        way = ()
    if not way or entity_path(organization, way) != path:
        raise invalid_input(
            f"The entity path {path} is not that of a root, organizational unit or account in the "
            f"organization {organization.id}."
        )
    asked = Asked(organization, way, _policy(call, organization, request.get("OrganizationsPolicyId")))
    _authorize(call, asked)
    return asked


def _authorize(call: Call, asked: Asked) -> None:
    """The report tells what these operations tell; raises AccessDenied."""
    organization, entity = asked.organization, asked.way[-1]
    kind = "root"
    needed = ["ListPoliciesForTarget"]
    if not isinstance(entity, Organization):
        kind = "account" if isinstance(entity, Member) else "ou"
        needed = ["ListParents", *needed]
    if not isinstance(entity, Member):
        needed.append("ListChildren")
    call.authorize("organizations:ListRoots", "*")
    arn = organization_arn(organization, kind, target_id(entity), partition=call.partition)
    for operation in needed:
        call.authorize(f"organizations:{operation}", arn)
    if asked.policy is not None:
        arn = policy_arn(organization, asked.policy, call.partition)
        for operation in ("DescribePolicy", "ListTargetsForPolicy"):
            call.authorize(f"organizations:{operation}", arn)


def _policy(call: Call, organization: Organization, id_: str | None) -> OrganizationPolicy | None:
    policy = None if id_ is None else find_policy(call.records, organization, id_)
    if id_ is not None and (policy is None or policy.type != SERVICE_CONTROL_POLICY):
        raise invalid_input(f"{id_} is not a service control policy of the organization {organization.id}.")
    return policy


def _shape(prefix: str, attempt: Attempt | None) -> "shapes.AccessDetail":
    shape: shapes.AccessDetail = {
        "ServiceName": catalogue.service_names().get(prefix, prefix),
        "ServiceNamespace": prefix,
        "TotalAuthenticatedEntities": 0 if attempt is None else attempt.accounts,
    }
    if attempt is not None:
        shape["Region"] = attempt.region
        shape["EntityPath"] = attempt.path
        shape["LastAuthenticatedTime"] = datetime.fromtimestamp(attempt.date, UTC)
    return shape
