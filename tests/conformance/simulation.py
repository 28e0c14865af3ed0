"""The policy simulator."""

from typing import Any

from policies import allow, deny, document
from support import ACCOUNT

ADMIN = f"arn:aws:iam::{ACCOUNT}:user/admin"
MENU, SECRET = "arn:aws:s3:::shop/menu", "arn:aws:s3:::shop/secret"
POLICY = document(
    allow("s3:Get*", StringEquals={"aws:SourceVpc": "vpc-1"}), deny("s3:GetObject", SECRET), allow("iam:*")
)
ENTRY = {"ContextKeyName": "aws:SourceVpc", "ContextKeyType": "string", "ContextKeyValues": ["vpc-1"]}


def simulation(iam: Any) -> None:
    """Allowed and denied, by one's own policies and others, with and without context."""
    keys = ["aws:SourceVpc"]
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[POLICY])["ContextKeyNames"] == keys
    found = iam.get_context_keys_for_principal_policy(PolicySourceArn=ADMIN, PolicyInputList=[POLICY])
    assert found["ContextKeyNames"] == keys
    asked = {"ActionNames": ["s3:GetObject"], "PolicyInputList": [POLICY], "ResourceArns": [MENU, SECRET]}
    (result,) = iam.simulate_custom_policy(**asked, ContextEntries=[ENTRY])["EvaluationResults"]
    assert [one["EvalResourceDecision"] for one in result["ResourceSpecificResults"]] == [
        "allowed",
        "explicitDeny",
    ]
    (result,) = iam.simulate_custom_policy(
        **asked, PermissionsBoundaryPolicyInputList=[document(allow("iam:*"))], CallerArn=ADMIN
    )["EvaluationResults"]
    assert result["MissingContextValues"] == keys
    (result,) = iam.simulate_principal_policy(PolicySourceArn=ADMIN, ActionNames=["iam:CreateUser"])[
        "EvaluationResults"
    ]
    assert (result["EvalDecision"], len(result["MatchedStatements"])) == ("allowed", 1)


ACTIONS = ["s3:GetObject", "s3:PutObject", "iam:CreateUser"]
PAGINATORS: dict[str, tuple[dict[str, Any], int]] = {
    "simulate_custom_policy": ({"ActionNames": ACTIONS, "PolicyInputList": [POLICY]}, 3),
    "simulate_principal_policy": ({"ActionNames": ACTIONS, "PolicySourceArn": ADMIN}, 3),
}
