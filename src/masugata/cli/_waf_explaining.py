"""Why a web ACL does with a request what it does, rule by rule and part by part."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from masugata.cli._waf_cases import Case
from masugata.cli._waf_default import managed_groups
from masugata.cli._waf_environment import offline_environment
from masugata.cli._waf_parts import MARK, compound, in_words, inspected_by, parts_of, with_parts
from masugata.engines.waf.capacity import capacity
from masugata.engines.waf.decision import Decision, MatchDetail
from masugata.engines.waf.decoding import layers
from masugata.engines.waf.definitions import Rule, Ruleset, Statement
from masugata.engines.waf.fields import compile_field
from masugata.engines.waf.managed import Detect, ManagedRule
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.plan import Asked, Plan, compile_plan
from masugata.engines.waf.statements import PARTS
from masugata.pattern_cache import PatternCache

Outcome = Literal["matched", "not matched", "does not apply"]
Key = tuple[str, str | None]
"""The name of a rule of the web ACL, and that of a rule in its group."""

MOST_VALUES = 50
"""Values that are shown of one part of a request."""
_OUTCOMES: Mapping[bool | None, Outcome] = {True: "matched", False: "not matched", None: "does not apply"}


class Part(msgspec.Struct, frozen=True):
    """A statement, or a detector in a part of the request; `looked_at` is what it saw, as text.

    `idle`: one of many that a rule asks, which found nothing.
    """

    text: str
    outcome: Outcome
    looked_at: tuple[str, ...] = ()
    idle: bool = False


class RuleStep(msgspec.Struct, frozen=True):
    """One rule. `action` is what it does if it matches; empty for the scope-down statement of a group."""

    rule: str
    action: str
    outcome: Outcome
    reached: bool
    overridden: str | None
    details: tuple[MatchDetail, ...]
    parts: tuple[Part, ...]


class Explanation(msgspec.Struct, frozen=True):
    """A decision with all that led to it."""

    case: Case
    decision: Decision
    capacity: int
    steps: tuple[RuleStep, ...]


def explain(ruleset: Ruleset, case: Case, cache: Path) -> Explanation:
    """Raises RulesetError and NoEngineError."""
    managed = managed_groups()
    databases = PatternCache(cache)
    plan = compile_plan(ruleset, managed=managed, databases=databases)
    expanded, with_their_parts = with_parts(ruleset, managed)
    apart = compile_plan(expanded, managed=with_their_parts, databases=databases)
    definitions = dict(_definitions(ruleset))
    parsed = ParsedRequest(case.request, ruleset.body_limit)
    asked, others = _ask(plan, case), _ask(apart, case)
    return Explanation(
        case=case,
        decision=_decide(plan, case),
        capacity=_capacity(ruleset),
        steps=tuple([_step(each, others, definitions, parsed) for each in asked.values()]),
    )


def _decide(plan: Plan, case: Case) -> Decision:
    environment, rates = offline_environment()
    rates.now = case.time
    return plan.evaluate(case.request, environment, case.time or datetime.now(UTC))


def _ask(plan: Plan, case: Case) -> dict[Key, Asked]:
    environment, rates = offline_environment()
    rates.now = case.time
    asked = plan.trace(case.request, environment, case.time or datetime.now(UTC))
    return {(each.match.rule, each.match.rule_in_group): each for each in asked}


def _capacity(ruleset: Ruleset) -> int:
    managed = managed_groups()
    own = {arn: capacity(group.rules, managed=managed) for arn, group in ruleset.rule_groups.items()}
    return capacity(ruleset.web_acl.rules, rule_groups=own, managed=managed)


def _definitions(ruleset: Ruleset) -> Iterator[tuple[Key, Statement | Detect]]:
    """What each rule asks."""
    managed = managed_groups()
    for rule in ruleset.web_acl.rules:
        own, bought = (
            rule.statement.rule_group_reference_statement,
            rule.statement.managed_rule_group_statement,
        )
        inner: tuple[Rule | ManagedRule, ...] = ()
        if own is not None:
            inner = ruleset.rule_groups[own.arn].rules
        elif bought is not None:
            group = managed[bought.vendor_name, bought.name, bought.version]
            configs = bought.managed_rule_group_configs
            inner = group.configure(configs) if configs and group.configure is not None else group.rules
            if bought.scope_down_statement is not None:
                yield (rule.name, None), bought.scope_down_statement
        else:
            yield (rule.name, None), rule.statement
        for each in inner:
            asks = each.statement or (each.detect if isinstance(each, ManagedRule) else None)
            if asks is not None:
                yield (rule.name, each.name), asks


def _step(
    asked: Asked,
    others: Mapping[Key, Asked],
    definitions: Mapping[Key, Statement | Detect],
    parsed: ParsedRequest,
) -> RuleStep:
    match = asked.match
    definition = definitions[match.rule, match.rule_in_group]
    if isinstance(definition, Detect):
        parts = tuple(_detected(definition, parsed))
    else:
        parts = tuple(_stated(definition, asked, others, parsed))
    return RuleStep(
        rule=match.rule if match.rule_in_group is None else f"{match.rule}/{match.rule_in_group}",
        action=match.action,
        outcome=_OUTCOMES[asked.matched],
        reached=asked.reached,
        overridden=match.overridden,
        details=match.details,
        parts=parts,
    )


def _stated(
    statement: Statement, asked: Asked, others: Mapping[Key, Asked], parsed: ParsedRequest
) -> Iterator[Part]:
    match = asked.match
    alone = not compound(statement)
    for number, part in enumerate(parts_of(statement)):
        name = f"{MARK}{number}"
        key = (
            (match.rule + name, None)
            if match.rule_in_group is None
            else (match.rule, match.rule_in_group + name)
        )
        found = asked if alone else others.get(key)
        if found is not None:
            yield Part(in_words(part), _OUTCOMES[found.matched], tuple(_looked_at(part, parsed)))


def _looked_at(statement: Statement, parsed: ParsedRequest) -> Iterator[str]:
    inspected = inspected_by(statement)
    if inspected is None:
        if statement.label_match_statement is None:
            yield parsed.request.source_ip
        return
    found = compile_field(inspected).values(parsed)
    if found.fallback is not None:
        yield "(nothing: the fallback decides)"
    for value in found.values[:MOST_VALUES]:
        yield _text(value)


def _detected(detect: Detect, parsed: ParsedRequest) -> Iterator[Part]:
    """Each detector in each part of the request, with every layer that was decoded on the way to a find."""
    for source in detect.sources:
        values = [(place, layers(value)) for place, value in PARTS[source].placed(parsed)]
        for detector in detect.detectors:
            best, where = None, ""
            seen: tuple[str, ...] = ()
            for place, decoded in values:
                for depth, layer in enumerate(decoded, 1):
                    found = detector.detect(layer, place)
                    if found is not None and (best is None or found.score > best.score):
                        best, where = found, place.value
                        seen = tuple(map(_text, decoded[:depth]))
            what = f"{detector.family} in {source.value}"
            if best is None:
                count = f"{len(values)} value{'' if len(values) == 1 else 's'}"
                yield Part(f"{what}: none in {count}", "not matched", idle=True)
                continue
            enough = best.score >= detect.minimum_score
            less = "" if enough else f", less than {detect.minimum_score}"
            text = f"{what}, {where}: {best.reason} (score {best.score}{less})"
            yield Part(text, _OUTCOMES[enough], seen)


def _text(value: bytes) -> str:
    return value.decode(errors="backslashreplace")
