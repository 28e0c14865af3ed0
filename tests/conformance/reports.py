"""Service-linked roles, and reports on credentials and last access."""

from typing import Any

GUARDDUTY = "guardduty.amazonaws.com"


def reports(iam: Any, policy: str) -> None:
    """The life of a service-linked role, and all reports, of which one is on a policy that is in use."""
    role = iam.create_service_linked_role(AWSServiceName=GUARDDUTY)["Role"]["RoleName"]
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    assert iam.get_credential_report()["Content"].startswith(b"user,arn,")
    job = iam.generate_service_last_accessed_details(Arn=policy, Granularity="ACTION_LEVEL")["JobId"]
    services = iam.get_service_last_accessed_details(JobId=job, MaxItems=1000)["ServicesLastAccessed"]
    used = next(service for service in services if service["ServiceNamespace"] == "iam")
    assert used["TrackedActionsLastAccessed"]
    entities = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")
    (admin,) = entities["EntityDetailsList"]
    granting = iam.list_policies_granting_service_access(
        Arn=admin["EntityInfo"]["Arn"], ServiceNamespaces=["iam"]
    )
    assert granting["PoliciesGrantingServiceAccess"][0]["Policies"][0]["PolicyArn"] == policy
    task = iam.delete_service_linked_role(RoleName=role)["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
