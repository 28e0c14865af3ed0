"""The account's alias and its summary."""

from datetime import UTC, datetime

import msgspec
import pytest

from masugata.records.iam import (
    GROUP,
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    USER,
    InstanceProfile,
    ManagedPolicy,
    PolicyVersion,
)

MOMENT = datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC)
# What GetAccountSummary answers in AWS for an account in which nothing was made.
FRESH = {
    "AccessKeysPerUserQuota": 2,
    "AccountAccessKeysPresent": 0,
    "AccountMFAEnabled": 0,
    "AccountPasswordPresent": 0,
    "AccountSigningCertificatesPresent": 0,
    "AssumeRolePolicySizeQuota": 2048,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "AttachedPoliciesPerUserQuota": 10,
    "GlobalEndpointTokenVersion": 1,
    "GroupPolicySizeQuota": 5120,
    "Groups": 0,
    "GroupsPerUserQuota": 10,
    "GroupsQuota": 300,
    "InstanceProfiles": 0,
    "InstanceProfilesQuota": 1000,
    "MFADevices": 0,
    "MFADevicesInUse": 0,
    "Policies": 0,
    "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144,
    "PolicyVersionsInUse": 0,
    "PolicyVersionsInUseQuota": 10000,
    "Providers": 0,
    "RolePolicySizeQuota": 10240,
    "Roles": 0,
    "RolesQuota": 1000,
    "ServerCertificates": 0,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
    "UserPolicySizeQuota": 2048,
    "Users": 0,
    "UsersQuota": 5000,
    "VersionsPerPolicyQuota": 5,
}


def test_alias_lifecycle(iam):
    """An account has no alias, gets one, has it replaced, and loses it."""
    assert iam("ListAccountAliases") == {"AccountAliases": [], "IsTruncated": False}
    assert iam("CreateAccountAlias", AccountAlias="castle") == {}
    assert iam("ListAccountAliases") == {"AccountAliases": ["castle"], "IsTruncated": False}
    iam("CreateAccountAlias", AccountAlias="keep")
    assert iam("ListAccountAliases")["AccountAliases"] == ["keep"]
    assert iam("DeleteAccountAlias", AccountAlias="keep") == {}
    assert iam("ListAccountAliases")["AccountAliases"] == []


@pytest.mark.parametrize("account", ["111122223333", "444455556666"])
def test_an_alias_is_taken_once(iam, account):
    """Nobody gets an alias that is taken, not even the account that has it."""
    iam("CreateAccountAlias", AccountAlias="castle")
    if account != iam.account:
        iam.add_account(account)
    iam.act_as(iam.root(account))
    assert iam.fails("CreateAccountAlias", AccountAlias="castle") == (
        "EntityAlreadyExists",
        "The account alias castle already exists.",
        409,
    )


def test_a_replaced_alias_is_free_again(iam):
    """Another account can take the alias that was given up."""
    iam("CreateAccountAlias", AccountAlias="castle")
    iam("CreateAccountAlias", AccountAlias="keep")
    iam.add_account("444455556666")
    iam.act_as(iam.root("444455556666"))
    iam("CreateAccountAlias", AccountAlias="castle")
    assert iam("ListAccountAliases")["AccountAliases"] == ["castle"]


@pytest.mark.parametrize("alias", [None, "castle"])
def test_only_the_present_alias_can_be_deleted(iam, alias):
    """An alias that the account does not have is unknown."""
    if alias:
        iam("CreateAccountAlias", AccountAlias=alias)
    assert iam.fails("DeleteAccountAlias", AccountAlias="keep") == (
        "NoSuchEntity",
        "The account alias keep cannot be found.",
        404,
    )


def test_summary_of_a_fresh_account(iam):
    """Every key of AWS's summary is there, with AWS's quotas."""
    assert iam("GetAccountSummary") == {"SummaryMap": FRESH}


def test_summary_counts_what_there_is(iam):
    """Counts follow what is created, in this account only."""
    policy = ManagedPolicy(
        name="p",
        id="ANPAP",
        create_date=MOMENT,
        update_date=MOMENT,
        versions=(PolicyVersion(number=1, document="{}", create_date=MOMENT),),
        default_version=1,
        latest_version=1,
    )
    own, aws = "arn:aws:iam::111122223333:policy/p", "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam("CreateUser", UserName="alice")
    iam("CreateUser", UserName="bob")
    iam("CreateGroup", GroupName="devs")
    iam("CreateAccessKey")
    iam.add_role("deployer", attached_policies=(own,))
    iam.put(MANAGED_POLICY, policy)
    iam.put(INSTANCE_PROFILE, InstanceProfile(name="web", id="AIPAWEB", create_date=MOMENT))
    iam.put(USER, msgspec.structs.replace(iam.get(USER, "alice"), attached_policies=(own, aws)))
    iam.put(GROUP, msgspec.structs.replace(iam.get(GROUP, "devs"), attached_policies=(aws,)))
    assert iam("GetAccountSummary")["SummaryMap"] == {
        **FRESH,
        "AccountAccessKeysPresent": 1,
        "Groups": 1,
        "InstanceProfiles": 1,
        "Policies": 1,
        "PolicyVersionsInUse": 2,
        "Roles": 1,
        "Users": 2,
    }
    iam.add_account("444455556666")
    iam.act_as(iam.root("444455556666"))
    assert iam("GetAccountSummary") == {"SummaryMap": FRESH}
