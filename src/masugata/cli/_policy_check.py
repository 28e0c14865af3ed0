"""`masugata policy check`: what is wrong with policies, and where."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import click
import orjson

from masugata.authorization import catalogue
from masugata.cli._json_values import LARGEST_FILE, read_file
from masugata.cli._options import json_option
from masugata.cli._policy_documents import EXPORT_DEEPER, Found, encoded_text, find
from masugata.engines.policy import PolicyType
from masugata.engines.policy.validation import (
    Finding,
    FindingType,
    Knowledge,
    Location,
    Result,
    UnreadableTextError,
    read_tree,
    validate,
    validate_node,
)
from masugata.engines.policy.validation.actions import RESOURCE_SERVICES

_DEEPEST = 16 + EXPORT_DEEPER
_GRADES = {grade.lower().replace("_", "-"): grade for grade in FindingType}
_COLORS = {FindingType.ERROR: "red", FindingType.SECURITY_WARNING: "magenta", FindingType.WARNING: "yellow"}
_ANNOTATIONS = {FindingType.ERROR: "error", FindingType.SUGGESTION: "notice"}
_EXAMPLES = """\b
Examples:
  masugata policy check policies/*.json
  masugata policy check --type scp --fail-on suggestion guardrails.json
  aws iam get-account-authorization-details | masugata policy check -
"""


class _Line(NamedTuple):
    """A finding and the policy that it is about; `policy` is its name in an export."""

    file: str
    policy: str
    type: PolicyType
    finding: Finding


@click.command("check", epilog=_EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--type",
    "type_name",
    type=click.Choice([kind.value for kind in PolicyType]),
    help="What the policies are. [default: guessed from each, and told]",
)
@click.option(
    "--resource-type",
    type=click.Choice(sorted(RESOURCE_SERVICES)),
    help="What resource policies are attached to.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(_GRADES)),
    default="security-warning",
    show_default=True,
    help="The least grave finding that ends with status 1.",
)
@click.option("--format", "form", type=click.Choice(["text", "github"]), default="text", show_default=True)
@json_option
@click.pass_context
def check_command(
    ctx: click.Context,
    files: tuple[str, ...],
    type_name: str | None,
    resource_type: str | None,
    fail_on: str,
    form: str,
    as_json: bool,
) -> None:
    """Check the policies in FILE... before they are stored; `-` is standard input.

    A file holds one policy, or all of an account as `get-account-authorization-details` prints them.
    Findings have the issue codes of IAM Access Analyzer. Exit status: 0 nothing as grave as --fail-on was
    found, 1 something was, 2 a file cannot be read.
    """
    texts = [(file, read_file(file)) for file in files]
    knowledge = Knowledge(catalogue.names("actions"), catalogue.service)
    policy_type = PolicyType(type_name) if type_name else None
    show = _to_json if as_json else _to_annotation if form == "github" else _to_text
    grades = list(FindingType)[: list(FindingType).index(_GRADES[fail_on]) + 1]
    counts = dict.fromkeys(FindingType, 0)
    policies, complete = 0, True
    for file, content in texts:
        for found, result in _check(file, content, policy_type, resource_type or "", knowledge):
            policies += 1
            if found and found.why and not as_json:
                click.echo(f"{file}: taken as {found.type.value} policy, since {found.why}", err=True)
            if not result.complete:
                complete = False
                click.echo(f"{file}: too much to compare; not everything was checked", err=True)
            for finding in result.findings:
                counts[finding.type] += 1
                kind = found.type if found else policy_type or PolicyType.IDENTITY
                click.echo(show(_Line(file, found.name if found else "", kind, finding)))
    failed = any(counts[grade] for grade in grades)
    _sum(policies, counts, complete=complete, as_json=as_json)
    ctx.exit(1 if failed or not complete else 0)


def _check(
    file: str, content: bytes, policy_type: PolicyType | None, resource_type: str, knowledge: Knowledge
) -> Iterator[tuple[Found | None, Result]]:
    """Each policy of a file with what was found; without a policy if the file is not JSON."""
    try:
        tree = read_tree(content, longest=LARGEST_FILE, deepest=_DEEPEST)
    except UnreadableTextError as error:
        yield None, Result((error.finding,))
        return
    for found in find(tree, file, policy_type):
        text = encoded_text(found)
        if text is None:
            yield found, validate_node(tree, found.node, found.type, knowledge, resource_type=resource_type)
            continue
        result = validate(text, found.type, knowledge, resource_type=resource_type)
        start, end = map(tree.lines.position, (found.node.start, found.node.end))
        place = Location(found.node.path, start, end)  # places in the string are none in the file
        yield found, result._replace(findings=tuple(f._replace(locations=(place,)) for f in result.findings))


def _to_text(line: _Line) -> str:
    finding = line.finding
    place = finding.locations[0].start
    grade = click.style(finding.type.value, fg=_COLORS.get(finding.type))
    whose = f" [{line.policy}]" if line.policy else ""
    return f"{line.file}:{place.line}:{place.column + 1}: {grade} {finding.code} {finding.message}{whose}"


def _to_json(line: _Line) -> bytes:
    place = line.finding.locations[0].start
    content: dict[str, Any] = {"file": line.file, "line": place.line, "column": place.column + 1}
    if line.policy:
        content["policy"] = line.policy
    return orjson.dumps(content | {"policyType": line.type.value} | line.finding.to_dict())


def _to_annotation(line: _Line) -> str:
    """A workflow command of GitHub Actions, which shows the finding beside the line."""
    finding = line.finding
    first = finding.locations[0]
    level = _ANNOTATIONS.get(finding.type, "warning")
    fields = {
        "file": line.file,
        "line": str(first.start.line),
        "endLine": str(first.end.line),
        "col": str(first.start.column + 1),
        "endColumn": str(first.end.column + 1),
        "title": f"{finding.type.value} {finding.code}",
    }
    properties = ",".join(f"{name}={_escape(value, ':,')}" for name, value in fields.items())
    return f"::{level} {properties}::{_escape(finding.message)}"


def _escape(text: str, more: str = "") -> str:
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def _sum(policies: int, counts: dict[FindingType, int], *, complete: bool, as_json: bool) -> None:
    if as_json:
        summary = {"policies": policies, "complete": complete}
        summary |= {grade.value: count for grade, count in counts.items()}
        click.echo(orjson.dumps({"summary": summary}))
        return
    parts = [
        _counted(count, grade.value.lower().replace("_", " ")) for grade, count in counts.items() if count
    ]
    click.echo(f"{_counted(policies, 'document')} checked: {', '.join(parts) or 'nothing found'}", err=True)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
