"""`masugata waf test` with a web ACL of a running server."""

import json

import pytest

from masugata.testing.server_process import server_process
from web_acls import VISIBILITY, all_of, byte_match, group_rule, negated, rule


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server; its folder is what `--data` names."""
    folder = tmp_path_factory.mktemp("server")
    with server_process(folder) as server:
        yield folder, server


def test_rules_groups_and_sets_are_read_as_the_caller(masugata, running, tmp_path):
    """The web ACL by its ARN, and by it the group, and by that the IP set; who may not read it is told."""
    folder, server = running
    waf = server.client("wafv2")
    office = waf.create_ip_set(
        Name="office", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["10.0.0.0/8"]
    )["Summary"]["ARN"]
    evil = byte_match(b"evil", "CONTAINS", {"QueryString": {}})
    evil["ByteMatchStatement"]["SearchString"] = b"evil"
    outside = negated({"IPSetReferenceStatement": {"ARN": office}})
    group = waf.create_rule_group(
        Name="own",
        Scope="REGIONAL",
        Capacity=100,
        VisibilityConfig=VISIBILITY,
        Rules=[rule("evil", 0, all_of(evil, outside)) | {"RuleLabels": [{"Name": "bad"}]}],
    )["Summary"]["ARN"]
    arn = waf.create_web_acl(
        Name="shop",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=VISIBILITY,
        Rules=[
            {
                key: value
                for key, value in group_rule(
                    "own", 0, {"RuleGroupReferenceStatement": {"ARN": group}}
                ).items()
                if key != "RuleLabels"
            }
        ],
    )["Summary"]["ARN"]
    (tmp_path / "r.jsonl").write_text(
        '{"method": "GET", "uri": "/?evil"}\n{"method": "GET", "uri": "/?evil", "source_ip": "10.0.0.1"}\n'
    )
    command = ("waf", "test", "--json", "--data", folder, "--cache", tmp_path / "cache", "--web-acl")
    finished = masugata(*command, arn, tmp_path / "r.jsonl")
    assert finished.status == 0, finished.err
    found = [json.loads(line) for line in finished.out.splitlines()[:-1]]
    assert [(each["action"], each["rule"]) for each in found] == [
        ("BLOCK", "own/evil"),
        ("ALLOW", "Default_Action"),
    ]
    assert found[0]["labels"][0].endswith(":rulegroup:own:bad")
    absent = masugata(*command, arn[:-1] + "x", tmp_path / "r.jsonl")
    assert absent.status == 2
    assert "WAFNonexistentItemException" in absent.err
