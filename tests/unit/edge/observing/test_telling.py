"""What is told of requests: log records in AWS's form, filtered and protected, and samples."""

from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from marked_web_acls import document, path_rule
from masugata.edge.observing.log import Log
from masugata.edge.observing.log_filter import is_kept
from masugata.edge.observing.log_plan import LogPlan
from masugata.edge.observing.log_record import log_record
from masugata.edge.observing.notes import gather, write_notes
from masugata.edge.observing.protection import Protection
from masugata.edge.observing.samples import SLOT_SECONDS, Sampler
from masugata.edge.observing.seen import Seen
from masugata.edge.web_acl_files import read_web_acl
from masugata.engines.waf.decision import Decision, MatchDetail, Response, RuleMatch
from masugata.engines.waf.definitions import FieldToMatch
from masugata.engines.waf.request import WebRequest
from masugata.records.wafv2 import MOST_SAMPLES, SAMPLES

RULESET = read_web_acl(
    document(path_rule("a", 0, b"x", {"Count": {}}), path_rule("b", 1, b"y", {"Block": {}}))
)
EDGE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/shop/0123456789abcdef"
REQUEST = WebRequest(
    method=b"POST",
    uri_path=b"/xy",
    query_string=b"p%61ss=secret&q=1",
    headers=((b"host", b"shop.example"), (b"cookie", b"session=abc; theme=dark"), (b"x-key", b"k\xff")),
    body_size=70_000,
    source_ip="192.0.2.1",
)
DETAIL = MatchDetail("XSS", "QUERY_STRING", ("<script>",), "LOW")
BLOCKED = Decision(
    "BLOCK",
    RuleMatch("b", "BLOCK", details=(DETAIL,)),
    (RuleMatch("a", "COUNT"), RuleMatch("g", "COUNT", "AWS#Group", "Inner", "BLOCK")),
    ("awswaf:x:label",),
    response=Response(429),
    oversize=("REQUEST_BODY",),
)


def seen(decision: Decision = BLOCKED, time: float = 1_000.5) -> Seen:
    """One request."""
    return Seen(time, REQUEST, decision, 65_536)


def test_a_record() -> None:
    """It has the members of AWS's log with what was decided, and all of the request but its body."""
    record = log_record(seen(), RULESET, EDGE, "JP")
    assert record["timestamp"] == 1_000_500
    assert (record["terminatingRuleId"], record["action"], record["responseCodeSent"]) == ("b", "BLOCK", 429)
    assert record["terminatingRuleMatchDetails"][0]["matchedData"] == ["<script>"]
    assert (record["httpSourceName"], record["httpSourceId"]) == ("ALB", "app/shop/0123456789abcdef")
    assert [match["ruleId"] for match in record["nonTerminatingMatchingRules"]] == ["a"]
    (group,) = record["ruleGroupList"]
    assert group["ruleGroupId"] == "AWS#Group"
    assert group["nonTerminatingMatchingRules"][0]["overriddenAction"] == "BLOCK"
    assert (record["requestBodySize"], record["requestBodySizeInspectedByWAF"]) == (70_000, 65_536)
    assert (record["oversizeFields"], record["labels"]) == (["REQUEST_BODY"], [{"name": "awswaf:x:label"}])
    assert record["httpRequest"]["country"] == "JP"
    assert {"name": "x-key", "value": "k\\xff"} in record["httpRequest"]["headers"]


def test_the_default_action() -> None:
    """It is told as AWS tells it."""
    record = log_record(seen(Decision("ALLOW")), RULESET, EDGE, None)
    assert (record["terminatingRuleId"], record["terminatingRuleType"]) == ("Default_Action", "REGULAR")
    assert (record["responseCodeSent"], record["httpRequest"]["country"]) == (None, "-")


def test_what_a_log_does_not_show() -> None:
    """Redacted and protected values show nowhere, however they are written, nor in evidence."""
    fields = msgspec.convert([{"SingleHeader": {"Name": "X-Key"}}, {"Method": {}}], tuple[FieldToMatch, ...])
    protections: list[dict[str, Any]] = [
        {"Field": {"FieldType": "SINGLE_COOKIE", "FieldKeys": ["session"]}, "Action": "SUBSTITUTION"},
        {"Field": {"FieldType": "SINGLE_QUERY_ARGUMENT", "FieldKeys": ["pass"]}, "Action": "HASH"},
    ]
    protection = Protection(fields, {"DataProtections": protections})
    shown = orjson.dumps(protection.applied(log_record(seen(), RULESET, EDGE, None)))
    for hidden in (b"abc;", b"secret", b"k\\xff", b"POST", b"<script>"):
        assert hidden not in shown
    assert b"theme=dark" in shown


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"ActionCondition": {"Action": "BLOCK"}}, True),
        ({"ActionCondition": {"Action": "COUNT"}}, True),
        ({"ActionCondition": {"Action": "EXCLUDED_AS_COUNT"}}, True),
        ({"ActionCondition": {"Action": "CAPTCHA"}}, False),
        ({"LabelNameCondition": {"LabelName": "awswaf:x:label"}}, True),
        ({"LabelNameCondition": {"LabelName": "awswaf:x:other"}}, False),
    ],
)
def test_the_filter(condition: dict[str, Any], kept: bool) -> None:
    """A condition is met by the actions of all rules and by labels; what no filter knows has the default."""
    for requirement in ("MEETS_ANY", "MEETS_ALL"):
        one = {"Behavior": "KEEP", "Requirement": requirement, "Conditions": [condition]}
        assert is_kept({"DefaultBehavior": "DROP", "Filters": [one]}, BLOCKED) is kept
    never = {"ActionCondition": {"Action": "CHALLENGE"}}
    both = {"Behavior": "KEEP", "Requirement": "MEETS_ALL", "Conditions": [condition, never]}
    assert not is_kept({"DefaultBehavior": "DROP", "Filters": [both]}, BLOCKED)
    assert is_kept(None, BLOCKED)


def test_files_are_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is large enough gets a number; the oldest goes, none is larger than it must be."""
    monkeypatch.setattr("masugata.edge.observing.log.FILE_BYTES", 1)
    monkeypatch.setattr("masugata.edge.observing.log.FILES", 3)
    log = Log(LogPlan(folder=str(tmp_path)), RULESET, EDGE, "shop-0", lambda _: None)
    for number in range(4):
        log.write([seen(time=float(number))])
    stamps = {
        path.name: [orjson.loads(line)["timestamp"] for line in path.read_bytes().splitlines()]
        for path in tmp_path.iterdir()
    }
    assert stamps == {"shop-0.jsonl.1": [3000], "shop-0.jsonl.2": [2000]}


def test_samples() -> None:
    """Each rule counts its requests and keeps the newest; each quarter of an hour has its own note."""
    sampler = Sampler(RULESET, "shop-0", lambda _: "JP")
    for number in range(MOST_SAMPLES + 5):
        sampler.add(seen(time=float(number)))
    notes = sampler.notes()
    key = SAMPLES.key(RULESET.web_acl.arn, "b", worker="shop-0-0")
    samples = SAMPLES.decode(notes[key])
    assert (samples.population, len(samples.requests)) == (MOST_SAMPLES + 5, MOST_SAMPLES)
    newest = samples.requests[-1]
    assert (newest.action, newest.response_code, newest.country) == ("BLOCK", 429, "JP")
    assert SAMPLES.decode(notes[key.replace("/b/", "/a/")]).requests[0].action == "COUNT"
    assert sampler.notes() == {}
    sampler.add(seen(time=float(SLOT_SECONDS)))
    assert SAMPLES.key(RULESET.web_acl.arn, "b", worker="shop-0-1") in sampler.notes()


def test_notes_come_to_the_planner_once(tmp_path: Path) -> None:
    """They wait in a file until they are taken; of one key the newest counts."""
    kept: list[tuple[str, bytes]] = []
    write_notes(tmp_path / "shop-0.notes", {"a": b"1", "b": b"1"})
    write_notes(tmp_path / "shop-0.notes", {"b": b"2"})
    (tmp_path / "shop-1.notes").write_bytes(b"damaged")
    gather(tmp_path, lambda key, body: kept.append((key, body)))
    gather(tmp_path, lambda key, body: kept.append((key, body)))
    assert sorted(kept) == [("a", b"1"), ("b", b"2")]
