"""Which web ACL protects which edge, and what the edge is given."""

from collections.abc import Iterator
from typing import Any

import pytest

from masugata.engines.waf.managed import managed_groups
from masugata.engines.waf.matching import NoDatabases, choose_engine
from masugata.engines.waf.plan import compile_plan
from masugata.records.wafv2 import ASSOCIATION, EDGE, Association
from masugata.services.wafv2 import EdgeNameError, ruleset_of, ruleset_of_web_acl
from masugata.testing import LocalAws, local_aws
from unit.services.wafv2.bad_rules import rate
from unit.services.wafv2.using_waf import (
    MISSING,
    NOTHING,
    VISIBILITY,
    contains,
    edge,
    error,
    ip_set,
    named,
    refusal,
    rule,
    rule_group,
    web_acl,
)

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An account of the test's own."""
    with local_aws() as found:
        yield found


@pytest.fixture
def waf(aws: LocalAws) -> Any:
    """A client of the administrator."""
    return aws.client("wafv2")


def snapshot(aws: LocalAws) -> Any:
    """What is stored now."""
    return aws._installation.store.snapshot()


def test_an_edge_has_one_web_acl(aws: LocalAws, waf: Any) -> None:
    """A second one takes the place of the first; an edge without one has none."""
    arn, first, second = edge(aws), web_acl(waf)["ARN"], web_acl(waf)["ARN"]
    assert arn == f"{BALANCER}shop/5a5a5a5a5a5a5a5a"
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=arn)
    for acl in (first, second):
        waf.associate_web_acl(WebACLArn=acl, ResourceArn=arn)
        assert waf.get_web_acl_for_resource(ResourceArn=arn)["WebACL"]["ARN"] == acl
        assert waf.list_resources_for_web_acl(WebACLArn=acl)["ResourceArns"] == [arn]
    assert waf.list_resources_for_web_acl(WebACLArn=first)["ResourceArns"] == []
    other = waf.list_resources_for_web_acl(WebACLArn=second, ResourceType="API_GATEWAY")
    assert other["ResourceArns"] == []
    for _ in range(2):
        waf.disassociate_web_acl(ResourceArn=arn)
        assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=arn)


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        (f"{BALANCER}shop/0000000000000000", "WAFNonexistentItemException"),
        (f"{BALANCER}other/5a5a5a5a5a5a5a5a", "WAFNonexistentItemException"),
        (f"{BALANCER}shop/5a5a5a5a5a5a5a5a".replace("us-east-1", "eu-west-1"), "WAFNonexistentItemException"),
        (f"{BALANCER}shop/5a5a".replace("/app/", "/net/"), "WAFInvalidParameterException"),
        ("an edge of which no ARN is", "WAFInvalidParameterException"),
        ("arn:aws:apigateway:us-east-1::/restapis/a/stages/b", "WAFInvalidOperationException"),
        ("arn:aws:appsync:us-east-1:111122223333:apis/a", "WAFInvalidOperationException"),
        ("arn:aws:cognito-idp:us-east-1:111122223333:userpool/a", "WAFInvalidOperationException"),
        ("arn:aws:apprunner:us-east-1:111122223333:service/a/b", "WAFInvalidOperationException"),
        ("arn:aws:ec2:us-east-1:111122223333:verified-access-instance/a", "WAFInvalidOperationException"),
        ("arn:aws:amplify:us-east-1:111122223333:apps/a", "WAFInvalidOperationException"),
        ("arn:aws:cloudfront::111122223333:distribution/a", "WAFInvalidOperationException"),
    ],
)
def test_resources_that_are_no_edge(aws: LocalAws, waf: Any, resource: str, code: str) -> None:
    """What is not here is refused by every operation, by its name where AWS has it."""
    edge(aws)
    acl = web_acl(waf)["ARN"]
    assert error(waf.associate_web_acl, WebACLArn=acl, ResourceArn=resource) == code
    assert error(waf.disassociate_web_acl, ResourceArn=resource) == code
    assert error(waf.get_web_acl_for_resource, ResourceArn=resource) == code


def test_an_edge_of_another_account(aws: LocalAws, waf: Any) -> None:
    """It is its own account's to protect."""
    arn = edge(aws, account="444455556666")
    acl = web_acl(waf)["ARN"]
    assert error(waf.associate_web_acl, WebACLArn=acl, ResourceArn=arn) == "AccessDeniedException"


@pytest.mark.parametrize("operation", ["associate", "list"])
def test_web_acls_that_protect_no_edge(aws: LocalAws, waf: Any, operation: str) -> None:
    """One that is not there, and one of CloudFront."""
    arn, own, world = edge(aws), web_acl(waf), web_acl(waf, Scope="CLOUDFRONT")
    missing = own["ARN"].replace(own["Id"], MISSING)
    if operation == "list":
        assert error(waf.list_resources_for_web_acl, WebACLArn=missing) == "WAFNonexistentItemException"
        return
    assert error(waf.associate_web_acl, WebACLArn=missing, ResourceArn=arn) == "WAFNonexistentItemException"
    answer = refusal(waf.associate_web_acl, WebACLArn=world["ARN"], ResourceArn=arn)
    assert (answer["Error"]["Code"], answer["Field"]) == ("WAFInvalidParameterException", "RESOURCE_ARN")


def test_an_edge_keeps_its_arn(aws: LocalAws) -> None:
    """It starts again as the same; a name that no ARN can have is refused."""
    first = edge(aws)
    assert edge(aws) == first
    assert snapshot(aws).count(EDGE, aws.id, aws.region) == 1
    for name in ("", "-shop", "shop/a", "s" * 64, "läden"):
        with pytest.raises(EdgeNameError):
            edge(aws, name)


def test_what_an_edge_is_given(aws: LocalAws, waf: Any) -> None:
    """The web ACL with its rule groups and the sets that either refers to; a plan can be made of it."""
    partners, guests = ip_set(waf, "192.0.2.0/24"), ip_set(waf, "198.51.100.0/24")
    group = rule_group(
        waf,
        rule(
            "guests", 1, {"IPSetReferenceStatement": {"ARN": guests["ARN"]}}, RuleLabels=[{"Name": "guest"}]
        ),
    )
    paths = waf.create_regex_pattern_set(
        Name="paths", Scope="REGIONAL", RegularExpressionList=[{"RegexString": "^/a"}]
    )["Summary"]
    by_path = {"ARN": paths["ARN"], "FieldToMatch": {"UriPath": {}}, "TextTransformations": NOTHING}
    none = {"OverrideAction": {"None": {}}}
    common = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    acl = web_acl(
        waf,
        rule("partners", 1, {"IPSetReferenceStatement": {"ARN": partners["ARN"]}}, Action={"Allow": {}}),
        rule("group", 2, {"RuleGroupReferenceStatement": {
            "ARN": group["ARN"], "ExcludedRules": [{"Name": "guests"}],
        }}, **none),
        rule("paths", 3, {"RegexPatternSetReferenceStatement": by_path}),
        rule("common", 4, {"ManagedRuleGroupStatement": common}, **none),
        AssociationConfig={"RequestBody": {
            "API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_16"},
            "COGNITO_USER_POOL": {"DefaultSizeInspectionLimit": "KB_32"},
        }},
    )  # fmt: skip
    arn = edge(aws)
    assert ruleset_of(snapshot(aws), arn) is None
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=arn)
    ruleset = ruleset_of(snapshot(aws), arn)
    assert ruleset is not None
    assert ruleset.web_acl.label_namespace == f"awswaf:111122223333:webacl:{acl['Name']}:"
    assert ruleset.ip_sets == {partners["ARN"]: ("192.0.2.0/24",), guests["ARN"]: ("198.51.100.0/24",)}
    assert ruleset.regex_pattern_sets == {paths["ARN"]: ("^/a",)}
    assert ruleset.rule_groups[group["ARN"]].rules[0].name == "guests"
    assert ruleset.body_limit == 32_768
    compile_plan(ruleset, managed=managed_groups(), databases=NoDatabases(), engine=choose_engine("re2"))
    # A rule group that has lost a rule does not take the web ACL with it.
    waf.update_rule_group(**named(group), LockToken=group["LockToken"], VisibilityConfig=VISIBILITY)
    ruleset = ruleset_of(snapshot(aws), arn)
    assert ruleset is not None
    compile_plan(ruleset, managed=managed_groups(), databases=NoDatabases(), engine=choose_engine("re2"))


def test_an_edge_lets_no_rate_allow(aws: LocalAws, waf: Any) -> None:
    """A rule that became rate-based after a web ACL overrode it with Allow does what it says itself."""
    group = rule_group(waf, rule("some", 1, contains(b"x")))
    reference = {"ARN": group["ARN"], "RuleActionOverrides": [{"Name": "some", "ActionToUse": {"Allow": {}}}]}
    none = {"OverrideAction": {"None": {}}}
    acl = web_acl(waf, rule("group", 1, {"RuleGroupReferenceStatement": reference}, **none))
    update = {**named(group), "LockToken": group["LockToken"], "VisibilityConfig": VISIBILITY}
    waf.update_rule_group(**update, Rules=[rule("some", 1, rate())])
    ruleset = ruleset_of_web_acl(snapshot(aws), acl["ARN"])
    kept = ruleset.web_acl.rules[0].statement.rule_group_reference_statement
    assert kept is not None
    assert kept.rule_action_overrides == ()
    compile_plan(ruleset, managed=managed_groups(), databases=NoDatabases(), engine=choose_engine("re2"))


def test_a_plain_web_acl(aws: LocalAws, waf: Any) -> None:
    """Without anything that it refers to, and with the bodies that its engine inspects at most."""
    acl = web_acl(waf, rule("evil", 1, contains(b"evil")))
    ruleset = ruleset_of_web_acl(snapshot(aws), acl["ARN"])
    assert (ruleset.rule_groups, ruleset.ip_sets, ruleset.body_limit) == ({}, {}, 65_536)


def test_records_that_contradict_each_other(aws: LocalAws) -> None:
    """A web ACL that is not there is no edge without one: that would let everything through."""
    arn = edge(aws)
    missing = f"arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/{MISSING}"
    broken = Association(resource=arn, web_acl=missing)
    aws._installation.store.submit(lambda t: t.put(ASSOCIATION, aws.id, broken, aws.region)).result()
    with pytest.raises(LookupError, match="webacl/shop"):
        ruleset_of(snapshot(aws), arn)
    assert ruleset_of(snapshot(aws), "arn:aws:s3:::shop") is None
