"""`masugata waf explain`: why a web ACL does with a request what it does."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import click
import orjson

from masugata.cli._options import json_option
from masugata.cli._waf_options import AclOptions, acl_options, ruleset_from
from masugata.cli._waf_running import DEFAULT, rule_name
from masugata.cli._waf_telling import detail_text, printable, untested
from masugata.pattern_cache import user_cache

_EXAMPLES = """\b
Examples:
  masugata waf explain 'https://shop.example/search?q=%27+or+1=1--+'
  masugata waf explain --web-acl shop.json --all request.http
  masugata waf explain '{"method": "POST", "uri": "/", "headers": [["host", "shop.example"]], "body": "a=1"}'
"""


@click.command("explain", epilog=_EXAMPLES)
@click.argument("request_text", metavar="REQUEST")
@acl_options
@click.option("--all", "everything", is_flag=True, help="Show every rule that did not match, and why not.")
@json_option
@click.pass_context
def explain_command(
    ctx: click.Context, /, request_text: str, everything: bool, as_json: bool, **acl: Any
) -> None:
    """Say rule by rule what a web ACL does with one request, and why.

    REQUEST is a JSON record as in `waf test`, a URL (asked for as curl asks), or a file with a record or an
    HTTP message as it stands on the wire; `-` is standard input. Rules after the one that decided are asked
    all the same. Exit status: 0 the request goes through, 1 it does not, 2 it cannot be told.
    """
    from masugata.cli._waf_explaining import explain  # noqa: PLC0415
    from masugata.cli._waf_one_request import request_from  # noqa: PLC0415

    options = AclOptions(**acl)
    ruleset = ruleset_from(options)
    found = explain(ruleset, request_from(request_text), options.cache or user_cache())
    notes = untested(ruleset).texts
    if as_json:
        click.echo(orjson.dumps(_to_dict(found) | {"notes": notes}))
    else:
        click.echo("\n".join([*_lines(found, everything=everything), *(f"note: {note}" for note in notes)]))
    ctx.exit(0 if found.decision.action == "ALLOW" else 1)


def _to_dict(found: Any) -> dict[str, Any]:
    decision = found.decision
    steps = [
        {
            "rule": step.rule,
            "action": step.action,
            "outcome": step.outcome,
            "reached": step.reached,
            **({"overridden": step.overridden} if step.overridden else {}),
            "details": [
                {"condition": d.condition, "location": d.location, "matchedData": d.matched_data}
                for d in step.details
            ],
            "parts": [
                {"text": part.text, "outcome": part.outcome, "lookedAt": part.looked_at}
                for part in step.parts
            ],
        }
        for step in found.steps
    ]
    return {
        "action": decision.action,
        "rule": rule_name(decision.terminating) if decision.terminating else DEFAULT,
        "labels": decision.labels,
        "capacity": found.capacity,
        "oversize": decision.oversize,
        "responseCode": decision.response.status if decision.response else None,
        "steps": steps,
    }


def _lines(found: Any, *, everything: bool) -> Iterator[str]:
    request, decision = found.case.request, found.decision
    query = b"?" + request.query_string if request.query_string else b""
    target = (request.method + b" " + request.uri_path + query).decode("latin-1")
    yield f"{printable(target)} from {request.source_ip}"
    yield f"  {len(request.headers)} headers, a body of {len(request.body)} bytes"
    for group, several in groupby(found.steps, key=_group_without_match):
        steps = list(several)
        if group and not everything and len(steps) > 1:
            yield f"○ {group}: {len(steps)} rules did not match"
            continue
        for step in steps:
            yield from _step_lines(step, everything=everything)
    for name in decision.oversize:
        yield f"too large to be looked at whole: {name}"
    if decision.labels:
        yield f"labels: {', '.join(decision.labels)}"
    yield f"capacity of the web ACL: {found.capacity} WCU"
    ended = decision.terminating
    why = (
        f"the rule {rule_name(ended)} matched"
        if ended
        else "no rule ended it, and this is the default action"
    )
    status = f", answered with {decision.response.status}" if decision.response else ""
    word = click.style(decision.action, fg="green" if decision.action == "ALLOW" else "red")
    yield f"{word}: {why}{status}"


def _group_without_match(step: Any) -> str:
    """The rule that refers to the group, if the step is one of the group's that did not match."""
    return "" if step.outcome == "matched" else step.rule.rpartition("/")[0]


def _step_lines(step: Any, *, everything: bool) -> Iterator[str]:
    matched = step.outcome == "matched"
    mark = click.style("●", fg="red") if matched else "○"
    late = "" if step.reached else ", but it was not reached"
    if not step.action:
        did = "; the rules of the group are asked" if matched else "; the rules of the group are not asked"
        yield f"{mark} {step.rule}: its scope-down statement {step.outcome}{did}{late}"
    else:
        does = f": {step.action}" if matched else ""
        over = f" instead of {step.overridden}" if matched and step.overridden else ""
        yield f"{mark} {step.rule} {step.outcome}{does}{over}{late}"
    if not matched and not everything:
        return
    for part in step.parts:
        if part.idle and not everything:
            continue
        yield f"    {part.outcome}: {printable(part.text)}"
        yield from (f"      looked at `{printable(text)}`" for text in part.looked_at)
    yield from (f"    found {detail_text(detail)}" for detail in step.details)
