"""The policy simulator."""

import json
from typing import Any

import pytest

from masugata.errors import AwsError
from masugata.services.iam import _simulation_results
from policies import allow, deny, document

HEAD = "arn:aws:iam::111122223333:"
ALICE = f"{HEAD}user/alice"
MENU = "arn:aws:s3:::shop/menu"
ALLOW = document(allow("s3:*"))
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POSITIONED = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::shop/secret"}
  ]
}"""


@pytest.fixture
def house(iam) -> Any:
    """The user alice with an inline policy, in the group cooks with another, and the role oven."""
    iam("CreateUser", UserName="alice", Tags=[{"Key": "team", "Value": "kitchen"}])
    iam("CreateGroup", GroupName="cooks")
    iam("AddUserToGroup", UserName="alice", GroupName="cooks")
    iam("PutUserPolicy", UserName="alice", PolicyName="own", PolicyDocument=POSITIONED)
    iam("PutGroupPolicy", GroupName="cooks", PolicyName="all", PolicyDocument=document(allow("s3:PutObject")))
    return iam


def simulate(iam: Any, *actions: str, **members: Any) -> Any:
    """The results of SimulatePrincipalPolicy for alice."""
    answer = iam(
        "SimulatePrincipalPolicy", **{"PolicySourceArn": ALICE, "ActionNames": list(actions), **members}
    )
    return answer["EvaluationResults"]


def custom(iam: Any, *policies: str, **members: Any) -> Any:
    """The result of SimulateCustomPolicy for one action."""
    members = {"ActionNames": ["s3:GetObject"], **members}
    (result,) = iam("SimulateCustomPolicy", PolicyInputList=list(policies), **members)["EvaluationResults"]
    return result


def test_an_allow_names_its_statement_and_where_it_stands(house):
    """The statement is found by line and column, right behind the sign before it, as AWS counts."""
    (result,) = simulate(house, "s3:GetObject")
    assert result == {
        "EvalActionName": "s3:GetObject",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "user_alice_own",
                "SourcePolicyType": "IAM Policy",
                "StartPosition": {"Line": 3, "Column": 17},
                "EndPosition": {"Line": 4, "Column": 62},
            }
        ],
        "MissingContextValues": [],
    }


def test_each_resource_is_judged_and_the_worst_decision_stands_above(house):
    """One result for an action: an explicit Deny on one resource decides, and its statement is the reason."""
    (result,) = simulate(house, "s3:GetObject", ResourceArns=[MENU, "arn:aws:s3:::shop/secret"])
    assert result["EvalDecision"] == "explicitDeny"
    assert [m["StartPosition"] for m in result["MatchedStatements"]] == [{"Line": 4, "Column": 63}]
    assert [
        (one["EvalResourceName"], one["EvalResourceDecision"]) for one in result["ResourceSpecificResults"]
    ] == [
        (MENU, "allowed"),
        ("arn:aws:s3:::shop/secret", "explicitDeny"),
    ]
    assert result["EvalDecisionDetails"] == {}
    assert result["EvalResourceName"].startswith("arn:${Partition}:s3:::")


def test_policies_of_groups_count(house):
    """A user has what its groups have, under AWS's name for a group's policy."""
    (result,) = simulate(house, "s3:PutObject")
    assert result["MatchedStatements"][0]["SourcePolicyId"] == "group_cooks_all"


def test_nothing_that_allows_is_an_implicit_deny(house):
    """No statement matched, so none is named."""
    (result,) = simulate(house, "iam:CreateUser")
    assert (result["EvalDecision"], result["MatchedStatements"]) == ("implicitDeny", [])


def test_two_policies_of_one_name_both_count(house):
    """A policy of the account that is called like one of AWS's does not hide it, nor the other way round."""
    house("CreatePolicy", PolicyName="ReadOnlyAccess", PolicyDocument=document(deny("s3:ListAllMyBuckets")))
    for arn in (f"{HEAD}policy/ReadOnlyAccess", READ_ONLY):
        house("AttachUserPolicy", UserName="alice", PolicyArn=arn)
    (denied, allowed) = simulate(house, "s3:ListAllMyBuckets", "iam:ListUsers")
    assert (denied["EvalDecision"], allowed["EvalDecision"]) == ("explicitDeny", "allowed")
    assert allowed["MatchedStatements"][0]["SourcePolicyId"] == "ReadOnlyAccess"


def test_the_boundary_of_the_entity_limits_and_may_be_exchanged(house):
    """Its effect is told apart; one in the request takes the place of the entity's."""
    house("PutUserPermissionsBoundary", UserName="alice", PermissionsBoundary=READ_ONLY)
    (limited,) = simulate(house, "s3:PutObject")
    assert limited["EvalDecision"] == "implicitDeny"
    assert limited["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    (freed,) = simulate(house, "s3:PutObject", PermissionsBoundaryPolicyInputList=[ALLOW])
    assert freed["EvalDecision"] == "allowed"
    assert freed["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}


@pytest.mark.parametrize(
    ("exclusion", "decision"),
    [
        ({"PolicyType": "inline"}, "implicitDeny"),
        ({"PolicyType": "rcp"}, "allowed"),
        ({"PolicyArn": f"{HEAD}policy/none-such"}, "allowed"),
        (
            {
                "InlinePolicyIdentifier": {
                    "PolicyName": "all",
                    "AttachmentType": "group",
                    "AttachmentName": "coo*",
                }
            },
            "implicitDeny",
        ),
        (
            {
                "InlinePolicyIdentifier": {
                    "PolicyName": "all",
                    "AttachmentType": "user",
                    "AttachmentName": "*",
                }
            },
            "allowed",
        ),
    ],
)
def test_policies_can_be_left_out(house, exclusion, decision):
    """By their type, ARN, or name and bearer; what identifies none is ignored."""
    (result,) = simulate(house, "s3:PutObject", PolicyExclusionList=[exclusion])
    assert result["EvalDecision"] == decision


def test_a_managed_policy_can_be_left_out_by_a_pattern(house):
    """A `*` in the name of a policy's ARN stands for anything."""
    house("AttachUserPolicy", UserName="alice", PolicyArn=READ_ONLY)
    assert simulate(house, "iam:ListUsers")[0]["EvalDecision"] == "allowed"
    (result,) = simulate(house, "iam:ListUsers", PolicyExclusionList=[{"PolicyArn": READ_ONLY[:-6] + "*"}])
    assert result["EvalDecision"] == "implicitDeny"


def test_what_a_real_request_of_the_caller_would_carry_is_there(house):
    """Tags, name and ARN of the caller count although nobody entered them; an entry goes before them."""
    policy = document(
        allow(
            "iam:ListUsers",
            StringEquals={"aws:PrincipalTag/team": "kitchen", "aws:username": "alice"},
        )
    )
    (result,) = simulate(house, "iam:ListUsers", PolicyInputList=[policy])
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])
    entry = {"ContextKeyName": "AWS:username", "ContextKeyValues": ["bob"], "ContextKeyType": "string"}
    (result,) = simulate(house, "iam:ListUsers", PolicyInputList=[policy], ContextEntries=[entry])
    assert result["EvalDecision"] == "implicitDeny"


def test_missing_context_is_told(house):
    """Keys of conditions and variables of statements about the action, and of no others."""
    policy = document(
        allow("s3:Get*", f"{MENU}/${{aws:SourceVpc}}"),
        deny("s3:Get*", StringEquals={"aws:SourceIp": "x"}),
        deny("s3:Put*", Bool={"aws:SecureTransport": "false"}),
        deny("s3:Get*", "arn:aws:s3:::other/*", Bool={"aws:ViaAWSService": "true"}),
    )
    result = custom(house, policy, ResourceArns=[MENU])
    assert result["MissingContextValues"] == ["aws:SourceVpc", "aws:SourceIp"]
    assert result["ResourceSpecificResults"][0]["MissingContextValues"] == ["aws:SourceVpc", "aws:SourceIp"]


def test_a_resource_policy_of_another_account_is_half_of_the_answer(house):
    """Across accounts both must allow; the details say what each of them does."""
    policy = document({**allow("s3:Get*"), "Principal": {"AWS": ALICE}})
    members = {
        "ResourceArns": [MENU],
        "CallerArn": ALICE,
        "ResourceOwner": "arn:aws:iam::444455556666:root",
        "ResourcePolicy": policy,
    }
    result = custom(house, ALLOW, **members)
    assert result["EvalDecision"] == "allowed"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "allowed"}
    assert [m["SourcePolicyType"] for m in result["MatchedStatements"]] == ["Resource Policy", "IAM Policy"]
    result = custom(house, ALLOW, **{**members, "ResourcePolicy": policy.replace("alice", "bob")})
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "allowed", "Resource Policy": "implicitDeny"}


def test_organization_policies_are_levels(house):
    """Every level must allow; an organization's denial ends the evaluation, so there are no details."""
    levels = [{"ServiceControlPolicyInputList": [text]} for text in (ALLOW, document(allow("s3:Put*")))]
    result = custom(house, ALLOW, OrderedOrganizationPolicyInputList=levels[:1], ResourceArns=[MENU])
    assert result["EvalDecision"] == "allowed"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    result = custom(house, ALLOW, OrderedOrganizationPolicyInputList=levels, ResourceArns=[MENU])
    assert result["EvalDecision"] == "implicitDeny"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    assert "EvalDecisionDetails" not in result


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("numeric", "1.5", "one"),
        ("boolean", "true", "yes"),
        ("ip", "10.0.0.1", "10.0.0"),
        ("binary", "QUJD", "?"),
        ("date", "2026-01-01T00:00:00Z", "tomorrow"),
        ("dateList", "2026-01-01T00:00:00Z", "tomorrow"),
    ],
)
def test_context_values_have_types(house, type_, good, bad):
    """A value that is not of its type is refused."""
    entry = {"ContextKeyName": "aws:Whatever", "ContextKeyValues": [good], "ContextKeyType": type_}
    assert custom(house, ALLOW, ContextEntries=[entry])["EvalDecision"] == "allowed"
    with pytest.raises(AwsError, match=f"InvalidInput: The value {bad.replace('?', '.')} of context key"):
        custom(house, ALLOW, ContextEntries=[{**entry, "ContextKeyValues": [bad]}])


def test_pages(house, monkeypatch):
    """Results come in the order of the actions; a page ends where its work does."""
    actions = ["s3:GetObject", "s3:PutObject", "iam:ListUsers"]
    first = house("SimulatePrincipalPolicy", PolicySourceArn=ALICE, ActionNames=actions, MaxItems=2)
    assert [one["EvalActionName"] for one in first["EvaluationResults"]] == actions[:2]
    rest = house(
        "SimulatePrincipalPolicy", PolicySourceArn=ALICE, ActionNames=actions, Marker=first["Marker"]
    )
    assert ([one["EvalActionName"] for one in rest["EvaluationResults"]], rest["IsTruncated"]) == (
        actions[2:],
        False,
    )
    monkeypatch.setattr(_simulation_results, "WORK_PER_PAGE", 3)
    assert len(simulate(house, *actions)) == 1
    monkeypatch.setattr(_simulation_results, "WORK_PER_PAGE", 2)
    with pytest.raises(AwsError, match="InvalidInput: The simulation is too large"):
        simulate(house, *actions)


BAD = {
    "session": ({"PolicySourceArn": "arn:aws:sts::111122223333:assumed-role/oven/s"}, "Invalid Entity Arn"),
    "policy": ({"PolicySourceArn": READ_ONLY}, "Invalid Entity Arn"),
    "no name": ({"PolicySourceArn": f"{HEAD}user/"}, "Invalid Entity Arn"),
    "other account": (
        {"PolicySourceArn": "arn:aws:iam::444455556666:user/alice"},
        "caller's account 111122223333 does not have access to policies in account 444455556666",
    ),
    "caller": ({"CallerArn": "alice"}, "Invalid Entity Arn: alice"),
    "role with resource policy": (
        {"CallerArn": f"{HEAD}role/oven", "ResourcePolicy": document({**allow("s3:*"), "Principal": "*"})},
        "Invalid caller - Caller must be an IAM user in this context.",
    ),
    "resource policy without principal": ({"ResourcePolicy": ALLOW}, "Invalid Input Policy ResourcePolicy"),
    "resource": ({"ResourceArns": ["menu"]}, "ResourceNames are not in a valid ARN format: menu."),
    "owner": ({"ResourceOwner": "111122223333"}, "'111122223333' is not a valid as a Resource Owner."),
    "action with wildcard": ({"ActionNames": ["s3:Get*"]}, r"Invalid Input Actions: \[s3:Get\*\]"),
    "unknown action": ({"ActionNames": ["s3:GetObjects"]}, "Invalid Input Actions"),
    "no policy": ({"PolicyInputList": ["{}"]}, "Invalid Input Policy PolicyInputList.1: Syntax errors"),
    "two boundaries": (
        {"PermissionsBoundaryPolicyInputList": [ALLOW, ALLOW]},
        "Only one permissions boundary",
    ),
    "key twice": (
        {"ContextEntries": [{"ContextKeyName": n, "ContextKeyValues": ["x"]} for n in ("aws:A", "aws:a")]},
        "The context key aws:a is given twice.",
    ),
    "many values": (
        {
            "ContextEntries": [
                {"ContextKeyName": "aws:A", "ContextKeyValues": ["x", "y"], "ContextKeyType": "string"}
            ]
        },
        "of type string must have one value",
    ),
    "scenario": ({"ResourceHandlingOption": "EC2"}, "Invalid ResourceHandlingOption: EC2."),
    "scenario without volume": (
        {
            "ResourceHandlingOption": "EC2-VPC-EBS",
            "ResourceArns": ["arn:aws:ec2:us-east-1:111122223333:instance/i-1"],
        },
        "EC2-VPC-EBS requires resources of type: image, security-group, network-interface, volume.",
    ),
    "two identifiers": (
        {"PolicyExclusionList": [{"PolicyType": "inline", "PolicyArn": READ_ONLY}]},
        "A policy identifier must be one of",
    ),
    "excluded ARN": (
        {"PolicyExclusionList": [{"PolicyArn": "arn:aws:iam::*:policy/a-policy"}]},
        "is not valid",
    ),
}


@pytest.mark.parametrize(("members", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input(house, members, message):
    """Each is refused as InvalidInput, with AWS's text where it is known."""
    with pytest.raises(AwsError, match=f"InvalidInput: .*{message}"):
        simulate(house, **{"ActionNames": ["s3:GetObject"], **members})


def test_an_entity_that_is_not_there(house):
    """NoSuchEntity in IAM's words; a path that is not the entity's is another entity."""
    for arn in (f"{HEAD}user/bob", f"{HEAD}user/kitchen/alice"):
        with pytest.raises(AwsError, match=r"NoSuchEntity: The user with name .* cannot be found."):
            simulate(house, "s3:GetObject", PolicySourceArn=arn)


def test_context_keys(house):
    """Keys of conditions and variables, each once, of the entity's policies, its groups' and those given."""
    policy = document(
        allow("s3:*", f"{MENU}/${{aws:username}}", StringLike={"AWS:UserName": "a*"}),
        allow("s3:*", Null={"s3:prefix": "${aws:PrincipalTag/Team, 'x'}"}),
    )
    keys = house("GetContextKeysForCustomPolicy", PolicyInputList=[policy])["ContextKeyNames"]
    assert keys == ["aws:username", "s3:prefix", "aws:PrincipalTag/Team"]
    house("PutGroupPolicy", GroupName="cooks", PolicyName="all", PolicyDocument=policy)
    answer = house("GetContextKeysForPrincipalPolicy", PolicySourceArn=ALICE, PolicyInputList=[ALLOW])
    assert answer["ContextKeyNames"] == keys
    with pytest.raises(AwsError, match="InvalidInput"):
        house("GetContextKeysForCustomPolicy", PolicyInputList=[json.dumps({"Statement": 1})])
