"""Web ACLs from files: as AWS prints them, and as people write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from masugata.edge.inspectors import (
    FollowingInspector,
    NotInspectedError,
    inspector_from_file,
)
from masugata.edge.plans import Plans
from masugata.edge.web_acl_files import LARGEST_FILE, WebAclFileError, load_web_acl
from masugata.pattern_cache import PatternCache
from web_acls import ACL_ARN, GROUP_ARN, VISIBILITY, World, byte_match, get, inspected, own_group

IP_SET = "arn:aws:wafv2:eu-central-1:111122223333:regional/ipset/bad/1"
PATTERNS = "arn:aws:wafv2:eu-central-1:111122223333:regional/regexpatternset/tools/1"
NOW = 1_795_000_000.0
EXAMPLE = Path(__file__).parents[3] / "examples" / "web-app-behind-the-waf" / "web-acl.json"


def rule(name: str, priority: int, statement: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A rule that blocks, unless it says something else."""
    said = {"Name": name, "Priority": priority, "Statement": statement, "VisibilityConfig": VISIBILITY}
    return said | (more or {"Action": {"Block": {}}})


def file(tmp_path: Path, content: Any) -> Path:
    """A file of this JSON, or these bytes."""
    path = tmp_path / "web-acl.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_as_aws_prints_it(tmp_path: Path) -> None:
    """What get-web-acl and its like print, all that describes it included, is enough to inspect by."""
    printed = {
        "WebACL": {
            "Name": "shop", "Id": "1", "ARN": ACL_ARN, "Description": "", "Capacity": 50,
            "DefaultAction": {"Allow": {}}, "VisibilityConfig": VISIBILITY,
            "LabelNamespace": "awswaf:111122223333:webacl:shop:",
            "ManagedByFirewallManager": False, "RetrofittedByFirewallManager": False,
            "Rules": [
                rule("Group", 0, own_group(), OverrideAction={"None": {}}),
                rule("Bad", 1, {"IPSetReferenceStatement": {"ARN": IP_SET}}),
                rule("Tools", 2, {
                    "RegexPatternSetReferenceStatement": {"ARN": PATTERNS} | inspected({"QueryString": {}})
                }),
            ],
        },
        "LockToken": "1",
        "RuleGroups": [
            {
                "Name": "own", "Id": "1", "ARN": GROUP_ARN, "Capacity": 10, "VisibilityConfig": VISIBILITY,
                "LabelNamespace": "awswaf:111122223333:rulegroup:own:",
                "Rules": [rule("Admin", 0, byte_match(b"/admin"))],
            }
        ],
        "IPSets": [
            {"Name": "bad", "ARN": IP_SET, "IPAddressVersion": "IPV4", "Addresses": ["192.0.2.0/24"]}
        ],
        "RegexPatternSets": [
            {"Name": "tools", "ARN": PATTERNS, "RegularExpressionList": [{"RegexString": "sqlmap"}]}
        ],
    }  # fmt: skip
    inspector = inspector_from_file(file(tmp_path, printed))
    decided = [
        inspector.inspect(get(*request, source_ip=source), NOW).action
        for *request, source in (
            ("/", "203.0.113.4"), ("/admin", "203.0.113.4"), ("/", "192.0.2.9"), ("/?sqlmap", "203.0.113.4")
        )
    ]  # fmt: skip
    assert decided == ["ALLOW", "BLOCK", "BLOCK", "BLOCK"]


def test_by_hand(tmp_path: Path) -> None:
    """A name, a default and rules are enough, as the input of create-web-acl has them too."""
    alone = {"Name": "shop", "Scope": "REGIONAL", "DefaultAction": {"Block": {}}}
    for content in ({"WebACL": alone}, alone):
        ruleset = load_web_acl(file(tmp_path, content))
        assert (ruleset.web_acl.arn, ruleset.body_limit) == (
            "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/shop/none",
            65_536,
        )


def test_what_is_missing_beside_it(tmp_path: Path) -> None:
    """Where it would be given is said."""
    rules = [rule("Bad", 1, {"IPSetReferenceStatement": {"ARN": IP_SET}})]
    path = file(tmp_path, {"Name": "shop", "DefaultAction": {"Allow": {}}, "Rules": rules})
    with pytest.raises(WebAclFileError, match="give it in `IPSets` beside the web ACL"):
        load_web_acl(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "truncated"),
        (b"[]", "object"),
        (b"\xff", "invalid"),
        (b"[" * 100_000, "not a web ACL"),
        ({}, "no WebACL"),
        ({"WebACL": {}, "Rules": []}, "`Rules`"),
        ({"WebACL": []}, "no WebACL"),
        ({"Name": "a", "Rules": []}, "`Name` is not known; it has WebACL, and may have RuleGroups, IPSets"),
        ({"WebACL": {"Name": "a"}}, "DefaultAction"),
        ({"WebACL": {"Name": "a", "DefaultAction": {"Allow": {}}, "Rulez": []}}, "Rulez"),
        ({"WebACL": {"Name": "a", "DefaultAction": {"Allow": {}}}, "IPSets": [{"Name": "a"}]}, "Addresses"),
        ({"WebACL": {"Name": "a", "DefaultAction": {"Allow": {}}}, "IPSets": 3}, "must be a list"),
    ],
)
def test_no_web_acl(tmp_path: Path, content: Any, why: str) -> None:
    """What is not one is refused with a text that names the file and the reason."""
    path = file(tmp_path, content)
    with pytest.raises(WebAclFileError) as raised:
        load_web_acl(path)
    assert str(path) in str(raised.value)
    assert why in str(raised.value)


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there, or is too large."""
    with pytest.raises(WebAclFileError, match="No such file"):
        load_web_acl(tmp_path / "none")
    large = tmp_path / "large"
    with large.open("wb") as content:
        content.truncate(LARGEST_FILE + 1)
    with pytest.raises(WebAclFileError, match="more than"):
        load_web_acl(large)


def test_rule_that_cannot_be(tmp_path: Path) -> None:
    """A rule that refers to what is not there is named."""
    acl = {
        "Name": "shop",
        "DefaultAction": {"Allow": {}},
        "Rules": [rule("Bad", 0, own_group(), OverrideAction={"None": {}})],
    }
    with pytest.raises(WebAclFileError, match="rule group"):
        inspector_from_file(file(tmp_path, {"WebACL": acl}))


def test_managed_groups(tmp_path: Path) -> None:
    """Managed rule groups are there without being handed in, and what was compiled for them is kept."""
    group = {"VendorName": "AWS", "Name": "AWSManagedRulesAdminProtectionRuleSet"}
    managed = rule("Admin", 0, {"ManagedRuleGroupStatement": group}, OverrideAction={"None": {}})
    acl = {"Name": "shop", "DefaultAction": {"Allow": {}}, "Rules": [managed]}
    kept = PatternCache(tmp_path / "patterns")
    inspector = inspector_from_file(file(tmp_path, {"WebACL": acl}), databases=kept)
    assert inspector.inspect(get("/wp-admin/"), NOW).action == "BLOCK"
    assert inspector.inspect(get("/menu"), NOW).action == "ALLOW"
    assert list((tmp_path / "patterns").iterdir())


def test_without_an_environment(tmp_path: Path) -> None:
    """A rule that asks where an address is cannot be asked without somebody who knows."""
    acl = {
        "Name": "shop",
        "DefaultAction": {"Allow": {}},
        "Rules": [rule("Geo", 0, {"GeoMatchStatement": {"CountryCodes": ["DE"]}})],
    }
    path = file(tmp_path, {"WebACL": acl})
    german = get("/", source_ip="192.0.2.1")
    with pytest.raises(NotInspectedError, match="where addresses are"):
        inspector_from_file(path).inspect(german, NOW)
    assert inspector_from_file(path, locations=World()).inspect(german, NOW).action == "BLOCK"


def test_following() -> None:
    """Without a plan nothing is decided; then the newest one decides."""
    following = FollowingInspector(Plans())
    with pytest.raises(NotInspectedError, match="no plan"):
        following.inspect(get("/old"), NOW)
    following.plans.replace(inspector_from_file(EXAMPLE))
    decision = following.inspect(get("/old"), NOW)
    assert decision.response is not None
    assert decision.response.status == 302
