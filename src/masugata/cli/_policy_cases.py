"""Cases of the kind `decision`: policies, a request, and what should come of it.

A case that says what we do not know is an error, because a restriction that is skipped would pass
its test.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import msgspec

from masugata.cli._json_values import Located, UnreadableError
from masugata.cli._offline import decision_name, guardrails, policy_set, resource_policy_type, why
from masugata.cli._principals import principal_from
from masugata.engines.policy import (
    Decision,
    KeyGrant,
    Policies,
    PolicySet,
    PolicyType,
    Request,
    decide,
)
from masugata.errors import MasugataError

KIND = "decision"
_OTHER_KINDS = frozenset(
    {
        "discovery", "wildcard_resources", "operator", "condition", "conditions", "resource_match",
        "action_match", "principal_match",
    }
)  # fmt: skip
_LEVELS = {"pb": "boundary"}
_SHOWN = 300

Document = dict[str, Any]


class CaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The request of a case; nothing follows from `wildcard_only_action`, which the catalogue knows.

    `service_linked_role` says that the caller is a session of one, and `rcp_supported` is false for a
    service without RCPs or an AWS managed key: what the engine must be told, a case can tell.
    """

    action: str
    resource: str
    principal: str | None
    resource_account: str | None = None
    anonymous: bool = False
    context: dict[str, str | list[str]] = {}
    wildcard_only_action: bool = False
    service_linked_role: bool = False
    rcp_supported: bool = True


class CaseLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policies attached at one level of the organization."""

    level: str
    docs: list[Document]


class CaseGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grant of the KMS key that is asked for, whose constraints the request meets."""

    id: str
    grantee: str
    operations: list[str]


class CasePolicies(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The policies of a case; None, or an empty list, where no such policy applies."""

    identity: list[Document] | None = None
    session: list[Document] | None = None
    boundary: list[Document] | None = None
    resource: Document | None = None
    scp: list[CaseLevel] = []
    rcp: list[CaseLevel] = []
    vpce: list[Document] | None = None
    management_account: str = ""
    key_grants: list[CaseGrant] = []


class CaseExpectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What should be decided, and the types of policies one of which should deny, if that is said."""

    decision: str
    blocked_by: list[str] = []


class DecisionCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case; `source`, `flag` and `description` are for people."""

    kind: str
    request: CaseRequest
    policies: CasePolicies
    expect: CaseExpectation
    id: str = ""
    schema: Literal["masugata.case/1"] = "masugata.case/1"
    source: str = ""
    flag: str = ""
    description: str = ""
    rcp_full_access: bool = msgspec.field(default=True, name="rcpFullAccessImplicit")


class Result(msgspec.Struct, frozen=True):
    """How one case went: `got` is a decision, `error: …` or `skipped: …`."""

    id: str
    kind: str
    expected: str
    got: str
    ok: bool
    where: str = ""
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The line for programs."""
        return {
            "id": self.id,
            "kind": self.kind,
            "expected": self.expected,
            "got": self.got,
            "ok": self.ok,
        }


def check(located: Located) -> tuple[str, str]:
    """The kind and id of a value that is a case at all; raises `UnreadableError` for any other."""
    value, where = located
    if not isinstance(value, dict):
        raise UnreadableError(f"{where}: a case is a JSON object")
    kind, id_ = value.get("kind"), value.get("id", where)
    if not isinstance(kind, str) or not isinstance(id_, str):
        raise UnreadableError(f"{where}: a case has a text `kind`, and a text `id` if it has one")
    return kind, id_


def run(located: Located) -> Result:
    """Run one case; whatever is wrong with it is its result, and not ok."""
    kind, id_ = check(located)
    value, where = located
    if kind != KIND:
        return Result(id_, kind, _expected(value), f"skipped: {_not_run(kind)}", False, where)
    try:
        case = msgspec.convert(value, DecisionCase)
        found = evaluate(case)
    except (MasugataError, ValueError) as error:
        return Result(
            id_, kind, _expected(value), f"error: {_first_lower(str(error))}"[:_SHOWN], False, where
        )
    expected = case.expect.decision
    if expected not in ("allow", "deny_implicit", "deny_explicit"):
        return Result(id_, kind, expected, f"error: `{expected[:_SHOWN]}` is not a decision", False, where)
    got = decision_name(found)
    levels = [_LEVELS.get(level, level) for level in case.expect.blocked_by]
    if levels and got == expected and not found.allowed and found.level not in levels:
        got = f"{got} by {found.level}, not {' or '.join(levels)}"[:_SHOWN]
    return Result(id_, kind, expected, got, got == expected, where, why(found, case.request.action))


def evaluate(case: DecisionCase) -> Decision:
    """Decide the request of a case; raises `MalformedPolicyError` or `MasugataError`."""
    given = case.request
    if given.anonymous != (given.principal is None):
        raise MasugataError("`principal` is null if and only if `anonymous` is true")
    policies = _policies(case)
    naming = [case.policies.resource, *(case.policies.vpce or ())]
    naming += [document for level in case.policies.rcp for document in level.docs]
    caller = principal_from(given.principal, given.context, naming)
    request = Request(
        principal=replace(caller, service_linked=given.service_linked_role),
        action=given.action,
        resource=given.resource,
        resource_account=given.resource_account,
        context=given.context,
        rcp_supported=given.rcp_supported,
    )
    return decide(policies, request)


def _policies(case: DecisionCase) -> Policies:
    given = case.policies
    resource_type = resource_policy_type(case.request.action, case.request.resource)
    return Policies(
        identity=policy_set(PolicyType.IDENTITY, given.identity or (), "identity"),
        boundary=_limit(PolicyType.BOUNDARY, given.boundary),
        session=_limit(PolicyType.SESSION, given.session),
        resource=_limit(resource_type, [given.resource] if given.resource is not None else None),
        scp=guardrails(PolicyType.SCP, [(level.level, level.docs) for level in given.scp]),
        rcp=guardrails(
            PolicyType.RCP,
            [(level.level, level.docs) for level in given.rcp],
            full_access=case.rcp_full_access,
        ),
        vpce=_limit(PolicyType.VPCE, given.vpce),
        management_account=given.management_account,
        key_grants=tuple(KeyGrant(g.id, g.grantee, frozenset(g.operations)) for g in given.key_grants),
        resource_type=resource_type,
    )


def _limit(type_: PolicyType, documents: Sequence[Document] | None) -> PolicySet | None:
    return policy_set(type_, documents, type_.value) if documents else None


def _not_run(kind: str) -> str:
    if kind in _OTHER_KINDS:
        return f"cases of kind `{kind}` are not whole decisions; only `{KIND}` is run"
    return f"unknown kind `{kind[:_SHOWN]}`"


def _expected(value: dict[str, Any]) -> str:
    expect = value.get("expect")
    decision = expect.get("decision") if isinstance(expect, dict) else None
    return decision if isinstance(decision, str) else ""


def _first_lower(text: str) -> str:
    return text[:1].lower() + text[1:]
