"""`masugata waf explain`."""

import io
import json
import sys

import pytest

from web_acls import (
    ACL_ARN,
    all_of,
    any_of,
    byte_match,
    group_rule,
    header,
    label_match,
    managed_group,
    negated,
    rule,
)

VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
OFFICE = "arn:aws:wafv2:eu-central-1:111122223333:regional/ipset/office/2"
MESSAGE = b"POST /a?b=c HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\n\r\nd=e\r\n"


@pytest.fixture
def explain(masugata, tmp_path):
    """Explains a request to rules; gives what a shell sees, and what programs read."""

    def run(request, *rules, more=(), as_json=True):
        acl = {
            "Name": "shop",
            "ARN": ACL_ARN,
            "DefaultAction": {"Allow": {}},
            "Rules": list(rules),
            "VisibilityConfig": VISIBILITY,
            "LabelNamespace": "awswaf:111122223333:webacl:shop:",
        }
        (tmp_path / "acl.json").write_text(json.dumps(acl))
        options = ("--web-acl", tmp_path / "acl.json", "--cache", tmp_path / "cache", *more)
        finished = masugata("waf", "explain", *(("--json",) if as_json else ()), *options, request)
        return finished, json.loads(finished.out) if as_json and finished.out else None

    return run


def test_the_parts_of_a_rule_are_told_apart(explain, tmp_path):
    """Of And, Or and Not each part says whether it matched, and what it looked at."""
    (tmp_path / "office.json").write_text(json.dumps({"Name": "office", "Addresses": ["10.0.0.0/8"]}))
    bots = any_of(
        byte_match(b"bot", "CONTAINS", header("user-agent"), "LOWERCASE"),
        byte_match(b"curl", "STARTS_WITH", header("user-agent")),
    )
    outside = negated({"IPSetReferenceStatement": {"ARN": OFFICE}})
    finished, found = explain(
        "http://shop.example/a", rule("bots", 0, all_of(bots, outside), "Block", "bot"),
        more=("--ip-set", tmp_path / "office.json"),
    )  # fmt: skip
    assert finished.status == 1
    assert (found["action"], found["rule"], found["responseCode"]) == ("BLOCK", "bots", 403)
    assert found["labels"] == ["awswaf:111122223333:webacl:shop:bot"]
    (step,) = found["steps"]
    assert step["parts"] == [
        {
            "text": "header `user-agent` after LOWERCASE contains `bot`",
            "outcome": "not matched",
            "lookedAt": ["curl/8.0.0"],
        },
        {
            "text": "header `user-agent` starts with `curl`",
            "outcome": "matched",
            "lookedAt": ["curl/8.0.0"],
        },
        {
            "text": f"the address is in the set `{OFFICE}`",
            "outcome": "not matched",
            "lookedAt": ["192.0.2.1"],
        },
    ]


def test_labels_of_rules_before_are_seen_by_the_parts_behind_them(explain):
    """A part is asked where its rule stands, and adds no label itself."""
    finished, found = explain(
        "http://shop.example/a",
        rule("one", 0, byte_match(b"/a"), "Count", "seen"),
        rule("two", 1, all_of(label_match("seen"), byte_match(b"/b"))),
    )
    assert finished.status == 0
    assert (found["action"], found["rule"]) == ("ALLOW", "Default_Action")
    assert [part["outcome"] for part in found["steps"][1]["parts"]] == ["matched", "not matched"]
    assert found["labels"] == ["awswaf:111122223333:webacl:shop:seen"]


def test_rules_behind_the_end_are_asked_and_said_not_to_be_reached(explain):
    """So one sees what would stop the request next."""
    _, found = explain(
        "http://shop.example/a",
        rule("first", 0, byte_match(b"/a"), "Allow"),
        rule("second", 1, byte_match(b"/a")),
    )
    assert [(step["rule"], step["outcome"], step["reached"]) for step in found["steps"]] == [
        ("first", "matched", True),
        ("second", "matched", False),
    ]
    assert (found["action"], found["rule"]) == ("ALLOW", "first")


def test_managed_rules_show_every_layer_that_was_decoded(explain):
    """Why, where, how sure, and from what was sent to what was found."""
    groups = (
        group_rule("php", 0, managed_group("AWSManagedRulesPHPRuleSet")),
        group_rule("sql", 1, managed_group("AWSManagedRulesSQLiRuleSet")),
    )
    attack = "https://shop.example/?id=1%2527%2bor%2b1=1--%2b"
    finished, _ = explain(attack, *groups, as_json=False)
    assert finished.status == 1
    assert "● sql/SQLi_QUERYARGUMENTS matched: BLOCK" in finished.out
    assert "a comparison of constants (score " in finished.out
    assert "      looked at `1' or 1=1-- `" in finished.out
    assert "○ php: " in finished.out
    assert finished.out.splitlines()[-1].startswith("BLOCK: the rule sql/SQLi_QUERYARGUMENTS matched")
    everything, _ = explain("https://shop.example/", *groups, more=("--all",), as_json=False)
    assert everything.status == 0
    assert "not matched: sqli in BODY: none in 0 values" in everything.out
    assert "capacity of the web ACL: " in everything.out


@pytest.mark.parametrize("content", [MESSAGE, MESSAGE.replace(b"\r\n", b"\n"), b"\n" + MESSAGE])
def test_an_http_message_is_a_request(explain, tmp_path, monkeypatch, content):
    """With the line ends of the wire or of an editor; the body is as long as it says."""
    wanted = rule(
        "all", 0,
        all_of(
            byte_match(b"POST", "EXACTLY", {"Method": {}}), byte_match(b"/a", "EXACTLY"),
            byte_match(b"b=c", "EXACTLY", {"QueryString": {}}),
            byte_match(b"shop.example", "EXACTLY", header("host")),
            byte_match(b"d=e", "EXACTLY", {"Body": {"OversizeHandling": "MATCH"}}),
        ),
    )  # fmt: skip
    (tmp_path / "request.http").write_bytes(content)
    assert explain(tmp_path / "request.http", wanted)[1]["action"] == "BLOCK"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
    assert explain("-", wanted)[1]["action"] == "BLOCK"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hello\n", "`hello` is not a request line"),
        ("GET / HTTP/1.1\nHost\n\n", "`Host` is not a header"),
        ("GET / HTTP/1.1\nHost : a\n\n", "`Host : a` is not a header"),
        ("GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n", "without Transfer-Encoding"),
        ('{"uri": "/"}', "`method`"),
        ("", "is not a request line"),
    ],
)
def test_what_is_no_request_is_refused(explain, tmp_path, text, problem):
    """In words, with the file's name."""
    (tmp_path / "request").write_text(text)
    finished, _ = explain(tmp_path / "request", rule("a", 0, byte_match(b"/")))
    assert finished.status == 2
    assert problem in finished.err
    assert "request: " in finished.err


def test_a_record_is_a_request(explain):
    """As in `waf test`, right on the command line."""
    record = '{"method": "GET", "uri": "/a", "headers": [], "source_ip": "10.0.0.1"}'
    finished, found = explain(record, rule("a", 0, byte_match(b"/a")), as_json=False)
    assert found is None
    assert "GET /a from 10.0.0.1" in finished.out
    assert "● a matched: BLOCK" in finished.out
    assert explain("absent.json", rule("a", 0, byte_match(b"/a")))[0].status == 2


def test_a_url_that_is_none_is_refused(explain):
    """In words: a traceback would have the status of a request that does not go through."""
    finished, _ = explain("http://[::1/", rule("a", 0, byte_match(b"/a")))
    assert finished.status == 2
    assert "not a URL" in finished.err


def test_nothing_reaches_the_terminal_that_moves_it(explain):
    """Control characters of a request are shown as escapes."""
    finished, _ = explain(
        '{"method": "GET", "uri": "/\\u001b[2J"}', rule("a", 0, byte_match(b"/")), as_json=False
    )
    assert "\x1b[2J" not in finished.out
    assert "\\x1b[2J" in finished.out
