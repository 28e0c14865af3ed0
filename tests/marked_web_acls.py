"""Web ACLs that mark each request that they let through with their own name, and block one path."""

from typing import Any

import msgspec

HEADER = "x-amzn-waf-plan"


def visibility(metric: str) -> dict[str, Any]:
    """A VisibilityConfig."""
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": metric}


def path_rule(
    name: str, priority: int, text: bytes, action: dict[str, Any], position: str = "CONTAINS"
) -> dict[str, Any]:
    """A rule about the path, in boto3's form."""
    match = {
        "SearchString": text,
        "FieldToMatch": {"UriPath": {}},
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        "PositionalConstraint": position,
    }
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"ByteMatchStatement": match},
        "Action": action,
        "VisibilityConfig": visibility(name),
    }


def marking(mark: str) -> list[dict[str, Any]]:
    """Rules that put a header with this mark into every request, and block what asks for `secret-MARK`."""
    inserted = {"CustomRequestHandling": {"InsertHeaders": [{"Name": "plan", "Value": mark}]}}
    return [
        path_rule("mark", 0, b"/", {"Count": inserted}, "STARTS_WITH"),
        path_rule("block", 1, b"secret-" + mark.encode(), {"Block": {}}),
    ]


def document(*rules: dict[str, Any], name: str = "shop") -> bytes:
    """A web ACL as a file has it."""
    acl = {
        "Name": name,
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": visibility(name),
        "Rules": list(rules),
    }
    return msgspec.json.encode({"WebACL": acl})
