"""`masugata waf import modsecurity`: what is written does what the rules say."""

import json
from base64 import b64decode

import pytest

from masugata.web_acl_documents import Source, Sources, read_ruleset
from web_acls import compiled, decide, get

FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)


def cookie(line):
    return get("/", (b"cookie", line))


@pytest.fixture
def convert(masugata, tmp_path):
    """Imports text; gives what a shell sees, the web ACL with its sets, and what was left out."""

    def run(text, *options):
        (tmp_path / "rules.conf").write_text(text)
        finished = masugata("waf", "import", "modsecurity", tmp_path / "rules.conf", *options)
        left = [line.partition("rules.conf:")[2] for line in finished.err.splitlines()]
        return finished, json.loads(finished.out) if finished.out else None, left

    return run


@pytest.fixture
def acts(convert):
    """What rules do with requests: the action of each; `left` things may be left out."""

    def run(text, *requests, left=0):
        finished, found, lines = convert(text)
        assert (finished.status, len(lines)) == (1 if left else 0, left), lines
        sets = {
            name: tuple(Source(each["Name"], json.dumps(each).encode()) for each in found[name])
            for name in ("IPSets", "RegexPatternSets")
        }
        acl = Source("acl", json.dumps(found["WebACL"]).encode())
        sources = Sources(acl, (), sets["IPSets"], sets["RegexPatternSets"])
        plan = compiled(read_ruleset(sources, None))
        return [decide(plan, request).action for request in requests]

    return run


@pytest.mark.parametrize(
    ("rule", "stopped", "passed"),
    [
        ('REQUEST_FILENAME "@beginsWith /admin"', get("/admin/x"), get("/x/admin")),
        ('REQUEST_FILENAME "@endsWith .bak"', get("/a.bak"), get("/a.bak/b")),
        ('REQUEST_FILENAME "@streq /a"', get("/a"), get("/A")),
        ('REQUEST_FILENAME "@contains x" "t:none,t:urlDecode,t:lowercase', get("/%58"), get("/y")),
        ('REQUEST_FILENAME "\\.(?:bak|old)$"', get("/a.bak"), get("/a.bakx")),
        ('REQUEST_FILENAME "@rx a.b"', get("/a\nb"), get("/ab")),
        ('REQUEST_URI "@contains evil"', get("/a?evil"), get("/a?b")),
        ('REQUEST_URI "@beginsWith /evil"', get("/evil?a"), get("/a?/evil")),
        ('QUERY_STRING "@containsWord evil"', get("/?a=evil&b"), get("/?evils")),
        ('QUERY_STRING "@gt 3" "t:none,t:length', get("/?1234"), get("/?123")),
        ('QUERY_STRING "!@rx ^[a-z=]*$"', get("/?a=1"), get("/")),
        ('REQUEST_METHOD "!@streq GET"', get(method=b"PUT"), get()),
        ('REQUEST_HEADERS:User-Agent "@pm SQLmap nikto"', get("/", (b"user-agent", b"sqlMAP/1")), get()),
        ('REQUEST_HEADERS|!REQUEST_HEADERS:b "@contains x"', get("/", (b"a", b"x")), get("/", (b"b", b"x"))),
        ('REQUEST_HEADERS_NAMES "@streq x-evil"', get("/", (b"x-evil", b"")), get("/", (b"a", b"x-evil"))),
        ('REQUEST_HEADERS:a "!@streq good"', get("/", (b"a", b"bad")), get("/", (b"a", b"good"))),
        ('REQUEST_HEADERS:a "!@streq good"', get("/", (b"a", b"")), get()),
        ('&REQUEST_HEADERS:host "@eq 0"', get(), get("/", (b"host", b""))),
        ('&ARGS_GET:debug "@gt 0"', get("/?debug"), get("/?a=debug")),
        ('&REQUEST_COOKIES:a "!@eq 0"', cookie(b"a=b"), cookie(b"b=a")),
        ('REQUEST_COOKIES:a "@streq b"', cookie(b"a=b"), cookie(b"b=b")),
        ('REQUEST_COOKIES|!REQUEST_COOKIES:s "@contains x"', cookie(b"a=x"), cookie(b"s=x")),
        ('REQUEST_COOKIES_NAMES "@contains x"', cookie(b"x=a"), cookie(b"a=x")),
        ('ARGS_GET "@streq <a>"', get("/?q=%3Ca>"), get("/?q=%3Ca>b")),
        ('ARGS_GET:q "@contains <"', get("/?q=%3C"), get("/?p=%3C")),
        ('ARGS "@contains <b"', get("/", *FORM, body=b"q=%3Cb"), get("/", *FORM, body=b"q=b")),
        ('ARGS "@detectSQLi"', get("/?q=1%27+union+select+pw+from+t--+"), get("/?q=union+station")),
        ('ARGS "@detectXSS"', get("/", *FORM, body=b"q=%3Cscript%3Ealert(1)%3C/script"), get("/?q=script")),
        ('REQUEST_BODY "@contains %3C"', get("/", body=b"a=%3C"), get("/", body=b"a=<")),
        ('REMOTE_ADDR "@ipMatch 192.0.2.0/24,::/16"', get(source_ip="::9"), get(source_ip="10.0.0.1")),
        ('REMOTE_ADDR "!@ipMatch 10.0.0.0/8"', get(source_ip="192.0.2.1"), get(source_ip="10.0.0.1")),
        ('REMOTE_ADDR "@streq 192.0.2.1"', get(source_ip="192.0.2.1"), get(source_ip="192.0.2.2")),
    ],
)  # fmt: skip
def test_a_rule_stops_what_it_is_about_and_nothing_else(acts, rule, stopped, passed):
    """One request that the SecRule matches and one that it does not, by its documentation."""
    if rule.count('"') == 2:
        rule += ' "t:none'
    assert acts(f'SecRule {rule},id:1,deny"', stopped, passed) == ["BLOCK", "ALLOW"]


@pytest.mark.parametrize(
    ("directive", "reason"),
    [
        ('SecRule TX:score "@ge 5" "id:1,deny"', "AWS WAF does not look at `TX`"),
        ('SecRule ARGS_NAMES "@contains x" "id:1,deny"', "does not look at `ARGS_NAMES`"),
        ('SecRule ARGS_GET "!@rx ^a" "id:1,deny"', "some value of AllQueryArguments does not match"),
        ('SecRule ARGS_GET:a|!ARGS_GET:b "x" "id:1,deny"', "cannot leave out single arguments"),
        ('SecRule REQUEST_COOKIES|!REQUEST_COOKIES:/^_/ "x" "id:1,deny"', "regular expression"),
        ('SecRule REQUEST_URI "@endsWith x" "id:1,deny"', "path and query are two fields"),
        ('SecRule REQUEST_URI "@rx x$" "id:1,deny"', "path and query are two fields"),
        ('SecRule REQUEST_METHOD "@rx (a)\\1" "id:1,deny"', "the regular expression"),
        (f'SecRule REQUEST_METHOD "@rx {"a" * 201}" "id:1,deny"', "1 to 200 characters"),
        (f'SecRule REQUEST_METHOD "@streq {"a" * 201}" "id:1,deny"', "1 to 200 bytes"),
        ('SecRule REQUEST_METHOD "@streq %{tx.a}" "id:1,deny"', "has no value before"),
        ('SecRule REQUEST_METHOD "@pmFromFile words" "id:1,deny"', "no operator like `@pmfromfile`"),
        ('SecRule REQUEST_METHOD "@gt 5" "id:1,deny"', "compares sizes only"),
        ('SecRule REQUEST_METHOD "a" "id:1,deny,t:sha1"', "no transformation like `t:sha1`"),
        ('SecRule REQUEST_METHOD "a" "id:1,deny,setvar:\'tx.a=+1,2\'"', "no action like `setvar`"),
        ('SecRule REQUEST_METHOD "a" "id:1,deny,skipAfter:END"', "no action like `skipafter`"),
        ('SecRule REQUEST_METHOD "a" "id:1,deny,status:999"', "`status:999`"),
        ('SecRule REQUEST_METHOD "a" "id:1,allow:phase"', "no phases"),
        ('SecRule REQUEST_METHOD "a" "id:1,deny,phase:3"', "requests, and not at answers"),
        ('SecRule REQUEST_METHOD "a" "deny"', "needs an `id`"),
        ('SecRule REQUEST_METHOD "a', 'a " is not closed'),
        ("SecRule REQUEST_METHOD", "variables, an operator and actions"),
        ('SecRule REQUEST_METHOD "a" "id:1,deny,chain"', "`chain` needs a rule"),
        ('SecRule REMOTE_ADDR "@ipMatch x" "id:1,deny"', "`x` is not an address"),
        ('SecRule REMOTE_ADDR|ARGS "@streq x" "id:1,deny"', "`REMOTE_ADDR` stands alone"),
        ('SecRule &ARGS "@gt 100" "id:1,deny"', "does not count"),
        ('SecAction "id:1,pass"', "said by the default action"),
        ("SecMarker END", "rules cannot be skipped"),
        ("Include other.conf", "give the file itself"),
        ("SecRuleEngine DetectionOnly", "override that counts"),
        ("SecRuleRemoveById x", "neither an id nor a range"),
        ("SecRuleUpdateTargetById 1 !ARGS:a", "nothing of the kind"),
    ],
)
def test_what_aws_cannot_say_is_left_out_by_name(convert, directive, reason):
    """File, line and reason; the rules around it are written, and the status is 1."""
    text = f'SecRule REQUEST_METHOD "@streq A" "id:98,deny"\n{directive}\n'
    finished, found, left = convert(text)
    assert finished.status == 1
    assert [rule["Name"] for rule in found["WebACL"]["Rules"]] == ["rule-98"]
    assert len(left) == 1
    assert left[0].startswith("2: ")
    assert reason in left[0]


def test_what_is_said_only_in_part_is_told(acts, convert):
    """The rest of a rule is written: it matches less than it did, and one reads so."""
    text = 'SecRule ARGS:q|XML:/* "@contains evil" "id:1,deny,t:none"'
    assert acts(text, get("/?q=evil"), get("/?p=evil"), left=2) == ["BLOCK", "ALLOW"]
    _, _, left = convert(text)
    assert left == [
        "1: rule 1: `ARGS:q` of the body: AWS WAF knows arguments of the query only",
        "1: rule 1: AWS WAF does not look at `XML`",
    ]
    assert acts(
        'SecRule REQUEST_METHOD "!@within GET HEAD" "id:1,deny"', get(), get(method=b"PUT"), left=1
    ) == [
        "ALLOW",
        "BLOCK",
    ]


def test_all_of_a_chain_has_to_match(acts):
    """Whatever the links look at; what is done is said by the first."""
    text = """
SecRule REQUEST_FILENAME "@beginsWith /admin" "id:1,deny,chain"
  SecRule REQUEST_METHOD "@streq POST" "chain"
    SecRule REMOTE_ADDR "!@ipMatch 10.0.0.0/8"
"""
    post = {"method": b"POST", "source_ip": "192.0.2.1"}
    read = post | {"method": b"GET"}
    found = acts(text, get("/admin", **post), get("/", **post), get("/admin", **read))
    assert found == ["BLOCK", "ALLOW", "ALLOW"]
    assert acts(text, get("/admin", **post | {"source_ip": "10.1.1.1"})) == ["ALLOW"]


def test_a_chain_with_a_link_that_cannot_be_said_is_left_out_whole(convert):
    """Without the link the rule would stop more than it did."""
    text = """
SecRule REQUEST_FILENAME "@beginsWith /" "id:1,deny,chain"
  SecRule TX:x "@streq POST"
SecRule REQUEST_FILENAME "@beginsWith /" "id:2,deny,chain"
  SecRule REQUEST_METHOD "@streq POST
SecRule REQUEST_METHOD "@streq A" "id:3,deny"
"""
    finished, found, left = convert(text)
    assert finished.status == 1
    assert [rule["Name"] for rule in found["WebACL"]["Rules"]] == ["rule-3"]
    assert [line.partition(":")[0] for line in left] == ["2", "4"]


def test_rules_are_asked_by_phase_and_then_in_order(acts):
    """An exception of phase 1 comes before a rule of phase 2 that stands above it."""
    text = """
SecRule REQUEST_FILENAME "@contains evil" "id:1,phase:2,deny"
SecRule REMOTE_ADDR "@ipMatch 10.0.0.0/8" "id:2,phase:1,allow,nolog"
"""
    assert acts(text, get("/evil"), get("/evil", source_ip="10.0.0.1")) == ["BLOCK", "ALLOW"]


def test_actions_are_those_that_they_were(convert):
    """deny, pass, drop, block by the default action, nothing at all, statuses, and tags as labels."""
    text = """
SecDefaultAction "phase:1,log,deny,status:429,t:lowercase"
SecRule REQUEST_METHOD "a" "id:1,phase:1,block,tag:'OWASP_CRS/WEB ATTACK',msg:'a, b'"
SecRule REQUEST_METHOD "a" "id:2,phase:1"
SecRule REQUEST_METHOD "a" "id:3,phase:1,pass,t:none"
SecRule REQUEST_METHOD "a" "id:4,phase:1,deny,status:403"
SecRule REQUEST_METHOD "a" "id:5,phase:2,block"
SecRule REQUEST_METHOD "a" "id:6,phase:2,log"
"""
    _, found, left = convert(text)
    assert left == []
    rules = {rule["Name"]: rule for rule in found["WebACL"]["Rules"]}
    limited = {"Block": {"CustomResponse": {"ResponseCode": 429}}}
    assert [rules[f"rule-{n}"]["Action"] for n in range(1, 7)] == [
        limited, limited, {"Count": {}}, {"Block": {}}, {"Block": {}}, {"Count": {}},
    ]  # fmt: skip
    assert rules["rule-1"]["RuleLabels"] == [{"Name": "OWASP_CRS:WEB_ATTACK"}]
    steps = [rules[f"rule-{n}"]["Statement"]["RegexMatchStatement"]["TextTransformations"] for n in (1, 3)]
    assert [[step["Type"] for step in each] for each in steps] == [["LOWERCASE"], ["NONE"]]


def test_rules_can_be_removed_by_id(convert):
    """Single ones and ranges, of rules that stand before."""
    rules = "".join(f'SecRule REQUEST_METHOD "a" "id:{n},deny"\n' for n in (1, 5, 10, 11))
    _, found, left = convert(f'{rules}SecRuleRemoveById 1 "10-20"\nSecRule ARGS_GET "a" "id:12,deny"\n')
    assert [rule["Name"] for rule in found["WebACL"]["Rules"]] == ["rule-5", "rule-12"]
    assert left == []


def test_lines_go_on_behind_a_backslash_and_comments_do_not_count(convert):
    """Quotes in quotes, tabs, comments, carriage returns, settings of the engine."""
    text = (
        "# a comment\r\nSecRuleEngine On\r\nSecAuditLog /dev/null\r\n"
        'SecRule\tREQUEST_METHOD "@streq a\\"b" \\\r\n    "id:1,\\\r\n    deny,msg:\'it\\\'s, well\'"\r\n'
    )
    finished, found, left = convert(text)
    assert (finished.status, left) == (0, [])
    said = found["WebACL"]["Rules"][0]["Statement"]["ByteMatchStatement"]["SearchString"]
    assert b64decode(said) == b'a"b'


def test_many_words_become_sets(acts, convert):
    """Within AWS's quotas, each word still found."""
    words = [f"word{number:04}x" for number in range(700)]
    text = f'SecRule ARGS_GET "@pm {" ".join(words)}" "id:1,deny,t:none"'
    asked = [get(f"/?q=a{word.upper()}b") for word in words[::97]]
    assert set(acts(text, *asked)) == {"BLOCK"}
    assert acts(text, get("/?q=word0001")) == ["ALLOW"]
    _, found, _ = convert(text)
    for each in found["RegexPatternSets"]:
        assert len(each["RegularExpressionList"]) <= 10
        assert all(len(one["RegexString"]) <= 200 for one in each["RegularExpressionList"])


def test_files_are_written_that_waf_test_reads(masugata, tmp_path):
    """The web ACL, each set beside it, and how to use them."""
    text = 'SecRule REMOTE_ADDR "@ipMatch 192.0.2.0/24" "id:1,deny"'
    (tmp_path / "rules.conf").write_text(text)
    finished = masugata(
        "waf", "import", "modsecurity", tmp_path / "rules.conf", "--output", tmp_path / "shop.json"
    )
    assert finished.status == 0
    options = finished.out.split("shop.json", 1)[1].split()
    assert options == ["--ip-set", str(tmp_path / "shop.rule-1-addresses-1.json")]
    (tmp_path / "r.jsonl").write_text('{"method": "GET", "uri": "/"}')
    tested = masugata("waf", "test", "--web-acl", tmp_path / "shop.json", *options, tmp_path / "r.jsonl")
    assert "1 requests: 1 BLOCK" in tested.out


def test_a_rule_group_says_its_capacity(convert):
    """Input of create-rule-group, which needs one, and has no default action."""
    _, found, _ = convert('SecRule REQUEST_METHOD "@streq a" "id:1,deny"', "--rule-group")
    group = found["RuleGroup"]
    assert group["Capacity"] == 2
    assert "DefaultAction" not in group


def test_strict_writes_nothing_unless_all_is_said(convert, tmp_path):
    """Status 2 then, and the reasons all the same."""
    output = tmp_path / "out.json"
    finished, _, left = convert("SecMarker a\n", "--strict", "--output", output)
    assert (finished.status, len(left), output.exists()) == (2, 1, False)
    assert convert('SecRule REQUEST_METHOD "a" "id:1,deny"', "--strict")[0].status == 0


def test_json_is_for_programs(convert, tmp_path):
    """How many rules, and what was left out, in one line."""
    finished, found, _ = convert("SecMarker a\n", "--json", "--output", tmp_path / "o.json")
    assert finished.err == ""
    (left,) = found["left"]
    assert (found["rules"], left["line"], left["what"]) == (0, 1, "SecMarker")


def test_all_addresses_are_two_networks(convert):
    """An IP set takes no /0, whatever is written behind it."""
    _, found, _ = convert('SecRule REMOTE_ADDR "@ipMatch 0.0.0.0/0,::/0" "id:1,deny"')
    listed = [each["Addresses"] for each in found["IPSets"]]
    assert listed == [["0.0.0.0/1", "128.0.0.0/1"], ["::/1", "8000::/1"]]


def test_one_document_is_enough(masugata, convert, tmp_path):
    """What goes to standard output has the sets beside the web ACL; `waf test` and the edge read it whole."""
    _, found, _ = convert('SecRule REMOTE_ADDR "@ipMatch 192.0.2.0/24" "id:1,deny"')
    (tmp_path / "shop.json").write_text(json.dumps(found))
    (tmp_path / "r.jsonl").write_text('{"method": "GET", "uri": "/"}')
    tested = masugata("waf", "test", "--web-acl", tmp_path / "shop.json", tmp_path / "r.jsonl")
    assert "1 requests: 1 BLOCK" in tested.out, tested.err
    del found["IPSets"]
    (tmp_path / "shop.json").write_text(json.dumps(found))
    assert masugata("waf", "test", "--web-acl", tmp_path / "shop.json", tmp_path / "r.jsonl").status == 2


@pytest.mark.parametrize("option", [(), ("--rule-group",)])
def test_what_aws_would_not_take_is_said(convert, tmp_path, option):
    """More capacity units than the quota, which Create calls would refuse; it is written all the same."""
    rules = [f'SecRule REQUEST_FILENAME "@detectXSS" "id:{number},phase:1,deny"\n' for number in range(126)]
    finished, found, _ = convert("".join(rules), *option)
    assert finished.status == 0
    assert finished.err == "masugata: the rules cost 5,040 capacity units: AWS takes 5,000 at most\n"
    assert found is not None
    finished, told, _ = convert("".join(rules[:125]), *option, "--json", "--output", tmp_path / "o.json")
    assert (finished.err, told["capacity"]) == ("", 5_000)
