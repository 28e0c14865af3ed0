"""The decision: which policies must allow, and what one that denies overrules.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from typing import Final

from masugata.engines.policy.arns import Target
from masugata.engines.policy.conditions import normalize_context
from masugata.engines.policy.decision import Decision, Policies, Request
from masugata.engines.policy.exemptions import binding_rcps, binding_scps, owner
from masugata.engines.policy.grants import NO_GRANT, Grant, KeyGrant, with_key_grants
from masugata.engines.policy.levels import levels
from masugata.engines.policy.principals import Match, Principal
from masugata.engines.policy.reserved import reserved
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.variables import Context

ALWAYS_ALLOWED: Final = "sts:getcalleridentity"
# What a session is given beside the role must be allowed by both sides, even to a caller that is trusted
# by name: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
BOTH_SIDES: Final = frozenset({"sts:setsourceidentity", "sts:tagsession"})
_IMPLICIT: Final = {level: Decision(False, False, level, None, None, None) for level in PolicyType}
_EXEMPT: Final = Decision(True, False, None, None, None, None)
_ROOT: Final = Decision(True, False, PolicyType.IDENTITY, None, None, None)


def decide(policies: Policies, request: Request) -> Decision:
    """Decide one request.

    An explicit Deny anywhere is final. Otherwise every level of SCPs and RCPs, the endpoint policy,
    identity and resource policies, boundary and session policy must allow as far as they apply; the
    first that does not is the decision's `level`. Raises TypeError for a context value that is neither
    text nor a sequence of texts.
    """
    action = request.action.lower()
    if action == ALWAYS_ALLOWED and request.principal.kind != "anonymous":
        return _EXEMPT
    return _Evaluation(policies, request, action).decide()


class _Evaluation:
    """One decision under way."""

    __slots__ = (
        "action", "context", "external", "policies", "principal", "rcp", "request", "resource_type", "scp",
        "target",
    )  # fmt: skip

    def __init__(self, policies: Policies, request: Request, action: str) -> None:
        self.policies = policies
        self.request = request
        self.principal: Principal = request.principal
        self.external = request.principal.external
        self.resource_type = policies.kind_of_resource_policy
        self.action = action
        self.target = Target(request.resource)
        self.context: Context = normalize_context(request.context)
        self.scp = levels(binding_scps(policies, request))
        self.rcp = levels(binding_rcps(policies, request, self.target))

    def decide(self) -> Decision:
        denied = self._explicit_deny()
        if denied is not None:
            return denied
        if (why := reserved(self.action, self.target)) is not None:
            return Decision(False, False, None, None, None, None, reserved=why)
        level = self._missing_guardrail()
        if level is not None:
            return _IMPLICIT[level]
        policies = self.policies
        grant = NO_GRANT
        if policies.resource is not None:
            grant = policies.resource.grant_to(self.principal, self.action, self.target, self.context)
        if policies.key_grants and is_key(self.target):
            grant = with_key_grants(grant, policies.key_grants, self.principal, self.action)
        if self.external:
            return self._by_resource_policy_alone(grant)
        return self._by_both(grant)

    def _explicit_deny(self) -> Decision | None:
        policies, action, target, context = self.policies, self.action, self.target, self.context
        principal, bounded = self.principal, policies.boundary is not None
        scp, rcp = self.scp, None if self.rcp is None else self.rcp.all
        if scp is not None and (statement := scp.all.deny(action, target, context)) is not None:
            return _explicit(PolicyType.SCP, statement)
        for level, named in (
            (PolicyType.RCP, rcp),
            (PolicyType.VPCE, policies.vpce),
            (self.resource_type, policies.resource),
        ):
            if named is None:
                continue
            if (statement := named.deny_to(principal, action, target, context, bounded=bounded)) is not None:
                return _explicit(level, statement)
        for level, own in (
            (PolicyType.IDENTITY, policies.identity),
            (PolicyType.BOUNDARY, policies.boundary),
            (PolicyType.SESSION, policies.session),
        ):
            if own is not None and (statement := own.deny(action, target, context)) is not None:
                return _explicit(level, statement)
        return None

    def _missing_guardrail(self) -> PolicyType | None:
        """The first of SCPs, RCPs and endpoint policy that does not allow."""
        policies, action, target, context = self.policies, self.action, self.target, self.context
        for policy_set in () if self.scp is None else self.scp.limiting(action):
            if policy_set.allow(action, target, context) is None:
                return PolicyType.SCP
        for policy_set in () if self.rcp is None else self.rcp.limiting(action):
            if policy_set.grant_to(self.principal, action, target, context) is NO_GRANT:
                return PolicyType.RCP
        if (
            policies.vpce is not None
            and policies.vpce.grant_to(self.principal, action, target, context) is NO_GRANT
        ):
            return PolicyType.VPCE
        return None

    def _by_resource_policy_alone(self, grant: Grant) -> Decision:
        """Services, identity providers and anonymous callers have no identity policies."""
        if grant.source is None:
            return _IMPLICIT[self.resource_type]
        return _allowed(self.resource_type, grant.source)

    def _by_both(self, grant: Grant) -> Decision:
        policies, action, target, context = self.policies, self.action, self.target, self.context
        allowing = None
        if policies.identity is not None:
            allowing = policies.identity.allow(action, target, context)
        identity_allows = allowing is not None or self.principal.kind == "root"
        by_identity = identity_allows and (grant.account is not None or not self._must_delegate())
        both_sides = self._needs_both_sides()
        if both_sides:
            if not identity_allows:
                return _IMPLICIT[PolicyType.IDENTITY]
            if grant is NO_GRANT:
                return _IMPLICIT[self.resource_type]
        elif not by_identity and grant.match is None:
            return _IMPLICIT[self._missing_grant(grant, identity_allows=identity_allows)]
        # A grant to the caller itself, or to everyone, is not limited by what the caller carries; one to
        # the role or user behind a session is. Who is confined, as root is to its task, never leaves it.
        confined = self.principal.confined or self.principal.kind == "root"
        direct = grant.match in (Match.CALLER, Match.ANYONE) and not confined
        limits = ((PolicyType.BOUNDARY, policies.boundary), (PolicyType.SESSION, policies.session))
        for level, limit in limits if both_sides or not direct else ():
            if limit is not None and limit.allow(action, target, context) is None:
                return _IMPLICIT[level]
        if both_sides or by_identity:
            return _ROOT if allowing is None else _allowed(PolicyType.IDENTITY, allowing)
        assert grant.source is not None  # noqa: S101 - grant.match is not None
        return _allowed(self.resource_type, grant.source)

    def _missing_grant(self, grant: Grant, *, identity_allows: bool) -> PolicyType:
        """What a caller of the same account lacks.

        A role that exists and trusts the account must look like one that does not exist to those
        whose identity policies allow neither.
        """
        if grant.account is not None or not self._must_delegate():
            return PolicyType.IDENTITY
        if self.resource_type is PolicyType.TRUST and not identity_allows:
            return PolicyType.IDENTITY
        return self.resource_type

    def _needs_both_sides(self) -> bool:
        """Whether identity and resource policy must both allow: across accounts, and for what AWS says."""
        if self.resource_type is PolicyType.TRUST and self.action in BOTH_SIDES:
            return True
        account = self.principal.account
        return account == "" or owner(self.request, self.target) != account

    def _must_delegate(self) -> bool:
        """Whether identity policies count only where the resource policy names the account.

        So it is for roles to be assumed and for KMS keys.
        """
        if self.resource_type is PolicyType.TRUST:
            return True
        return self.action.startswith("kms:") and is_key(self.target)


def is_key(target: Target) -> bool:
    """Whether the resource is a KMS key."""
    return target.resource.startswith("key/") and target.segments[2] == "kms"


def _explicit(level: PolicyType, statement: Statement) -> Decision:
    return Decision(False, True, level, statement.policy, statement.index, statement.sid)


def _allowed(level: PolicyType, source: Statement | KeyGrant) -> Decision:
    if isinstance(source, KeyGrant):
        return Decision(True, False, level, f"grant {source.id}", None, None)
    return Decision(True, False, level, source.policy, source.index, source.sid)
