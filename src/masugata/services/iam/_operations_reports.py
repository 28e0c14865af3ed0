"""The rows of IAM's table for service-linked roles and for reports."""

from masugata.call import Operation, read, write
from masugata.services.iam import (
    credential_reports,
    last_accessed,
    organizations_access,
    service_linked_roles,
)

REPORT_OPERATIONS: dict[str, Operation] = {
    "CreateServiceLinkedRole": write(service_linked_roles.create_service_linked_role),
    "DeleteServiceLinkedRole": write(service_linked_roles.delete_service_linked_role),
    "GetServiceLinkedRoleDeletionStatus": read(service_linked_roles.get_service_linked_role_deletion_status),
    "GenerateCredentialReport": write(
        credential_reports.generate_credential_report, credential_reports.prepare_credential_report
    ),
    "GetCredentialReport": read(credential_reports.get_credential_report),
    "GenerateServiceLastAccessedDetails": write(
        last_accessed.generate_service_last_accessed_details, last_accessed.prepare_last_accessed
    ),
    "GetServiceLastAccessedDetails": read(last_accessed.get_service_last_accessed_details),
    "GetServiceLastAccessedDetailsWithEntities": read(
        last_accessed.get_service_last_accessed_details_with_entities
    ),
    "ListPoliciesGrantingServiceAccess": read(last_accessed.list_policies_granting_service_access),
    "GenerateOrganizationsAccessReport": write(
        organizations_access.generate_organizations_access_report,
        organizations_access.prepare_organizations_access_report,
    ),
    "GetOrganizationsAccessReport": read(organizations_access.get_organizations_access_report),
}
