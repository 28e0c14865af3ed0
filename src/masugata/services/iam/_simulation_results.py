"""The answer of a simulation in AWS's shape."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from masugata.arn import parse_arn
from masugata.authorization import catalogue
from masugata.authorization.simulation import RESOURCE_TYPES, MatchedStatement, Simulated, Simulation
from masugata.engines.policy import PolicyType, Principal, Request
from masugata.engines.policy.explain import LevelReport
from masugata.services.iam._common import invalid_input, page
from masugata.services.iam._simulated_caller import Context

if TYPE_CHECKING:
    from masugata_types import iam as shapes

WORK_PER_PAGE: Final = 20_000
"""Statements that one answer looks at; a page ends before there are more, as AWS reserves to itself."""

NAMESAKE: Final = "#"
"""Follows, in the name of a policy, what AWS's simulator calls it, where that is not unique."""

# What AWS answers in the place of the values that its model lists.
_IDENTITY, _RESOURCE, _BOUNDARY = "IAM Policy", "Resource Policy", "Permissions Boundary Policy"
_RANKS: Final = {"allowed": 0, "implicitDeny": 1, "explicitDeny": 2}
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True)
class Question:
    """Everything about a simulation but the actions; `owner` has the resources whose ARNs name no account.

    `owned` gives the condition keys of what an account owns.
    """

    simulation: Simulation
    principal: Principal
    resources: Sequence[str]
    owner: str
    context: Context
    owned: Callable[[str], Context]

    @property
    def work(self) -> int:
        """How many statements one action makes the engine look at."""
        policies = self.simulation.policies
        sets = (policies.identity, policies.boundary, policies.resource, *policies.scp)
        statements = sum(len(policy.statements) for one in sets if one is not None for policy in one.policies)
        return max(1, statements) * len(self.resources)

    def ask(self, action: str, resource: str) -> Simulated:
        """Judge one request."""
        context = dict(self.context)
        account = self.account(resource)
        names = {name.lower() for name in context}
        context |= {key: value for key, value in self.owned(account).items() if key.lower() not in names}
        return self.simulation.run(Request(self.principal, action, resource, account, context))

    def account(self, resource: str) -> str:
        """Whose a resource is."""
        named = "" if resource == "*" else parse_arn(resource).account
        return named if re.fullmatch("[0-9]{12}", named) else self.owner


def results(question: Question, request: Mapping[str, Any]) -> "shapes.SimulateCustomPolicyResponse":
    """One page of results, one for each action in their order; raises InvalidInput if one is too much."""
    work = question.work
    if work > WORK_PER_PAGE:
        raise invalid_input(
            f"The simulation is too large: {len(question.resources)} resources and all statements of the "
            f"policies make {work} evaluations of each action, more than {WORK_PER_PAGE}."
        )
    actions = [(f"{number:08d}", name) for number, name in enumerate(request["ActionNames"])]
    limited = {**request, "MaxItems": min(int(request.get("MaxItems", 100)), WORK_PER_PAGE // work)}
    chosen, end = page(actions, limited, "EvaluationResults", lambda pair: pair[0])
    return {"EvaluationResults": [_result(question, action) for _, action in chosen], **end}


def _result(question: Question, action: str) -> "shapes.EvaluationResult":
    found = [question.ask(action, resource) for resource in question.resources]
    specific = any(one.request.resource != "*" for one in found)
    matched = list(dict.fromkeys(_key(m) for one in found for m in one.matched if _contributes(one, found)))
    result: shapes.EvaluationResult = {
        "EvalActionName": action,
        "EvalResourceName": _template(action, question.resources),
        "EvalDecision": _worst(one.decision for one in found),
        "MatchedStatements": [_shape(*key) for key in matched],
        "MissingContextValues": list({key.lower(): key for one in found for key in one.missing}.values()),
    }
    if question.simulation.policies.scp:
        result["OrganizationsDecisionDetail"] = {
            "AllowedByOrganizations": all(_passes(one.levels(PolicyType.SCP)) for one in found)
        }
    if question.simulation.policies.boundary is not None:
        result["PermissionsBoundaryDecisionDetail"] = _boundary(found)
    if specific:
        result["ResourceSpecificResults"] = [_specific(question, one) for one in found]
        if all(_passes(one.levels(PolicyType.SCP)) for one in found):
            details = [_details(question, one) for one in found]
            names = dict.fromkeys(name for detail in details for name in detail)
            result["EvalDecisionDetails"] = {
                name: _worst(detail[name] for detail in details if name in detail) for name in names
            }
    return result


def _specific(question: Question, found: Simulated) -> "shapes.ResourceSpecificResult":
    result: shapes.ResourceSpecificResult = {
        "EvalResourceName": found.request.resource,
        "EvalResourceDecision": found.decision,
        "MatchedStatements": [_shape(*_key(matched)) for matched in found.matched],
        "MissingContextValues": list(found.missing),
    }
    if details := _details(question, found):
        result["EvalDecisionDetails"] = details
    if question.simulation.policies.boundary is not None:
        result["PermissionsBoundaryDecisionDetail"] = _boundary([found])
    return result


def _contributes(one: Simulated, found: Sequence[Simulated]) -> bool:
    """Whether a resource's statements made the decision on all of them."""
    worst: str = _worst(other.decision for other in found)
    return one.decision == worst


_Key = tuple[str, PolicyType, tuple[int, int], tuple[int, int]]


def _key(matched: MatchedStatement) -> _Key:
    span = matched.span
    return matched.policy.source, matched.level, span.start, span.end


def _shape(
    source: str, level: PolicyType, start: tuple[int, int], end: tuple[int, int]
) -> "shapes.Statement":
    return {
        "SourcePolicyId": source.partition(NAMESAKE)[0],
        "SourcePolicyType": _RESOURCE if level in RESOURCE_TYPES else _IDENTITY,
        "StartPosition": {"Line": start[0], "Column": start[1]},
        "EndPosition": {"Line": end[0], "Column": end[1]},
    }


def _details(question: Question, found: Simulated) -> dict[str, Any]:
    """What each kind of policy says, if the request crosses accounts."""
    if (
        question.account(found.request.resource) == question.principal.account
        or found.request.resource == "*"
    ):
        return {}
    kinds = (
        (_IDENTITY, PolicyType.IDENTITY),
        (_RESOURCE, PolicyType.RESOURCE),
        (_BOUNDARY, PolicyType.BOUNDARY),
    )
    details = {name: _verdict(found.levels(type_)) for name, type_ in kinds if found.levels(type_)}
    return {**details, _RESOURCE: details.get(_RESOURCE, "implicitDeny")}


def _verdict(levels: Iterable[LevelReport]) -> str:
    found = list(levels)
    if any(level.denied for level in found):
        return "explicitDeny"
    return "allowed" if all(level.allowed for level in found) else "implicitDeny"


def _passes(levels: Iterable[LevelReport]) -> bool:
    return _verdict(levels) == "allowed"


def _boundary(found: Sequence[Simulated]) -> "shapes.PermissionsBoundaryDecisionDetail":
    return {"AllowedByPermissionsBoundary": all(_passes(one.levels(PolicyType.BOUNDARY)) for one in found)}


def _worst(decisions: Iterable[str]) -> Any:
    return max(decisions, key=_RANKS.__getitem__)


def _template(action: str, resources: Sequence[str]) -> str:
    """The ARN of the action's resource type, as a template: of the first that the resources may be of."""
    known = catalogue.action_in_any_case(action)
    prefix = action.partition(":")[0].lower()
    types = [catalogue.resource_type(prefix, use.name) for use in known.resource_types] if known else []
    found = [template for type_ in types if type_ is not None for template in type_.arn_templates]
    for template in found:
        pattern = ".+".join(re.escape(part) for part in _VARIABLE.split(template))
        if re.fullmatch(pattern.replace(":.+:", ":[^:]*:"), resources[0]):
            return template
    return found[0] if len(found) == 1 else "*"
