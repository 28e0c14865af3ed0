"""What tests of AWS WAF make, and what they are refused."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conformance.wafv2_rules import NOTHING, SCOPE, VISIBILITY, contains, regex, rule
from masugata.records.wafv2 import edge_arn
from masugata.services.wafv2 import register_edge
from masugata.testing import LocalAws

__all__ = [
    "HEAD", "MISSING", "NOTHING", "SCOPE", "VISIBILITY", "contains", "edge", "error", "ip_set", "named",
    "new_name", "refusal", "regex", "rule", "rule_group", "web_acl",
]  # fmt: skip

HEAD = "arn:aws:wafv2:us-east-1:111122223333:regional/"
MISSING = "11111111-1111-4111-8111-111111111111"
_numbers = count()


def new_name() -> str:
    """A name that nobody has used."""
    return f"shop-{next(_numbers):05}"


def named(summary: dict[str, Any]) -> dict[str, Any]:
    """How a request names what this summary is of."""
    return {"Name": summary["Name"], "Id": summary["Id"], **SCOPE}


def web_acl(waf: Any, *rules: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """The summary of a new web ACL, which allows what no rule ends."""
    given = {"Name": new_name(), "DefaultAction": {"Allow": {}}, "VisibilityConfig": VISIBILITY, **SCOPE}
    return dict(waf.create_web_acl(**{**given, "Rules": list(rules), **settings})["Summary"])


def rule_group(waf: Any, *rules: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """The summary of a new rule group."""
    given = {"Name": new_name(), "Capacity": 100, "VisibilityConfig": VISIBILITY, **SCOPE}
    return dict(waf.create_rule_group(**{**given, "Rules": list(rules), **settings})["Summary"])


def ip_set(waf: Any, *addresses: str, **settings: Any) -> dict[str, Any]:
    """The summary of a new IP set."""
    given = {"Name": new_name(), "IPAddressVersion": "IPV4", "Addresses": list(addresses), **SCOPE}
    return dict(waf.create_ip_set(**{**given, **settings})["Summary"])


def edge(aws: LocalAws, name: str = "shop", account: str = "") -> str:
    """The ARN of an edge that has started."""

    def job(transaction: Any) -> str:
        made = register_edge(
            transaction,
            account or aws.id,
            aws.region,
            name=name,
            listener="127.0.0.1:8080",
            upstreams=("127.0.0.1:3000",),
            now=datetime(2026, 11, 27, tzinfo=UTC),
            random=lambda size: b"\x5a" * size,
        )
        return edge_arn(account or aws.id, aws.region, made)

    return aws._installation.store.submit(job).result()


def refusal(call: Any, *arguments: Any, **named_: Any) -> dict[str, Any]:
    """The whole answer that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named_)
    return dict(caught.value.response)


def error(call: Any, *arguments: Any, **named_: Any) -> str:
    """The code that a call is refused with."""
    return str(refusal(call, *arguments, **named_)["Error"]["Code"])
