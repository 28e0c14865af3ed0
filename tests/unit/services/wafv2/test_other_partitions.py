"""ARNs of other partitions, by which nothing of this one can be reached."""

from typing import Any

import pytest

from masugata.testing import LocalAws
from policies import allow, deny, document
from unit.services.wafv2.using_waf import edge, error, rule_group, web_acl

OTHER = ("arn:aws:", "arn:aws-cn:")


@pytest.fixture(scope="module")
def ken(aws: LocalAws) -> Any:
    """A client of a user who may do everything, but nothing with what has an ARN of `aws`."""
    iam = aws.client("iam")
    iam.create_user(UserName="ken")
    text = document(allow(), deny("wafv2:*", "arn:aws:wafv2:*"))
    iam.put_user_policy(UserName="ken", PolicyName="p", PolicyDocument=text)
    return aws.client("wafv2", user="ken")


@pytest.mark.parametrize("operation", ["get", "tag", "list", "group"])
def test_a_denial_binds_however_the_arn_is_written(waf: Any, ken: Any, operation: str) -> None:
    """A policy denies ARNs: what it denies cannot be had under another ARN."""
    acl, group = web_acl(waf)["ARN"].replace(*OTHER), rule_group(waf)["ARN"].replace(*OTHER)
    calls: dict[str, tuple[Any, dict[str, Any]]] = {
        "get": (ken.get_web_acl, {"ARN": acl}),
        "tag": (ken.tag_resource, {"ResourceARN": acl, "Tags": [{"Key": "a", "Value": "b"}]}),
        "list": (ken.list_resources_for_web_acl, {"WebACLArn": acl}),
        "group": (ken.get_rule_group, {"ARN": group}),
    }
    call, arguments = calls[operation]
    assert error(call, **arguments) == "WAFNonexistentItemException"


def test_an_edge_has_one_arn(aws: LocalAws, waf: Any) -> None:
    """Or it would seem protected by a web ACL that it is never given."""
    arn, acl = edge(aws), web_acl(waf)["ARN"]
    written = {"WebACLArn": acl, "ResourceArn": arn.replace(*OTHER)}
    assert error(waf.associate_web_acl, **written) == "WAFNonexistentItemException"
    written = {"WebACLArn": acl.replace(*OTHER), "ResourceArn": arn}
    assert error(waf.associate_web_acl, **written) == "WAFNonexistentItemException"
    assert waf.list_resources_for_web_acl(WebACLArn=acl)["ResourceArns"] == []
