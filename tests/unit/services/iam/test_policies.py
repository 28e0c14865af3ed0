"""Managed policies: creating, reading, listing and deleting them."""

import json
from typing import Any

import pytest

from masugata.records.iam import MANAGED_POLICY, customer_managed_policy

ALLOW = (
    '{"Version": "2012-10-17",\n "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}'
)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ARN = "arn:aws:iam::111122223333:policy/team/shelf"


def create(iam: Any, name: str = "shelf", **members: Any) -> str:
    answer = iam("CreatePolicy", PolicyName=name, PolicyDocument=ALLOW, **members)
    return answer["Policy"]["Arn"]


def long_document(size: int) -> str:
    """A valid policy of `size` characters without white space, and many with it."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:Get", "Resource": "*"}],
    }
    missing = size - len(json.dumps(policy, separators=(",", ":")))
    policy["Statement"][0]["Action"] += "x" * missing
    return json.dumps(policy, indent=8)


def test_create_policy_answers_what_it_stored(iam):
    """A new policy has version v1, whole seconds, and is named for the event."""
    answer = iam("CreatePolicy", PolicyName="shelf", Path="/team/", PolicyDocument=ALLOW, Description="d")
    policy = answer["Policy"]
    record = iam.get(MANAGED_POLICY, "shelf")
    assert policy == {
        "PolicyName": "shelf",
        "PolicyId": record.id,
        "Arn": ARN,
        "Path": "/team/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": iam.now.replace(microsecond=0),
        "UpdateDate": iam.now.replace(microsecond=0),
    }
    assert record.id.startswith("ANPA")
    assert record.document() == ALLOW
    assert iam.touched == [("AWS::IAM::Policy", ARN)]


def test_create_policy_shows_its_tags(iam):
    """Tags given at creation come back at once and from GetPolicy."""
    tags = [{"Key": "Team", "Value": "books"}]
    answer = iam("CreatePolicy", PolicyName="shelf", PolicyDocument=ALLOW, Tags=tags)
    assert answer["Policy"]["Tags"] == tags
    assert iam("GetPolicy", PolicyArn=answer["Policy"]["Arn"])["Policy"]["Tags"] == tags


def test_create_policy_refuses_reserved_tags(iam):
    """A tag in AWS's own name space is refused and nothing is stored."""
    tags = [{"Key": "aws:x", "Value": "y"}]
    code, message, _ = iam.fails("CreatePolicy", PolicyName="shelf", PolicyDocument=ALLOW, Tags=tags)
    assert (code, message) == (
        "InvalidInput",
        "Tag keys starting with aws: are reserved for AWS use: aws:x",
    )


def test_create_policy_refuses_taken_names_in_any_case(iam):
    """Names are unique without regard to case."""
    create(iam, "shelf")
    assert iam.fails("CreatePolicy", PolicyName="Shelf", PolicyDocument=ALLOW) == (
        "EntityAlreadyExists",
        "A policy called Shelf already exists. Duplicate names are not allowed.",
        409,
    )


@pytest.mark.parametrize("document", ["{", "[]", '{"Version": "2012-10-17"}', '{"Statement": [{}]}'])
def test_create_policy_refuses_what_is_no_policy(iam, document):
    """What the engine cannot read is never stored."""
    code, message, status = iam.fails("CreatePolicy", PolicyName="shelf", PolicyDocument=document)
    assert (code, status) == ("MalformedPolicyDocument", 400)
    assert message == "Syntax errors in policy."


def test_policy_size_counts_no_white_space(iam):
    """6,144 characters and blanks between them fit; one character more does not."""
    iam("CreatePolicy", PolicyName="full", PolicyDocument=long_document(6144))
    assert iam.fails("CreatePolicy", PolicyName="over", PolicyDocument=long_document(6145)) == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
        409,
    )


def test_white_space_of_a_policy_is_bounded(iam):
    """A document may be eight times its quota long with its white space, in every version."""
    blank = ALLOW + " " * (49152 - len(ALLOW))
    arn = iam("CreatePolicy", PolicyName="full", PolicyDocument=blank)["Policy"]["Arn"]
    refusal = (
        "LimitExceeded",
        "policies of `49153` characters with white space exceed the 49152 that are stored",
        409,
    )
    assert iam.fails("CreatePolicy", PolicyName="over", PolicyDocument=blank + " ") == refusal
    assert iam.fails("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=blank + " ") == refusal


def test_create_policy_keeps_the_quota_of_the_account(iam, monkeypatch):
    """The policy after the last one allowed is refused."""
    monkeypatch.setattr("masugata.services.iam.policies.POLICIES_PER_ACCOUNT", 1)
    create(iam, "first")
    assert iam.fails("CreatePolicy", PolicyName="second", PolicyDocument=ALLOW) == (
        "LimitExceeded",
        "Cannot exceed quota for PoliciesPerAccount: 1",
        409,
    )


def test_get_policy_has_description_and_tags(iam):
    """GetPolicy alone shows the description, and an empty list of tags."""
    arn = create(iam, Path="/team/", Description="what stands on the shelf")
    policy = iam("GetPolicy", PolicyArn=arn)["Policy"]
    assert policy["Description"] == "what stands on the shelf"
    assert policy["Tags"] == []


def test_get_policy_knows_aws_managed_policies(iam):
    """AWS's policies are there without being created."""
    policy = iam("GetPolicy", PolicyArn=READ_ONLY)["Policy"]
    assert (policy["PolicyName"], policy["Path"], policy["Tags"]) == ("ReadOnlyAccess", "/", [])
    assert policy["DefaultVersionId"].startswith("v")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:policy/missing",
        "arn:aws:iam::111122223333:policy/Shelf",
        "arn:aws:iam::111122223333:policy/other/shelf",
        "arn:aws:iam::999999999999:policy/shelf",
        "arn:aws:iam::aws:policy/NoSuchPolicyAtAll",
    ],
)
def test_policies_are_found_by_their_exact_arn(iam, arn):
    """Another case, path or account is another policy."""
    create(iam, "shelf")
    assert iam.fails("GetPolicy", PolicyArn=arn) == ("NoSuchEntity", f"Policy {arn} was not found.", 404)


@pytest.mark.parametrize(
    ("account", "arn", "partition", "found"),
    [
        ("111122223333", ARN, "aws", True),
        ("111122223333", ARN.replace("shelf", "SHELF"), "aws", False),
        ("111122223333", ARN.replace("/team", ""), "aws", False),
        ("111122223333", ARN.replace("policy/", "role/"), "aws", False),
        ("111122223333", ARN, "aws-cn", False),
        ("111122223333", ARN.replace("arn:aws:", "arn:aws-cn:"), "aws-cn", True),
        ("444455556666", ARN, "aws", False),
        ("111122223333", "", "aws", False),
    ],
)
def test_the_look_up_wants_the_whole_arn(iam, account, arn, partition, found):
    """A managed policy is found in its account by its exact ARN, not by the name at its end."""
    create(iam, Path="/team/")
    policy = customer_managed_policy(iam.store.snapshot(), account, arn, partition=partition)
    assert (policy is not None) is found


def test_an_arn_must_be_a_policys(iam):
    """Something that is no policy ARN is said to be invalid, not missing."""
    for arn in ("longpolicynamebutnoarn", "arn:aws:iam::111122223333:user/alice"):
        assert iam.fails("GetPolicy", PolicyArn=arn) == ("InvalidInput", f"ARN {arn} is not valid.", 400)


def test_list_policies_scopes(iam):
    """Local, AWS and All are the account's, AWS's and both together, by name."""
    create(iam, "Zebra")
    create(iam, "apple")
    local = iam("ListPolicies", Scope="Local")
    assert [policy["PolicyName"] for policy in local["Policies"]] == ["apple", "Zebra"]
    assert local["IsTruncated"] is False
    assert "Description" not in local["Policies"][0]
    aws = iam("ListPolicies", Scope="AWS", MaxItems=1000)
    assert aws["IsTruncated"] is True
    assert all(":iam::aws:" in policy["Arn"] for policy in aws["Policies"])
    names = [policy["PolicyName"] for policy in iam("ListPolicies", MaxItems=1000)["Policies"]]
    assert "apple" in names
    assert "AdministratorAccess" in names


def test_list_policies_pages_through_namesakes(iam):
    """A policy that is called like one of AWS's is shown before it, on whatever page."""
    create(iam, "ReadOnlyAccess")
    create(iam, "readmodel")
    seen, marker = [], None
    while True:
        more = {"Marker": marker} if marker else {}
        answer = iam("ListPolicies", MaxItems=7, **more)
        seen += [policy["Arn"] for policy in answer["Policies"]]
        if not answer["IsTruncated"]:
            break
        marker = answer["Marker"]
    assert len(seen) == len(set(seen))
    at = seen.index("arn:aws:iam::111122223333:policy/ReadOnlyAccess")
    assert seen[at + 1] == READ_ONLY
    assert "arn:aws:iam::111122223333:policy/readmodel" in seen


def test_list_policies_by_path(iam):
    """A prefix of paths narrows the list."""
    create(iam, "shelf", Path="/team/")
    create(iam, "table")
    answer = iam("ListPolicies", Scope="Local", PathPrefix="/team/")
    assert [policy["PolicyName"] for policy in answer["Policies"]] == ["shelf"]


def test_list_policies_by_use(iam):
    """Attached policies, boundaries and unused ones can be told apart."""
    attached, boundary = create(iam, "attached"), create(iam, "boundary")
    create(iam, "unused")
    iam("CreateUser", UserName="alice", PermissionsBoundary=boundary)
    iam("AttachUserPolicy", UserName="alice", PolicyArn=attached)

    def listed(**members: Any) -> list[str]:
        return [policy["PolicyName"] for policy in iam("ListPolicies", Scope="Local", **members)["Policies"]]

    assert listed() == ["attached", "boundary", "unused"]
    assert listed(OnlyAttached=True) == ["attached"]
    assert listed(PolicyUsageFilter="PermissionsPolicy") == ["attached"]
    assert listed(PolicyUsageFilter="PermissionsBoundary") == ["boundary"]
    assert listed(OnlyAttached=True, PolicyUsageFilter="PermissionsBoundary") == []


def test_uses_are_counted(iam):
    """Attachments to users, groups and roles count together, boundaries by themselves."""
    arn = create(iam)
    iam("CreateUser", UserName="alice", PermissionsBoundary=arn)
    iam("CreateGroup", GroupName="readers")
    iam.add_role("clerk", boundary=arn)
    iam("AttachUserPolicy", UserName="alice", PolicyArn=arn)
    iam("AttachGroupPolicy", GroupName="readers", PolicyArn=arn)
    iam("AttachRolePolicy", RoleName="clerk", PolicyArn=arn)
    policy = iam("GetPolicy", PolicyArn=arn)["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (3, 2)


def test_delete_policy(iam):
    """A policy that nothing uses goes, and is named for the event."""
    arn = create(iam)
    assert iam("DeletePolicy", PolicyArn=arn) == {}
    assert iam.touched == [("AWS::IAM::Policy", arn)]
    assert iam.get(MANAGED_POLICY, "shelf") is None


def test_delete_policy_refuses_while_attached(iam):
    """An attached policy stays."""
    arn = create(iam)
    iam("CreateGroup", GroupName="readers")
    iam("AttachGroupPolicy", GroupName="readers", PolicyArn=arn)
    assert iam.fails("DeletePolicy", PolicyArn=arn) == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
        409,
    )


def test_delete_policy_refuses_while_a_boundary(iam):
    """A boundary stays, or what it bounds would be free."""
    arn = create(iam)
    iam("CreateUser", UserName="alice", PermissionsBoundary=arn)
    assert iam.fails("DeletePolicy", PolicyArn=arn)[:2] == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )


def test_delete_policy_refuses_other_versions(iam):
    """Only the default version goes with its policy."""
    arn = create(iam)
    iam("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=ALLOW)
    assert iam.fails("DeletePolicy", PolicyArn=arn) == (
        "DeleteConflict",
        (
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy."
        ),
        409,
    )


def test_delete_policy_needs_one(iam):
    """What does not exist cannot be deleted."""
    arn = "arn:aws:iam::111122223333:policy/missing"
    assert iam.fails("DeletePolicy", PolicyArn=arn) == ("NoSuchEntity", f"Policy {arn} was not found.", 404)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("DeletePolicy", {}),
        ("CreatePolicyVersion", {"PolicyDocument": ALLOW, "SetAsDefault": True}),
        ("SetDefaultPolicyVersion", {"VersionId": "v1"}),
        ("DeletePolicyVersion", {"VersionId": "v1"}),
    ],
)
def test_nobody_changes_aws_managed_policies(iam, operation, members):
    """Not even root can change one of AWS's policies."""
    assert iam.fails(operation, PolicyArn=READ_ONLY, **members) == (
        "AccessDenied",
        (
            f"User: arn:aws:iam::111122223333:root is not authorized to perform: iam:{operation} "
            f"on resource: policy {READ_ONLY}"
        ),
        403,
    )
