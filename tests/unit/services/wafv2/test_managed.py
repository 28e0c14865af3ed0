"""Managed rule groups, and the managed rule sets of a vendor, as boto3 sees them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from masugata.records.wafv2 import MANAGED_RULE_SET, ManagedRuleSet
from masugata.testing import LocalAws
from unit.services.wafv2.using_waf import MISSING, SCOPE, error, named, new_name, refusal, rule_group

COMMON = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet", **SCOPE}


def test_managed_rule_groups(waf: Any) -> None:
    """Each that is listed can be described, in each of its versions; what is not here is not listed."""
    groups = waf.list_available_managed_rule_groups(**SCOPE)["ManagedRuleGroups"]
    assert [one["Name"] for one in groups] == sorted(one["Name"] for one in groups)
    assert "AWSManagedRulesATPRuleSet" not in {one["Name"] for one in groups}
    for group in groups:
        asked = {"VendorName": group["VendorName"], "Name": group["Name"], **SCOPE}
        versions = waf.list_available_managed_rule_group_versions(**asked)
        assert bool(versions["Versions"]) == group["VersioningSupported"]
        numbers = [
            [*map(int, each["Name"].removeprefix("Version_").split("."))] for each in versions["Versions"]
        ]
        assert numbers == sorted(numbers)
        default = waf.describe_managed_rule_group(**asked)
        assert default["Rules"]
        assert all(
            label["Name"].startswith(default["LabelNamespace"]) for label in default["AvailableLabels"]
        )
        for version in versions["Versions"]:
            assert waf.describe_managed_rule_group(**asked, VersionName=version["Name"])["Capacity"] > 0


def test_the_common_rule_set(waf: Any) -> None:
    """Rules, actions, labels and capacity are those that AWS documents."""
    found = waf.describe_managed_rule_group(**COMMON)
    assert found["Capacity"] == 700
    assert {"Name": "NoUserAgent_HEADER", "Action": {"Block": {}}} in found["Rules"]
    assert found["LabelNamespace"] == "awswaf:managed:aws:core-rule-set:"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"Name": "AWSManagedRulesOfNobody"}, "WAFNonexistentItemException"),
        ({"VersionName": "Version_99.0"}, "WAFNonexistentItemException"),
        ({"VendorName": "Bakers"}, "WAFSubscriptionNotFoundException"),
        ({"Name": "AWSManagedRulesACFPRuleSet"}, "WAFSubscriptionNotFoundException"),
    ],
)
def test_groups_that_are_not_there(waf: Any, members: dict[str, str], code: str) -> None:
    """Of AWS, of others, and of AWS but not here."""
    asked = {**COMMON, **members}
    assert error(waf.describe_managed_rule_group, **asked) == code
    if asked.pop("VersionName", None) is None:
        assert error(waf.list_available_managed_rule_group_versions, **asked) == code


def test_products(waf: Any) -> None:
    """What is offered is AWS's; other vendors offer nothing."""
    offered = waf.describe_all_managed_products(**SCOPE)["ManagedProducts"]
    assert {one["VendorName"] for one in offered} == {"AWS"}
    assert waf.describe_managed_products_by_vendor(**SCOPE, VendorName="Bakers")["ManagedProducts"] == []


@pytest.mark.parametrize("call", ["list_available_managed_rule_groups", "describe_all_managed_products"])
def test_cloudfront_is_in_one_region(aws: LocalAws, call: str) -> None:
    """Also where only something is looked up."""
    elsewhere = aws.client("wafv2", region_name="eu-west-1")
    assert error(getattr(elsewhere, call), Scope="CLOUDFRONT") == "WAFInvalidParameterException"


def rule_set(aws: LocalAws) -> dict[str, Any]:
    """How the managed rule set is named that AWS has set up with this vendor."""
    record = ManagedRuleSet(name=new_name(), id=MISSING, scope="REGIONAL", lock_token=MISSING)
    aws._installation.store.submit(lambda t: t.put(MANAGED_RULE_SET, aws.id, record, aws.region)).result()
    return {"Name": record.name, "Id": record.id, **SCOPE}


def test_versions_of_a_vendor(aws: LocalAws, waf: Any) -> None:
    """They are published, recommended, and expire; the rule groups in them stay."""
    own, group = rule_set(aws), rule_group(waf)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    versions = {
        name: {"AssociatedRuleGroupArn": group["ARN"], "ForecastedLifetime": 30} for name in ("one", "two")
    }
    put = {**own, "VersionsToPublish": versions, "RecommendedVersion": "two"}
    token = waf.put_managed_rule_set_versions(**put, LockToken=MISSING)["NextLockToken"]
    assert error(waf.put_managed_rule_set_versions, **put, LockToken=MISSING) == "WAFOptimisticLockException"
    assert error(waf.put_managed_rule_set_versions, **put, LockToken=token) == "WAFInvalidParameterException"
    answer = waf.update_managed_rule_set_version_expiry_date(
        **own, LockToken=token, VersionToExpire="one", ExpiryTimestamp=later
    )
    assert (answer["ExpiringVersion"], answer["ExpiryTimestamp"]) == ("one", later)
    found = waf.get_managed_rule_set(**own)
    assert found["ManagedRuleSet"]["RecommendedVersion"] == "two"
    first = found["ManagedRuleSet"]["PublishedVersions"]["one"]
    assert (first["AssociatedRuleGroupArn"], first["Capacity"]) == (group["ARN"], 100)
    assert first["ExpiryTimestamp"] == later
    delete = {**named(group), "LockToken": group["LockToken"]}
    assert error(waf.delete_rule_group, **delete) == "WAFAssociatedItemException"
    listed = waf.list_managed_rule_sets(**SCOPE)["ManagedRuleSets"]
    assert own["Name"] in {one["Name"] for one in listed}


def test_versions_that_cannot_be(aws: LocalAws, waf: Any) -> None:
    """Of no rule group, recommended without being there, expiring in the past, and unknown."""
    own, group = rule_set(aws), rule_group(waf)
    put = {**own, "LockToken": MISSING}
    missing = group["ARN"].replace(group["Id"], MISSING)
    assert (
        error(waf.put_managed_rule_set_versions, **put, RecommendedVersion="x")
        == "WAFInvalidParameterException"
    )
    absent = {"one": {"AssociatedRuleGroupArn": missing}}
    assert (
        error(waf.put_managed_rule_set_versions, **put, VersionsToPublish=absent)
        == "WAFNonexistentItemException"
    )
    world = rule_group(waf, Scope="CLOUDFRONT")
    other = {"one": {"AssociatedRuleGroupArn": world["ARN"]}}
    answer = refusal(waf.put_managed_rule_set_versions, **put, VersionsToPublish=other)
    assert answer["Field"] == "SCOPE_VALUE"
    versions = {"one": {"AssociatedRuleGroupArn": group["ARN"]}}
    token = waf.put_managed_rule_set_versions(**put, VersionsToPublish=versions, RecommendedVersion="one")[
        "NextLockToken"
    ]
    expire = {**own, "LockToken": token}
    past, future = datetime(2020, 1, 1, tzinfo=UTC), datetime(2126, 1, 1, tzinfo=UTC)
    update = waf.update_managed_rule_set_version_expiry_date
    two = {"VersionToExpire": "two", "ExpiryTimestamp": future}
    assert error(update, **expire, **two) == "WAFNonexistentItemException"
    one = {"VersionToExpire": "one", "ExpiryTimestamp": future}
    assert error(update, **expire, **one) == "WAFInvalidParameterException"
    token = waf.put_managed_rule_set_versions(
        **expire, VersionsToPublish={"two": versions["one"]}, RecommendedVersion="two"
    )["NextLockToken"]
    answer = refusal(update, **{**expire, "LockToken": token}, VersionToExpire="one", ExpiryTimestamp=past)
    assert answer["Field"] == "EXPIRE_TIMESTAMP"
    assert error(waf.get_managed_rule_set, **{**own, "Name": "nobody"}) == "WAFNonexistentItemException"
