"""Web ACLs, as boto3 sees them."""

from collections.abc import Iterator
from typing import Any

import pytest

from masugata.testing import LocalAws, local_aws
from unit.services.wafv2.using_waf import (
    HEAD,
    MISSING,
    SCOPE,
    VISIBILITY,
    contains,
    edge,
    error,
    named,
    new_name,
    refusal,
    rule,
    web_acl,
)


@pytest.fixture
def own() -> Iterator[LocalAws]:
    """An account of the test's own."""
    with local_aws() as found:
        yield found


def test_a_web_acl_from_its_creation_to_its_end(waf: Any) -> None:
    """It is made, found by name and ARN, changed, and gone."""
    made = web_acl(waf, rule("evil", 1, contains(b"evil\xff")), Description="of the shop")
    assert made["ARN"] == f"{HEAD}webacl/{made['Name']}/{made['Id']}"
    found = waf.get_web_acl(**named(made))
    assert found["LockToken"] == made["LockToken"]
    assert found["WebACL"]["Rules"] == [rule("evil", 1, contains(b"evil\xff"))]
    assert found["WebACL"]["Capacity"] == 10
    assert found["WebACL"]["LabelNamespace"] == f"awswaf:111122223333:webacl:{made['Name']}:"
    assert waf.get_web_acl(ARN=made["ARN"])["WebACL"] == found["WebACL"]
    token = waf.update_web_acl(
        **named(made), LockToken=made["LockToken"], DefaultAction={"Block": {}}, VisibilityConfig=VISIBILITY
    )["NextLockToken"]
    changed = waf.get_web_acl(**named(made))["WebACL"]
    assert (changed["Rules"], changed["Description"], changed["Capacity"]) == ([], "", 0)
    assert changed["DefaultAction"] == {"Block": {}}
    waf.delete_web_acl(**named(made), LockToken=token)
    assert error(waf.get_web_acl, **named(made)) == "WAFNonexistentItemException"


def test_defaults_are_answered(waf: Any) -> None:
    """What AWS sets where nobody does is there, and what somebody set to the default is found again."""
    often = {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}}
    body = contains(b"x", Body={})
    found = waf.get_web_acl(ARN=web_acl(waf, rule("often", 1, often), rule("body", 2, body))["ARN"])
    first, second = (one["Statement"] for one in found["WebACL"]["Rules"])
    assert first["RateBasedStatement"]["EvaluationWindowSec"] == 300
    assert second["ByteMatchStatement"]["FieldToMatch"] == {"Body": {"OversizeHandling": "CONTINUE"}}


def test_who_comes_second_has_to_look_again(waf: Any) -> None:
    """A lock token is good for one change; a change that is refused does not use it up."""
    made = web_acl(waf)
    change = {**named(made), "DefaultAction": {"Block": {}}, "VisibilityConfig": VISIBILITY}
    both = {"Allow": {}, "Block": {}}
    first = {"LockToken": made["LockToken"]}
    assert (
        error(waf.update_web_acl, **{**change, "DefaultAction": both}, **first)
        == "WAFInvalidParameterException"
    )
    token = waf.update_web_acl(**change, **first)["NextLockToken"]
    assert error(waf.update_web_acl, **change, **first) == "WAFOptimisticLockException"
    assert error(waf.delete_web_acl, **named(made), **first) == "WAFOptimisticLockException"
    token = waf.delete_firewall_manager_rule_groups(WebACLArn=made["ARN"], WebACLLockToken=token)[
        "NextWebACLLockToken"
    ]
    waf.delete_web_acl(**named(made), LockToken=token)


@pytest.mark.parametrize("operation", ["get_web_acl", "update_web_acl", "delete_web_acl"])
def test_a_web_acl_that_is_not_there(waf: Any, operation: str) -> None:
    """A name with another id, and an id with another name, name nothing."""
    made = web_acl(waf)
    further: dict[str, Any] = {} if operation == "get_web_acl" else {"LockToken": made["LockToken"]}
    if operation == "update_web_acl":
        further |= {"DefaultAction": {"Allow": {}}, "VisibilityConfig": VISIBILITY}
    for wrong in ({"Id": MISSING}, {"Name": "other"}, {"Scope": "CLOUDFRONT"}):
        answer = refusal(getattr(waf, operation), **{**named(made), **wrong}, **further)
        assert answer["Error"]["Code"] == "WAFNonexistentItemException"
        assert "your resource doesn\u2019t exist" in answer["Error"]["Message"]


def test_how_a_web_acl_is_named(waf: Any) -> None:
    """By all of name, scope and id, or by its ARN."""
    made = web_acl(waf)
    for member in ("Name", "Scope", "Id"):
        request = {name: value for name, value in named(made).items() if name != member}
        assert error(waf.get_web_acl, **request) == "WAFInvalidParameterException"
    assert (
        error(waf.get_web_acl, ARN=made["ARN"].replace("webacl", "ipset")) == "WAFInvalidParameterException"
    )
    other = made["ARN"].replace("us-east-1", "eu-west-1")
    assert error(waf.get_web_acl, ARN=other) == "WAFNonexistentItemException"


def test_names_are_unique_within_a_scope(aws: LocalAws, waf: Any) -> None:
    """In another scope, Region and account it is another one."""
    made = web_acl(waf)
    assert error(web_acl, waf, Name=made["Name"]) == "WAFDuplicateItemException"
    web_acl(waf, Name=made["Name"], Scope="CLOUDFRONT")
    web_acl(aws.client("wafv2", region_name="eu-west-1"), Name=made["Name"])
    web_acl(aws.account("444455556666").client("wafv2"), Name=made["Name"])


def test_cloudfront_is_in_one_region(aws: LocalAws, waf: Any) -> None:
    """Its web ACLs have global ARNs, and are made in us-east-1 only."""
    made = web_acl(waf, Scope="CLOUDFRONT")
    assert ":global/webacl/" in made["ARN"]
    elsewhere = aws.client("wafv2", region_name="eu-west-1")
    answer = refusal(web_acl, elsewhere, Scope="CLOUDFRONT")
    assert (answer["Error"]["Code"], answer["Field"]) == ("WAFInvalidParameterException", "SCOPE_VALUE")
    assert answer["Error"]["Message"] == (
        "Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT"
    )
    assert error(elsewhere.list_web_acls, Scope="CLOUDFRONT") == "WAFInvalidParameterException"


def test_listing(own: LocalAws) -> None:
    """By name, page by page, each scope apart; a marker is of its own listing."""
    waf = own.client("wafv2")
    for name in ("b", "a", "c"):
        web_acl(waf, Name=name)
    web_acl(waf, Name="global", Scope="CLOUDFRONT")
    first = waf.list_web_acls(**SCOPE, Limit=2)
    assert [one["Name"] for one in first["WebACLs"]] == ["a", "b"]
    second = waf.list_web_acls(**SCOPE, Limit=2, NextMarker=first["NextMarker"])
    assert [one["Name"] for one in second["WebACLs"]] == ["c"]
    assert "NextMarker" not in second
    assert [one["Name"] for one in waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]] == ["global"]
    for marker in ("x", "bm90IG9uZQ==", "äöü", first["NextMarker"][:-4] + "!!!!"):
        assert error(waf.list_web_acls, **SCOPE, NextMarker=marker) == "WAFInvalidParameterException"
    assert error(waf.list_ip_sets, **SCOPE, NextMarker=first["NextMarker"]) == "WAFInvalidParameterException"


def test_the_longest_name_can_be_listed(own: LocalAws) -> None:
    """A marker has room for a name of 128 characters."""
    waf = own.client("wafv2")
    for last in "ab":
        web_acl(waf, Name="n" * 127 + last)
    marker = waf.list_web_acls(**SCOPE, Limit=1)["NextMarker"]
    assert len(waf.list_web_acls(**SCOPE, NextMarker=marker)["WebACLs"]) == 1


def test_quota() -> None:
    """So many web ACLs in a scope, and no more."""
    with local_aws(limits={"wafv2.web-acls": 2}) as aws:
        waf = aws.client("wafv2")
        made = [web_acl(waf) for _ in range(2)]
        answer = refusal(web_acl, waf)
        assert (answer["Error"]["Code"], answer["SourceType"]) == ("WAFLimitsExceededException", "WEB_ACL")
        web_acl(waf, Scope="CLOUDFRONT")
        waf.delete_web_acl(**named(made[0]), LockToken=made[0]["LockToken"])
        web_acl(waf)


@pytest.mark.parametrize(
    ("settings", "code", "field"),
    [
        ({"DefaultAction": {}}, "WAFInvalidParameterException", "DEFAULT_ACTION"),
        ({"DefaultAction": {"Allow": {}, "Block": {}}}, "WAFInvalidParameterException", "DEFAULT_ACTION"),
        (
            {"DefaultAction": {"Block": {"CustomResponse": {
                "ResponseCode": 403, "CustomResponseBodyKey": "x",
            }}}},
            "WAFInvalidParameterException",
            "CUSTOM_RESPONSE_BODY",
        ),
        (
            {"ChallengeConfig": {"ImmunityTimeProperty": {"ImmunityTime": 299}}},
            "WAFInvalidParameterException",
            "CHALLENGE_CONFIG",
        ),
        ({"TokenDomains": ["com"]}, "WAFInvalidParameterException", "TOKEN_DOMAIN"),
        ({"TokenDomains": ["a.b/c"]}, "WAFInvalidParameterException", "TOKEN_DOMAIN"),
        ({"TokenDomains": ["shop.example", "CO.uk"]}, "WAFInvalidParameterException", "TOKEN_DOMAIN"),
        ({"TokenDomains": ["gov.au"]}, "WAFInvalidParameterException", "TOKEN_DOMAIN"),
        ({"TokenDomains": ["192.0.2.1"]}, "WAFInvalidParameterException", "TOKEN_DOMAIN"),
        ({"TokenDomains": ["shop.example."]}, "WAFInvalidParameterException", "TOKEN_DOMAIN"),
        ({"TokenDomains": ["-a.example"]}, "WAFInvalidParameterException", "TOKEN_DOMAIN"),
        ({"TokenDomains": [f"{n}.example" for n in range(11)]}, "WAFLimitsExceededException", None),
        ({"Tags": [{"Key": "aws:a", "Value": ""}]}, "WAFInvalidParameterException", "TAG_KEYS"),
        ({"Tags": [{"Key": "a", "Value": ""}] * 2}, "WAFInvalidParameterException", "TAGS"),
        (
            {"AssociationConfig": {"RequestBody": {"CLOUDFRONT": {"DefaultSizeInspectionLimit": "KB_16"}}}},
            "WAFInvalidParameterException",
            "ASSOCIATED_RESOURCE_TYPE",
        ),
        (
            {"AssociationConfig": {"ChallengeJavascriptSdkInjection": {"API_GATEWAY": {}}}},
            "WAFInvalidOperationException",
            None,
        ),
        (
            {"OnSourceDDoSProtectionConfig": {"ALBLowReputationMode": "ALWAYS_ON"}},
            "WAFInvalidOperationException",
            None,
        ),
        ({"MonetizationConfig": {"CurrencyMode": "TEST"}}, "WAFInvalidOperationException", None),
        (
            {"DataProtectionConfig": {"DataProtections": [
                {"Field": {"FieldType": "SINGLE_HEADER"}, "Action": "HASH"},
            ]}},
            "WAFInvalidParameterException",
            "DATA_PROTECTION_CONFIG",
        ),
        (
            {"DataProtectionConfig": {"DataProtections": [
                {"Field": {"FieldType": "BODY", "FieldKeys": ["a"]}, "Action": "HASH"},
            ]}},
            "WAFInvalidParameterException",
            "DATA_PROTECTION_CONFIG",
        ),
        (
            {"DataProtectionConfig": {"DataProtections": [
                {"Field": {"FieldType": "BODY"}, "Action": "HASH"},
                {"Field": {"FieldType": "BODY"}, "Action": "SUBSTITUTION"},
            ]}},
            "WAFInvalidParameterException",
            "DATA_PROTECTION_CONFIG",
        ),
        (
            {"CustomResponseBodies": {
                "big": {"ContentType": "TEXT_PLAIN", "Content": "x" * 4097},
            }},
            "WAFLimitsExceededException",
            None,
        ),
    ],
)  # fmt: skip
def test_settings_that_cannot_be(waf: Any, settings: dict[str, Any], code: str, field: str | None) -> None:
    """Each is refused with the field that it is about, and makes nothing."""
    name = new_name()
    answer = refusal(web_acl, waf, Name=name, **settings)
    assert (answer["Error"]["Code"], answer.get("Field")) == (code, field)
    assert name not in {one["Name"] for one in waf.list_web_acls(**SCOPE)["WebACLs"]}


def test_a_web_acl_that_protects_something_stays(aws: LocalAws, waf: Any) -> None:
    """It is deleted once nothing is associated with it, and its logging configuration with it."""
    made, resource = web_acl(waf), edge(aws)
    waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=resource)
    answer = refusal(waf.delete_web_acl, **named(made), LockToken=made["LockToken"])
    assert answer["Error"]["Code"] == "WAFAssociatedItemException"
    assert resource in answer["Error"]["Message"]
    waf.disassociate_web_acl(ResourceArn=resource)
    waf.put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": made["ARN"],
            "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-shop"],
        }
    )
    waf.delete_web_acl(**named(made), LockToken=made["LockToken"])
    assert waf.list_logging_configurations(**SCOPE)["LoggingConfigurations"] == []


def test_events_name_the_web_acl(aws: LocalAws, waf: Any) -> None:
    """The event of a change has its ARN among the resources."""
    made = web_acl(waf)
    (event,) = [one for one in aws.events("CreateWebACL") if made["Name"] in str(one["requestParameters"])]
    assert [one["ARN"] for one in event["resources"]] == [made["ARN"]]
