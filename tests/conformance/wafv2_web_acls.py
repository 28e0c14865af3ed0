"""Web ACLs, what they protect, what is logged and seen of them, and what else AWS WAF has."""

from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.wafv2_rules import SCOPE, VISIBILITY, contains, pages, rule
from masugata.records.wafv2 import MANAGED_RULE_SET, ManagedRuleSet, edge_arn
from masugata.services.wafv2 import register_edge
from support import House

ACCOUNT, REGION = "111122223333", "us-east-1"


def edge(house: House) -> str:
    """The ARN of an edge."""

    def job(transaction: Any) -> str:
        made = register_edge(
            transaction, ACCOUNT, REGION, name="shop", listener="127.0.0.1:8080", upstreams=(),
            now=datetime.now(UTC), random=lambda size: b"\x5a" * size,
        )  # fmt: skip
        return edge_arn(ACCOUNT, REGION, made)

    return house.store.submit(job).result()


def web_acls(waf: Any, group: str) -> str:
    """The ARN of a web ACL that uses all that there is."""
    common = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    rules = [
        rule("own", 1, {"RuleGroupReferenceStatement": {
            "ARN": group, "RuleActionOverrides": [{"Name": "rule-3", "ActionToUse": {"Count": {}}}],
        }}, OverrideAction={"None": {}}),
        rule("common", 2, {"ManagedRuleGroupStatement": {
            **common, "ExcludedRules": [{"Name": "SizeRestrictions_BODY"}],
            "ScopeDownStatement": contains(b"/api"),
        }}, OverrideAction={"Count": {}}),
        rule("teapot", 3, contains(b"coffee"), Action={"Block": {"CustomResponse": {
            "ResponseCode": 418, "CustomResponseBodyKey": "teapot",
            "ResponseHeaders": [{"Name": "x-pot", "Value": "tea"}],
        }}}, CaptchaConfig={"ImmunityTimeProperty": {"ImmunityTime": 60}}),
        rule("puzzle", 4, contains(b"puzzle"), Action={"Challenge": {"CustomRequestHandling": {
            "InsertHeaders": [{"Name": "seen", "Value": "yes"}],
        }}}, ChallengeConfig={"ImmunityTimeProperty": {"ImmunityTime": 300}}),
        rule("often", 5, {"RateBasedStatement": {
            "Limit": 100, "EvaluationWindowSec": 300, "AggregateKeyType": "IP",
        }}),
    ]  # fmt: skip
    settings: dict[str, Any] = {
        "DefaultAction": {"Allow": {}},
        "Description": "of the shop",
        "Rules": rules,
        "VisibilityConfig": VISIBILITY,
        "CustomResponseBodies": {"teapot": {"ContentType": "TEXT_PLAIN", "Content": "I am one."}},
        "CaptchaConfig": {"ImmunityTimeProperty": {"ImmunityTime": 600}},
        "ChallengeConfig": {"ImmunityTimeProperty": {"ImmunityTime": 600}},
        "TokenDomains": ["shop.example.com"],
        "AssociationConfig": {"RequestBody": {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_32"}}},
        "DataProtectionConfig": {"DataProtections": [
            {"Field": {"FieldType": "SINGLE_HEADER", "FieldKeys": ["authorization"]}, "Action": "HASH"},
        ]},
        "ApplicationConfig": {"Attributes": [{"Name": "team", "Values": ["bakery"]}]},
    }  # fmt: skip
    made = waf.create_web_acl(Name="shop", Tags=[{"Key": "Team", "Value": "red"}], **SCOPE, **settings)[
        "Summary"
    ]
    named = {"Name": "shop", "Id": made["Id"], **SCOPE}
    found = waf.get_web_acl(**named)
    assert {member: found["WebACL"][member] for member in settings} == settings
    token = waf.update_web_acl(**named, LockToken=found["LockToken"], **settings)["NextLockToken"]
    assert waf.get_web_acl(ARN=made["ARN"])["LockToken"] == token
    other = waf.create_web_acl(
        Name="bakery", DefaultAction={"Block": {}}, VisibilityConfig=VISIBILITY, **SCOPE
    )["Summary"]
    assert len(pages(waf, "list_web_acls", "WebACLs", **SCOPE)) == 2
    token = waf.delete_firewall_manager_rule_groups(
        WebACLArn=other["ARN"], WebACLLockToken=other["LockToken"]
    )["NextWebACLLockToken"]
    waf.delete_web_acl(Name="bakery", Id=other["Id"], LockToken=token, **SCOPE)
    return str(made["ARN"])


def associations(waf: Any, web_acl: str, resource: str) -> None:
    """An edge is protected for a while."""
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=resource)
    waf.associate_web_acl(WebACLArn=web_acl, ResourceArn=resource)
    assert waf.get_web_acl_for_resource(ResourceArn=resource)["WebACL"]["ARN"] == web_acl
    assert waf.list_resources_for_web_acl(WebACLArn=web_acl)["ResourceArns"] == [resource]
    waf.disassociate_web_acl(ResourceArn=resource)


def tags(waf: Any, web_acl: str) -> None:
    """Tags are given, listed and taken."""
    waf.tag_resource(ResourceARN=web_acl, Tags=[{"Key": "Stage", "Value": ""}])
    found: list[Any] = []
    marker: dict[str, Any] = {}
    for _ in range(2):
        answer = waf.list_tags_for_resource(ResourceARN=web_acl, Limit=1, **marker)
        found += answer["TagInfoForResource"]["TagList"]
        marker = {"NextMarker": answer["NextMarker"]} if "NextMarker" in answer else {}
    assert [tag["Key"] for tag in found] == ["Stage", "Team"]
    waf.untag_resource(ResourceARN=web_acl, TagKeys=["Stage"])


def logging(waf: Any, web_acl: str) -> None:
    """What is logged, and what edges have seen: nothing yet."""
    configuration = {
        "ResourceArn": web_acl,
        "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-shop"],
        "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
        "LoggingFilter": {
            "DefaultBehavior": "DROP",
            "Filters": [
                {
                    "Behavior": "KEEP",
                    "Requirement": "MEETS_ANY",
                    "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
                }
            ],
        },
    }
    put = waf.put_logging_configuration(LoggingConfiguration=configuration)["LoggingConfiguration"]
    assert waf.get_logging_configuration(ResourceArn=web_acl)["LoggingConfiguration"] == put
    assert pages(waf, "list_logging_configurations", "LoggingConfigurations", **SCOPE) == [put]
    waf.delete_logging_configuration(ResourceArn=web_acl)
    now = datetime.now(UTC)
    sampled = waf.get_sampled_requests(
        WebAclArn=web_acl, RuleMetricName="teapot", MaxItems=10, **SCOPE,
        TimeWindow={"StartTime": now - timedelta(minutes=5), "EndTime": now},
    )  # fmt: skip
    assert (sampled["SampledRequests"], sampled["PopulationSize"]) == ([], 0)
    keys = waf.get_rate_based_statement_managed_keys(
        WebACLName="shop", WebACLId=web_acl.rpartition("/")[2], RuleName="often", **SCOPE
    )
    assert keys["ManagedKeysIPV4"] == {"IPAddressVersion": "IPV4", "Addresses": []}


def managed(waf: Any, group: str, house: House) -> None:
    """What comes with the program, and what a vendor would offer."""
    groups = pages(waf, "list_available_managed_rule_groups", "ManagedRuleGroups", **SCOPE)
    assert "AWSManagedRulesSQLiRuleSet" in {one["Name"] for one in groups}
    named = {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet", **SCOPE}
    versions = pages(waf, "list_available_managed_rule_group_versions", "Versions", **named)
    described = waf.describe_managed_rule_group(**named, VersionName=versions[0]["Name"])
    assert (described["Capacity"], described["VersionName"]) == (200, versions[0]["Name"])
    offered = waf.describe_all_managed_products(**SCOPE)["ManagedProducts"]
    assert offered == waf.describe_managed_products_by_vendor(VendorName="AWS", **SCOPE)["ManagedProducts"]
    assert len(offered) == len(groups)
    token = "11111111-1111-4111-8111-111111111111"
    rule_set = ManagedRuleSet(name="bakers", id=token, scope="REGIONAL", lock_token=token)
    house.store.submit(lambda t: t.put(MANAGED_RULE_SET, ACCOUNT, rule_set, REGION)).result()
    own = {"Name": "bakers", "Id": token, **SCOPE}
    token = waf.put_managed_rule_set_versions(
        **own,
        LockToken=token,
        VersionsToPublish={"one": {"AssociatedRuleGroupArn": group, "ForecastedLifetime": 30}},
    )["NextLockToken"]
    waf.update_managed_rule_set_version_expiry_date(
        **own, LockToken=token, VersionToExpire="one", ExpiryTimestamp=datetime.now(UTC) + timedelta(days=30)
    )
    assert set(waf.get_managed_rule_set(**own)["ManagedRuleSet"]["PublishedVersions"]) == {"one"}
    assert [one["Name"] for one in pages(waf, "list_managed_rule_sets", "ManagedRuleSets", **SCOPE)] == [
        "bakers"
    ]


def keys_and_sdks(waf: Any) -> None:
    """API keys, and SDKs that are not there."""
    made = [waf.create_api_key(TokenDomains=["shop.example.com"], **SCOPE)["APIKey"] for _ in range(2)]
    assert waf.get_decrypted_api_key(APIKey=made[0], **SCOPE)["TokenDomains"] == ["shop.example.com"]
    listed = pages(waf, "list_api_keys", "APIKeySummaries", **SCOPE)
    assert {one["APIKey"] for one in listed} == set(made)
    for key in made:
        waf.delete_api_key(APIKey=key, **SCOPE)
    assert waf.list_mobile_sdk_releases(Platform="IOS")["ReleaseSummaries"] == []
