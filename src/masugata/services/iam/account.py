"""Operations on the account itself: its alias and the summary of what it holds."""

from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import (
    ACCESS_KEY,
    GROUP,
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    MFA_DEVICE,
    ROLE,
    SERVER_CERTIFICATE,
    SIGNING_CERTIFICATE,
    USER,
)
from masugata.records.kind import Kind
from masugata.services.iam._common import Entity, already_exists, no_such_entity, page
from masugata.services.iam.access_keys import ACCESS_KEYS_PER_USER
from masugata.services.iam.attachments import ATTACHED_POLICIES_PER_ENTITY
from masugata.services.iam.groups import GROUPS_PER_ACCOUNT, GROUPS_PER_USER
from masugata.services.iam.inline_policies import INLINE_POLICY_SIZES
from masugata.services.iam.instance_profiles import INSTANCE_PROFILES_PER_ACCOUNT
from masugata.services.iam.policies import POLICIES_PER_ACCOUNT, POLICY_SIZE
from masugata.services.iam.policy_versions import VERSIONS_PER_POLICY
from masugata.services.iam.roles import ROLES_PER_ACCOUNT
from masugata.services.iam.server_certificates import SERVER_CERTIFICATES_PER_ACCOUNT
from masugata.services.iam.signing_certificates import SIGNING_CERTIFICATES_PER_USER
from masugata.services.iam.trust import TRUST_POLICY_SIZE
from masugata.services.iam.users import USERS_PER_ACCOUNT

if TYPE_CHECKING:
    from masugata_types import iam as shapes

# Values of a fresh account; source: GetAccountSummary, "IAM and AWS STS quotas".
_QUOTAS = {
    "AccessKeysPerUserQuota": ACCESS_KEYS_PER_USER,
    "AssumeRolePolicySizeQuota": TRUST_POLICY_SIZE,
    "AttachedPoliciesPerGroupQuota": ATTACHED_POLICIES_PER_ENTITY,
    "AttachedPoliciesPerRoleQuota": ATTACHED_POLICIES_PER_ENTITY,
    "AttachedPoliciesPerUserQuota": ATTACHED_POLICIES_PER_ENTITY,
    "GroupPolicySizeQuota": INLINE_POLICY_SIZES["Group"],
    "GroupsPerUserQuota": GROUPS_PER_USER,
    "GroupsQuota": GROUPS_PER_ACCOUNT,
    "InstanceProfilesQuota": INSTANCE_PROFILES_PER_ACCOUNT,
    "PoliciesQuota": POLICIES_PER_ACCOUNT,
    "PolicySizeQuota": POLICY_SIZE,
    "PolicyVersionsInUseQuota": 10000,
    "RolePolicySizeQuota": INLINE_POLICY_SIZES["Role"],
    "RolesQuota": ROLES_PER_ACCOUNT,
    "ServerCertificatesQuota": SERVER_CERTIFICATES_PER_ACCOUNT,
    "SigningCertificatesPerUserQuota": SIGNING_CERTIFICATES_PER_USER,
    "UserPolicySizeQuota": INLINE_POLICY_SIZES["User"],
    "UsersQuota": USERS_PER_ACCOUNT,
    "VersionsPerPolicyQuota": VERSIONS_PER_POLICY,
}
# What no operation can create yet, and the version of the global endpoint's tokens.
_CONSTANTS = {
    "AccountPasswordPresent": 0,
    "GlobalEndpointTokenVersion": 1,
    "Providers": 0,
}


def create_account_alias(
    call: Call, request: "shapes.CreateAccountAliasRequest"
) -> "shapes.CreateAccountAliasResponse":
    """Give the account an alias; it replaces the one before. No two accounts share one."""
    alias = request["AccountAlias"]
    if call.records.by_name(ACCOUNT, "alias", alias) is not None:
        raise already_exists(f"The account alias {alias} already exists.")
    _put_alias(call, _account(call), alias)
    return {}


def delete_account_alias(
    call: Call, request: "shapes.DeleteAccountAliasRequest"
) -> "shapes.DeleteAccountAliasResponse":
    """Take the alias away; it must be named rightly."""
    account = _account(call)
    if account.alias != request["AccountAlias"]:
        raise no_such_entity(f"The account alias {request['AccountAlias']} cannot be found.")
    _put_alias(call, account, None)
    return {}


def list_account_aliases(
    call: Call, request: "shapes.ListAccountAliasesRequest"
) -> "shapes.ListAccountAliasesResponse":
    """The account's alias: none or one."""
    alias = _account(call).alias
    chosen, end = page([alias] if alias else [], request, "AccountAliases", str)
    return {"AccountAliases": chosen, **end}


def get_account_summary(
    call: Call, _request: "shapes.GetAccountSummaryRequest"
) -> "shapes.GetAccountSummaryResponse":
    """How much of what the account holds, and how much it may hold."""

    def of_root(kind: Kind[Any]) -> int:
        return int(bool(call.records.referring(kind, call.account, "owner", call.account)))

    counts = {
        "AccountAccessKeysPresent": of_root(ACCESS_KEY),
        "AccountMFAEnabled": of_root(MFA_DEVICE),
        "AccountSigningCertificatesPresent": of_root(SIGNING_CERTIFICATE),
        "Groups": call.records.count(GROUP, call.account),
        "InstanceProfiles": call.records.count(INSTANCE_PROFILE, call.account),
        "MFADevices": call.records.count(MFA_DEVICE, call.account),
        "MFADevicesInUse": sum(
            device.owner_id is not None for device in call.records.scan(MFA_DEVICE, call.account)
        ),
        "Policies": call.records.count(MANAGED_POLICY, call.account),
        "PolicyVersionsInUse": _policy_versions_in_use(call),
        "ServerCertificates": call.records.count(SERVER_CERTIFICATE, call.account),
        "Roles": call.records.count(ROLE, call.account),
        "Users": call.records.count(USER, call.account),
    }
    summary = {**_QUOTAS, **_CONSTANTS, **counts}
    return {"SummaryMap": dict(sorted(summary.items()))}


def _policy_versions_in_use(call: Call) -> int:
    """The managed policies, AWS's own included, that something in the account is attached to.

    Each is in use in one version, its default.
    """
    return len(_attached(call, USER) | _attached(call, GROUP) | _attached(call, ROLE))


def _attached(call: Call, kind: Kind[Entity]) -> set[str]:
    principals = call.records.scan(kind, call.account)
    return {arn for principal in principals for arn in principal.attached_policies}


def _account(call: Call) -> Account:
    account = call.records.get(ACCOUNT, call.account, call.account)
    if account is None:
        raise AwsError("ServiceFailure", f"account `{call.account}` has no record", 500)
    return account


def _put_alias(call: Call, account: Account, alias: str | None) -> None:
    call.transaction.put(ACCOUNT, call.account, msgspec.structs.replace(account, alias=alias))
