"""Rules of SecLang as rules of AWS WAF, with the sets that they need and a list of what is not in them."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from masugata.cli._waf_seclang import SecLangError
from masugata.cli._waf_seclang_fields import Json
from masugata.cli._waf_seclang_rules import Left, SecRule
from masugata.cli._waf_seclang_statements import Sets, both, statement_of

LONGEST_LABEL = 1_024
# They say what is told of a match, and not what matches or is done.
_TOLD = frozenset(
    {
        "accuracy", "allow", "auditlog", "block", "capture", "chain", "deny", "drop", "id", "log", "logdata",
        "maturity", "msg", "noauditlog", "nolog", "pass", "phase", "rev", "sanitisearg", "sanitisematched",
        "sanitiserequestheader", "severity", "status", "t", "tag", "ver",
    }
)  # fmt: skip
_NO_LABEL = re.compile(r"[^0-9A-Za-z_:-]")
# https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-requirements.html
_RESERVED = frozenset({"awswaf", "aws", "waf", "rulegroup", "webacl", "regexpatternset", "ipset", "managed"})


class Imported(msgspec.Struct, frozen=True):
    """Input of Create calls without Scope; a rule group has no default action."""

    rules: tuple[Json, ...]
    sets: Sets
    left: tuple[Left, ...]


def to_rules(rules: Sequence[SecRule], left: Sequence[Left], scope: str) -> Imported:
    """All that can be said; what cannot is in `left`, by file and line."""
    sets = Sets(scope)
    said: dict[str, Json] = {}
    lacking = list(left)
    for rule in rules:
        if rule.id in said:
            lacking.append(_left(rule, "another rule has this id"))
            continue
        before = (len(sets.ip_sets), len(sets.regex_sets))
        notes: list[str] = []
        try:
            said[rule.id] = _rule(rule, len(said), sets, notes)
            lacking += [_left(rule, note) for note in dict.fromkeys(notes)]
        except SecLangError as error:
            del sets.ip_sets[before[0] :], sets.regex_sets[before[1] :]
            lacking.append(_left(rule, str(error)))
    lacking.sort(key=lambda each: (each.file, each.line))
    return Imported(tuple(said.values()), sets, tuple(lacking))


def _left(rule: SecRule, reason: str) -> Left:
    return Left(rule.file, rule.line, rule.what, reason)


def _rule(rule: SecRule, priority: int, sets: Sets, notes: list[str]) -> Json:
    if rule.phase > 2:
        raise SecLangError("AWS WAF looks at requests, and not at answers")
    for action in rule.actions:
        if action.name not in _TOLD:
            raise SecLangError(f"AWS WAF has no action like `{action.name[:40]}`")
    name = f"rule-{rule.id}"[:128]
    statements = []
    for test in rule.tests:
        found = statement_of(test, name, sets)
        statements.append(found.statement)
        notes += found.lacking
    labels = list(_labels(rule.values("tag"), notes))
    return {
        "Name": name,
        "Priority": priority,
        "Statement": both(statements),
        "Action": _action(rule, notes),
        **({"RuleLabels": labels} if labels else {}),
        "VisibilityConfig": visibility(name),
    }


def visibility(name: str) -> Json:
    """Sampled and counted under this name."""
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def _action(rule: SecRule, notes: list[str]) -> Json:
    match rule.disruptive:
        case "deny" | "block":
            return {"Block": _response(rule.values("status"))}
        case "drop":
            notes.append("approximately: the connection is not dropped, but answered with 403")
            return {"Block": {}}
        case "allow":
            said = rule.values("allow")[-1:]
            if said not in ([], [""], ["request"]):
                raise SecLangError(f"AWS WAF has no phases: `allow:{said[0][:40]}`")
            return {"Allow": {}}
        case _:
            return {"Count": {}}


def _response(statuses: Sequence[str]) -> Json:
    if not statuses or statuses[-1] == "403":
        return {}
    text = statuses[-1]
    if not (text.isascii() and text.isdigit() and len(text) == 3 and 200 <= int(text) <= 599):
        raise SecLangError(f"`status:{text[:40]}` is not from 200 to 599")
    return {"CustomResponse": {"ResponseCode": int(text)}}


def _labels(tags: Sequence[str], notes: list[str]) -> Iterator[Json]:
    """Tags, with `:` for `/`, and `_` for whatever else a label does not have."""
    seen: set[str] = set()
    for tag in tags:
        label = _NO_LABEL.sub("_", tag.replace("/", ":"))[:LONGEST_LABEL].strip(":")
        if not label or _RESERVED & set(label.lower().split(":")):
            notes.append(f"`tag:{tag[:60]}` cannot be a label")
        elif label not in seen:
            seen.add(label)
            yield {"Name": label}
