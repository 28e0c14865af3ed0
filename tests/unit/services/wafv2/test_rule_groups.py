"""Rule groups and how they are shared, as boto3 sees them."""

import json
from typing import Any

import pytest

from masugata.testing import LocalAws
from policies import allow, document
from unit.services.wafv2.bad_rules import rate
from unit.services.wafv2.using_waf import (
    HEAD,
    MISSING,
    SCOPE,
    VISIBILITY,
    contains,
    error,
    named,
    refusal,
    rule,
    rule_group,
    web_acl,
)

OTHER = "444455556666"
SHARED = ["wafv2:CreateWebACL", "wafv2:UpdateWebACL", "wafv2:PutFirewallManagerRuleGroups"]
NONE = {"OverrideAction": {"None": {}}}


def policy(**members: Any) -> str:
    """A policy that shares a rule group with the other account, with other members."""
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": SHARED, **members}
    return json.dumps({
        "Version": "2012-10-17",
        "Statement": [{name: value for name, value in statement.items() if value is not None}],
    })  # fmt: skip


def reference(group: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A rule that refers to a rule group."""
    return rule("group", 1, {"RuleGroupReferenceStatement": {"ARN": group["ARN"], **members}}, **NONE)


def test_a_rule_group_from_its_creation_to_its_end(waf: Any) -> None:
    """It keeps its capacity, says which labels it adds and asks for, and comes back as it was given."""
    asks = {"LabelMatchStatement": {"Scope": "LABEL", "Key": "shop:seen"}}
    rules = [
        rule("adds", 1, contains(b"x"), RuleLabels=[{"Name": "shop:seen"}], Action={"Count": {}}),
        rule("asks", 2, asks),
    ]
    made = rule_group(waf, *rules, Description="of the shop")
    found = waf.get_rule_group(**named(made))
    namespace = f"awswaf:111122223333:rulegroup:{made['Name']}:"
    assert found["RuleGroup"] == {
        "Name": made["Name"],
        "Id": made["Id"],
        "Capacity": 100,
        "ARN": f"{HEAD}rulegroup/{made['Name']}/{made['Id']}",
        "Description": "of the shop",
        "Rules": rules,
        "VisibilityConfig": VISIBILITY,
        "LabelNamespace": namespace,
        "AvailableLabels": [{"Name": f"{namespace}shop:seen"}],
        "ConsumedLabels": [{"Name": "shop:seen"}],
    }
    change = {**named(made), "VisibilityConfig": VISIBILITY, "Rules": []}
    token = waf.update_rule_group(**change, LockToken=made["LockToken"])["NextLockToken"]
    assert error(waf.update_rule_group, **change, LockToken=made["LockToken"]) == "WAFOptimisticLockException"
    waf.delete_rule_group(**named(made), LockToken=token)
    assert error(waf.get_rule_group, ARN=made["ARN"]) == "WAFNonexistentItemException"


def test_how_a_rule_group_is_named(waf: Any) -> None:
    """By all of name, scope and id, or by its ARN; names are unique."""
    made = rule_group(waf)
    for member in ("Name", "Scope", "Id"):
        request = {name: value for name, value in named(made).items() if name != member}
        assert error(waf.get_rule_group, **request) == "WAFInvalidParameterException"
    assert error(rule_group, waf, Name=made["Name"]) == "WAFDuplicateItemException"


def test_payments_are_refused(waf: Any) -> None:
    """Nobody is paid for requests."""
    answer = error(rule_group, waf, MonetizationConfig={"CurrencyMode": "TEST"})
    assert answer == "WAFInvalidOperationException"


def test_a_rule_group_that_is_used_stays(waf: Any) -> None:
    """Until no web ACL refers to it."""
    made = rule_group(waf)
    acl = web_acl(waf, reference(made))
    delete = {**named(made), "LockToken": made["LockToken"]}
    assert error(waf.delete_rule_group, **delete) == "WAFAssociatedItemException"
    waf.delete_web_acl(**named(acl), LockToken=acl["LockToken"])
    waf.delete_rule_group(**delete)


def test_overrides_are_of_rules_that_are_there(waf: Any) -> None:
    """A name that is misspelled would be a rule that blocks although it was told not to."""
    made = rule_group(waf, rule("known", 1, contains(b"x")))
    web_acl(waf, reference(made, ExcludedRules=[{"Name": "known"}]))
    answer = refusal(web_acl, waf, reference(made, ExcludedRules=[{"Name": "unknown"}]))
    assert (answer["Field"], answer["Parameter"]) == ("EXCLUDED_RULE", "unknown")


def test_a_rate_is_overridden_to_anything_but_allow(waf: Any) -> None:
    """An override is any action that the rule itself could have."""
    made = rule_group(waf, rule("flood", 1, rate()))
    web_acl(waf, reference(made, RuleActionOverrides=[{"Name": "flood", "ActionToUse": {"Count": {}}}]))
    allowing = [{"Name": "flood", "ActionToUse": {"Allow": {}}}]
    answer = refusal(web_acl, waf, reference(made, RuleActionOverrides=allowing))
    assert (answer["Field"], answer["Parameter"]) == ("RULE_ACTION", "flood")


def test_a_shared_rule_group(aws: LocalAws, waf: Any) -> None:
    """Another account uses what is shared with it, and nothing else; what is used stays."""
    made = rule_group(waf, rule("known", 1, contains(b"x")))
    theirs = aws.account(OTHER).client("wafv2")
    assert error(web_acl, theirs, reference(made)) == "AccessDeniedException"
    assert error(theirs.get_rule_group, ARN=made["ARN"]) == "AccessDeniedException"
    cost = {"Rules": [reference(made)], **SCOPE}
    assert error(theirs.check_capacity, **cost) == "AccessDeniedException"
    waf.put_permission_policy(ResourceArn=made["ARN"], Policy=policy())
    assert theirs.check_capacity(**cost)["Capacity"] == 100
    acl = web_acl(theirs, reference(made))
    assert error(theirs.get_rule_group, ARN=made["ARN"]) == "AccessDeniedException"
    waf.put_permission_policy(ResourceArn=made["ARN"], Policy=policy(Action=[*SHARED, "wafv2:GetRuleGroup"]))
    assert theirs.get_rule_group(ARN=made["ARN"])["RuleGroup"]["ARN"] == made["ARN"]
    change = {**named(acl), "DefaultAction": {"Allow": {}}, "VisibilityConfig": VISIBILITY}
    waf.delete_permission_policy(ResourceArn=made["ARN"])
    again = {"LockToken": acl["LockToken"], "Rules": [reference(made)]}
    assert error(theirs.update_web_acl, **change, **again) == "AccessDeniedException"
    delete = {**named(made), "LockToken": made["LockToken"]}
    assert error(waf.delete_rule_group, **delete) == "WAFAssociatedItemException"
    theirs.delete_web_acl(**named(acl), LockToken=acl["LockToken"])
    waf.delete_rule_group(**delete)


def test_sharing_is_not_enough(aws: LocalAws, waf: Any) -> None:
    """Whoever is of the other account needs its permission too."""
    made = rule_group(waf)
    waf.put_permission_policy(ResourceArn=made["ARN"], Policy=policy())
    account = aws.account(OTHER)
    iam = account.client("iam")
    iam.create_user(UserName="jane")
    iam.put_user_policy(
        UserName="jane",
        PolicyName="p",
        PolicyDocument=document(allow("wafv2:*", f"arn:aws:wafv2:*:{OTHER}:*")),
    )
    jane = account.client("wafv2", user="jane")
    web_acl(jane)
    assert error(web_acl, jane, reference(made)) == "AccessDeniedException"


def test_a_policy_goes_with_changes(waf: Any) -> None:
    """It is shown as it was written, stays when the rules change, and does not change the lock token."""
    made = rule_group(waf)
    assert error(waf.get_permission_policy, ResourceArn=made["ARN"]) == "WAFNonexistentItemException"
    assert error(waf.delete_permission_policy, ResourceArn=made["ARN"]) == "WAFNonexistentItemException"
    waf.put_permission_policy(ResourceArn=made["ARN"], Policy=policy())
    waf.update_rule_group(**named(made), LockToken=made["LockToken"], VisibilityConfig=VISIBILITY)
    shown = waf.get_permission_policy(ResourceArn=made["ARN"])["Policy"]
    assert json.loads(shown) == json.loads(policy())


def test_only_the_owner_shares(aws: LocalAws, waf: Any) -> None:
    """Nobody else, whatever the policy says."""
    made = rule_group(waf)
    waf.put_permission_policy(ResourceArn=made["ARN"], Policy=policy())
    theirs = aws.account(OTHER).client("wafv2")
    assert (
        error(theirs.put_permission_policy, ResourceArn=made["ARN"], Policy=policy())
        == "AccessDeniedException"
    )
    missing = f"{HEAD}rulegroup/none/{MISSING}"
    assert (
        error(waf.put_permission_policy, ResourceArn=missing, Policy=policy())
        == "WAFNonexistentItemException"
    )


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"Version": "2012-10-17", "Statement": ["all"]}',
        policy().replace("2012-10-17", "2008-10-17"),
        policy(Effect="Deny"),
        policy(Resource="*"),
        policy(Principal=None),
        policy(Principal=None, NotPrincipal={"AWS": OTHER}),
        policy(Principal="*"),
        policy(Principal={"AWS": "*"}),
        policy(Principal={"Service": "ec2.amazonaws.com"}),
        policy(Principal={"AWS": "arn:aws:iam::111122223333:user/nobody"}),
        policy(Action="wafv2:*"),
        policy(Action=SHARED[:2]),
        policy(Action=[*SHARED, "wafv2:DeleteRuleGroup"]),
        policy(Action=None, NotAction=SHARED),
        policy(Condition={"Nonsense": {"a": "b"}}),
        policy(Sid="x" * 20_000),
        "[" * 5_000,
    ],
    ids=[
        "text", "list", "statement", "version", "effect", "resource", "nobody", "not-principal", "everybody",
        "everybody-of-aws", "service", "unknown-user", "wildcard", "too-few", "too-many", "not-action",
        "condition", "too-long", "deep",
    ],
)  # fmt: skip
def test_policies_that_cannot_be(waf: Any, text: str) -> None:
    """Each is refused, and says why; no policy is there afterwards."""
    made = rule_group(waf)
    answer = refusal(waf.put_permission_policy, ResourceArn=made["ARN"], Policy=text)
    assert answer["Error"]["Code"] == "WAFInvalidPermissionPolicyException"
    assert error(waf.get_permission_policy, ResourceArn=made["ARN"]) == "WAFNonexistentItemException"


def test_rule_groups_hold_no_rule_groups(waf: Any) -> None:
    """The field says of which sort the statement is."""
    managed = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet"}}
    for one, field in (
        (reference(rule_group(waf)), "RULE_GROUP_REFERENCE_STATEMENT"),
        (rule("managed", 1, managed, **NONE), "MANAGED_RULE_SET_STATEMENT"),
    ):
        assert refusal(rule_group, waf, one)["Field"] == field
