"""`masugata waf test` with a web ACL of a running server."""

import json

import pytest

from masugata.testing.server_process import server_process
from web_acls import VISIBILITY, all_of, byte_match, group_rule, negated, rule


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server; its folder is what `--data` names."""
    folder = tmp_path_factory.mktemp("server")
    organization = folder / "organization.yaml"
    organization.write_text("accounts:\n  rules:\n    email: rules@shop.example\n")
    with server_process(folder, organization=organization) as server:
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


def test_a_rule_group_that_another_account_shares(masugata, running, tmp_path):
    """It is read by its ARN: by its name it would be looked for in the caller's account."""
    folder, server = running
    account = server.client("sts").get_caller_identity()["Account"]
    accounts = {a["Name"]: a["Id"] for a in server.client("organizations").list_accounts()["Accounts"]}
    role = f"arn:aws:iam::{accounts['rules']}:role/OrganizationAccountAccessRole"
    given = server.client("sts").assume_role(RoleArn=role, RoleSessionName="rules")["Credentials"]
    theirs = server.client(
        "wafv2",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    evil = byte_match(b"evil", "CONTAINS", {"QueryString": {}})
    evil["ByteMatchStatement"]["SearchString"] = b"evil"
    scope = {"Scope": "REGIONAL", "VisibilityConfig": VISIBILITY}
    group = theirs.create_rule_group(Name="shared", Capacity=10, Rules=[rule("evil", 0, evil)], **scope)
    actions = ("CreateWebACL", "UpdateWebACL", "PutFirewallManagerRuleGroups", "GetRuleGroup")
    statement = {
        "Effect": "Allow", "Principal": {"AWS": account}, "Action": [f"wafv2:{each}" for each in actions],
    }  # fmt: skip
    arn = group["Summary"]["ARN"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    theirs.put_permission_policy(ResourceArn=arn, Policy=policy)
    reference = group_rule("shared", 0, {"RuleGroupReferenceStatement": {"ARN": arn}})
    reference.pop("RuleLabels", None)
    acl = server.client("wafv2").create_web_acl(
        Name="sharing", DefaultAction={"Allow": {}}, Rules=[reference], **scope
    )
    (tmp_path / "r.jsonl").write_text('{"method": "GET", "uri": "/?evil"}\n')
    finished = masugata(
        "waf", "test", "--json", "--data", folder, "--cache", tmp_path / "cache",
        "--web-acl", acl["Summary"]["ARN"], tmp_path / "r.jsonl",
    )  # fmt: skip
    assert finished.status == 0, finished.err
    assert json.loads(finished.out.splitlines()[0])["rule"] == "shared/evil"
