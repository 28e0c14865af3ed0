"""Answers with policies from files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from masugata.arn import InvalidArnError, parse_arn
from masugata.cli._offline import resource_policy_type, why
from masugata.cli._principals import principal_from
from masugata.cli._question import Answer, Context, Question, needed, read_policy
from masugata.engines.policy import (
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    explain,
)
from masugata.engines.policy.grammar import MalformedPolicyError
from masugata.errors import MasugataError

_TYPES = {"root": "Account", "user": "User", "role-session": "AssumedRole", "federated": "FederatedUser"}


def answer(question: Question, files: Mapping[str, Any]) -> Answer:
    """Explain with the policies in `files` (option → path, paths or None); raises `MasugataError`."""
    action = needed(question.action, "--action")
    type_ = resource_policy_type(action, question.resource)
    resource = _set(type_, [files["resource_policy"]])
    documents = [json.loads(read_policy(files["resource_policy"]))] if files["resource_policy"] else []
    principal = principal_from(needed(question.principal, "--principal"), question.context, documents)
    policies = Policies(
        identity=_set(PolicyType.IDENTITY, files["policy"]) or PolicySet(PolicyType.IDENTITY),
        boundary=_set(PolicyType.BOUNDARY, [files["boundary"]]),
        session=_set(PolicyType.SESSION, [files["session"]]),
        resource=resource,
        scp=tuple(found for path in files["scp"] if (found := _set(PolicyType.SCP, [path])) is not None),
        resource_type=type_,
    )
    context = {**implied_context(principal, question.context), **question.context}
    owner = question.resource_account or _owner(question.resource, principal)
    request = Request(principal, action, question.resource, owner, context)
    explanation = explain(policies, request)
    decision = explanation.decision
    return Answer(
        principal=principal.arn,
        action=action,
        resource=question.resource,
        allowed=decision.allowed,
        reason=why(decision, action),
        request=request,
        explanation=explanation,
        notes=() if owner is None or question.resource_account else _assumption(question.resource, owner),
    )


def _owner(resource: str, principal: Principal) -> str | None:
    """The account of a resource whose ARN leaves it out, as a bucket's does: taken to be the caller's."""
    if resource == "*" or principal.external:
        return None
    try:
        return None if parse_arn(resource).account else principal.account
    except InvalidArnError:
        raise MasugataError(f"`{resource}` is not a resource: give an ARN, or *") from None


def _assumption(resource: str, owner: str) -> tuple[str, ...]:
    return (f"{resource} is taken to belong to the caller's account {owner}; else say --resource-account",)


def _set(type_: PolicyType, paths: Sequence[Path | None]) -> PolicySet | None:
    policies = []
    for path in paths:
        if path is None:
            continue
        try:
            policies.append(compile_policy(read_policy(path), type_, str(path)))
        except MalformedPolicyError as error:
            raise MasugataError(f"`{path}` is not a policy: {error}") from None
    return PolicySet(type_, policies) if policies else None


def implied_context(principal: Principal, given: Context) -> Context:
    """What every request of this caller has, and the question need not say."""
    if principal.external:
        return {}
    arn = principal.issuer_arn if principal.kind == "role-session" else principal.arn
    implied: Context = {
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalArn": arn,
        "aws:PrincipalType": _TYPES[principal.kind],
        "aws:PrincipalIsAWSService": "false",
    }
    if principal.kind == "user":
        implied["aws:username"] = arn.rpartition("/")[2]
    names = {name.lower() for name in given}
    return {name: value for name, value in implied.items() if name.lower() not in names}
