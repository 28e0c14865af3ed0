"""`masugata waf import`: rules of other firewalls as AWS JSON."""

from pathlib import Path
from typing import Any

import click
import orjson

from masugata.cli._json_values import UnreadableError, read_file
from masugata.cli._options import json_option
from masugata.cli._waf_seclang import SecLangError, read_directives
from masugata.cli._waf_seclang_acl import Imported, to_rules, visibility
from masugata.cli._waf_seclang_rules import RuleReader
from masugata.engines.waf.capacity import capacity
from masugata.engines.waf.matching import NoDatabases
from masugata.engines.waf.plan import compile_plan
from masugata.limits import LIMITS
from masugata.web_acl_documents import Source, Sources, read_ruleset

_EXAMPLES = """\b
Example:
  masugata waf import modsecurity rules/*.conf --output shop.json
  masugata waf test --web-acl shop.json requests.jsonl
"""


@click.group("import", epilog=_EXAMPLES)
def import_command() -> None:
    """Write rules of another firewall as a web ACL."""


@import_command.command("modsecurity", epilog=_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the input of `create-web-acl`; sets go beside it. [default: standard output]",
)
@click.option("--rule-group", is_flag=True, help="Write the input of `create-rule-group` instead.")
@click.option("--name", default="modsecurity", show_default=True, help="What the web ACL or group is called.")
@click.option("--scope", type=click.Choice(["REGIONAL", "CLOUDFRONT"]), default="REGIONAL", show_default=True)
@click.option("--strict", is_flag=True, help="Write nothing unless everything can be said; end with 2.")
@json_option
@click.pass_context
def modsecurity(
    ctx: click.Context,
    files: tuple[str, ...],
    output: Path | None,
    rule_group: bool,
    name: str,
    scope: str,
    strict: bool,
    as_json: bool,
) -> None:
    """Write rules in SecLang, the language of ModSecurity and Coraza, as a web ACL.

    What AWS WAF cannot say is left out, and told with file, line and reason. Exit status: 0 everything is
    said as it was, 1 something was left out or is said only approximately, 2 nothing was written.
    """
    reader = RuleReader()
    for file in files:
        shown = "standard input" if file == "-" else file
        try:
            reader.read(shown, read_directives(decoded(read_file(file))))
        except SecLangError as error:
            raise UnreadableError(f"{shown}: {error}") from None
    imported = to_rules(reader.rules(), reader.left, scope)
    document = _document(imported, name, scope, group=rule_group)
    units = _check(document, imported)
    most = LIMITS["wafv2.rule-group-capacity" if rule_group else "wafv2.web-acl-capacity"]
    if units > most:
        click.echo(f"masugata: the rules cost {units:,} capacity units: AWS takes {most:,} at most", err=True)
    if not as_json:
        for left in imported.left:
            click.echo(f"{left.file}:{left.line}: {left.what}: {left.reason}", err=True)
    refused = strict and bool(imported.left)
    if not refused:
        _write(document, imported, output, scope, as_json=as_json)
    if as_json:
        told = {"rules": len(imported.rules), "capacity": units, "left": _left(imported)}
        click.echo(orjson.dumps(told))
    ctx.exit(2 if refused else 1 if imported.left else 0)


def decoded(content: bytes) -> str:
    """The text of a file; raises SecLangError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SecLangError(f"line {line} is not UTF-8: write other bytes as `\\x..`") from None


def _left(imported: Imported) -> list[dict[str, Any]]:
    return [
        {"file": left.file, "line": left.line, "what": left.what, "reason": left.reason}
        for left in imported.left
    ]


def _document(imported: Imported, name: str, scope: str, *, group: bool) -> dict[str, Any]:
    document: dict[str, Any] = {"Name": name, "Scope": scope}
    if not group:
        document["DefaultAction"] = {"Allow": {}}
    return document | {"Rules": list(imported.rules), "VisibilityConfig": visibility(name)}


def _sets(imported: Imported, scope: str) -> dict[str, list[dict[str, Any]]]:
    return {
        "ip-set": [{"Scope": scope} | each for each in imported.sets.ip_sets],
        "regex-set": [{"Scope": scope} | each for each in imported.sets.regex_sets],
    }


def _check(document: dict[str, Any], imported: Imported) -> int:
    """The capacity of what is written, which rule groups say; raises RulesetError if it does not compile."""
    acl = document | {"DefaultAction": {"Allow": {}}}
    sets = {
        kind: tuple(Source(each["Name"], orjson.dumps(each)) for each in found)
        for kind, found in _sets(imported, document["Scope"]).items()
    }
    ruleset = read_ruleset(
        Sources(Source(document["Name"], orjson.dumps(acl)), (), sets["ip-set"], sets["regex-set"]), None
    )
    compile_plan(ruleset, managed={}, databases=NoDatabases())
    units = capacity(ruleset.web_acl.rules)
    if "DefaultAction" not in document:
        document["Capacity"] = max(1, units)
    return units


def _write(
    document: dict[str, Any], imported: Imported, output: Path | None, scope: str, *, as_json: bool
) -> None:
    sets = _sets(imported, scope)
    kind = "WebACL" if "DefaultAction" in document else "RuleGroup"
    if output is None:
        if not as_json:
            together = {
                kind: document,
                "IPSets": [
                    {"ARN": imported.sets.arn("ipset", each["Name"])} | each for each in sets["ip-set"]
                ],
                "RegexPatternSets": [
                    {"ARN": imported.sets.arn("regexpatternset", each["Name"])} | each
                    for each in sets["regex-set"]
                ],
            }
            click.echo(orjson.dumps(together, option=orjson.OPT_INDENT_2))
        return
    output.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    options = []
    for option, found in sets.items():
        for each in found:
            path = output.with_name(f"{output.stem}.{each['Name']}.json")
            path.write_bytes(orjson.dumps(each, option=orjson.OPT_INDENT_2) + b"\n")
            options.append(f" --{option} {path}")
    if not as_json:
        click.echo(f"{len(imported.rules)} rules in {output}{''.join(options)}")
