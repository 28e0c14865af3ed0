"""Exported accounts as records."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from masugata.authorization.accounts import (
    AccountExport,
    AccountExportError,
    AccountView,
    read_details,
    view_of_exports,
    view_of_policies,
)
from masugata.authorization.policies import caller_policies
from masugata.identity.caller import Caller, CallerKind
from masugata.records.iam import GROUP, INSTANCE_PROFILE, ROLE, USER

ACCOUNT = "111122223333"
DATE = "2026-01-02T03:04:05+00:00"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SHOP = f"arn:aws:iam::{ACCOUNT}:policy/shop"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def details(account: str = ACCOUNT) -> dict[str, Any]:
    """An account with one of each: the user alice of the group cooks, and the role oven."""
    head = f"arn:aws:iam::{account}:"
    return {
        "UserDetailList": [
            {
                "Path": "/staff/",
                "UserName": "alice",
                "UserId": f"AIDA{account}",
                "Arn": f"{head}user/staff/alice",
                "CreateDate": DATE,
                "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": ALLOW}],
                "GroupList": ["cooks"],
                "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ}],
                "PermissionsBoundary": {
                    "PermissionsBoundaryType": "Policy",
                    "PermissionsBoundaryArn": f"{head}policy/shop",
                },
                "Tags": [{"Key": "team", "Value": "kitchen"}],
            }
        ],
        "GroupDetailList": [
            {
                "Path": "/",
                "GroupName": "cooks",
                "GroupId": f"AGPA{account}",
                "Arn": f"{head}group/cooks",
                "CreateDate": DATE,
                "GroupPolicyList": [{"PolicyName": "never", "PolicyDocument": quote(json.dumps(DENY))}],
                "AttachedManagedPolicies": [],
            }
        ],
        "RoleDetailList": [
            {
                "Path": "/",
                "RoleName": "oven",
                "RoleId": f"AROA{account}",
                "Arn": f"{head}role/oven",
                "CreateDate": DATE,
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"{head}user/staff/alice"},
                        "Action": "sts:AssumeRole",
                    },
                },
                "InstanceProfileList": [
                    {
                        "Path": "/",
                        "InstanceProfileName": "ovens",
                        "InstanceProfileId": f"AIPA{account}",
                        "Arn": f"{head}instance-profile/ovens",
                        "CreateDate": DATE,
                        "Roles": [{"RoleName": "oven"}],
                    }
                ],
                "RolePolicyList": [],
                "AttachedManagedPolicies": [],
                "Tags": [],
                "RoleLastUsed": {},
            }
        ],
        "Policies": [
            {
                "PolicyName": "shop",
                "PolicyId": f"ANPA{account}",
                "Arn": f"{head}policy/shop",
                "Path": "/",
                "DefaultVersionId": "v2",
                "AttachmentCount": 0,
                "PermissionsBoundaryUsageCount": 1,
                "IsAttachable": True,
                "CreateDate": DATE,
                "UpdateDate": DATE,
                "PolicyVersionList": [
                    {"Document": ALLOW, "VersionId": "v2", "IsDefaultVersion": True, "CreateDate": DATE},
                    {"Document": DENY, "VersionId": "v1", "IsDefaultVersion": False, "CreateDate": DATE},
                ],
            }
        ],
    }


def view(*exports: dict[str, Any]) -> AccountView:
    """The view of exports of one page each."""
    return view_of_exports(
        [AccountExport(f"file{i}", [read_details(d, f"file{i}")]) for i, d in enumerate(exports)]
    )


def alice(account: str = ACCOUNT) -> Caller:
    """The user of `details`."""
    arn = f"arn:aws:iam::{account}:user/staff/alice"
    return Caller(
        kind=CallerKind.USER,
        account=account,
        arn=arn,
        user_id=f"AIDA{account}",
        access_key_id="",
        entity_name="alice",
        issuer_arn=arn,
        issuer_id=f"AIDA{account}",
    )


def test_an_export_becomes_the_records_of_a_live_account() -> None:
    """Users, groups, roles, profiles and their policies are found as the authorizer looks for them."""
    found = view(details())
    user = found.records.get(USER, ACCOUNT, "alice")
    assert found.accounts == (ACCOUNT,)
    assert user is not None
    assert (user.path, user.boundary, user.create_date) == (
        "/staff/",
        SHOP,
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    assert found.records.by_name(GROUP, "id", user.groups[0]) is not None
    role = found.records.get(ROLE, ACCOUNT, "oven")
    assert role is not None
    assert found.records.referring(INSTANCE_PROFILE, ACCOUNT, "role", role.id)
    identity, boundary, session = caller_policies(alice(), found.records)
    assert identity is not None
    assert boundary is not None
    assert session is None
    assert [policy.source.partition(" of ")[0] for policy in identity.policies] == [
        "inline policy own",
        READ,
        "inline policy never",
    ]
    assert boundary.policies[0].statements[0].allow


def test_an_aws_managed_policy_of_the_export_is_used_as_it_was_there() -> None:
    """What an export says of AWS's policy goes before masugata's own copy, of which it tells otherwise."""
    assert view(details()).notes == (f"file0 lacks {READ}: masugata's own copy of it is used",)
    brought = details()
    brought["Policies"].append(
        brought["Policies"][0]
        | {"PolicyName": "ReadOnlyAccess", "PolicyId": "ANPAREAD", "Arn": READ}
        | {"PolicyVersionList": [dict(brought["Policies"][0]["PolicyVersionList"][0], Document=DENY)]}
    )
    found = view(brought)
    identity, _, _ = caller_policies(alice(), found.records)
    assert found.notes == ()
    assert identity is not None
    assert not identity.policies[1].statements[0].allow


def test_several_files_are_several_accounts() -> None:
    """Two accounts stand beside each other, with entities of the same names."""
    found = view(details(), details("444455556666"))
    assert found.accounts == (ACCOUNT, "444455556666")
    assert found.records.get(USER, "444455556666", "alice") is not None


def test_pages_are_one_export() -> None:
    """The pages of an account that follow each other are put together, whatever page a group is on."""
    first, second = details(), details()
    first["GroupDetailList"], first["IsTruncated"], first["Marker"] = [], True, "more"
    second["UserDetailList"], second["RoleDetailList"], second["Policies"] = [], [], []
    pages = [read_details(first, "page 1"), read_details(second, "page 2")]
    assert view_of_exports([AccountExport("pages", pages)]).records.get(USER, ACCOUNT, "alice") is not None
    with pytest.raises(AccountExportError, match="pages: more pages follow"):
        view_of_exports([AccountExport("pages", pages[:1])])


def _without(section: str) -> dict[str, Any]:
    return details() | {section: []}


def _changed(section: str, **members: Any) -> dict[str, Any]:
    changed = details()
    changed[section][0].update(members)
    return changed


BAD = {
    "unknown member": (_changed("UserDetailList", Quota=1), "unknown field `Quota`"),
    "missing member": ({"UserDetailList": [{}], "RoleDetailList": []}, "missing required field"),
    "not an export": ({"Users": []}, "not what `aws iam get-account-authorization-details` writes"),
    "a list": ([], "not what `aws iam get-account-authorization-details` writes"),
    "empty": ({"UserDetailList": [], "RoleDetailList": []}, "has no user, group, role or policy"),
    "group missing": (_without("GroupDetailList"), "is in the group `cooks`, which the export lacks"),
    "policy missing": (_without("Policies"), "shop, which the export lacks"),
    "policy malformed": (
        _changed("UserDetailList", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": "{}"}]),
        "the inline policy p of .*: not a policy",
    ),
    "trust policy malformed": (
        _changed("RoleDetailList", AssumeRolePolicyDocument={"Version": "2012-10-17"}),
        "the trust policy of .*: not a policy",
    ),
    "policy not UTF-8": (
        _changed("UserDetailList", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": "%7B%ff%7D"}]),
        "the inline policy p of .*: not a policy",
    ),
    "no time": (_changed("UserDetailList", CreateDate=1e300), "`1e\\+300` is not a time"),
    "two inline policies of one name": (
        _changed("UserDetailList", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": ALLOW}] * 2),
        "two inline policies `p`",
    ),
    "two accounts in one": (
        _changed("RoleDetailList", Arn="arn:aws:iam::444455556666:role/oven"),
        "is not of the account 111122223333",
    ),
    "name and ARN differ": (
        _changed("UserDetailList", UserName="bob"),
        "is not the ARN of the user `/staff/bob`",
    ),
    "no ARN": (_changed("UserDetailList", Arn="alice"), "`alice` is not an ARN"),
    "default version missing": (
        _changed("Policies", DefaultVersionId="v9"),
        "lacks its default version `v9`",
    ),
    "next token": (details() | {"NextToken": "x"}, "more pages follow"),
}


@pytest.mark.parametrize(("export", "problem"), BAD.values(), ids=BAD.keys())
def test_an_export_that_cannot_be_relied_on_is_refused(export: dict[str, Any], problem: str) -> None:
    """Whatever is missing, unknown or contradictory might be a Deny; the error says where it is."""
    with pytest.raises(AccountExportError, match=problem):
        view(export)


def test_the_same_entity_or_account_twice_is_refused() -> None:
    """One of the two would be dropped."""
    twice = details()
    twice["UserDetailList"] *= 2
    with pytest.raises(AccountExportError, match="two of the user `alice`"):
        view(twice)
    with pytest.raises(AccountExportError, match="was exported before"):
        view(details(), details())


def test_plain_policies_are_one_user() -> None:
    """Policies without an account belong to a user made for them."""
    found = view_of_policies([("a.json", json.dumps(ALLOW))])
    user = found.records.get(USER, found.accounts[0], "policy-files")
    assert user is not None
    assert list(user.inline_policies) == ["a.json"]
