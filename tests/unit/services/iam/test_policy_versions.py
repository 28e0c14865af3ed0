"""Versions of managed policies."""

from typing import Any

import pytest

from masugata.records.iam import MANAGED_POLICY

FIRST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
SECOND = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
ARN = "arn:aws:iam::111122223333:policy/shelf"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def policy(iam) -> Any:
    """The account with one policy, in one version."""
    iam("CreatePolicy", PolicyName="shelf", PolicyDocument=FIRST)
    return iam


def no_such_version(arn: str, version: str) -> tuple[str, str, int]:
    text = f"Policy {arn} version {version} does not exist or is not attachable."
    return "NoSuchEntity", text, 404


def versions(iam: Any) -> list[tuple[str, bool]]:
    answer = iam("ListPolicyVersions", PolicyArn=ARN)
    return [(version["VersionId"], version["IsDefaultVersion"]) for version in answer["Versions"]]


def test_a_new_version_is_not_in_force(policy):
    """Without SetAsDefault the old document stays in force; the update date moves."""
    policy.later(hours=1)
    answer = policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND)
    moment = policy.now.replace(microsecond=0)
    assert answer == {"PolicyVersion": {"VersionId": "v2", "IsDefaultVersion": False, "CreateDate": moment}}
    record = policy.get(MANAGED_POLICY, "shelf")
    assert record.document() == FIRST
    assert record.update_date == moment
    assert policy.touched == [("AWS::IAM::Policy", ARN)]


def test_a_new_version_can_be_the_default(policy):
    """With SetAsDefault the new document is in force at once."""
    answer = policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND, SetAsDefault=True)
    assert answer["PolicyVersion"]["IsDefaultVersion"] is True
    assert policy.get(MANAGED_POLICY, "shelf").document() == SECOND


def test_five_versions_and_no_more(policy):
    """The sixth version is refused; after a deletion its number is a new one."""
    for _ in range(4):
        policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND)
    assert policy.fails("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND) == (
        "LimitExceeded",
        (
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
            "existing version."
        ),
        409,
    )
    policy("DeletePolicyVersion", PolicyArn=ARN, VersionId="v5")
    answer = policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND)
    assert answer["PolicyVersion"]["VersionId"] == "v6"


def test_a_version_must_be_a_policy(policy):
    """A document that the engine cannot read never becomes a version."""
    code, message, status = policy.fails("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument="{}")
    assert (code, message, status) == ("MalformedPolicyDocument", "Syntax errors in policy.", 400)


def test_a_version_needs_its_policy(iam):
    """A policy that does not exist gets no versions."""
    assert iam.fails("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=FIRST) == (
        "NoSuchEntity",
        f"Policy {ARN} was not found.",
        404,
    )
    assert iam.fails("ListPolicyVersions", PolicyArn=ARN)[0] == "NoSuchEntity"


def test_get_policy_version_has_the_document_as_written(policy):
    """The document comes back character for character."""
    written = FIRST.replace(",", " ,\n\t")
    policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=written)
    version = policy("GetPolicyVersion", PolicyArn=ARN, VersionId="v2")["PolicyVersion"]
    assert version["Document"] == written
    assert (version["VersionId"], version["IsDefaultVersion"]) == ("v2", False)


def test_get_policy_version_of_an_aws_policy(iam):
    """AWS's policies show their default version with its document."""
    default = iam("GetPolicy", PolicyArn=READ_ONLY)["Policy"]["DefaultVersionId"]
    version = iam("GetPolicyVersion", PolicyArn=READ_ONLY, VersionId=default)["PolicyVersion"]
    assert version["IsDefaultVersion"] is True
    assert '"Statement"' in version["Document"]
    assert iam.fails("GetPolicyVersion", PolicyArn=READ_ONLY, VersionId="v9999") == no_such_version(
        READ_ONLY, "v9999"
    )
    assert [v["VersionId"] for v in iam("ListPolicyVersions", PolicyArn=READ_ONLY)["Versions"]] == [default]


@pytest.mark.parametrize("operation", ["GetPolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"])
def test_missing_versions_and_policies_are_named_alike(policy, operation):
    """A missing policy is told like a missing version of it."""
    assert policy.fails(operation, PolicyArn=ARN, VersionId="v9") == no_such_version(ARN, "v9")
    missing = "arn:aws:iam::111122223333:policy/missing"
    assert policy.fails(operation, PolicyArn=missing, VersionId="v1") == no_such_version(missing, "v1")
    assert policy.fails(operation, PolicyArn="shelf", VersionId="v1") == (
        "InvalidInput",
        "ARN shelf is not valid.",
        400,
    )


def test_list_policy_versions_newest_first_in_pages(policy):
    """Versions come newest first, without documents, and pages continue."""
    for _ in range(3):
        policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND)
    first = policy("ListPolicyVersions", PolicyArn=ARN, MaxItems=3)
    assert [version["VersionId"] for version in first["Versions"]] == ["v4", "v3", "v2"]
    assert "Document" not in first["Versions"][0]
    rest = policy("ListPolicyVersions", PolicyArn=ARN, MaxItems=3, Marker=first["Marker"])
    assert [version["VersionId"] for version in rest["Versions"]] == ["v1"]
    assert rest["IsTruncated"] is False


def test_set_default_policy_version(policy):
    """Another version comes into force, and an older one can again."""
    policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND, SetAsDefault=True)
    assert policy("SetDefaultPolicyVersion", PolicyArn=ARN, VersionId="v1") == {}
    assert versions(policy) == [("v2", False), ("v1", True)]
    assert policy.get(MANAGED_POLICY, "shelf").document() == FIRST


def test_delete_policy_version(policy):
    """A version that is not in force goes."""
    policy("CreatePolicyVersion", PolicyArn=ARN, PolicyDocument=SECOND)
    assert policy("DeletePolicyVersion", PolicyArn=ARN, VersionId="v2") == {}
    assert versions(policy) == [("v1", True)]


def test_the_default_version_stays(policy):
    """The version in force cannot be deleted."""
    assert policy.fails("DeletePolicyVersion", PolicyArn=ARN, VersionId="v1") == (
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
        409,
    )
