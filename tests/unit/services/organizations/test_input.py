"""Requests that break the model of Organizations."""

import pytest

from masugata.testing import local_aws
from unit.services.organizations.company import SHOP, Company, invalid

ROOT = "r-exam"
LONG = "x" * 129


@pytest.fixture(scope="module")
def company():
    """The organization."""
    with local_aws() as aws:
        yield Company(aws)


@pytest.mark.parametrize(
    ("operation", "request_", "reason"),
    [
        ("create_organizational_unit", {"Name": "x"}, "INPUT_REQUIRED"),
        ("tag_resource", {"ResourceId": SHOP, "Tags": [{"Key": "a"}]}, "INPUT_REQUIRED"),
        ("create_organizational_unit", {"ParentId": ROOT, "Name": LONG}, "MAX_LENGTH_EXCEEDED"),
        ("create_organizational_unit", {"ParentId": ROOT, "Name": ""}, "MIN_LENGTH_EXCEEDED"),
        ("list_roots", {"MaxResults": 21}, "MAX_VALUE_EXCEEDED"),
        ("list_roots", {"MaxResults": 0}, "MIN_VALUE_EXCEEDED"),
        ("create_organizational_unit", {"ParentId": "root", "Name": "x"}, "INVALID_PATTERN"),
        ("describe_account", {"AccountId": "shop"}, "INVALID_PATTERN"),
        ("list_children", {"ParentId": ROOT, "ChildType": "PET"}, "INVALID_ENUM"),
        ("create_organization", {"FeatureSet": "SOME"}, "INVALID_ENUM"),
        ("enable_policy_type", {"RootId": ROOT, "PolicyType": "PET_POLICY"}, "INVALID_ENUM_POLICY_TYPE"),
        (
            "describe_effective_policy",
            {"PolicyType": "SERVICE_CONTROL_POLICY"},
            "INVALID_ENUM_POLICY_TYPE",
        ),
        ("attach_policy", {"PolicyId": "p-12345678", "TargetId": "shop"}, "INVALID_PATTERN_TARGET_ID"),
        ("describe_policy", {"PolicyId": "policy"}, "INVALID_SYNTAX_POLICY_ID"),
        ("list_create_account_status", {"States": ["LOST"]}, "INVALID_LIST_MEMBER"),
        ("untag_resource", {"ResourceId": SHOP, "TagKeys": [LONG]}, "INVALID_LIST_MEMBER"),
        (
            "create_account",
            {"Email": "a@example.com", "AccountName": "caf\u00e9"},
            "INVALID_FULL_NAME_TARGET",
        ),
        (
            "create_account",
            {"Email": "a@example.com", "AccountName": "a", "RoleName": "a b"},
            "INVALID_ROLE_NAME",
        ),
    ],
)
def test_reasons(company, operation, request_, reason):
    """Each sort of broken constraint is InvalidInputException with the model's reason for it."""
    assert company.fails(operation, **request_) == invalid(reason)


def test_the_member_is_named(company):
    """The text is AWS's, followed by what it is about."""
    with pytest.raises(company.client.exceptions.InvalidInputException) as caught:
        company.client.list_parents(ChildId="x")
    message = "You provided a value that does not match the required pattern. Parameter: childId."
    assert caught.value.response["Error"]["Message"] == message
