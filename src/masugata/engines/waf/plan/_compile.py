"""From a ruleset to a plan."""

from collections.abc import Iterable, Mapping

from masugata.engines.waf.definitions import Rule, Ruleset
from masugata.engines.waf.detectors import Detector
from masugata.engines.waf.managed import ManagedGroups
from masugata.engines.waf.matching import Databases, Engine, choose_engine
from masugata.engines.waf.plan._actions import Immunities, compile_action, immunities
from masugata.engines.waf.plan._groups import GROUPS, compile_rule_group
from masugata.engines.waf.plan._plan import Plan, Stage
from masugata.engines.waf.plan._rule import CompiledRule
from masugata.engines.waf.plan._rules import compile_matcher, in_order
from masugata.engines.waf.statements import BUILT_IN, Lookup, Lookups, Scope, SourceLookup, the_one
from masugata.engines.waf.token_domains import check_token_domain


def compile_plan(
    ruleset: Ruleset,
    *,
    managed: ManagedGroups,
    databases: Databases,
    engine: Engine | None = None,
    detectors: Mapping[str, Detector] = BUILT_IN,
) -> Plan:
    """Compile a web ACL with all that it refers to.

    Raises RulesetError, which names the rule, for whatever is missing, refused or not understood.
    `detectors` are what SqliMatch and XssMatch statements ask, by family.
    """
    acl = ruleset.web_acl
    scope = Scope(
        where=acl.name,
        rate=acl.arn,
        label_namespace=acl.label_namespace,
        lookups=Lookups(),
        ip_sets=ruleset.ip_sets,
        regex_pattern_sets=ruleset.regex_pattern_sets,
        detectors=detectors,
    )
    _check_token_domains(acl.token_domains, scope)
    immunity = immunities(acl, Immunities())
    rules: list[CompiledRule] = []
    ends: list[int] = []
    for rule in in_order(acl.rules, acl.name):
        rules += _compile_rule(rule, ruleset, managed, scope, immunity, len(rules))
        ends.append(len(rules))
    _seal(rules, scope.lookups, engine or choose_engine(), databases)
    return Plan(
        rules=tuple(rules),
        stages=_stages(rules, ends),
        lookups=len(scope.lookups.all),
        always=sum(1 << number for number, rule in enumerate(rules) if rule.triggers is None),
        default=compile_action(acl.default_action, acl.custom_response_bodies, immunity, acl.name),
        body_limit=ruleset.body_limit,
    )


def _check_token_domains(domains: Iterable[str], scope: Scope) -> None:
    """Whoever makes tokens refuses such domains: a plan that asks for them would be taken by nobody."""
    for domain in domains:
        try:
            check_token_domain(domain)
        except ValueError as error:
            raise scope.error(f"`TokenDomains`: {error}") from None


def _compile_rule(
    rule: Rule, ruleset: Ruleset, managed: ManagedGroups, scope: Scope, immunity: Immunities, start: int
) -> list[CompiledRule]:
    """The rule, or all of its group."""
    acl = ruleset.web_acl
    scope = scope.within(rule.name)
    name, statement = the_one(rule.statement, scope)
    if name in GROUPS:
        return compile_rule_group(statement, rule, ruleset, managed, scope, immunity, start)
    if rule.action is None or rule.override_action is not None:
        raise scope.error("a rule needs `Action`, and `OverrideAction` only if it refers to a rule group")
    act = compile_action(rule.action, acl.custom_response_bodies, immunities(rule, immunity), scope.where)
    return [
        CompiledRule.of(
            rule.name,
            compile_matcher(rule.statement, scope.doubting(doubt=act.kind != "ALLOW"), rule.action),
            act,
            act.kind,
            labels=tuple(acl.label_namespace + label.name for label in rule.rule_labels),
        )
    ]


def _seal(rules: list[CompiledRule], lookups: Lookups, engine: Engine, databases: Databases) -> None:
    """Compile the patterns of all rules together, and tell each pattern its rules."""
    masks: dict[Lookup, dict[int, int]] = {lookup: {} for lookup in lookups.all}
    for number, rule in enumerate(rules):
        for lookup, pattern in rule.triggers or ():
            masks[lookup][pattern] = masks[lookup].get(pattern, 0) | 1 << number
    once = _Once(databases)
    for lookup in lookups.all:
        lookup.seal(engine, once, masks[lookup])


class _Once:
    """What one part of the request was compiled for is not compiled again for the next."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._known: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._known.get(key) or self._databases.get(key)

    def put(self, key: str, value: bytes) -> None:
        self._known[key] = value
        self._databases.put(key, value)


def _stages(rules: list[CompiledRule], ends: list[int]) -> tuple[Stage, ...]:
    """A stage begins with the first rule of the web ACL that needs what no rule before needs."""
    stages: list[Stage] = []
    start = 0
    known: set[Lookup] = set()
    begin = 0
    for end in ends:
        needed = {lookup for rule in rules[start:end] for lookup, _ in rule.triggers or ()}
        if start > begin and not needed <= known:
            stages.append(_stage(rules, begin, start))
            begin = start
        known |= needed
        start = end
    if begin < start:
        stages.append(_stage(rules, begin, start))
    return tuple(stages)


def _stage(rules: list[CompiledRule], begin: int, end: int) -> Stage:
    needed = {lookup for rule in rules[begin:end] for lookup, _ in rule.triggers or ()}
    lookups = sorted(needed, key=lambda lookup: lookup.index)
    return Stage(
        end,
        (1 << end) - (1 << begin),
        tuple(lookup for lookup in lookups if not isinstance(lookup, SourceLookup)),
        tuple(lookup for lookup in lookups if isinstance(lookup, SourceLookup)),
    )
