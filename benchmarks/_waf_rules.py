"""A web ACL about as large as AWS's default managed groups: 60 rules, a third of them over statements."""

import base64
from collections.abc import Mapping

import msgspec

from masugata.engines.waf.definitions import RuleAction, Ruleset, Statement, WebACL
from masugata.engines.waf.definitions.actions import BlockAction
from masugata.engines.waf.detectors import Detector, Evidence, Place
from masugata.engines.waf.detectors.html import XSS
from masugata.engines.waf.detectors.sql import SQL
from masugata.engines.waf.managed import Detect, ManagedGroup, ManagedGroups, ManagedRule, Source
from masugata.engines.waf.request import WebRequest

BLOCK = RuleAction(block=BlockAction())
VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
NOTHING = [{"Priority": 0, "Type": "NONE"}]
LOWER = [{"Priority": 0, "Type": "URL_DECODE_UNI"}, {"Priority": 1, "Type": "LOWERCASE"}]


class Words:
    """Stands for a detector: many hints, bounded gaps, and a cheap look."""

    def __init__(self, family: str, words: str) -> None:
        """Each word is a hint with what stands around it in attacks."""
        self.family = family
        self.words = tuple(word.encode() for word in words.split())
        self.hints = tuple(rf"(?:^|[\s;|&`'\"(/]){word}.{{0,20}}[\s;|&`'\"()/=]" for word in words.split())

    def detect(self, value: bytes, place: Place) -> Evidence | None:  # noqa: ARG002 - the protocol's
        """One of the words."""
        found = next((word for word in self.words if word in value), None)
        return Evidence(self.family, "a word", (found,)) if found is not None else None


FAMILIES: dict[str, Detector] = {
    "sqli": SQL,
    "xss": XSS,
    "cmdi": Words(
        "cmdi",
        "cat wget curl bash sh nc id whoami uname ping powershell cmd ls echo python perl ruby "
        "php chmod rm nslookup ifconfig netstat",
    ),
    "traversal": Words(
        "traversal",
        r"\.\./ etc/passwd etc/shadow windows/win boot proc/self web-inf htaccess ssh/id_rsa "
        r"var/log",
    ),
    "rfi": Words(
        "rfi",
        "https?:// ftp:// php:// data:// expect:// file:// gopher://",
    ),
    "java": Words(
        "java",
        "jndi getruntime processbuilder java.lang ognl classloader rO0AB",
    ),
    "php": Words(
        "php",
        "eval assert system passthru shell_exec base64_decode phpinfo globals",
    ),
    "ssrf": Words(
        "ssrf",
        "169.254 metadata localhost 127.0 instance-data",
    ),
}
PLACES = {
    "xss": (Source.COOKIES, Source.QUERY_ARGUMENTS, Source.BODY, Source.URI_PATH),
    "java": (Source.HEADERS, Source.BODY, Source.URI_PATH, Source.QUERY_ARGUMENTS),
    "ssrf": (Source.BODY, Source.COOKIES, Source.URI_PATH, Source.QUERY_ARGUMENTS),
}
TEXTS: list[tuple[str, dict[str, object], list[str]]] = [
    (
        "bot",
        {"SingleHeader": {"Name": "user-agent"}},
        ["nikto", "sqlmap", "acunetix", "masscan", "nmap", "dirbuster"],
    ),
    ("extension", {"UriPath": {}}, [".bak", ".ini", ".log", ".sql", ".env", ".config"]),
    ("admin", {"UriPath": {}}, ["/admin", "/phpmyadmin", "/manager/html"]),
    ("exploitable", {"UriPath": {}}, ["/cgi-bin/", "/wp-admin/", "xmlrpc.php", "/.git/", "/solr/"]),
    ("wordpress", {"QueryString": {}}, ["do-reset-wordpress", "wp-config.php"]),
    ("localhost", {"SingleHeader": {"Name": "host"}}, ["localhost"]),
    ("propfind", {"Method": {}}, ["propfind"]),
]
SIZES: list[tuple[str, dict[str, object], int]] = [
    ("query", {"QueryString": {}}, 2048),
    ("cookie", {"SingleHeader": {"Name": "cookie"}}, 10240),
    ("body", {"Body": {"OversizeHandling": "MATCH"}}, 8192),
    ("path", {"UriPath": {}}, 1024),
]


def _statement(said: Mapping[str, object]) -> Statement:
    return msgspec.json.decode(msgspec.json.encode(said), type=Statement)


def _byte_match(field: dict[str, object], text: str) -> dict[str, object]:
    return {
        "ByteMatchStatement": {
            "FieldToMatch": field,
            "TextTransformations": LOWER,
            "SearchString": base64.b64encode(text.encode()).decode(),
            "PositionalConstraint": "CONTAINS",
        }
    }


def groups() -> ManagedGroups:
    """Statements in one group, what is detected in another."""
    said: list[ManagedRule] = []
    agent = {"FieldToMatch": {"SingleHeader": {"Name": "user-agent"}}, "TextTransformations": NOTHING}
    there = {"SizeConstraintStatement": agent | {"ComparisonOperator": "GE", "Size": 1}}
    said.append(
        ManagedRule(name="none", action=BLOCK, statement=_statement({"NotStatement": {"Statement": there}}))
    )
    for name, field, size in SIZES:
        inspected = {"FieldToMatch": field, "TextTransformations": NOTHING}
        constraint = {"SizeConstraintStatement": inspected | {"ComparisonOperator": "GT", "Size": size}}
        said.append(ManagedRule(name=name, action=BLOCK, statement=_statement(constraint), labels=(name,)))
    for name, field, texts in TEXTS:
        for number, text in enumerate(texts):
            found = _statement(_byte_match(field, text))
            said.append(ManagedRule(name=f"{name}{number}", action=BLOCK, statement=found, labels=(name,)))
    detected = [
        ManagedRule(
            name=f"{family}_{source.value}",
            action=BLOCK,
            detect=Detect(sources=(source,), detectors=(detector,)),
            labels=(family,),
        )
        for family, detector in FAMILIES.items()
        for source in PLACES.get(
            family, (Source.QUERY_ARGUMENTS, Source.BODY, Source.URI_PATH, Source.COOKIES)
        )
    ]
    return {
        ("AWS", name, None): ManagedGroup(
            vendor="AWS",
            name=name,
            version="1",
            capacity=700,
            label_namespace=f"awswaf:managed:aws:{name}:",
            rules=tuple(rules),
        )
        for name, rules in {"said": said, "detected": detected}.items()
    }


def ruleset() -> Ruleset:
    """Both groups, and Allow."""
    rules = [
        {
            "Name": name,
            "Priority": priority,
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
            "OverrideAction": {"None": {}},
            "VisibilityConfig": VISIBILITY,
        }
        for priority, name in enumerate(("said", "detected"))
    ]
    acl = {
        "Name": "default",
        "ARN": "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/default/1",
        "LabelNamespace": "awswaf:111122223333:webacl:default:",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": VISIBILITY,
        "Rules": rules,
    }
    return Ruleset(web_acl=msgspec.json.decode(msgspec.json.encode(acl), type=WebACL))


HEADERS = (
    (b"host", b"shop.example.com"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.9,de;q=0.8"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"referer", b"https://shop.example.com/coffee/beans?page=2"),
    (b"cookie", b"session=4f1c0b7a9e2d4c6f8a1b3c5d7e9f0a2b; theme=dark; _ga=GA1.2.1234567890.1700000000"),
    (b"connection", b"keep-alive"),
)
CLEAN = WebRequest(
    method=b"GET",
    uri_path=b"/coffee/beans/ethiopia-yirgacheffe",
    query_string=b"page=3&sort=price&order=asc&q=dark+roast",
    headers=HEADERS,
    source_ip="192.0.2.1",
)
POST = WebRequest(
    method=b"POST",
    uri_path=b"/basket/items",
    headers=(*HEADERS, (b"content-type", b"application/json"), (b"content-length", b"92")),
    body=b'{"item": "ethiopia-yirgacheffe", "grams": 500, "note": "please grind for a French press"}',
    source_ip="192.0.2.1",
)
ATTACK = WebRequest(
    method=b"GET",
    uri_path=b"/coffee/beans",
    query_string=b"q=%3Cscript%3Edocument.location%3D%27https%3A%2F%2Fevil.example%2F%27%3C%2Fscript%3E",
    headers=HEADERS,
    source_ip="192.0.2.1",
)
