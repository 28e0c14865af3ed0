"""`masugata waf test`."""

import gzip
import io
import json
import subprocess
import sys
from base64 import b64encode

import pytest

from web_acls import ACL_ARN, all_of, byte_match, group_rule, header, label_match, negated, own_group, rule

OFFICE = "arn:aws:wafv2:eu-central-1:111122223333:regional/ipset/office/2"
WORDS = "arn:aws:wafv2:eu-central-1:111122223333:regional/regexpatternset/words/3"
GROUP = "arn:aws:wafv2:eu-central-1:111122223333:regional/rulegroup/own/1"
VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
ARGUMENTS = {"AllQueryArguments": {}}


def acl(*rules, default="Allow", **more):
    return {
        "Name": "shop",
        "Id": "1",
        "ARN": ACL_ARN,
        "DefaultAction": {default: {}},
        "Rules": list(rules),
        "VisibilityConfig": VISIBILITY,
        "Capacity": 1,
        "ManagedByFirewallManager": False,
        "LabelNamespace": "awswaf:111122223333:webacl:shop:",
    } | more


EVIL = rule("evil", 1, byte_match(b"evil", "CONTAINS", ARGUMENTS, "URL_DECODE", "LOWERCASE"), "Block", "bad")


def record(uri="/", **more):
    return {"method": "GET", "uri": uri, "headers": [["Host", "shop.example"]]} | more


@pytest.fixture
def test(masugata, tmp_path):
    """Runs records, or the bytes of a file, through a web ACL; gives what a shell sees and the JSON lines."""

    def run(*records, content=None, web_acl=None, name="requests.jsonl", options=()):
        file, rules = tmp_path / name, tmp_path / "acl.json"
        file.write_bytes(content if content is not None else lines(*records))
        rules.write_text(json.dumps({"WebACL": web_acl or acl(EVIL), "LockToken": "x"}))
        finished = masugata(
            "waf", "test", "--json", "--web-acl", rules, "--cache", tmp_path / "cache", file, *options
        )
        return finished, [json.loads(line) for line in finished.out.splitlines()]

    return run


def lines(*records):
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


def test_every_request_gets_a_line_and_all_a_summary(test):
    """The keys that programs count on come first; labels and what was found are there."""
    finished, (bad, good, summary) = test(record("/?q=%45vil", id="one"), record("/?q=fine"))
    assert finished.status == 0
    assert list(bad)[:4] == ["id", "action", "rule", "labels"]
    assert (bad["id"], bad["action"], bad["rule"]) == ("one", "BLOCK", "evil")
    assert bad["labels"] == ["awswaf:111122223333:webacl:shop:bad"]
    assert bad["matches"][0]["details"][0]["matchedData"] == ["evil"]
    assert (good["action"], good["rule"]) == ("ALLOW", "Default_Action")
    assert good["id"].endswith("requests.jsonl:2")
    assert summary["summary"]["actions"] == {"BLOCK": 1, "ALLOW": 1}
    assert summary["summary"]["rules"] == {"evil": {"BLOCK": 1}}


def test_rules_that_count_are_told_beside_the_one_that_ended(test):
    """A counting rule does not stop the request, and is seen."""
    rules = acl(rule("watch", 0, byte_match(b"/"), "Count"), EVIL)
    _, (first, summary) = test(record("/?q=evil"), web_acl=rules)
    assert [(m["rule"], m["action"]) for m in first["matches"]] == [("watch", "COUNT"), ("evil", "BLOCK")]
    assert summary["summary"]["rules"]["watch"] == {"COUNT": 1}


def test_labelled_requests_decide_the_status(test):
    """Attacks that pass and harmless requests that are stopped are status 1, unless so many may."""
    attack = {"label": "attack", "family": "words", "source": "here"}
    records = (
        record("/?q=evil", **attack),
        record("/?q=other", **attack),
        record("/?q=evil", label="benign"),
        record("/?q=fine", label="benign"),
    )
    finished, found = test(*records)
    assert finished.status == 1
    summary = found[-1]["summary"]
    assert summary["labels"]["attack"] == {"stopped": 1, "total": 2, "percent": 50.0}
    assert summary["families"][0] == {
        "label": "attack", "family": "words", "stopped": 1, "total": 2, "percent": 50.0,
    }  # fmt: skip
    assert summary["false"] == {"evil": 1}
    assert test(*records, options=("--allow-missed", 50, "--allow-false", 50))[0].status == 0
    assert test(*records, options=("--allow-missed", 50, "--allow-false", 49))[0].status == 1
    assert test(*records, options=("--allow-missed", 49, "--allow-false", 50))[0].status == 1
    assert test(records[0], records[3])[0].status == 0


@pytest.mark.parametrize(
    ("show", "wanted"), [("blocked", {"1", "3"}), ("missed", {"2"}), ("false", {"3"}), ("all", set("1234"))]
)
def test_show_chooses_requests(test, masugata, tmp_path, show, wanted):
    """By what happened to them and what they are said to be, for programs and for people."""
    records = (
        record("/?q=evil", id="1", label="attack"),
        record("/?q=other", id="2", label="attack"),
        record("/?q=evil\u001b[31m", id="3", label="benign"),
        record("/?q=fine", id="4", label="benign"),
    )
    _, found = test(*records, options=("--show", show))
    assert {each["id"] for each in found[:-1]} == wanted
    files = ("--web-acl", tmp_path / "acl.json", tmp_path / "requests.jsonl")
    told = masugata("waf", "test", "--cache", tmp_path / "cache", "--show", show, *files)
    assert "\x1b" not in told.out
    assert ("BLOCK evil: BYTE_MATCH in ALL_QUERY_ARGS: `evil`" in told.out) == bool(wanted & {"1", "3"})
    assert "attack: 1 of 2 caught, 50.00 %" in told.out


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]", b'{"log": {"entries": []}}'])
def test_a_file_without_a_request_is_status_2(test, content):
    """A check that checked nothing has not passed."""
    finished, _ = test(content=content)
    assert finished.status == 2
    assert "requests.jsonl: there is no request in it" in finished.err


@pytest.mark.parametrize("time", [10**18, -(10**18), 2**62, 10**30])
def test_a_time_beyond_all_years_is_a_bad_record(test, time):
    """Of a line of AWS WAF's log, and of no other."""
    request = {"uri": "/?q=evil", "httpMethod": "GET"}
    content = lines({"timestamp": time, "httpRequest": request}, {"httpRequest": request})
    finished, found = test(content=content)
    assert finished.status == 2
    assert "requests.jsonl:1: " in finished.err
    assert found[-1]["summary"]["actions"] == {"BLOCK": 1}


def test_a_bad_record_is_named_and_stops_nothing(test):
    """File and line of each, in the order of the file; the rest is tested, and the status is 2."""
    content = (
        lines(record("/?q=evil"))
        + b'{"method": "GET"}\n\n'
        + lines(record("/", body="%", body_enc="b64"))
        + lines(record("/", label="assault"))
        + lines(record("/", headers=[["A", "\u3042"]]))
        + lines(record("/", source_ip="somewhere"))
        + b"nonsense\n"
        + lines(record("/?q=evil"))
    )
    finished, found = test(content=content)
    assert finished.status == 2
    assert found[-1]["summary"]["actions"] == {"BLOCK": 2}
    assert found[-1]["summary"]["errors"] == 6
    told = [line.partition("requests.jsonl:")[2] for line in finished.err.splitlines()]
    assert [line.partition(": ")[0] for line in told] == ["2", "4", "5", "6", "7", "8"]
    assert "`uri`" in told[0]
    assert "base64" in told[1]
    assert "assault" in told[2]
    assert "Latin-1" in told[3]
    assert "`somewhere` is not an IP address" in told[4]
    assert "neither JSON nor a line of an access log" in told[5]


def test_arrays_are_read_with_the_line_of_each_element(test):
    """A JSON array, pretty-printed or not, is as good as JSON Lines."""
    text = json.dumps([record("/?q=evil"), {"method": "GET"}, record("/")], indent=1)
    finished, found = test(content=text.encode())
    assert [each.get("action") for each in found[:-1]] == ["BLOCK", "ALLOW"]
    line = text[: text.index('"method": "GET"\n')].count("\n")
    assert f"requests.jsonl:{line}: " in finished.err
    assert test(content=json.dumps(record("/?q=evil"), indent=1).encode())[1][0]["action"] == "BLOCK"


@pytest.mark.parametrize("content", [b"[", b'{"log": {"entries": [}', b'{\n"method": \n', b"[1] x"])
def test_a_document_that_is_no_json_is_status_2(test, content):
    """Said with the file's name, without a traceback."""
    finished, _ = test(content=content)
    assert finished.status == 2
    assert "requests.jsonl: JSON is malformed" in finished.err or "truncated" in finished.err


def test_packed_files_are_unpacked_whatever_they_are_called(test):
    """Gzip is known by its first bytes; a file that ends in the middle is an error."""
    packed = gzip.compress(lines(record("/?q=evil")))
    assert test(content=packed)[1][0]["action"] == "BLOCK"
    finished, _ = test(content=packed[:-9])
    assert finished.status == 2
    assert "requests.jsonl: " in finished.err


def test_standard_input_is_a_file(masugata, tmp_path, monkeypatch):
    """`-` reads what is piped in, packed or not."""
    (tmp_path / "acl.json").write_text(json.dumps(acl(EVIL)))
    for content in (lines(record("/?q=evil")), gzip.compress(lines(record("/?q=evil")))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
        finished = masugata("waf", "test", "--json", "--web-acl", tmp_path / "acl.json", "-")
        assert json.loads(finished.out.splitlines()[0])["id"] == "standard input:1"


def test_a_file_that_is_not_there_does_not_stop_the_others(masugata, tmp_path):
    """It is named, and the status is 2."""
    (tmp_path / "acl.json").write_text(json.dumps(acl(EVIL)))
    (tmp_path / "r").write_bytes(lines(record("/?q=evil")))
    finished = masugata("waf", "test", "--web-acl", tmp_path / "acl.json", "absent", tmp_path / "r")
    assert finished.status == 2
    assert "absent: No such file or directory" in finished.err
    assert "1 requests: 1 BLOCK" in finished.out


def test_bytes_and_text_of_bodies_arrive_as_they_were(test):
    """utf8 bodies as UTF-8, b64 bodies as the bytes; header values byte for byte."""
    rules = acl(
        rule("text", 0, byte_match("値".encode(), "CONTAINS", {"Body": {"OversizeHandling": "MATCH"}})),
        rule("bytes", 1, byte_match(b"\x00\xff", "CONTAINS", {"Body": {"OversizeHandling": "MATCH"}})),
        rule("latin", 2, byte_match(b"\xe9", "EXACTLY", header("x-name"))),
    )
    _, found = test(
        record(body="値段"),
        record(body=b64encode(b"a\x00\xff").decode(), body_enc="b64"),
        record(headers={"X-Name": "é"}),
        web_acl=rules,
    )
    assert [each["rule"] for each in found[:-1]] == ["text", "bytes", "latin"]


def test_har_files_are_read(test):
    """Browsers' exports: URL, headers without those of HTTP/2, and the body."""
    entry = {
        "startedDateTime": "2026-11-27T10:00:00.000Z",
        "request": {
            "method": "POST",
            "url": "https://shop.example:8443/a?q=fine",
            "httpVersion": "h2",
            "headers": [{"name": ":authority", "value": "shop.example"}, {"name": "X", "value": "evil"}],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [
                {"name": "q", "value": "evil bit"}]},
        },
        "response": {"status": 200},
    }  # fmt: skip
    rules = acl(
        rule("host", 0, all_of(
            byte_match(b"shop.example:8443", "EXACTLY", header("host")),
            byte_match(b"evil", "EXACTLY", header("x")),
            byte_match(b"q=evil+bit", "EXACTLY", {"Body": {"OversizeHandling": "MATCH"}}),
            byte_match(b"/a", "EXACTLY"),
        )),
    )  # fmt: skip
    har = {"log": {"version": "1.2", "entries": [entry, entry]}}
    second = json.dumps(har).rindex(json.dumps(entry)) + 1
    for indent, places in ((None, ["1", f"1:{second}"]), (2, ["5", "35"])):
        _, found = test(content=json.dumps(har, indent=indent).encode(), web_acl=rules)
        assert [each.get("rule") for each in found[:-1]] == ["host", "host"]
        assert [each["id"].partition(".jsonl:")[2] for each in found[:-1]] == places
    entry["request"]["postData"] = {"mimeType": "multipart/form-data", "params": [{"name": "a"}]}
    finished, _ = test(content=json.dumps(har).encode(), web_acl=rules)
    assert finished.status == 2
    assert "the body is not known" in finished.err


ACCESS_LOG = rb"""
203.0.113.7 - - [27/Nov/2026:10:00:00 +0000] "GET /?q=\x22evil\x22 HTTP/1.1" 200 12 "-" "curl/8"
2001:db8::1 - hanako [27/Nov/2026:10:00:00 +0900] "GET /?q=evil HTTP/2.0" 200 12
203.0.113.7 - a b [27/Nov/2026:10:00:00 +0000] "GET /?q=fine HTTP/1.1" 200 12 "https://a.example/" "A \"B\""
host.example - - [27/Nov/2026:10:00:00 +0000] "GET /?q=fine HTTP/1.1" 200 12
203.0.113.7 - - [27/Nov/2026:10:00:00 +0000] "\x16\x03\x01" 400 12 "-" "-"
203.0.113.7 - - [27/Nov/9999999:10:00:00 +0000] "GET / HTTP/1.1" 400 12 "-" "-"
""".lstrip()


def test_access_logs_are_read(test):
    """Nginx's and Apache's lines, with what their escapes stand for; others are named."""
    quoted = rule("quoted", 0, byte_match(b'"evil"', "EXACTLY", ARGUMENTS))
    agent = rule("agent", 1, byte_match(b'A "B"', "EXACTLY", header("user-agent")))
    finished, found = test(content=ACCESS_LOG, web_acl=acl(quoted, agent, msgs(EVIL, 2)))
    assert [each["rule"] for each in found[:-1]] == ["quoted", "evil", "agent", "Default_Action"]
    assert finished.status == 2
    assert "requests.jsonl:5: `\\x16\\x03\\x01` is not a request line" in finished.err
    assert "requests.jsonl:6: " in finished.err


def msgs(said, priority):
    return said | {"Priority": priority}


def test_logs_of_load_balancers_and_of_aws_waf_are_read(test):
    """ALB: client, URL and agent. AWS WAF: all but the body."""
    alb = (
        b"https 2026-11-27T10:00:00.123456Z app/shop/1 203.0.113.7:3333 10.0.0.1:80 0.0 0.0 0.0 200 200 3 3 "
        b'"GET https://shop.example:443/a?q=evil HTTP/1.1" "curl/8" ECDHE TLSv1.2 arn "Root" "-" "-"\n'
    )
    logged = {
        "timestamp": 1_796_000_000_000,
        "action": "ALLOW",
        "httpRequest": {
            "clientIp": "203.0.113.7",
            "country": "JP",
            "headers": [{"name": "Host", "value": "shop.example"}],
            "uri": "/a",
            "args": "q=evil",
            "httpVersion": "HTTP/2.0",
            "httpMethod": "GET",
            "requestId": "r-1",
        },
    }
    address = {"IPSetReferenceStatement": {"ARN": OFFICE}}
    host = byte_match(b"shop.example", "STARTS_WITH", header("host"))
    said = byte_match(b"evil", "EXACTLY", ARGUMENTS)
    rules = acl(rule("both", 0, all_of(address, host, said)))
    finished, found = with_sets(test, alb + lines(logged), rules)
    assert [each.get("rule") for each in found[:-1]] == ["both", "both"], finished.err
    assert found[1]["id"] == "r-1"


def with_sets(test, content, rules):
    with open("office.json", "w") as file:  # noqa: PTH123 - in the folder of the test
        json.dump({"IPSet": {"Name": "office", "ARN": OFFICE, "Addresses": ["203.0.113.0/24"]}}, file)
    return test(content=content, web_acl=rules, options=("--ip-set", "office.json"))


def test_what_a_web_acl_refers_to_comes_from_files(test, tmp_path):
    """Groups, IP sets and regex sets, by their ARNs, or by the name in the ARN where a file has none."""
    address = negated({"IPSetReferenceStatement": {"ARN": OFFICE}})
    words = {"RegexPatternSetReferenceStatement": {"ARN": WORDS} | byte_match(b"x")["ByteMatchStatement"]}
    for name in ("SearchString", "PositionalConstraint"):
        del words["RegexPatternSetReferenceStatement"][name]
    group = {
        "Name": "own",
        "ARN": GROUP,
        "Capacity": 30,
        "VisibilityConfig": VISIBILITY,
        "LabelNamespace": "awswaf:111122223333:rulegroup:own:",
        "Rules": [rule("words", 0, words, "Count", "seen")],
    }
    rules = acl(
        group_rule("group", 0, own_group()),
        rule("stop", 1, all_of(address, label_match("awswaf:111122223333:rulegroup:own:seen"))),
    )
    files = {
        "group.json": {"RuleGroup": group, "LockToken": "x"},
        "office.json": {"Name": "office", "Addresses": ["10.0.0.0/8"], "Scope": "REGIONAL"},
        "words.json": {"Name": "words", "RegularExpressionList": [{"RegexString": "^/adm[io]n"}]},
    }
    for name, document in files.items():
        (tmp_path / name).write_text(json.dumps(document))
    given = {
        "--rule-group": tmp_path / "group.json",
        "--ip-set": tmp_path / "office.json",
        "--regex-set": tmp_path / "words.json",
    }
    options = [part for pair in given.items() for part in pair]
    requests = (record("/admin", source_ip="10.1.1.1"), record("/admin"), record("/"))
    finished, found = test(*requests, web_acl=rules, options=options)
    assert [each.get("rule") for each in found[:-1]] == ["Default_Action", "stop", "Default_Action"], finished
    assert found[1]["matches"][0]["rule"] == "group/words"
    for missing in given:
        rest = [part for pair in given.items() if pair[0] != missing for part in pair]
        finished, _ = test(*requests, web_acl=rules, options=rest)
        assert finished.status == 2
        assert f"with `{missing} FILE`" in finished.err
    finished, _ = test(*requests, options=("--ip-set", tmp_path / "office.json"))
    assert "office.json: nothing refers to this IP set" in finished.err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Rulez": []}, "`Rulez`"),
        ({"PreProcessFirewallManagerRuleGroups": [{}]}, "Firewall Manager"),
        ({"AssociationConfig": {"RequestBody": {"API_GATEWAY": {}}}}, "`AssociationConfig`"),
        ({"AssociationConfig": {"RequestBody": ["KB_16"]}}, "`AssociationConfig`"),
        ({"Rules": [EVIL | {"Action": {"Monetize": {}}}]}, "Monetize"),
        ({"Rules": [rule("a", 0, {"ByteMatchStatement": {"SearchString": "bad bot"}})]}, "base64"),
        ({"Rules": [rule("a", 0, {})]}, "exactly one of the statements"),
        ({"Rules": [rule("a", 0, {"RegexMatchStatement": byte_match(b"")})]}, "RegexMatchStatement"),
    ],
)
def test_a_web_acl_that_is_not_understood_is_refused(test, change, problem):
    """What is not known would be skipped, and the test would pass without it."""
    finished, _ = test(record(), web_acl=acl(EVIL) | change)
    assert finished.status == 2
    assert problem in finished.err


@pytest.mark.parametrize("content", ["[]", "{", '{"Name": 1}', "null", "[" * 10_000])
def test_a_file_that_is_no_web_acl_is_refused(masugata, tmp_path, content):
    """With its name and without a traceback."""
    (tmp_path / "acl.json").write_text(content)
    (tmp_path / "r").write_bytes(lines(record()))
    finished = masugata("waf", "test", "--web-acl", tmp_path / "acl.json", tmp_path / "r")
    assert finished.status == 2
    assert "acl.json: " in finished.err


def test_input_of_create_web_acl_is_enough(test):
    """A web ACL that was never made has no ARN and no namespace; labels get those of account 000000000000."""
    made = {key: value for key, value in acl(EVIL).items() if key not in {"Id", "ARN", "LabelNamespace"}}
    _, (first, _) = test(record("/?q=evil"), web_acl=made | {"Scope": "REGIONAL", "Tags": []})
    assert first["labels"] == ["awswaf:000000000000:webacl:shop:bad"]


def test_as_much_of_a_body_is_inspected_as_the_web_acl_says(test):
    """The most of AssociationConfig, as at an edge, unless --body-limit says otherwise."""
    body = {"Body": {"OversizeHandling": "CONTINUE"}}
    config = {"RequestBody": {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_16"}}}
    rules = acl(rule("late", 0, byte_match(b"evil", "CONTAINS", body)), AssociationConfig=config)
    late = record(body="x" * 20_000 + "evil")
    assert test(late, web_acl=rules)[1][0]["action"] == "ALLOW"
    assert test(late, web_acl=rules, options=("--body-limit", 32))[1][0]["action"] == "BLOCK"
    assert test(late, web_acl=acl(*rules["Rules"]))[1][0]["action"] == "BLOCK"
    config["RequestBody"]["APP_RUNNER_SERVICE"] = {"DefaultSizeInspectionLimit": "KB_32"}
    assert test(late, web_acl=rules)[1][0]["action"] == "BLOCK"


def test_rates_are_counted_by_the_times_of_the_records(test):
    """The eleventh request of an address within the window is limited; one without a time never is."""
    rate = {"RateBasedStatement": {"Limit": 10, "EvaluationWindowSec": 60, "AggregateKeyType": "IP"}}
    rules = acl(rule("rate", 0, rate))
    times = [f"2026-11-27T10:00:{second:02}Z" for second in range(12)]
    requests = [record(time=time) for time in times]
    requests += [record(time="2026-11-27T10:02:00Z"), *[record()] * 12, record(time="2026-11-27T10:02:01Z")]
    finished, found = test(*requests, web_acl=rules)
    assert [n for n, each in enumerate(found[:-1]) if each["action"] == "BLOCK"] == [10, 11]
    assert "rates are counted by the times of the records" in finished.err


def test_tokens_and_places(test):
    """Away from a server no token is genuine; places of addresses are those that come with the program."""
    geo = rule("geo", 0, {"GeoMatchStatement": {"CountryCodes": ["US"]}})
    rules = acl(geo, rule("puzzle", 1, byte_match(b"/"), "Captcha"))
    token = [["Cookie", "aws-waf-token=x"]]
    _, found = test(record(headers=token), record(source_ip="8.8.8.8"), web_acl=rules)
    assert [each["action"] for each in found[:-1]] == ["CAPTCHA", "BLOCK"]


def test_several_processes_say_the_same_in_the_same_order(tmp_path):
    """Above some thousand requests others help; every line and the summary are as from one process."""
    (tmp_path / "acl.json").write_text(json.dumps(acl(EVIL)))
    words = ("evil", "fine", "%45vil", "e")
    with (tmp_path / "requests.jsonl").open("wb") as file:
        for number in range(6_000):
            file.write(lines(record(f"/{number}?q={words[number % 4]}", id=str(number))))
            if number % 1_000 == 7:
                file.write(b"nonsense\n")
    command = (
        sys.executable, "-m", "masugata", "waf", "test", "--json", "--web-acl", "acl.json",
        "--cache", "cache", "requests.jsonl", "--workers",
    )  # fmt: skip
    runs = [
        subprocess.run([*command, workers], capture_output=True, cwd=tmp_path, check=False)
        for workers in ("1", "3")
    ]
    assert runs[0].returncode == runs[1].returncode == 2
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stderr == runs[1].stderr
    assert runs[0].stdout.count(b"\n") == 6_001
    assert b'"actions":{"BLOCK":3000,"ALLOW":3000}' in runs[0].stdout


@pytest.mark.nightly  # compiling all groups takes a while; the how-to does so for every push
def test_the_default_web_acl_stops_what_the_managed_groups_do(masugata, tmp_path):
    """Without any file of one's own: injections of SQL and script, and not a question."""
    agent = [["Host", "shop.example"], ["User-Agent", "Mozilla/5.0"]]
    (tmp_path / "r").write_bytes(
        lines(
            record("/?id=1%27+union+select+password+from+users--+", label="attack", headers=agent),
            record("/?q=%3Cscript%3Ealert(1)%3C/script%3E", label="attack", headers=agent),
            record("/?q=what+is+a+select+committee", label="benign", headers=agent),
        )
    )
    finished = masugata("waf", "test", tmp_path / "r")
    assert finished.status == 0, finished.out
    assert "AWS-AWSManagedRulesSQLiRuleSet/SQLi_QUERYARGUMENTS" in finished.out
    finished = masugata("waf", "test", "--ip-set", tmp_path / "r", tmp_path / "r")
    assert finished.status == 2
