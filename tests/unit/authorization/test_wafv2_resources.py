"""Every operation of AWS WAF resolves to the ARNs and condition keys of the reference."""

from collections.abc import Mapping
from typing import Any

import pytest

from masugata.authorization.access import Access
from masugata.authorization.resources import accesses
from masugata.authorization.resources.wafv2 import named_arn
from masugata.engines.waf.definitions import VisibilityConfig
from masugata.errors import AwsError
from masugata.records.iam import Tag
from masugata.records.wafv2 import ASSOCIATION, IP_SET, RULE_GROUP, Association, IPSet, RuleGroup
from masugata.services.wafv2 import OPERATIONS
from unit.authorization.world import ACCOUNT_ID, OTHER_ID, World

REGION = "us-east-1"
ID, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
HEAD = f"arn:aws:wafv2:{REGION}:{ACCOUNT_ID}:"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT_ID}:loadbalancer/app/shop/0123456789abcdef"
FREE, TAKEN = BALANCER, BALANCER[:-1] + "0"
SET, GROUP = f"{HEAD}regional/ipset/partners/{ID}", f"{HEAD}regional/rulegroup/own/{ID}"
FOREIGN = f"arn:aws:wafv2:{REGION}:{OTHER_ID}:regional/rulegroup/theirs/{ID}"
ACL, PATTERNS = f"{HEAD}regional/webacl/shop/{ID}", f"{HEAD}regional/regexpatternset/paths/{ID}"
MANAGED = f"{HEAD}regional/managedruleset/bakers/{ID}"
POLICY = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"wafv2:CreateWebACL"}}'
)
BUCKET = "arn:aws:s3:::aws-waf-logs-a"
SCOPE = {"Scope": "REGIONAL"}
TAGS = {"Tags": [{"Key": "Shop", "Value": "bakery"}]}
RED = {"aws:ResourceTag/Team": "red"}
TAG = {"aws:RequestTag/Shop": "bakery", "aws:TagKeys": ["Shop"]}
RULES = [
    {"Statement": {"NotStatement": {"Statement": {"IPSetReferenceStatement": {"ARN": SET}}}}},
    {"Statement": {"RuleGroupReferenceStatement": {"ARN": FOREIGN}}},
    {"Statement": {"ManagedRuleGroupStatement": {
        "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet",
        "ScopeDownStatement": {"RegexPatternSetReferenceStatement": {"ARN": PATTERNS}},
    }}},
]  # fmt: skip
CUSTOMER = {"wafv2:LogScope": "CUSTOMER"}

Row = tuple[Mapping[str, Any], list[tuple[str, str, Mapping[str, Any]]]]


def named(name: str, id_: str = ID) -> dict[str, Any]:
    """A request that names something by scope, name and id."""
    return {"Name": name, "Id": id_, **SCOPE}


def on(operation: str, arn: str, **keys: Any) -> tuple[str, str, Mapping[str, Any]]:
    """A permission for the operation itself."""
    return (f"wafv2:{operation}", arn, keys)


def simple(operation: str, request: Mapping[str, Any], arn: str, keys: Mapping[str, Any]) -> tuple[str, Row]:
    """An operation that needs one permission."""
    return operation, (request, [(f"wafv2:{operation}", arn, keys)])


def creating(noun: str, path: str) -> tuple[str, Row]:
    """An operation that makes something, with tags."""
    arn = f"{HEAD}regional/{path}/new/*"
    operation = f"Create{noun}"
    request = {"Name": "new", **SCOPE, **TAGS}
    return operation, (request, [(f"wafv2:{operation}", arn, TAG), ("wafv2:TagResource", arn, TAG)])


def elb(action: str, arn: str = FREE) -> tuple[str, str, Mapping[str, Any]]:
    """A permission of Elastic Load Balancing."""
    return (f"elasticloadbalancing:{action}", arn, {})


ROWS: dict[str, Row] = dict(
    [
        creating("IPSet", "ipset"),
        creating("RegexPatternSet", "regexpatternset"),
        creating("RuleGroup", "rulegroup"),
        *(simple(f"{verb}IPSet", named("partners"), SET, RED) for verb in ("Get", "Update", "Delete")),
        *(simple(f"{verb}RuleGroup", named("own"), GROUP, RED) for verb in ("Get", "Update", "Delete")),
        *(
            simple(f"{verb}RegexPatternSet", named("paths"), PATTERNS, {})
            for verb in ("Get", "Update", "Delete")
        ),
        *(simple(f"{verb}WebACL", named("shop"), ACL, {}) for verb in ("Delete", "Update")),
        simple("GetWebACL", {"ARN": ACL}, ACL, {}),
        *(
            simple(f"{verb}PermissionPolicy", {"ResourceArn": GROUP}, GROUP, RED)
            for verb in ("Get", "Put", "Delete")
        ),
        simple("TagResource", {"ResourceARN": SET, **TAGS}, SET, RED | TAG),
        simple("UntagResource", {"ResourceARN": SET, "TagKeys": ["a"]}, SET, {**RED, "aws:TagKeys": ["a"]}),
        simple("ListTagsForResource", {"ResourceARN": SET}, SET, RED),
        simple("GetSampledRequests", {"WebAclArn": ACL, **SCOPE}, ACL, {}),
        simple("DeleteFirewallManagerRuleGroups", {"WebACLArn": ACL}, ACL, {}),
        simple(
            "GetRateBasedStatementManagedKeys", {"WebACLName": "shop", "WebACLId": ID, **SCOPE}, ACL, {}
        ),
        *(
            simple(f"{verb}LoggingConfiguration", {"ResourceArn": ACL}, ACL, CUSTOMER)
            for verb in ("Get", "Delete")
        ),
        simple("ListLoggingConfigurations", SCOPE, "*", CUSTOMER),
        simple("GetManagedRuleSet", named("bakers"), MANAGED, {}),
        simple("UpdateManagedRuleSetVersionExpiryDate", named("bakers"), MANAGED, {}),
        *(
            simple(operation, SCOPE, "*", {})
            for operation in (
                "CheckCapacity", "CreateAPIKey", "DeleteAPIKey", "DescribeAllManagedProducts",
                "DescribeManagedProductsByVendor", "DescribeManagedRuleGroup", "GenerateMobileSdkReleaseUrl",
                "GetDecryptedAPIKey", "GetMobileSdkRelease", "ListAPIKeys",
                "ListAvailableManagedRuleGroupVersions", "ListAvailableManagedRuleGroups", "ListIPSets",
                "ListManagedRuleSets", "ListMobileSdkReleases", "ListRegexPatternSets", "ListRuleGroups",
                "ListWebACLs",
            )
        ),
    ]
) | {
    "CreateWebACL": (
        {"Name": "new", **SCOPE, "Rules": RULES},
        [
            on("CreateWebACL", f"{HEAD}regional/webacl/new/*"),
            on("CreateWebACL", f"{HEAD}regional/managedruleset/AWSManagedRulesCommonRuleSet/*"),
            on("CreateWebACL", PATTERNS),
            on("CreateWebACL", FOREIGN),
            ("wafv2:CreateWebACL", SET, RED),
        ],
    ),
    "PutLoggingConfiguration": (
        {"LoggingConfiguration": {"ResourceArn": ACL, "LogDestinationConfigs": [BUCKET]}},
        [
            (
                "wafv2:PutLoggingConfiguration",
                ACL,
                {**CUSTOMER, "wafv2:LogDestinationResource": [BUCKET]},
            )
        ],
    ),
    "PutManagedRuleSetVersions": (
        {**named("bakers"), "VersionsToPublish": {"1": {"AssociatedRuleGroupArn": GROUP}}},
        [on("PutManagedRuleSetVersions", MANAGED), ("wafv2:PutManagedRuleSetVersions", GROUP, RED)],
    ),
    "AssociateWebACL": (
        {"WebACLArn": ACL, "ResourceArn": FREE},
        [on("AssociateWebACL", ACL), elb("CreateWebACLAssociation")],
    ),
    "DisassociateWebACL": (
        {"ResourceArn": FREE},
        [on("DisassociateWebACL", FREE), elb("DeleteWebACLAssociation")],
    ),
    "GetWebACLForResource": (
        {"ResourceArn": TAKEN},
        [
            on("GetWebACLForResource", ACL),
            on("GetWebACL", ACL),
            elb("GetLoadBalancerWebACL", TAKEN),
        ],
    ),
    "ListResourcesForWebACL": (
        {"WebACLArn": ACL},
        [on("ListResourcesForWebACL", ACL), elb("DescribeWebACLAssociation", "*")],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    """An IP set and a rule group with tags, a rule group of others that is shared, and an association."""
    world = World()
    common: dict[str, Any] = {"id": ID, "scope": "REGIONAL", "lock_token": ID, "tags": (Tag("Team", "red"),)}
    group: dict[str, Any] = {
        **common,
        "capacity": 1,
        "visibility_config": VisibilityConfig(
            sampled_requests_enabled=True, cloud_watch_metrics_enabled=True, metric_name="own"
        ),
    }

    def fill(tx: Any) -> None:
        tx.put(IP_SET, ACCOUNT_ID, IPSet(name="partners", ip_address_version="IPV4", **common), REGION)
        tx.put(RULE_GROUP, ACCOUNT_ID, RuleGroup(name="own", **group), REGION)
        tx.put(RULE_GROUP, OTHER_ID, RuleGroup(name="theirs", policy=POLICY, **{**group, "tags": ()}), REGION)
        tx.put(ASSOCIATION, ACCOUNT_ID, Association(resource=TAKEN, web_acl=ACL), REGION)

    world.store.submit(fill).result()
    return world


def needed(world: World, operation: str, request: Mapping[str, Any]) -> list[Access]:
    """What alice needs for this call."""
    return accesses("wafv2", operation, request, world.alice(), world.records, REGION)


@pytest.mark.parametrize("operation", sorted(ROWS))
def test_operation(world: World, operation: str) -> None:
    """Each permission, on each resource, with exactly the documented keys."""
    request, expected = ROWS[operation]
    found = needed(world, operation, request)
    assert [(one.action, one.resource, dict(one.context)) for one in found] == expected
    for one in found:
        owner = None if one.resource == "*" else OTHER_ID if one.resource == FOREIGN else ACCOUNT_ID
        assert one.resource_account == owner


def test_every_operation_has_its_row() -> None:
    """No operation is built without standing here."""
    assert sorted(ROWS) == sorted(OPERATIONS)


def test_a_shared_rule_group_has_its_policy(world: World) -> None:
    """Of another account's rule group its own policy is asked, and of one that is not there an empty one."""
    rules = [{"Statement": {"RuleGroupReferenceStatement": {"ARN": FOREIGN}}}]
    policies = [
        one.resource_policy for one in needed(world, "CreateWebACL", {"Name": "n", **SCOPE, "Rules": rules})
    ]
    assert policies[0] is None
    assert '"Resource": "*"' in str(policies[1])
    (missing,) = needed(world, "GetRuleGroup", {"ARN": FOREIGN.replace(ID, OTHER)})
    assert missing.resource_policy == ""


def test_what_is_not_there_has_no_tags(world: World) -> None:
    """Another id under a name that is taken is something else."""
    (found,) = needed(world, "GetIPSet", named("partners", OTHER))
    assert dict(found.context) == {}


def test_cloudfront_is_in_one_region(world: World) -> None:
    """What belongs to CloudFront has an ARN of us-east-1, wherever it is asked for."""
    (found,) = accesses(
        "wafv2",
        "GetIPSet",
        {**named("partners"), "Scope": "CLOUDFRONT"},
        world.alice(),
        world.records,
        "eu-west-1",
    )
    assert found.resource == f"{HEAD}global/ipset/partners/{ID}"


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "shop",
        ACL.replace("webacl", "rulegroup"),
        ACL + "/more",
        ACL.replace("regional", "local"),
        SET,
        FREE,
    ],
)
def test_arns_of_something_else(arn: str) -> None:
    """An ARN that no web ACL can have is refused before anything is judged."""
    with pytest.raises(AwsError) as caught:
        named_arn(arn, "webacl")
    assert caught.value.code == "WAFInvalidParameterException"
    assert caught.value.fields["Parameter"] == arn
