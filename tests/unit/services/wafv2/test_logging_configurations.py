"""Where the logs of web ACLs go, as boto3 sees it."""

from typing import Any

import pytest

from masugata.records.wafv2 import log_destination
from masugata.testing import LocalAws
from unit.services.wafv2.using_waf import MISSING, SCOPE, error, refusal, web_acl

BUCKET = "arn:aws:s3:::aws-waf-logs-shop"
INVALID = "WAFInvalidParameterException"


def put(waf: Any, acl: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The logging configuration of a web ACL, as it is answered."""
    given = {"ResourceArn": acl["ARN"], "LogDestinationConfigs": [BUCKET], **members}
    return dict(waf.put_logging_configuration(LoggingConfiguration=given)["LoggingConfiguration"])


def keep(*conditions: dict[str, Any]) -> dict[str, Any]:
    """A filter that keeps what meets all conditions."""
    one = {"Behavior": "KEEP", "Requirement": "MEETS_ALL", "Conditions": list(conditions)}
    return {"DefaultBehavior": "DROP", "Filters": [one]}


def test_a_logging_configuration_from_its_creation_to_its_end(waf: Any) -> None:
    """It is there until it is replaced or deleted, with AWS's defaults."""
    acl = web_acl(waf)
    named = {"ResourceArn": acl["ARN"]}
    assert error(waf.get_logging_configuration, **named) == "WAFNonexistentItemException"
    fields = [{"Method": {}}, {"UriPath": {}}, {"QueryString": {}}, {"SingleHeader": {"Name": "cookie"}}]
    block, label = (
        {"ActionCondition": {"Action": "BLOCK"}},
        {"LabelNameCondition": {"LabelName": "awswaf:a:b"}},
    )
    made = put(waf, acl, RedactedFields=fields, LoggingFilter=keep(block, label))
    assert made == {
        "ResourceArn": acl["ARN"],
        "LogDestinationConfigs": [BUCKET],
        "RedactedFields": fields,
        "LoggingFilter": keep(block, label),
        "ManagedByFirewallManager": False,
        "LogType": "WAF_LOGS",
        "LogScope": "CUSTOMER",
    }
    assert waf.get_logging_configuration(**named)["LoggingConfiguration"] == made
    changed = put(waf, acl)
    assert waf.get_logging_configuration(**named, LogScope="CUSTOMER")["LoggingConfiguration"] == changed
    assert (
        error(waf.get_logging_configuration, **named, LogScope="SECURITY_LAKE")
        == "WAFNonexistentItemException"
    )
    waf.delete_logging_configuration(**named)
    assert error(waf.delete_logging_configuration, **named) == "WAFNonexistentItemException"


@pytest.mark.parametrize(
    "destination",
    [
        BUCKET,
        "arn:aws:firehose:us-east-1:111122223333:deliverystream/aws-waf-logs-shop",
        "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-shop",
        "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-shop/of/tokyo:*",
    ],
)
def test_destinations(waf: Any, destination: str) -> None:
    """A bucket, a delivery stream or a log group; each has a name to which an edge maps a sink."""
    made = put(waf, web_acl(waf), LogDestinationConfigs=[destination])
    assert made["LogDestinationConfigs"] == [destination]
    found = log_destination(destination)
    assert found is not None
    assert found.name.startswith("aws-waf-logs-shop")
    assert "*" not in found.name


@pytest.mark.parametrize(
    "destinations",
    [
        ["arn:aws:s3:::logs-of-the-shop"],
        ["arn:aws:firehose:us-east-1:111122223333:deliverystream/shop"],
        ["arn:aws:firehose:eu-west-1:111122223333:deliverystream/aws-waf-logs-shop"],
        ["arn:aws:logs:us-east-1:444455556666:log-group:aws-waf-logs-shop"],
        ["arn:aws:sqs:us-east-1:111122223333:aws-waf-logs-shop"],
        ["arn:aws:s3:::aws-waf-logs-../../etc passwd"],
        ["/var/log/aws-waf-logs-shop"],
        [BUCKET, BUCKET + "-2"],
    ],
    ids=["bucket", "stream", "region", "account", "service", "spaces", "path", "two"],
)
def test_destinations_that_cannot_be(waf: Any, destinations: list[str]) -> None:
    """Another name, another place, or more than one."""
    answer = refusal(put, waf, web_acl(waf), LogDestinationConfigs=destinations)
    assert (answer["Error"]["Code"], answer["Field"]) == (INVALID, "LOG_DESTINATION")


@pytest.mark.parametrize(
    ("members", "code", "field"),
    [
        ({"RedactedFields": [{}]}, INVALID, "FIELD_TO_MATCH"),
        ({"RedactedFields": [{"Body": {}}]}, INVALID, "FIELD_TO_MATCH"),
        ({"RedactedFields": [{"Method": {}, "UriPath": {}}]}, INVALID, "FIELD_TO_MATCH"),
        ({"LoggingFilter": keep({})}, INVALID, "FILTER_CONDITION"),
        (
            {"LoggingFilter": keep({
                "ActionCondition": {"Action": "BLOCK"}, "LabelNameCondition": {"LabelName": "a"},
            })},
            INVALID,
            "FILTER_CONDITION",
        ),
        ({"LogScope": "SECURITY_LAKE"}, "WAFInvalidOperationException", None),
        ({"ManagedByFirewallManager": True}, "WAFInvalidOperationException", None),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(waf: Any, members: dict[str, Any], code: str, field: str | None) -> None:
    """Each is refused with its field."""
    answer = refusal(put, waf, web_acl(waf), **members)
    assert (answer["Error"]["Code"], answer.get("Field")) == (code, field)


def test_logs_are_of_web_acls_that_are_there(aws: LocalAws, waf: Any) -> None:
    """And of the same account and Region."""
    acl = web_acl(waf)
    missing = acl["ARN"].replace(acl["Id"], MISSING)
    assert error(put, waf, {"ARN": missing}) == "WAFNonexistentItemException"
    assert error(put, waf, {"ARN": acl["ARN"].replace("webacl", "rulegroup")}) == INVALID
    elsewhere = aws.client("wafv2", region_name="eu-west-1")
    assert error(put, elsewhere, acl) == "WAFNonexistentItemException"
    other = aws.account("444455556666").client("wafv2")
    assert error(put, other, acl) == "AccessDeniedException"


def test_listing(aws: LocalAws) -> None:
    """Those of a scope, page by page, also of web ACLs with the longest names."""
    waf = aws.account("777788889999").client("wafv2")
    expected = [put(waf, web_acl(waf, Name=last * 128))["ResourceArn"] for last in "abc"]
    put(waf, web_acl(waf, Scope="CLOUDFRONT"))
    found: list[str] = []
    marker: dict[str, str] = {}
    while len(found) < 3:
        page = waf.list_logging_configurations(**SCOPE, Limit=1, **marker)
        found += [one["ResourceArn"] for one in page["LoggingConfigurations"]]
        marker = {"NextMarker": page.get("NextMarker", "")}
    assert (found, marker["NextMarker"]) == (expected, "")
    assert waf.list_logging_configurations(**SCOPE, LogScope="SECURITY_LAKE")["LoggingConfigurations"] == []
