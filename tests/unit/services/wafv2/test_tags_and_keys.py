"""Tags, API keys, and SDKs that are not there, as boto3 sees them."""

from typing import Any

import pytest

from masugata.records.wafv2 import API_KEY
from masugata.testing import LocalAws
from policies import allow, document
from unit.services.wafv2.using_waf import MISSING, SCOPE, error, ip_set, named, rule_group, web_acl

INVALID = "WAFInvalidParameterException"


def tags_of(waf: Any, arn: str) -> dict[str, str]:
    """The tags of something."""
    listed = waf.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]
    assert listed["ResourceARN"] == arn
    return {tag["Key"]: tag["Value"] for tag in listed["TagList"]}


@pytest.mark.parametrize("make", [web_acl, rule_group, ip_set])
def test_tags(waf: Any, make: Any) -> None:
    """They are given with what is made and later, changed and taken, and change no lock token."""
    made = make(waf, Tags=[{"Key": "Team", "Value": "red"}])
    waf.tag_resource(
        ResourceARN=made["ARN"], Tags=[{"Key": "Team", "Value": "blue"}, {"Key": "店", "Value": ""}]
    )
    assert tags_of(waf, made["ARN"]) == {"Team": "blue", "店": ""}
    waf.untag_resource(ResourceARN=made["ARN"], TagKeys=["店", "unknown"])
    assert tags_of(waf, made["ARN"]) == {"Team": "blue"}


def test_tags_that_cannot_be(waf: Any) -> None:
    """Too many, AWS's own, and those of what is not there."""
    made = web_acl(waf)
    fifty = [{"Key": f"k{n}", "Value": ""} for n in range(50)]
    waf.tag_resource(ResourceARN=made["ARN"], Tags=fifty)
    more = [{"Key": "more", "Value": ""}]
    assert error(waf.tag_resource, ResourceARN=made["ARN"], Tags=more) == "WAFLimitsExceededException"
    assert error(waf.untag_resource, ResourceARN=made["ARN"], TagKeys=["AWS:a"]) == INVALID
    missing = made["ARN"].replace(made["Id"], MISSING)
    assert error(waf.tag_resource, ResourceARN=missing, Tags=more) == "WAFNonexistentItemException"
    for arn in (made["ARN"].replace("webacl", "managedruleset"), "arn:aws:s3:::a-bucket-of-mine"):
        assert error(waf.list_tags_for_resource, ResourceARN=arn) == INVALID


def test_tags_decide(aws: LocalAws, waf: Any) -> None:
    """A policy may ask for the tags of what is there, and for those of what is made."""
    red, blue = (web_acl(waf, Tags=[{"Key": "Team", "Value": team}]) for team in ("red", "blue"))
    iam = aws.client("iam")
    iam.create_user(UserName="jane")
    tagged = {"StringEquals": {"aws:ResourceTag/Team": "red"}}
    asked = {"StringEquals": {"aws:RequestTag/Team": "red"}}
    policy = document(
        allow("wafv2:GetWebACL", "*", **tagged),
        allow("wafv2:CreateIPSet", "*", **asked),
        allow("wafv2:TagResource", "*", **asked),
    )
    iam.put_user_policy(UserName="jane", PolicyName="p", PolicyDocument=policy)
    jane = aws.client("wafv2", user="jane")
    jane.get_web_acl(**named(red))
    assert error(jane.get_web_acl, **named(blue)) == "AccessDeniedException"
    ip_set(jane, Tags=[{"Key": "Team", "Value": "red"}])
    assert error(ip_set, jane, Tags=[{"Key": "Team", "Value": "blue"}]) == "AccessDeniedException"
    assert error(ip_set, jane) == "AccessDeniedException"


def test_api_keys(aws: LocalAws, waf: Any) -> None:
    """They say nothing themselves, are sealed where they are kept, and are good until they are deleted."""
    key = waf.create_api_key(**SCOPE, TokenDomains=["shop.example.com", "a.example"])["APIKey"]
    found = waf.get_decrypted_api_key(**SCOPE, APIKey=key)
    assert found["TokenDomains"] == ["shop.example.com", "a.example"]
    (listed,) = waf.list_api_keys(**SCOPE)["APIKeySummaries"]
    assert listed == {
        "APIKey": key,
        "TokenDomains": found["TokenDomains"],
        "CreationTimestamp": found["CreationTimestamp"],
        "Version": 1,
    }
    (record,) = aws._installation.store.snapshot().scan(API_KEY, aws.id, aws.region)
    assert key.encode() not in repr(record).encode()
    for scope, text in (("CLOUDFRONT", key), ("REGIONAL", key[:-1]), ("REGIONAL", "x")):
        assert error(waf.get_decrypted_api_key, Scope=scope, APIKey=text) == "WAFNonexistentItemException"
        assert error(waf.delete_api_key, Scope=scope, APIKey=text) == "WAFNonexistentItemException"
    waf.delete_api_key(**SCOPE, APIKey=key)
    assert error(waf.get_decrypted_api_key, **SCOPE, APIKey=key) == "WAFNonexistentItemException"


def test_domains_of_api_keys(waf: Any) -> None:
    """Names of hosts, five at most."""
    for domains in (["example"], ["https://shop.example.com"], ["shop.example.com/"]):
        assert error(waf.create_api_key, **SCOPE, TokenDomains=domains) in {INVALID, "ValidationException"}
    many = [f"{n}.example" for n in range(6)]
    assert error(waf.create_api_key, **SCOPE, TokenDomains=many) == "WAFLimitsExceededException"


@pytest.mark.parametrize("call", ["get_mobile_sdk_release", "generate_mobile_sdk_release_url"])
def test_no_mobile_sdks(waf: Any, call: str) -> None:
    """There are none, and any that is asked for is not there."""
    assert waf.list_mobile_sdk_releases(Platform="ANDROID")["ReleaseSummaries"] == []
    asked = {"Platform": "ANDROID", "ReleaseVersion": "1.0"}
    assert error(getattr(waf, call), **asked) == "WAFNonexistentItemException"


@pytest.mark.parametrize("call", ["get_revenue_statistics_summary", "list_settlement_records"])
def test_payments_are_not_built(waf: Any, call: str) -> None:
    """They answer 501 with the reason."""
    from datetime import UTC, datetime

    window = {"StartTime": datetime(2026, 1, 1, tzinfo=UTC), "EndTime": datetime(2026, 2, 1, tzinfo=UTC)}
    asked = {"TimeWindow": window, "Currency": "USDC", **SCOPE}
    assert error(getattr(waf, call), **asked) == "NotImplementedException"
