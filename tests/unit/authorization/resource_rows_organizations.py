"""What Organizations operations act on, by AWS's authorization reference."""

from collections.abc import Mapping
from typing import Any

MANAGEMENT, MEMBER = "111122223333", "444455556666"
ID, ROOT, UNIT, POLICY = "o-exampleorgid", "r-exam", "ou-exam-shops123", "p-examplepolicy"
HANDSHAKE, TRANSFER, RESOURCE_POLICY = "h-examplehandshake", "rt-exampletransfer", "rp-exampleresource"
_HEAD = f"arn:aws:organizations::{MANAGEMENT}:"

Found = tuple[str, Mapping[str, Any]]
TAGS: Mapping[str, Any] = {"Tags": [{"Key": "Shop", "Value": "bakery"}]}
TAG = {"aws:RequestTag/Shop": "bakery", "aws:TagKeys": ["Shop"]}
KEYS = {"aws:TagKeys": ["Shop"]}
TEAM = {"aws:ResourceTag/Team": "red"}
TYPE = {"organizations:PolicyType": "SERVICE_CONTROL_POLICY"}
SCP = "SERVICE_CONTROL_POLICY"
SERVICE = {"organizations:ServicePrincipal": "config.amazonaws.com"}
BILLING = {"organizations:TransferType": "BILLING"}

ON_ACCOUNT = f"{_HEAD}account/{ID}/{MEMBER}"
ON_ROOT = f"{_HEAD}root/{ID}/{ROOT}"
ON_UNIT = f"{_HEAD}ou/{ID}/{UNIT}"
ON_POLICY = f"{_HEAD}policy/{ID}/service_control_policy/{POLICY}"
ON_HANDSHAKE = f"{_HEAD}handshake/{ID}/invite/{HANDSHAKE}"
ON_TRANSFER = f"{_HEAD}transfer/{ID}/billing/outbound/{TRANSFER}"
ON_RESOURCE_POLICY = f"{_HEAD}resourcepolicy/{ID}/{RESOURCE_POLICY}"
OUTBOUND = BILLING | {"organizations:TransferDirection": "OUTBOUND"} | TEAM
INBOUND = BILLING | {"organizations:TransferDirection": "INBOUND"}
ALL: Found = ("*", {})

_A, _U, _P, _H, _T = (
    {"AccountId": MEMBER},
    {"OrganizationalUnitId": UNIT},
    {"PolicyId": POLICY},
    {"HandshakeId": HANDSHAKE},
    {"Id": TRANSFER},
)
_S = {"ServicePrincipal": "config.amazonaws.com"}
_B = {"Type": "BILLING"}
_NEW = {"Email": "x@example.com", "AccountName": "x"}

ROWS: list[tuple[str, Mapping[str, Any], list[Found]]] = [
    ("AcceptHandshake", _H, [(ON_HANDSHAKE, {})]),
    ("AttachPolicy", _P | {"TargetId": UNIT}, [(ON_POLICY, TYPE | TEAM), (ON_UNIT, TYPE | TEAM)]),
    ("CancelHandshake", _H, [(ON_HANDSHAKE, {})]),
    ("CloseAccount", _A, [(ON_ACCOUNT, TEAM)]),
    ("CreateAccount", _NEW | TAGS, [("*", TAG)]),
    ("CreateGovCloudAccount", _NEW | TAGS, [("*", TAG)]),
    ("CreateOrganization", {}, [ALL]),
    ("CreateOrganizationalUnit", {"ParentId": ROOT, "Name": "x"} | TAGS, [(ON_ROOT, TEAM | TAG)]),
    (
        "CreatePolicy",
        {"Type": SCP, "Name": "x"} | TAGS,
        [(f"{_HEAD}policy/{ID}/service_control_policy/*", TYPE | TAG)],
    ),
    ("DeclineHandshake", _H, [(ON_HANDSHAKE, {})]),
    ("DeleteOrganization", {}, [ALL]),
    ("DeleteOrganizationalUnit", _U, [(ON_UNIT, TEAM)]),
    ("DeletePolicy", _P, [(ON_POLICY, TYPE | TEAM)]),
    ("DeleteResourcePolicy", {}, [ALL]),
    ("DeregisterDelegatedAdministrator", _A | _S, [(ON_ACCOUNT, TEAM | SERVICE)]),
    ("DescribeAccount", _A, [(ON_ACCOUNT, TEAM)]),
    ("DescribeCreateAccountStatus", {"CreateAccountRequestId": "car-examplerequest"}, [ALL]),
    (
        "DescribeEffectivePolicy",
        {"PolicyType": "TAG_POLICY", "TargetId": MEMBER},
        [(ON_ACCOUNT, TEAM | {"organizations:PolicyType": "TAG_POLICY"})],
    ),
    ("DescribeHandshake", _H, [(ON_HANDSHAKE, {})]),
    ("DescribeOrganization", {}, [ALL]),
    ("DescribeOrganizationalUnit", _U, [(ON_UNIT, TEAM)]),
    ("DescribePolicy", _P, [(ON_POLICY, TYPE | TEAM)]),
    ("DescribeResourcePolicy", {}, [ALL]),
    ("DescribeResponsibilityTransfer", _T, [(ON_TRANSFER, OUTBOUND)]),
    ("DetachPolicy", _P | {"TargetId": ROOT}, [(ON_POLICY, TYPE | TEAM), (ON_ROOT, TYPE | TEAM)]),
    ("DisableAWSServiceAccess", _S, [("*", SERVICE)]),
    ("DisablePolicyType", {"RootId": ROOT, "PolicyType": SCP}, [(ON_ROOT, TYPE | TEAM)]),
    ("EnableAWSServiceAccess", _S, [("*", SERVICE)]),
    ("EnableAllFeatures", {}, [ALL]),
    ("EnablePolicyType", {"RootId": ROOT, "PolicyType": SCP}, [(ON_ROOT, TYPE | TEAM)]),
    (
        "InviteAccountToOrganization",
        {"Target": {"Type": "ACCOUNT", "Id": "777788889999"}} | TAGS,
        [(f"{_HEAD}account/{ID}/777788889999", TAG)],
    ),
    (
        "InviteOrganizationToTransferResponsibility",
        {"Target": {"Type": "EMAIL", "Id": "x@example.com"}} | _B | TAGS,
        [("*", INBOUND | TAG)],
    ),
    ("LeaveOrganization", {}, [ALL]),
    ("ListAWSServiceAccessForOrganization", {}, [ALL]),
    ("ListAccounts", {}, [ALL]),
    ("ListAccountsForParent", {"ParentId": UNIT}, [(ON_UNIT, TEAM)]),
    (
        "ListAccountsWithInvalidEffectivePolicy",
        {"PolicyType": "TAG_POLICY"},
        [("*", {"organizations:PolicyType": "TAG_POLICY"})],
    ),
    ("ListChildren", {"ParentId": ROOT, "ChildType": "ACCOUNT"}, [(ON_ROOT, TEAM)]),
    ("ListCreateAccountStatus", {}, [ALL]),
    ("ListDelegatedAdministrators", _S, [("*", SERVICE)]),
    ("ListDelegatedServicesForAccount", _A, [(ON_ACCOUNT, TEAM)]),
    (
        "ListEffectivePolicyValidationErrors",
        _A | {"PolicyType": "TAG_POLICY"},
        [(ON_ACCOUNT, TEAM | {"organizations:PolicyType": "TAG_POLICY"})],
    ),
    ("ListHandshakesForAccount", {"Filter": {"ActionType": "INVITE"}}, [ALL]),
    ("ListHandshakesForOrganization", {"Filter": {"ActionType": "INVITE"}}, [ALL]),
    ("ListInboundResponsibilityTransfers", _B, [("*", INBOUND)]),
    ("ListOrganizationalUnitsForParent", {"ParentId": ROOT}, [(ON_ROOT, TEAM)]),
    (
        "ListOutboundResponsibilityTransfers",
        _B,
        [("*", BILLING | {"organizations:TransferDirection": "OUTBOUND"})],
    ),
    ("ListParents", {"ChildId": MEMBER}, [(ON_ACCOUNT, TEAM)]),
    ("ListPolicies", {"Filter": SCP}, [("*", TYPE)]),
    ("ListPoliciesForTarget", {"TargetId": MEMBER, "Filter": SCP}, [(ON_ACCOUNT, TYPE | TEAM)]),
    ("ListRoots", {}, [ALL]),
    ("ListTagsForResource", {"ResourceId": POLICY}, [(ON_POLICY, TYPE | TEAM)]),
    ("ListTargetsForPolicy", _P, [(ON_POLICY, TYPE | TEAM)]),
    (
        "MoveAccount",
        _A | {"SourceParentId": ROOT, "DestinationParentId": UNIT},
        [(ON_ACCOUNT, TEAM), (ON_UNIT, TEAM), (ON_ROOT, TEAM)],
    ),
    ("PutResourcePolicy", {"Content": "{}"} | TAGS, [(f"{_HEAD}resourcepolicy/{ID}/*", TAG)]),
    ("RegisterDelegatedAdministrator", _A | _S, [(ON_ACCOUNT, TEAM | SERVICE)]),
    ("RemoveAccountFromOrganization", _A, [(ON_ACCOUNT, TEAM)]),
    ("TagResource", {"ResourceId": RESOURCE_POLICY} | TAGS, [(ON_RESOURCE_POLICY, TEAM | TAG)]),
    ("TerminateResponsibilityTransfer", _T, [(ON_TRANSFER, OUTBOUND)]),
    ("UntagResource", {"ResourceId": UNIT, "TagKeys": ["Shop"]}, [(ON_UNIT, TEAM | KEYS)]),
    ("UpdateOrganizationalUnit", _U | {"Name": "y"}, [(ON_UNIT, TEAM)]),
    ("UpdatePolicy", _P, [(ON_POLICY, TYPE | TEAM)]),
    ("UpdateResponsibilityTransfer", _T | {"Name": "y"}, [(ON_TRANSFER, OUTBOUND)]),
]
