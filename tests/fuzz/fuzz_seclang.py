"""Fuzz target: whatever SecLang says, each rule is written or named as left out, and all compiles."""

from msgspec.json import encode

from masugata.cli._waf_import import _document, _sets, decoded
from masugata.cli._waf_seclang import SecLangError, read_directives
from masugata.cli._waf_seclang_acl import to_rules
from masugata.cli._waf_seclang_rules import RuleReader
from masugata.engines.waf.matching import NoDatabases, choose_engine
from masugata.engines.waf.plan import compile_plan
from masugata.web_acl_documents import Source, Sources, read_ruleset

ENGINE = choose_engine()
SEEDS = (
    b"SecRule REQUEST_HEADERS:a|ARGS '@pm x y' \\\n \"id:1,phase:1,deny,status:406,tag:'a/b',t:lowercase\"\n",
    b'SecDefaultAction "phase:2,deny"\nSecRule ARGS "@detectSQLi" "id:2,block,t:none,t:urlDecodeUni"\n',
    b'SecRule REMOTE_ADDR "!@ipMatch 10.0.0.0/8,::1" "id:3,allow,nolog"\nSecRuleRemoveById 1-3 "9"\n',
    b'SecRule REQUEST_FILENAME "@beginsWith /a" "id:4,deny,chain"\nSecRule &ARGS_GET:x "@eq 0" "t:none"\n',
    b'SecRule REQUEST_COOKIES:/^a/|XML:/* "@rx ^a.b$" "id:5,pass,setvar:\'tx.a=+1\'"\nSecMarker END\n',
    b'SecRule QUERY_STRING "@gt 9" "id:6,deny,t:length"\nSecAction "id:7,pass"\nInclude x\n',
)
PIECES = (
    b"SecRule ", b'"', b"'", b"\\", b"\\\n", b"|", b"!", b"&", b":", b",", b"chain", b"@within A B",
    b"@streq %{x}", b"@endsWith a", b"t:base64Decode", b"t:none", b"REQUEST_URI", b"REQUEST_BODY",
    b"ARGS_NAMES", b"TX:a", b"'/a/'", b"\xff", b"\0", b"drop", b"status:200", b"id:1", b"(?i)",
    b"[^]]", b"\n", b"#",
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One file."""
    reader = RuleReader()
    try:
        reader.read("fuzz", read_directives(decoded(data[:65_536])))
    except SecLangError:
        return
    rules = reader.rules()
    imported = to_rules(rules, reader.left, "REGIONAL")
    told = {left.what for left in imported.left}
    written = {rule["Name"] for rule in imported.rules}
    for rule in rules:
        assert f"rule-{rule.id}"[:128] in written or rule.what in told, rule.id
    document = _document(imported, "fuzz", "REGIONAL", group=False)
    sets = _sets(imported, "REGIONAL")
    sources = [tuple(Source(each["Name"], encode(each)) for each in found) for found in sets.values()]
    ruleset = read_ruleset(Sources(Source("fuzz", encode(document)), (), *sources), None)
    compile_plan(ruleset, managed={}, databases=NoDatabases(), engine=ENGINE)
