"""The IAM policy simulator.

Requests are judged by the engine that judges real ones. Where AWS's simulator is known to answer
otherwise than AWS itself, docs/reference/differences.md says which answer this one gives.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.guardrails import guardrails
from masugata.authorization.simulation import PolicyText, Simulation, set_of
from masugata.call import Call
from masugata.engines.policy import Policies, PolicySet, PolicyType, Principal
from masugata.engines.policy.context_keys import context_keys
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.services.iam._common import invalid_input
from masugata.services.iam._simulated_caller import (
    Attached,
    Context,
    attached_policies,
    caller_context,
    caller_principal,
    check_exclusions,
    excluded,
    find_entity,
    organization_keys,
)
from masugata.services.iam._simulated_requests import check_actions, entered_context, resources_of
from masugata.services.iam._simulation_results import NAMESAKE, Question, results

if TYPE_CHECKING:
    from masugata_types import iam as shapes


class _Inputs(NamedTuple):
    """The policies of one simulation: identity policies under AWS's names for them, and a boundary."""

    identity: list[tuple[str, str]]
    boundary: str | None


def simulate_custom_policy(
    call: Call, request: "shapes.SimulateCustomPolicyRequest"
) -> "shapes.SimulateCustomPolicyResponse":
    """What these policies would decide, none of which needs to be attached to anything."""
    identity = _given("PolicyInputList", request.get("PolicyInputList", ()), PolicyType.IDENTITY)
    inputs = _Inputs(identity, _given_boundary(request))
    scp = tuple(
        _set(PolicyType.SCP, _given(f"ServiceControlPolicyInputList.{depth}", documents, PolicyType.SCP))[0]
        for depth, level in enumerate(request.get("OrderedOrganizationPolicyInputList", ()), 1)
        for documents in (level.get("ServiceControlPolicyInputList", ()),)
    )
    return _simulate(call, request, inputs, request.get("CallerArn"), scp)


def simulate_principal_policy(
    call: Call, request: "shapes.SimulatePrincipalPolicyRequest"
) -> "shapes.SimulatePrincipalPolicyResponse":
    """What the policies of a user, group or role would decide, with more policies or without some.

    The service control policies of the account's organization bind it as they bind real requests.
    """
    kind, entity = find_entity(call, request["PolicySourceArn"])
    exclusions = request.get("PolicyExclusionList", ())
    check_exclusions(exclusions)
    kept = [one for one in attached_policies(call, kind, entity) if not excluded(one, exclusions)]
    added = _given("PolicyInputList", request.get("PolicyInputList", ()), PolicyType.IDENTITY)
    identity = [(one.id, one.text) for one in kept if not _is_boundary(one)]
    own = next((one.text for one in kept if _is_boundary(one)), None)
    inputs = _Inputs([*identity, *added], _given_boundary(request) or own)
    scp = guardrails(call.account, call.records).scp
    return _simulate(call, request, inputs, request.get("CallerArn", request["PolicySourceArn"]), scp)


def get_context_keys_for_custom_policy(
    call: Call,  # noqa: ARG001 - every operation gets one
    request: "shapes.GetContextKeysForCustomPolicyRequest",
) -> "shapes.GetContextKeysForCustomPolicyResponse":
    """The condition keys that these policies refer to."""
    given = _given("PolicyInputList", request.get("PolicyInputList", ()), PolicyType.IDENTITY)
    return {"ContextKeyNames": _keys([text for _, text in given])}


def get_context_keys_for_principal_policy(
    call: Call, request: "shapes.GetContextKeysForPrincipalPolicyRequest"
) -> "shapes.GetContextKeysForPrincipalPolicyResponse":
    """The condition keys that the policies of a user, group or role refer to, and these policies."""
    kind, entity = find_entity(call, request["PolicySourceArn"])
    attached = [one.text for one in attached_policies(call, kind, entity) if not _is_boundary(one)]
    given = _given("PolicyInputList", request.get("PolicyInputList", ()), PolicyType.IDENTITY)
    return {"ContextKeyNames": _keys([*attached, *(text for _, text in given)])}


def _simulate(
    call: Call, request: Mapping[str, Any], inputs: _Inputs, caller: str | None, scp: tuple[PolicySet, ...]
) -> "shapes.SimulateCustomPolicyResponse":
    check_actions(request["ActionNames"])
    resource_policy: str | None = request.get("ResourcePolicy")
    principal = caller_principal(call, caller, users_only=resource_policy is not None)
    identity, texts = _set(PolicyType.IDENTITY, inputs.identity)
    boundary = None
    if inputs.boundary is not None:
        boundary, _ = _set(PolicyType.BOUNDARY, [("PermissionsBoundaryPolicyInputList.1", inputs.boundary)])
    resource = None
    if resource_policy is not None:
        _check("ResourcePolicy", resource_policy, PolicyType.RESOURCE)
        resource, found = _set(PolicyType.RESOURCE, [("ResourcePolicy", resource_policy)])
        texts |= found
    question = Question(
        simulation=Simulation(Policies(identity, boundary=boundary, resource=resource, scp=scp), texts),
        principal=principal,
        resources=resources_of(request),
        owner=_owner(request, principal),
        context=_context(call, caller, request),
        owned=lambda account: {
            "aws:ResourceAccount": account,
            **organization_keys(call, account, "Resource"),
        },
    )
    return results(question, request)


def _context(call: Call, caller: str | None, request: Mapping[str, Any]) -> Context:
    """What the request says goes before what is known of the caller."""
    entered = entered_context(request.get("ContextEntries", ()))
    names = {name.lower() for name in entered}
    known = caller_context(call, caller)
    return {**{name: value for name, value in known.items() if name.lower() not in names}, **entered}


def _owner(request: Mapping[str, Any], principal: Principal) -> str:
    """The account of resources whose ARN names none."""
    owner = request.get("ResourceOwner")
    if owner is None:
        return principal.account
    try:
        arn = parse_arn(owner)
    except InvalidArnError:
        arn = None
    if arn is None or arn.service != "iam" or arn.resource != "root" or len(arn.account) != 12:
        raise invalid_input(f"'{owner}' is not a valid as a Resource Owner.")
    return arn.account


def _given_boundary(request: Mapping[str, Any]) -> str | None:
    given: Sequence[str] = request.get("PermissionsBoundaryPolicyInputList", ())
    if len(given) > 1:
        raise invalid_input("Only one permissions boundary policy can be simulated.")
    for text in given:
        _check("PermissionsBoundaryPolicyInputList.1", text, PolicyType.BOUNDARY)
    return given[0] if given else None


def _is_boundary(attached: Attached) -> bool:
    return attached.how == "permission-boundary"


def _given(member: str, documents: Sequence[str], type_: PolicyType) -> list[tuple[str, str]]:
    """The policies of a request, named as AWS names them; raises InvalidInput for what is none."""
    named = [(f"{member}.{number}", text) for number, text in enumerate(documents, 1)]
    for name, text in named:
        _check(name, text, type_)
    return named


def _check(name: str, text: str, type_: PolicyType) -> None:
    try:
        validate_policy(text, type_)
    except MalformedPolicyError as error:
        raise invalid_input(f"Invalid Input Policy {name}: {error.message}") from None


def _set(type_: PolicyType, sources: Sequence[tuple[str, str]]) -> tuple[PolicySet, dict[str, PolicyText]]:
    """The set of policies, and their texts by name; raises PolicyEvaluation for a text that is no policy.

    A managed policy may come by a user and by its group, and two policies may have the same name.
    """
    texts: dict[str, PolicyText] = {}
    for name, text in dict.fromkeys(sources):
        unique = f"{name}{NAMESAKE}{len(texts)}" if name in texts else name
        texts[unique] = PolicyText(unique, text, type_)
    try:
        return set_of(type_, list(texts.values())), texts
    except MalformedPolicyError as error:
        raise AwsError("PolicyEvaluation", str(error), 500) from None


def _keys(documents: Sequence[str]) -> list[str]:
    try:
        return context_keys(documents, PolicyType.IDENTITY)
    except MalformedPolicyError as error:
        raise invalid_input(f"Invalid Input Policy: {error.message}") from None
