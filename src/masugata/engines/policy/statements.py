"""Statements and policies, compiled when they are first asked."""

from collections.abc import Mapping
from typing import Any

from masugata.engines.policy.actions import Actions
from masugata.engines.policy.arns import Target
from masugata.engines.policy.conditions import Condition
from masugata.engines.policy.document import RawStatement, read_document
from masugata.engines.policy.principals import Match, Principal, Principals
from masugata.engines.policy.resources import Resources
from masugata.engines.policy.types import PRINCIPAL_TYPES, PolicyType
from masugata.engines.policy.variables import Context

_GUARDRAILS = frozenset({PolicyType.RCP, PolicyType.VPCE})


class Statement:
    """One statement. Its actions are compiled at once, for the index; the rest when it is first reached."""

    __slots__ = (
        "_always", "_conditions", "_everywhere", "_principals", "_resources", "actions", "allow",
        "index", "policy", "problem", "raw", "sid", "type", "variables",
    )  # fmt: skip

    def __init__(
        self,
        raw: RawStatement,
        index: int,
        policy: str,
        policy_type: PolicyType,
        *,
        variables: bool,
    ) -> None:
        self.allow = raw.allow
        self.sid = raw.sid
        self.index = index
        self.policy = policy
        self.type = policy_type
        self.problem: str | None = None
        if raw.principal is not None and policy_type not in PRINCIPAL_TYPES:
            self.problem = f"a policy of type `{policy_type}` must not name a principal"
        # A missing or empty list reads as one empty entry, which cannot be read.
        self.actions = Actions(raw.actions or ("",), negated=raw.negated_action, allow=raw.allow)
        # Whether the statement is known to apply to every resource under all conditions.
        self._always = False
        self._everywhere = False
        self.raw = raw
        self.variables = variables
        self._resources: Resources | None = None
        self._conditions: tuple[Condition, ...] | None = None
        self._principals: Principals | None = None

    @property
    def resource_values(self) -> tuple[str, ...]:
        """The entries of Resource or NotResource; a trust policy's statements speak of their role alone."""
        values = self.raw.resources
        if values is None and self.type is PolicyType.TRUST:
            return ("*",)
        return values or ("",)

    @property
    def resources(self) -> Resources:
        """The Resource or NotResource element."""
        if self._resources is None:
            raw = self.raw
            self._resources = Resources(
                self.resource_values,
                self.type,
                negated=raw.negated_resource,
                allow=raw.allow,
                variables=self.variables,
            )
            self._everywhere = self._resources.always and not raw.negated_resource
            self._always = self._everywhere and not raw.conditions
        return self._resources

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The tests of the Condition element, all of which must hold."""
        if self._conditions is None:
            self._conditions = tuple(
                Condition(operator, key, values, variables=self.variables, allow=self.allow)
                for operator, key, values in self.raw.conditions
            )
        return self._conditions

    @property
    def principals(self) -> Principals | None:
        """The Principal or NotPrincipal element, or None if there is none."""
        if self._principals is None and self.raw.principal is not None:
            raw = self.raw
            self._principals = Principals(raw.principal, negated=raw.negated_principal, allow=raw.allow)
        return self._principals

    @property
    def unconditional(self) -> bool:
        """Whether it applies to every resource, under all conditions and whoever asks."""
        _ = self._resources or self.resources  # which finds out whether it is always
        if not self._always:
            return False
        if self.type not in PRINCIPAL_TYPES:
            return True
        return self.principals is not None and self.principals.everyone

    def applies(self, target: Target, context: Context) -> bool:
        """Whether resource and conditions match; action and principal are matched before."""
        if self._always:
            return True
        if not (self._everywhere or (self._resources or self.resources).matches(target, context)):
            return False
        for condition in self.conditions if self._conditions is None else self._conditions:
            if not condition.matches(context):
                return False
        return True

    def match_principal(self, principal: Principal, *, bounded: bool) -> Match | None:
        """How the statement names the caller.

        A statement of a resource or trust policy that names nobody matches nobody. In endpoint and
        resource control policies, which must name somebody, a Deny without Principal matches everyone.
        """
        principals = self._principals or self.principals
        if principals is not None:
            return principals.match(principal, bounded=bounded)
        return Match.ANYONE if self.type in _GUARDRAILS and not self.allow else None


class Policy:
    """A compiled policy; `source` is the ARN or name that decisions and explanations show."""

    __slots__ = ("source", "statements", "type")

    def __init__(self, source: str, type: PolicyType, statements: tuple[Statement, ...]) -> None:  # noqa: A002
        self.source = source
        self.type = type
        self.statements = statements

    def __repr__(self) -> str:
        return f"<Policy {self.type} {self.source}: {len(self.statements)} statements>"


def compile_policy(
    document: str | bytes | Mapping[str, Any],
    type: PolicyType,  # noqa: A002 - the word the field has for it
    source: str,
) -> Policy:
    """Compile a policy document for evaluation.

    `source` is the ARN or name to show. The structure must be sound (see `validate_policy` for the
    full grammar); raises `MalformedPolicyError`. Inside a sound structure, whatever cannot be
    understood (an unknown condition operator, a malformed action, resource, principal or value) never
    lets an Allow statement match and never keeps a Deny statement from matching; `explain` names it.
    """
    parsed = read_document(document, type)
    variables = parsed.version == "2012-10-17"
    statements = (
        Statement(raw, index, source, type, variables=variables)
        for index, raw in enumerate(parsed.statements)
    )
    return Policy(source, type, tuple(statements))
