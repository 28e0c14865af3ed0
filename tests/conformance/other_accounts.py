"""What takes a second account: root access in an organization, reports on it, and delegation."""

from typing import Any

from conformance.inspector import Inspector
from masugata.identity.trade_in_tokens import seal_trade_in_token
from organizations import ID, MEMBER, open_account, organize
from policies import allow, document
from support import ACCOUNT

AUDIT = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
VENDOR = "777788889999"


def root_access(inspector: Inspector) -> None:
    """The features of an organization, which is put into the store, and a session as a member's root user."""
    open_account(inspector.house, MEMBER)
    organize(inspector.house, MEMBER, policy_types=("SERVICE_CONTROL_POLICY",))
    iam, sts = inspector.client("iam"), inspector.client("sts")
    iam.enable_organizations_root_sessions()
    iam.enable_organizations_root_credentials_management()
    answer = iam.list_organizations_features()
    assert (answer["OrganizationId"], len(answer["EnabledFeatures"])) == (ID, 2)
    root = sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=AUDIT)
    who = inspector.session(root["Credentials"], "sts").get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{MEMBER}:root"
    iam.disable_organizations_root_credentials_management()
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == []


def access_report(inspector: Inspector) -> None:
    """A report on the root of the organization that `root_access` made."""
    iam = inspector.client("iam")
    job = iam.generate_organizations_access_report(EntityPath=f"{ID}/r-exam")["JobId"]
    found = iam.get_organizations_access_report(JobId=job)
    assert found["AccessDetails"]
    assert found["NumberOfServicesAccessible"] >= found["NumberOfServicesNotAccessed"]


def delegation(inspector: Inspector) -> None:
    """A vendor's request that is granted and used, and one that is rejected."""
    key = open_account(inspector.house, VENDOR)
    vendor = inspector.client("iam", key)
    template = vendor.create_policy(PolicyName="Template", PolicyDocument=document(allow("iam:GetUser")))
    granted, rejected = (
        _ask(vendor, template["Policy"]["Arn"], workflow) for workflow in ("first", "second")
    )
    iam = inspector.client("iam")
    for request in (granted, rejected):
        iam.associate_delegation_request(DelegationRequestId=request)
    iam.reject_delegation_request(DelegationRequestId=rejected, Notes="not today")
    iam.update_delegation_request(DelegationRequestId=granted, Notes="for the boss")
    iam.get_delegation_request(DelegationRequestId=granted, DelegationPermissionCheck=True)
    summary = iam.get_human_readable_summary(EntityArn=f"arn:aws:iam::{ACCOUNT}:delegation-request/{granted}")
    assert summary["SummaryState"] == "AVAILABLE"
    iam.accept_delegation_request(DelegationRequestId=granted)
    iam.send_delegation_token(DelegationRequestId=granted)
    states = {one["State"] for one in iam.list_delegation_requests()["DelegationRequests"]}
    assert states == {"FINALIZED", "REJECTED"}
    token = seal_trade_in_token(granted, VENDOR, inspector.house.keeper)
    answer = inspector.client("sts", key).get_delegated_access_token(TradeInToken=token)
    assert answer["AssumedPrincipal"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    inspector.session(answer["Credentials"], "iam").get_user()


def _ask(vendor: Any, template: str, workflow: str) -> str:
    """A new request's id."""
    made = vendor.create_delegation_request(
        Description="to set up the product",
        Permissions={"PolicyTemplateArn": template},
        RequestorWorkflowId=f"{workflow}-workflow",
        NotificationChannel="masugata:notifications",
        SessionDuration=3600,
        RequestMessage="please",
        RedirectUrl="https://vendor.example.com/done",
    )
    return str(made["DelegationRequestId"])
