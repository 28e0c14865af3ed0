"""What each built operation acts on, and with which condition keys, by AWS's authorization reference."""

from collections.abc import Mapping
from typing import Any

from unit.authorization.world import ACCOUNT_ID, ALICE_KEY, BOUNDARY, CREDENTIAL_ID, IAM

USER = f"{IAM}user/staff/alice"
GROUP = f"{IAM}group/kitchen/bakers"
ROLE = f"{IAM}role/kitchen/Cook"
POLICY = f"{IAM}policy/kitchen/Bread"
PROFILE = f"{IAM}instance-profile/kitchen/Oven"
PHONE = f"{IAM}mfa/staff/phone"

A, G, R, P, I, M = (  # noqa: E741
    {"UserName": "alice"},
    {"GroupName": "bakers"},
    {"RoleName": "Cook"},
    {"PolicyArn": POLICY},
    {"InstanceProfileName": "Oven"},
    {"SerialNumber": PHONE},
)
INLINE = {"PolicyName": "p", "PolicyDocument": "{}"}
VERSION = {"VersionId": "v1"}
TAGS = {"Tags": [{"Key": "Shop", "Value": "bakery"}]}
UNTAG = {"TagKeys": ["Shop"]}
BOUND = {"PermissionsBoundary": BOUNDARY}
NEW = {"Path": "/new/"}

USER_TAGS = {"aws:ResourceTag/Team": "red", "iam:ResourceTag/Team": "red"}
OTHER_TAGS = {"aws:ResourceTag/Team": "red"}
HAS = {"iam:PermissionsBoundary": BOUNDARY}
NOW_BOUND = {"iam:PermissionsBoundary": POLICY}
ARN = {"iam:PolicyARN": POLICY}
TAG = {"aws:RequestTag/Shop": "bakery", "aws:TagKeys": ["Shop"]}
KEYS = {"aws:TagKeys": ["Shop"]}

# Operation, request, resource, and the keys beyond the resource's own tags.
Row = tuple[str, Mapping[str, Any], str, Mapping[str, Any]]
ON_USERS: list[Row] = [
    ("GetUser", A, USER, {}),
    ("UpdateUser", A, USER, {}),
    ("DeleteUser", A, USER, {}),
    ("ListGroupsForUser", A, USER, {}),
    ("CreateAccessKey", A, USER, {}),
    ("ListAccessKeys", A, USER, {}),
    ("UpdateAccessKey", {**A, "AccessKeyId": ALICE_KEY, "Status": "Inactive"}, USER, {}),
    ("DeleteAccessKey", {**A, "AccessKeyId": ALICE_KEY}, USER, {}),
    ("GetAccessKeyLastUsed", {"AccessKeyId": ALICE_KEY}, USER, {}),
    ("TagUser", A | TAGS, USER, TAG),
    ("UntagUser", A | UNTAG, USER, KEYS),
    ("ListUserTags", A, USER, {}),
    ("AttachUserPolicy", A | P, USER, HAS | ARN),
    ("DetachUserPolicy", A | P, USER, HAS | ARN),
    ("ListAttachedUserPolicies", A, USER, {}),
    ("PutUserPolicy", A | INLINE, USER, HAS),
    ("GetUserPolicy", A | INLINE, USER, {}),
    ("ListUserPolicies", A, USER, {}),
    ("DeleteUserPolicy", A | INLINE, USER, HAS),
    ("PutUserPermissionsBoundary", {**A, "PermissionsBoundary": POLICY}, USER, NOW_BOUND),
    ("DeleteUserPermissionsBoundary", A, USER, HAS),
    ("EnableMFADevice", A | M, USER, {}),
    ("DeactivateMFADevice", A | M, USER, {}),
    ("ResyncMFADevice", A | M, USER, {}),
    ("ListMFADevices", A, USER, {}),
    ("GetMFADevice", A | M, USER, {}),
]  # fmt: skip
SSH = {**A, "SSHPublicKeyId": "APKAEXAMPLE"}
SIGNING = {**A, "CertificateId": "ASCAEXAMPLE"}
CREDENTIAL = {**A, "ServiceSpecificCredentialId": CREDENTIAL_ID}
GIT = {"iam:ServiceSpecificCredentialServiceName": "codecommit.amazonaws.com"}
ON_CREDENTIALS: list[Row] = [
    ("UploadSigningCertificate", A, USER, {}),
    ("ListSigningCertificates", A, USER, {}),
    ("UpdateSigningCertificate", SIGNING, USER, {}),
    ("DeleteSigningCertificate", SIGNING, USER, {}),
    ("UploadSSHPublicKey", A, USER, {}),
    ("GetSSHPublicKey", SSH, USER, {}),
    ("ListSSHPublicKeys", A, USER, {}),
    ("UpdateSSHPublicKey", SSH, USER, {}),
    ("DeleteSSHPublicKey", SSH, USER, {}),
    (
        "CreateServiceSpecificCredential",
        {**A, "ServiceName": "bedrock.amazonaws.com", "CredentialAgeDays": 30},
        USER,
        {
            "iam:ServiceSpecificCredentialServiceName": "bedrock.amazonaws.com",
            "iam:ServiceSpecificCredentialAgeDays": "30",
        },
    ),
    ("ListServiceSpecificCredentials", A, USER, {}),
    ("UpdateServiceSpecificCredential", CREDENTIAL, USER, GIT),
    ("ResetServiceSpecificCredential", CREDENTIAL, USER, GIT),
    ("DeleteServiceSpecificCredential", CREDENTIAL, USER, GIT),
]
S = {"ServerCertificateName": "Seal"}
SEAL = f"{IAM}server-certificate/kitchen/Seal"
ON_SERVER_CERTIFICATES: list[Row] = [
    ("GetServerCertificate", S, SEAL, {}),
    ("UpdateServerCertificate", S, SEAL, {}),
    ("DeleteServerCertificate", S, SEAL, {}),
    ("TagServerCertificate", S | TAGS, SEAL, TAG),
    ("UntagServerCertificate", S | UNTAG, SEAL, KEYS),
    ("ListServerCertificateTags", S, SEAL, {}),
]
ON_ROLES: list[Row] = [
    ("GetRole", R, ROLE, HAS),
    ("UpdateRole", R, ROLE, HAS),
    ("UpdateRoleDescription", R, ROLE, HAS),
    ("UpdateAssumeRolePolicy", R, ROLE, HAS),
    ("DeleteRole", R, ROLE, HAS),
    ("TagRole", R | TAGS, ROLE, TAG),
    ("UntagRole", R | UNTAG, ROLE, KEYS),
    ("ListRoleTags", R, ROLE, {}),
    ("AttachRolePolicy", R | P, ROLE, HAS | ARN),
    ("DetachRolePolicy", R | P, ROLE, HAS | ARN),
    ("ListAttachedRolePolicies", R, ROLE, {}),
    ("PutRolePolicy", R | INLINE, ROLE, HAS),
    ("GetRolePolicy", R | INLINE, ROLE, {}),
    ("ListRolePolicies", R, ROLE, {}),
    ("DeleteRolePolicy", R | INLINE, ROLE, HAS),
    ("PutRolePermissionsBoundary", {**R, "PermissionsBoundary": POLICY}, ROLE, NOW_BOUND),
    ("DeleteRolePermissionsBoundary", R, ROLE, HAS),
    ("ListInstanceProfilesForRole", R, ROLE, {}),
    ("SimulatePrincipalPolicy", {"PolicySourceArn": ROLE}, ROLE, {}),
    ("GetContextKeysForPrincipalPolicy", {"PolicySourceArn": ROLE}, ROLE, {}),
]  # fmt: skip
ON_POLICIES_AND_PROFILES: list[Row] = [
    ("GetPolicy", P, POLICY, {}),
    ("DeletePolicy", P, POLICY, {}),
    ("CreatePolicyVersion", {**P, "PolicyDocument": "{}", "SetAsDefault": True}, POLICY, {}),
    ("GetPolicyVersion", P | VERSION, POLICY, {}),
    ("ListPolicyVersions", P, POLICY, {}),
    ("SetDefaultPolicyVersion", P | VERSION, POLICY, {}),
    ("DeletePolicyVersion", P | VERSION, POLICY, {}),
    ("ListEntitiesForPolicy", P, POLICY, {}),
    ("TagPolicy", P | TAGS, POLICY, TAG),
    ("UntagPolicy", P | UNTAG, POLICY, KEYS),
    ("ListPolicyTags", P, POLICY, {}),
    ("GetInstanceProfile", I, PROFILE, {}),
    ("AddRoleToInstanceProfile", I | R, PROFILE, {}),
    ("RemoveRoleFromInstanceProfile", I | R, PROFILE, {}),
    ("DeleteInstanceProfile", I, PROFILE, {}),
    ("TagInstanceProfile", I | TAGS, PROFILE, TAG),
    ("UntagInstanceProfile", I | UNTAG, PROFILE, KEYS),
    ("ListInstanceProfileTags", I, PROFILE, {}),
    ("DeleteVirtualMFADevice", M, PHONE, {}),
    ("TagMFADevice", M | TAGS, PHONE, TAG),
    ("UntagMFADevice", M | UNTAG, PHONE, KEYS),
    ("ListMFADeviceTags", M, PHONE, {}),
]
ON_GROUPS: list[Row] = [
    ("GetGroup", G, GROUP, {}),
    ("UpdateGroup", G, GROUP, {}),
    ("DeleteGroup", G, GROUP, {}),
    ("AddUserToGroup", G | A, GROUP, {}),
    ("RemoveUserFromGroup", G | A, GROUP, {}),
    ("AttachGroupPolicy", G | P, GROUP, ARN),
    ("DetachGroupPolicy", G | P, GROUP, ARN),
    ("ListAttachedGroupPolicies", G, GROUP, {}),
    ("PutGroupPolicy", G | INLINE, GROUP, {}),
    ("GetGroupPolicy", G | INLINE, GROUP, {}),
    ("ListGroupPolicies", G, GROUP, {}),
    ("DeleteGroupPolicy", G | INLINE, GROUP, {}),
]
# What does not exist yet has no tags.
CREATING: list[Row] = [
    ("CreateUser", {"UserName": "bob", **NEW, **BOUND}, f"{IAM}user/new/bob", HAS),
    ("CreateGroup", {"GroupName": "cleaners", **NEW}, f"{IAM}group/new/cleaners", {}),
    ("CreateRole", {"RoleName": "Waiter", **NEW, **BOUND}, f"{IAM}role/new/Waiter", HAS),
    ("CreatePolicy", {"PolicyName": "Cake", **NEW}, f"{IAM}policy/new/Cake", {}),
    (
        "CreateInstanceProfile",
        {"InstanceProfileName": "Stove", **NEW},
        f"{IAM}instance-profile/new/Stove",
        {},
    ),
    ("CreateVirtualMFADevice", {"VirtualMFADeviceName": "tablet", **NEW}, f"{IAM}mfa/new/tablet", {}),
    (
        "UploadServerCertificate",
        {"ServerCertificateName": "Stamp", **NEW},
        f"{IAM}server-certificate/new/Stamp",
        {},
    ),
]
LISTINGS: list[Row] = [
    ("ListUsers", {}, f"{IAM}user/", {}),
    ("ListGroups", {"PathPrefix": "/kitchen/"}, f"{IAM}group/kitchen/", {}),
    ("ListRoles", {}, f"{IAM}role/", {}),
    ("ListInstanceProfiles", {"PathPrefix": "/k"}, f"{IAM}instance-profile/k", {}),
]
ON_EVERYTHING: list[Row] = [
    (name, {}, "*", {})
    for name in (
        "CreateAccountAlias",
        "DeleteAccountAlias",
        "ListAccountAliases",
        "GetAccountSummary",
        "ListPolicies",
        "ListVirtualMFADevices",
        "ListServerCertificates",
        "GetAccountAuthorizationDetails",
        "SimulateCustomPolicy",
        "GetContextKeysForCustomPolicy",
    )
]
IAM_ROWS = [
    *((row, USER_TAGS) for row in (*ON_USERS, *ON_CREDENTIALS, *ON_ROLES)),
    *((row, OTHER_TAGS) for row in (*ON_POLICIES_AND_PROFILES, *ON_SERVER_CERTIFICATES)),
    *((row, {}) for row in (*ON_GROUPS, *CREATING, *LISTINGS, *ON_EVERYTHING)),
]
STS_ROWS: dict[str, tuple[Mapping[str, Any], list[tuple[str, str, Mapping[str, Any]]]]] = {
    "AssumeRole": (
        {"RoleArn": ROLE, "RoleSessionName": "hanako"},
        [("sts:AssumeRole", ROLE, USER_TAGS | {"sts:RoleSessionName": "hanako"})],
    ),
    "DecodeAuthorizationMessage": ({}, [("sts:DecodeAuthorizationMessage", "*", {})]),
    "GetAccessKeyInfo": ({}, [("sts:GetAccessKeyInfo", "*", {})]),
    "GetCallerIdentity": ({}, []),
    "GetFederationToken": (
        {"Name": "taro"},
        [("sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT_ID}:federated-user/taro", {})],
    ),
    "GetSessionToken": ({}, []),
}
