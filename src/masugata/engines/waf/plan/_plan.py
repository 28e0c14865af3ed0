"""A compiled web ACL: which rules may match is found out first, then they are asked in order."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import Action, Decision, RuleMatch
from masugata.engines.waf.environment import Environment, TokenState
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.plan._actions import Act, Headers
from masugata.engines.waf.plan._rule import CompiledRule, Group
from masugata.engines.waf.plan._token import token_state
from masugata.engines.waf.request import WebRequest
from masugata.engines.waf.statements import Lookup, SourceLookup, look_together

MOST_LABELS = 100
"""Labels of one request; more are not added."""


class Stage(msgspec.Struct, frozen=True):
    """Rules up to `end`, as bits in `window`, and what tells which of them may match.

    That is `lookups` in fields, and `sources`, the parts of the request that are looked at together.
    """

    end: int
    window: int
    lookups: tuple[Lookup, ...]
    sources: tuple[SourceLookup, ...]


class Asked(msgspec.Struct, frozen=True):
    """A rule that was asked; `matched` is None where it does not apply.

    `reached` is False for one that comes after the end, or in a group that is skipped: it was asked all the
    same. `match` is what it does when it matches; for the scope-down statement of a group that is nothing.
    """

    match: RuleMatch
    matched: bool | None
    reached: bool


class Plan:
    """What a web ACL does with requests; may be shared by threads."""

    def __init__(
        self,
        *,
        rules: tuple[CompiledRule, ...],
        stages: tuple[Stage, ...],
        lookups: int,
        always: int,
        default: Act,
        body_limit: int,
    ) -> None:
        """`always` has a bit for every rule that may match whatever the lookups find."""
        self._rules = rules
        self._stages = stages
        self._lookups = lookups
        self._always = always
        self._default = default
        self._body_limit = body_limit
        self._clean = _decision(default)

    def evaluate(self, request: WebRequest, environment: Environment, now: datetime) -> Decision:
        """Ask the rules by priority until one ends it."""
        parsed = ParsedRequest(request, self._body_limit)
        context = Context(parsed, environment, now, self._lookups, self._always)
        run = _Run(context)
        rules = self._rules
        fired = context.fired
        position = 0
        for stage in self._stages:
            if stage.end <= position:
                continue
            if stage.sources:
                look_together(context, stage.sources)
            for lookup in stage.lookups:
                if fired[lookup.index] is None:
                    lookup.fired(context)
            rest = context.candidates & stage.window & (-1 << position)
            while rest:
                lowest = rest & -rest
                rest ^= lowest
                rule = rules[lowest.bit_length() - 1]
                context.doubted = False
                matched = rule.matches(context)
                if not matched and rule.plain:
                    continue
                skip = run.go(rule, matched=bool(matched))
                if run.ended is not None:
                    return run.ended
                if skip:
                    position = skip
                    rest &= -1 << skip
        return run.decision(self._default, None) if run.changed() else self._clean

    def trace(self, request: WebRequest, environment: Environment, now: datetime) -> tuple[Asked, ...]:
        """Ask every rule, in order, for who wants to know why; `evaluate` decides the same and is fast.

        Rules that are not reached see the labels, and count in the rates, as if they were next.
        """
        context = Context(
            ParsedRequest(request, self._body_limit), environment, now, self._lookups, self._always
        )
        for stage in self._stages:
            look_together(context, stage.sources)
            for lookup in stage.lookups:
                lookup.fired(context)
        run = _Run(context)
        asked: list[Asked] = []
        position = 0
        for index, rule in enumerate(self._rules):
            reached = run.ended is None and index >= position
            # What `evaluate` does not ask may not spend what others are asked with.
            beside = context if reached and rule.act is not None else context.aside()
            context.doubted = False
            matched: bool | None = False
            if not reached or context.candidates >> index & 1:
                matched = rule.matches(context if reached else beside)
                if reached and run.withholds(rule):
                    matched = False
            match = _match(rule, beside, rule.shown, rule.overridden, None, matched=bool(matched))
            asked.append(Asked(match, matched, reached))
            if reached:
                position = run.go(rule, matched=bool(matched)) or position
        return tuple(asked)


class _Run:
    """What one evaluation has come to."""

    __slots__ = ("context", "counted", "ended", "inserted", "unsure")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.counted: list[RuleMatch] = []
        self.inserted: dict[str, str] = {}
        self.ended: Decision | None = None
        self.unsure: Group | None = None
        """A group of which nobody knows whether its rules are to be asked."""

    def go(self, rule: CompiledRule, *, matched: bool) -> int:
        """Do what the rule says; the rule to go on with if it is not the next, else 0."""
        context = self.context
        rule.locate(context)
        act = rule.act
        if act is None:
            if matched and context.doubted:
                self.unsure = rule.group
            return rule.group.end if rule.group is not None and not matched else 0
        if not matched or self.withholds(rule):
            return 0
        context.doubted = context.doubted or self._is_unsure(rule)
        self._label(rule.labels)
        if act.kind == "COUNT":
            self._go_on(rule, act.inserted, rule.shown, rule.overridden)
            return 0
        state: TokenState | None = None
        if act.kind in {"CAPTCHA", "CHALLENGE"}:
            state = token_state(context, act.kind, act.immunity)
            if state == "VALID":
                self._go_on(rule, act.inserted, rule.shown, rule.overridden, state)
                return 0
        group = rule.group
        if group is not None and group.counts:
            self._go_on(rule, (), "COUNT", act.kind, state)
            return group.end
        self.ended = self.decision(act, _match(rule, context, rule.shown, rule.overridden, state))
        return 0

    def withholds(self, rule: CompiledRule) -> bool:
        """Whether what the rule would allow is not allowed, for its group may not be asked at all."""
        act, group = rule.act, rule.group
        return (
            act is not None and act.kind == "ALLOW" and self._is_unsure(rule) and not (group and group.counts)
        )

    def _is_unsure(self, rule: CompiledRule) -> bool:
        return rule.group is not None and rule.group is self.unsure

    def decision(self, act: Act, terminating: RuleMatch | None) -> Decision:
        """What ends it."""
        context = self.context
        return _decision(act, terminating, self.counted, context.labels, self.inserted, context.oversize)

    def changed(self) -> bool:
        """Whether there is anything to tell but the default action."""
        return bool(self.counted or self.inserted or self.context.labels or self.context.oversize)

    def _label(self, labels: tuple[str, ...]) -> None:
        context = self.context
        known = context.labels
        for label in labels:
            if context.doubted and label not in known:
                context.doubtful.add(label)
            elif not context.doubted:
                context.doubtful.discard(label)
            if len(known) < MOST_LABELS:
                known[label] = None

    def _go_on(
        self,
        rule: CompiledRule,
        inserted: Headers,
        shown: str,
        overridden: str | None,
        state: TokenState | None = None,
    ) -> None:
        self.inserted.update(inserted)
        self.counted.append(_match(rule, self.context, shown, overridden, state))


def _decision(
    act: Act,
    terminating: RuleMatch | None = None,
    counted: Iterable[RuleMatch] = (),
    labels: Iterable[str] = (),
    inserted: Mapping[str, str] = MappingProxyType({}),
    oversize: Iterable[str] = (),
) -> Decision:
    kind: Action = act.kind if act.kind != "COUNT" else "ALLOW"
    return Decision(
        kind,
        terminating,
        tuple(counted),
        tuple(labels),
        tuple({**inserted, **dict(act.inserted)}.items()) if kind == "ALLOW" else (),
        act.response,
        tuple(oversize),
    )


def _match(
    rule: CompiledRule,
    context: Context,
    shown: str,
    overridden: str | None,
    state: TokenState | None,
    *,
    matched: bool = True,
) -> RuleMatch:
    group = rule.group.name if rule.group is not None else None
    details = rule.details(context) if matched else ()
    return RuleMatch(rule.name, shown, group, rule.name_in_group, overridden, details, state)
