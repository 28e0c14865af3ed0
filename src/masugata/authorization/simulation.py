"""A request that nobody made, judged as if somebody had: by the engine that judges real ones.

Beside the decision it says which statements made it, where they stand in their policies, and which
condition keys they asked for in vain.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from masugata.authorization.levels import LevelTargets
from masugata.engines.policy import (
    Explanation,
    Policies,
    Policy,
    PolicySet,
    PolicyType,
    Request,
    compile_policy,
    explain,
)
from masugata.engines.policy.context_keys import has_variables, statement_keys, variable_keys
from masugata.engines.policy.document import Document, read_document
from masugata.engines.policy.explain import LevelReport, StatementReport
from masugata.engines.policy.positions import Span, statement_spans

RESOURCE_TYPES = frozenset({PolicyType.RESOURCE, PolicyType.TRUST})


@dataclass(frozen=True)
class PolicyText:
    """A policy as it is written; `source` is the name that it goes by, unique in one simulation."""

    source: str
    text: str
    type: PolicyType

    @cached_property
    def compiled(self) -> Policy:
        """The policy, compiled; raises `MalformedPolicyError`."""
        return compile_policy(self.text, self.type, self.source)

    @cached_property
    def document(self) -> Document:
        """The statements as they are written."""
        return read_document(self.text, self.type)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Where each statement stands."""
        return statement_spans(self.text)


@dataclass(frozen=True)
class MatchedStatement:
    """A statement that made a decision, and where it stands.

    `target` is what its policy is attached to, for those of organizations.
    """

    policy: PolicyText
    report: StatementReport
    level: PolicyType
    target: str = ""

    @property
    def span(self) -> Span:
        """Its place in the text of its policy."""
        return self.policy.spans[self.report.statement]


@dataclass(frozen=True)
class Simulated:
    """A judged request: `matched` are the statements that made the decision, in the order of evaluation.

    `missing` are the condition keys that identity and resource policies asked for and the request lacks.
    """

    request: Request
    explanation: Explanation
    matched: tuple[MatchedStatement, ...]
    missing: tuple[str, ...]

    @property
    def decision(self) -> str:
        """`allowed`, `explicitDeny` or `implicitDeny`."""
        decision = self.explanation.decision
        if decision.allowed:
            return "allowed"
        return "explicitDeny" if decision.explicit else "implicitDeny"

    def levels(self, *types: PolicyType) -> list[LevelReport]:
        """What the levels of these types say."""
        return [level for level in self.explanation.levels if level.type in types]


@dataclass(frozen=True)
class Simulation:
    """Policies that are asked about many requests.

    `texts` has the text of each policy by its source; what a policy has no text for has no place either.
    `targets` says what its levels of control policies are attached to.
    """

    policies: Policies
    texts: Mapping[str, PolicyText] = field(default_factory=dict)
    targets: LevelTargets = field(default_factory=dict)

    def run(self, request: Request) -> Simulated:
        """Judge one request; raises what `decide` raises."""
        explanation = explain(self.policies, request, self.targets)
        return Simulated(
            request=request,
            explanation=explanation,
            matched=tuple(self._matched(explanation)),
            missing=tuple(self._missing(explanation, request)),
        )

    def _matched(self, explanation: Explanation) -> Iterable[MatchedStatement]:
        """The Deny statements of an explicit denial, the Allow statements behind an allow."""
        decision = explanation.decision
        effect = "Deny" if decision.explicit else "Allow"
        if not decision.allowed and not decision.explicit:
            return
        for level in explanation.levels:
            for report in level.statements:
                if report.matched and report.effect == effect and report.policy in self.texts:
                    yield MatchedStatement(self.texts[report.policy], report, level.type, level.target)

    def _missing(self, explanation: Explanation, request: Request) -> Iterable[str]:
        """Keys of statements that speak of this action and may speak of this resource."""
        given = {key.lower() for key in request.context}
        found: dict[str, str] = {}
        for level in explanation.levels:
            if level.type is not PolicyType.IDENTITY and level.type not in RESOURCE_TYPES:
                continue
            for report in level.statements:
                for key in self._keys(report):
                    if key.lower() not in given:
                        found.setdefault(key.lower(), key)
        return found.values()

    def _keys(self, report: StatementReport) -> Iterable[str]:
        text = self.texts.get(report.policy)
        if text is None or report.failing in ("Action", "Principal"):
            return ()
        statement = text.document.statements[report.statement]
        variables = has_variables(text.document)
        if report.failing == "Resource":
            templates = statement.resources or () if variables else ()
            if not any(True for template in templates for _ in variable_keys(template)):
                return ()
        return statement_keys(statement, variables=variables)


def set_of(type_: PolicyType, texts: Sequence[PolicyText]) -> PolicySet:
    """The policies as one set; raises `MalformedPolicyError`."""
    return PolicySet(type_, [text.compiled for text in texts])
