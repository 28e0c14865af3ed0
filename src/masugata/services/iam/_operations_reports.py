"""The rows of IAM's table for service-linked roles and for reports."""

from masugata.call import Operation, read, write
from masugata.services.iam import credential_reports, service_linked_roles

REPORT_OPERATIONS: dict[str, Operation] = {
    "CreateServiceLinkedRole": write(service_linked_roles.create_service_linked_role),
    "DeleteServiceLinkedRole": write(service_linked_roles.delete_service_linked_role),
    "GetServiceLinkedRoleDeletionStatus": read(service_linked_roles.get_service_linked_role_deletion_status),
    "GenerateCredentialReport": write(
        credential_reports.generate_credential_report, credential_reports.prepare_credential_report
    ),
    "GetCredentialReport": read(credential_reports.get_credential_report),
}
