"""The policy simulator for users, groups and roles of an organization's accounts."""

import pytest

from company import MANAGEMENT, Company, allow, deny, document
from masugata.testing import local_aws


@pytest.fixture
def company():
    """A company with service control policies."""
    with local_aws() as aws:
        yield Company(aws)


def simulate(company, account, arn, action="s3:ListAllMyBuckets", **more):
    """The result for one action, asked by the root user of the account."""
    iam = company.client(account, "iam", root=True)
    return iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], **more)[
        "EvaluationResults"
    ][0]


def test_the_scps_of_the_account_bind(company):
    """A Deny of the organization decides, and is no statement among those that matched."""
    clerk = company.user(company.tokyo, "clerk", allow("*"))
    before = simulate(company, company.tokyo, clerk)
    assert (before["EvalDecision"], before["OrganizationsDecisionDetail"]) == (
        "allowed", {"AllowedByOrganizations": True},
    )  # fmt: skip
    assert [one["SourcePolicyId"] for one in before["MatchedStatements"]] == ["user_clerk_own"]
    company.attach("no-s3", company.shops, deny("s3:*"))
    after = simulate(company, company.tokyo, clerk)
    assert (after["EvalDecision"], after["OrganizationsDecisionDetail"], after["MatchedStatements"]) == (
        "explicitDeny", {"AllowedByOrganizations": False}, [],
    )  # fmt: skip


def test_the_management_account_is_not_bound(company):
    """No service control policy takes part there, so nothing is said of organizations."""
    manager = company.user(MANAGEMENT, "manager", allow("*"))
    company.attach("no-s3", company.root, deny("s3:*"))
    found = simulate(company, MANAGEMENT, manager)
    assert found["EvalDecision"] == "allowed"
    assert "OrganizationsDecisionDetail" not in found


def test_a_service_linked_role_is_not_bound(company):
    """Its simulated session is bound by nothing of the organization, as a real one."""
    iam = company.client(company.tokyo, "iam", root=True)
    role = iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")["Role"]
    company.attach("no-s3", company.root, deny("s3:*"))
    found = simulate(company, company.tokyo, role["Arn"], PolicyInputList=[document(allow("s3:*"))])
    assert found["EvalDecision"] == "allowed"
    assert found["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}


def test_where_caller_and_resource_are_is_known(company):
    """Keys of the organization have their values; of an account outside of it nothing is told."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": company.id, "aws:ResourceOrgID": company.id}}
    clerk = company.user(company.tokyo, "clerk", allow("s3:*", Condition=condition))
    found = simulate(company, company.tokyo, clerk)
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("allowed", [])
    stranger = "arn:aws:iam::999988887777:root"
    found = simulate(
        company,
        company.tokyo,
        clerk,
        "s3:GetObject",
        ResourceArns=["arn:aws:s3:::a/b"],
        ResourceOwner=stranger,
    )
    assert found["EvalDecision"] == "implicitDeny"
    assert found["MissingContextValues"] == ["aws:ResourceOrgID"]


def test_custom_policies_ask_nothing_of_the_organization(company):
    """What is simulated there is what was given."""
    company.attach("no-s3", company.root, deny("s3:*"))
    iam = company.client(company.tokyo, "iam", root=True)
    found = iam.simulate_custom_policy(
        PolicyInputList=[document(allow("s3:*"))], ActionNames=["s3:ListAllMyBuckets"]
    )["EvaluationResults"][0]
    assert found["EvalDecision"] == "allowed"
    assert "OrganizationsDecisionDetail" not in found
